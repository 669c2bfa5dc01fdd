"""Usernames: what may be one, who may have it, and new ones that nobody has (contract §6)."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import coolname
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import begin_at_once, is_duplicate

log = logging.getLogger("zeeguu_gamify")

Made = TypeVar("Made")

MAX_LENGTH = 50
TOO_LONG = "Username can be at most 50 characters"
WRONG_CHARACTERS = "Username can only contain letters, numbers, and underscores"
TAKEN = "Username already in use"
RESERVED = "This username is reserved"
NOT_ALLOWED = "This username is not allowed"

_CHARACTERS = re.compile(r"[A-Za-z0-9_.\-]+")
#: Legal characters, but as a part of a URL they mean something else.
_PATHS = frozenset({".", ".."})

TRIES = 20
#: Words of the list that nobody should be called without having chosen it.
UNFIT = frozenset({
    "aboriginal", "alluring", "attractive", "bald", "bulky", "chubby", "crazy", "curvy", "daft",
    "demonic", "fanatic", "fat", "gay", "girlish", "greedy", "hairy", "heretic", "hot",
    "hysterical", "illegal", "imported", "loutish", "lumpy", "macho", "married", "meaty",
    "naughty", "notorious", "orthodox", "provocative", "sexy", "skinny", "slim", "sloppy",
    "snobbish", "stereotyped", "stimulating", "straight", "thick", "unnatural", "vengeful",
})  # fmt: skip


def check(session: Session, mount: Mount, user_id: int, wanted: str) -> str | None:
    """`wanted` without blanks around it, as the user may be called; None when that is so already.

    To keep one's name, or to change only its case, is always allowed. Raises BadInput with the
    contract's messages.
    """
    begin_at_once(session)
    mount.host.require(Group.NAMES)
    user = mount.host.table("user").c
    own = session.connection().execute(select(user.username).where(user.id == user_id)).scalar()
    wanted = wanted.strip()
    if own == wanted:
        return None
    check_form(wanted)
    if (own or "").lower() != wanted.lower():
        check_policy(mount, wanted)
        if mount.host.user_id_of(session, wanted) not in (None, user_id):
            raise BadInput(TAKEN)
    return wanted


def write(session: Session, mount: Mount, user_id: int, username: str) -> None:
    """Let the user be called `username`, which has been checked. Does not commit.

    The unique key decides between two who want the same: raises BadInput for the later one.
    """
    user = mount.host.table("user")
    values: dict[Any, Any] = {user.c.username: username}
    try:
        session.connection().execute(update(user).where(user.c.id == user_id).values(values))
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise BadInput(TAKEN) from error


def check_form(username: str) -> None:
    """Raise BadInput unless `username` has the length and the characters of one."""
    if len(username) > MAX_LENGTH:
        raise BadInput(TOO_LONG)
    if not _CHARACTERS.fullmatch(username):
        raise BadInput(WRONG_CHARACTERS)


def check_policy(mount: Mount, username: str) -> None:
    """Raise BadInput for a name that is a page, or that the host does not want."""
    reserved = _PATHS | {name.lower() for name in mount.reserved_usernames()}
    if username.lower() in reserved:
        raise BadInput(RESERVED)
    if not mount.username_ok(username):
        raise BadInput(NOT_ALLOWED)


def draw(mount: Mount) -> str:
    """A name like `brave_tiger5678`, one of some billions, that may be given to anybody.

    Whether somebody has it is not looked up. Raises RuntimeError when the host's policy refuses
    every name.
    """
    for _ in range(TRIES):
        words = coolname.generate(2)
        name = f"{'_'.join(words)}{secrets.randbelow(10_000):04d}"
        if UNFIT.isdisjoint(words) and len(name) <= MAX_LENGTH and mount.username_ok(name):
            return name
    raise RuntimeError(f"username_ok has refused {TRIES} made names in a row.")


def give_new(session: Session, mount: Mount, insert: Callable[[str], Made]) -> Made:
    """What `insert` returns, when called with a name that nobody has.

    `insert` writes the user's row and flushes it. The unique key decides: when somebody else has
    just taken the name, what `insert` has done is undone, and it is called with another one.
    Any other error of `insert` is raised as it is.
    """
    begin_at_once(session)
    for _ in range(TRIES):
        name = _draw_free(session, mount)
        try:
            with session.begin_nested():
                return insert(name)
        except IntegrityError as error:
            if not is_duplicate(error) or not _is_taken(session, mount, name):
                raise
            log.info("username %r was taken in this moment; trying another", name)
    raise RuntimeError(f"{TRIES} usernames in a row were taken in the moment they were drawn.")


def _draw_free(session: Session, mount: Mount) -> str:
    """A name that nobody has, as far as this transaction sees."""
    while True:
        name = draw(mount)
        if mount.host.user_id_of(session, name) is None:
            return name


def _is_taken(session: Session, mount: Mount, name: str) -> bool:
    """Whether somebody has the name now; a plain SELECT might not see it yet."""
    user = mount.host.table("user").c
    named: Any = select(user.id).where(mount.host.is_named(session, name))
    locking = named.with_for_update(read=True)
    return session.connection().execute(locking).first() is not None
