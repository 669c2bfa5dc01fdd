"""The decorators of an endpoint, in Zeeguu's order: cross_domain, requires_session, gated."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

import flask
from flask import Response, current_app, g, make_response, request
from sqlalchemy import delete, select

from zeeguu_gamify import clock
from zeeguu_gamify.errors import Forbidden, NotFound
from zeeguu_gamify.host import Group, Host
from zeeguu_gamify.mount import Mount, ViewDecorator, current_mount

P = ParamSpec("P")
View = Callable[P, Any]


def cross_domain(view: View[P]) -> View[P]:
    """Let browsers of other origins read the answer: by the host's decorator, or ours.

    Errors and preflights go through that decorator too, because a browser shows a page neither an
    error nor a JSON POST without its headers. So the view itself answers OPTIONS.
    """
    run = _found_at_request_time(_answering_all(view), lambda mount: mount.cross_domain)
    # Flask reads these two of a view function.
    cast(Any, run).provide_automatic_options = False
    cast(Any, run).required_methods = {"OPTIONS"}
    return run


def _answering_all(view: View[P]) -> Callable[P, Response]:
    """Answer preflights, and turn the errors for which there is a handler into its answers."""

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        try:
            return make_response(view(*args, **kwargs))
        except Exception as error:
            return make_response(current_app.handle_user_exception(error))

    return run


def _preflight() -> Response:
    """What browsers ask before a JSON POST (docs/contract.md §0)."""
    response = current_app.make_default_options_response()
    response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
    response.headers["Access-Control-Allow-Headers"] = "content-type"
    return response


def requires_session(view: View[P]) -> View[P]:
    """Run the view for a logged-in user, `flask.g.user_id`: by the host's decorator, or ours."""
    run = _found_at_request_time(view, lambda mount: mount.requires_session)
    cast(Any, run)._gamify_requires_session = True
    return run


def session_is_required(view: object) -> bool:
    """Whether `view` is behind `requires_session`."""
    return getattr(view, "_gamify_requires_session", False)


def _found_at_request_time(
    view: View[P], decorator_of: Callable[[Mount], ViewDecorator]
) -> View[P]:
    """Apply a decorator that is known only once an app is mounted; several apps may differ."""
    decorated: dict[ViewDecorator, Callable[..., Any]] = {}

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        decorator = decorator_of(current_mount())
        if decorator not in decorated:
            decorated[decorator] = decorator(view)
        return decorated[decorator](*args, **kwargs)

    return run


def limited(operation: str) -> Callable[[View[P]], View[P]]:
    """Answer 429 to a user who calls `operation` more often than GAMIFY_RATE_LIMITS says.

    Comes right after `requires_session`, so that a refusal costs nothing more.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            current_mount().rate_limits.spend(operation, g.user_id)
            return view(*args, **kwargs)

        cast(Any, run)._gamify_limited = True
        return run

    return decorate


def is_limited(view: object) -> bool:
    """Whether `view` is behind `limited`."""
    return getattr(view, "_gamify_limited", False)


def needs_tables(view: View[P]) -> View[P]:
    """Answer 503 while the tables are not ready; for routes that no feature flag switches off."""

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        mount = current_mount()
        mount.refresh(mount.db.session)
        return view(*args, **kwargs)

    return run


def gated(view: View[P]) -> View[P]:
    """Answer 404 to a user for whom gamification is off, and 503 while the tables are not ready."""
    ready = needs_tables(view)

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not current_mount().is_enabled_for(g.user_id):
            raise NotFound("Gamification is not switched on for this user.")
        return ready(*args, **kwargs)

    return run


def default_cross_domain(view: Callable[..., Any]) -> Callable[..., Any]:
    """Zeeguu's `cross_domain`: any origin may read the answer (docs/contract.md §0)."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        return response

    return run


def default_requires_session(view: Callable[..., Any]) -> Callable[..., Any]:
    """Zeeguu's `requires_session` over the host's session table (docs/contract.md §0).

    The uuid comes from `?session=` or the cookie. No, unknown or expired: 401 in Flask's HTML.
    E-mail not verified: 403, unless the view is marked by `allows_unverified`. Errors of the
    database are left to the blueprint, so that an outage is never taken for one of these.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        mount = current_mount()
        mount.host.require(Group.SESSION)
        uuid = request.args.get("session") or request.cookies.get(mount.config.session_cookie)
        g.user_id = _user_of_session(mount, uuid, getattr(view, "_allows_unverified", False))
        return view(*args, **kwargs)

    return run


def allows_unverified(view: View[P]) -> View[P]:
    """Mark a view that users may call before they have verified their e-mail."""
    cast(Any, view)._allows_unverified = True
    return view


def _user_of_session(mount: Mount, uuid: str | None, allows_unverified: bool) -> int:
    """The user of the session, by one SELECT; aborts with 401 or raises Forbidden."""
    if not uuid:
        flask.abort(401)
    session, user = mount.host.table("session").c, mount.host.table("user").c
    verification = mount.host.has(Group.VERIFICATION)
    columns = (user.email, user.email_verified, user.created_at) if verification else ()
    found = mount.db.session.execute(
        select(session.id, session.user_id, session.last_use, *columns)
        .join_from(
            mount.host.table("session"), mount.host.table("user"), session.user_id == user.id
        )
        .where(session.uuid == uuid)
    ).first()
    if found is None:
        flask.abort(401)
    if found.last_use is not None:
        unused = clock.now() - found.last_use
        if unused.days > mount.config.session_days:
            _delete_session(mount.host, mount.db.session, found.id)
            flask.abort(401)
    if verification and not allows_unverified and _is_unverified(mount, found):
        raise Forbidden("Please verify your email address first")
    return int(found.user_id)


def _delete_session(host: Host, session: Any, session_id: int) -> None:
    table = host.table("session")
    session.execute(delete(table).where(table.c.id == session_id))
    session.commit()


def _is_unverified(mount: Mount, user: Any) -> bool:
    """Whether the user must first verify the e-mail: recent accounts that are not anonymous."""
    if user.email_verified or user.created_at is None:
        return False
    anonymous = (user.email or "").endswith(mount.config.anonymous_suffix)
    return not anonymous and user.created_at.date() >= mount.config.verified_since
