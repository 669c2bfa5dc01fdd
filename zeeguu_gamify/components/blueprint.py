"""Serves the learner components to any origin: ES modules, which no host has to build."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

blueprint = Blueprint("gamify_components", __name__)

STATIC = Path(__file__).parent / "static"
#: Browsers ask again after so many seconds; by the ETag an unchanged file is not sent twice.
MAX_AGE = 300
#: Said here, because the machine's own table of types may know better, and modules need this one.
MIMETYPES = {
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/components/<path:name>", methods=["GET"])
# ---------------------------------------------------------------------------
def component(name: str) -> Response:
    """A file of the components; modules are loaded from other origins only if the answer says so.

    A missing one says so too, or a page would read of an origin instead of a missing file.
    """
    try:
        mimetype = MIMETYPES.get(Path(name).suffix)
        response = send_from_directory(STATIC, name, mimetype=mimetype, max_age=MAX_AGE)
    except NotFound as missing:
        response = Response(missing.get_response(request.environ).get_data(), status=404)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
