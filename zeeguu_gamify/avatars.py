"""Avatars: an animal and two colours (docs/contract.md §2, §4.7)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session

from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.models import UserAvatar

Avatar = dict[str, str | None]

#: The pictures that the clients ship, in the order in which they offer them.
IMAGE_NAMES = (
    "otter", "elephant", "wolf", "fox", "owl", "panther", "lion", "tiger", "bear", "eagle",
    "rabbit", "deer", "leopard", "cheetah", "badger", "beaver", "lynx", "moose",
)  # fmt: skip
#: Colours of the animal and of what is behind it; those of one index go together.
CHARACTER_COLORS = (
    "#F6D110", "#f09000", "#EA2F14", "#6367FF", "#0D1A63", "#008BFF", "#005F02",
)  # fmt: skip
BACKGROUND_COLORS = (
    "#FFF9C7", "#ffe0b3", "#ffc3b3", "#C9BEFF", "#81A6C6", "#9CD5FF", "#BCD9A2",
)  # fmt: skip
#: What the clients show instead of what they do not know.
DEFAULT = {"image_name": "elephant", "character_color": "#f09000", "background_color": "#ffe0b3"}

MAX_IMAGE_NAME = 100
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def of_user(session: Session, user_id: int) -> Avatar:
    """The user's avatar; each of the three is None when the user has not chosen it."""
    avatar = UserAvatar.__table__.c
    columns = (avatar[name] for name in DEFAULT)
    found = session.connection().execute(select(*columns).where(avatar.user_id == user_id)).first()
    return dict(found._mapping) if found else dict.fromkeys(DEFAULT)


def check(changes: Mapping[str, str], prefix: str = "") -> None:
    """Raise BadInput, naming the field, for what cannot be stored.

    Any picture and any colour can: a client may be newer than this list.
    """
    for name, value in changes.items():
        if name != "image_name" and not _COLOR.fullmatch(value):
            raise BadInput(f"{prefix}{name} must be a color like #f09000")
        if len(value) > MAX_IMAGE_NAME or not value.isprintable():
            raise BadInput(f"{prefix}{name} must be text of at most {MAX_IMAGE_NAME} characters")


def save(session: Session, user_id: int, changes: Mapping[str, str]) -> None:
    """Change what is given of the user's avatar, and keep the rest. Does not commit.

    A first avatar may be made by two requests at once; then the later one changes it.
    """
    if not changes:
        return
    connection = session.connection()
    table: Any = UserAvatar.__table__
    mine = table.c.user_id == user_id
    if connection.execute(select(table.c.id).where(mine)).first():
        connection.execute(update(table).where(mine).values(changes))
        return
    row = {"user_id": user_id, **changes}
    if connection.dialect.name == "sqlite":
        upsert = sqlite.insert(table).values(row)
        connection.execute(upsert.on_conflict_do_update(["user_id"], set_=dict(changes)))
    else:
        connection.execute(mysql.insert(table).values(row).on_duplicate_key_update(dict(changes)))


def give_random(session: Session, user_id: int) -> None:
    """Give a new user an avatar: any animal, and two colours that go together."""
    index = secrets.randbelow(len(CHARACTER_COLORS))
    row = {
        "user_id": user_id,
        "image_name": secrets.choice(IMAGE_NAMES),
        "character_color": CHARACTER_COLORS[index],
        "background_color": BACKGROUND_COLORS[index],
    }
    session.connection().execute(insert(UserAvatar), row)
