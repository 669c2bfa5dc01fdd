"""Who may enter the panel: the host's admins, by the session that the host gave them.

Teachers may see the pages of their classes, and nothing else. To everybody else the panel does not
exist: strangers get the host's 401, plain users its 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

import flask
from flask import Response, current_app, g, make_response, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Response as AnyResponse

from zeeguu_gamify.endpoints.wrappers import requires_session
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount, current_mount

#: Keeps the session of whoever entered by `?session=`, for the panel alone.
COOKIE = "gamify_panel"
#: So many seconds a form may stay open.
FORM_SECONDS = 12 * 3600

#: Pages that a teacher may see; those of classes see to it that the class is the teacher's.
FOR_TEACHERS = frozenset(
    {"classes", "class_list_csv", "school_class", "students_csv", "static", "leave"}
)

#: The front page, from which teachers are led on.
_FRONT = "overview"

_SESSION = "session"


class NoSecret(GamifyError):
    """Forms need a session in the URL's `?session=`, or the app's SECRET_KEY, to be signed with."""

    status = 500


@dataclass(frozen=True, slots=True)
class Admin:
    """Who is in the panel."""

    id: int
    name: str
    session: str  #: the host's; empty when it came another way than by query or cookie
    is_admin: bool = True  #: else a teacher

    @property
    def seal(self) -> URLSafeTimedSerializer:
        """Signs what comes back from the admin's browser; raises NoSecret.

        By the session, which others do not know, and the app's key where there is one. So a form
        of another session is refused.
        """
        secret = self.session + str(current_app.secret_key or "")
        if not secret:
            raise NoSecret
        return URLSafeTimedSerializer(secret, salt="zeeguu_gamify.admin")

    @property
    def token(self) -> str:
        """What each form of this session must bring back."""
        return self.seal.dumps(self.id)

    def gave(self, token: str) -> bool:
        """Whether `token` is of a form of this session, and not too old."""
        try:
            return bool(self.seal.loads(token, max_age=FORM_SECONDS) == self.id)
        except BadSignature:
            return False


def who() -> Admin | None:
    """The admin of this request; None before, or without, entering."""
    return cast("Admin | None", g.get("gamify_admin"))


def admin() -> Admin:
    """The admin of this request; to be asked by pages only."""
    found = who()
    if found is None:
        raise AssertionError("This page was reached without entering the panel.")
    return found


def enter() -> AnyResponse | None:
    """Before each request of the panel: let admins in, and nobody else."""
    mount = current_mount()
    if not mount.host.has(Group.ROLES):
        flask.abort(404)
    asked = request.args
    given = asked.get(_SESSION)
    session = given or request.cookies.get(COOKIE, "")
    if session:
        _show_to_host(asked, session)
    refusal = _let_host_decide()
    if refusal is not None:
        return refusal
    _show_to_host(asked, None)
    g.gamify_admin = _admin(mount, session or request.cookies.get(mount.config.session_cookie, ""))
    classes = _classes_of_teacher()
    if given and request.method == "GET":
        return _without_session(given, classes or _here())
    return redirect(classes) if classes else None


def _classes_of_teacher() -> str | None:
    """Where a teacher who is at the front page is to go on."""
    is_led = _page() == _FRONT and not admin().is_admin
    return flask.url_for("gamify_admin.classes") if is_led else None


def _show_to_host(asked: MultiDict[str, str], session: str | None) -> None:
    """Let the query have this session, where the host looks for it; None: no session."""
    others = [(key, value) for key, value in asked.items(multi=True) if key != _SESSION]
    wanted = others if session is None else [*others, (_SESSION, session)]
    request.args = ImmutableMultiDict(wanted)


@requires_session
def _open() -> str:
    g.gamify_panel_open = True
    return ""


def _let_host_decide() -> Response | None:
    """The answer of the host's decorator, if it did not let the user pass."""
    answer = _open()
    return None if g.pop("gamify_panel_open", False) else make_response(answer)


def _admin(mount: Mount, session: str) -> Admin:
    """The user, an admin, or on a page for teachers a teacher; aborts with 404."""
    user = mount.host.table("user").c
    named = mount.host.has(Group.NAMES)
    columns = (user.is_admin, *((user.username,) if named else ()))
    row = mount.db.session.execute(select(*columns).where(user.id == g.user_id)).first()
    if row is None or not (row.is_admin or _may_look_on(mount)):
        flask.abort(404)
    name = row.username if named else None
    return Admin(int(g.user_id), name or f"user {g.user_id}", session, bool(row.is_admin))


def _may_look_on(mount: Mount) -> bool:
    """Whether this page is for teachers, or leads them on, and the user is one."""
    if _page() not in (_FRONT, *FOR_TEACHERS) or not mount.host.has(Group.COHORT):
        return False
    teacher = mount.host.table("teacher_cohort_map").c
    wanted = select(teacher.cohort_id).where(teacher.user_id == g.user_id).limit(1)
    return mount.db.session.execute(wanted).first() is not None


def _page() -> str:
    """The endpoint asked for, without the blueprint."""
    return (request.endpoint or "").removeprefix("gamify_admin.")


def _without_session(session: str, to: str) -> AnyResponse:
    """Keep the session in a cookie and go on without it in the URL.

    Behind a link of another site the browser does not send that cookie to where it is redirected,
    because it is strict; so a page of ours goes on, after which the cookie is sent.
    """
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        page = render_template("gamify_admin/enter.html", to=to)
        answer: AnyResponse = make_response(page)
        answer.headers["Refresh"] = f"0; url={to}"
    else:
        answer = redirect(to)
    answer.set_cookie(
        COOKIE,
        session,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
        path=panel_path(),
    )
    return answer


def leave() -> AnyResponse:
    """Forget the session here; it goes on elsewhere."""
    answer = redirect(request.script_root or "/")
    forget(answer)
    return answer


def forget(answer: AnyResponse) -> None:
    """Let the browser drop the session that it keeps for the panel."""
    answer.delete_cookie(COOKIE, path=panel_path(), httponly=True, samesite="Strict")


def _here() -> str:
    """This URL without its session; its query is not `url_for`'s, to which some names mean more."""
    path = flask.url_for(str(request.endpoint), **(request.view_args or {}))
    query = urlencode(list(request.args.items(multi=True)))
    return f"{path}?{query}" if query else path


def panel_path() -> str:
    """The path of the panel, to which its cookies are bound."""
    return flask.url_for("gamify_admin.overview").rstrip("/")
