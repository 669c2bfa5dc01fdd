"""The errors of the product: what went wrong and the HTTP status that says so, together."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class GamifyError(Exception):
    """Something about this request or call is wrong; the message names it."""

    #: HTTP status with which our blueprints answer.
    status = 400
    #: After so many seconds another try may succeed; sent as Retry-After.
    retry_after: int | None = None

    @property
    def message(self) -> str:
        """What a person reads; the class docstring when nothing better was given."""
        return str(self.args[0]) if self.args else (type(self).__doc__ or "")


class ConfigError(GamifyError):
    """The extension is mounted wrongly; raised in `init_app`, never during a request."""

    status = 500


class NotMounted(GamifyError):
    """No Gamify is mounted here: call `Gamify(app, db)` and work inside `app.app_context()`."""

    status = 500


class NotReady(GamifyError):
    """The database is not what the mounted version needs; `flask gamify doctor` says why."""

    status = 503


class BadInput(GamifyError):
    """A value is missing, malformed or out of range."""


class Forbidden(GamifyError):
    """The user may not see or do that."""

    status = 403


class NotFound(GamifyError):
    """There is no such thing here."""

    status = 404


class TooLong(GamifyError):
    """The body is too long."""

    status = 413


class Unknown(GamifyError):
    """A name that stands for nothing here. Subclasses say what kind of name."""

    kind = "name"

    def __init__(self, name: object, known: Iterable[str] = ()) -> None:
        """Name what is unknown and, when one of `known` is close, suggest it."""
        close = get_close_matches(str(name), map(str, known), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        super().__init__(f"Unknown {self.kind}: {name!r}{hint}")


class UnknownBadge(Unknown):
    """No badge, family or metric has this code."""

    kind = "badge code or metric"


class UnknownEvent(Unknown):
    """The event dictionary has no event of this name."""

    kind = "event"


class UnknownUser(Unknown):
    """The host has no user with this id."""

    kind = "user"
