"""What the host provides: its tables by our names, in optional groups (docs/contract.md §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from zeeguu_gamify.clock import UTC_NAME
from zeeguu_gamify.errors import ConfigError, NotFound

#: A number with more digits is no id: drivers stumble over it.
LONGEST_ID = 18


class Group(StrEnum):
    """What a host may have; a missing group switches off what needs it."""

    NAMES = "names"
    FULL_NAMES = "full names"
    ZONE = "zone"
    CREATED = "created"
    SESSION = "session"
    VERIFICATION = "verification"
    ROLES = "roles"
    LANGUAGE = "language"
    COHORT = "cohort"
    ACTIVITY = "activity"


#: The columns of each group, by our names. Only the columns we use.
GROUPS: Mapping[Group, Mapping[str, tuple[str, ...]]] = {
    Group.NAMES: {"user": ("username",)},
    Group.FULL_NAMES: {"user": ("name",)},
    Group.ZONE: {"user": ("timezone",)},
    Group.CREATED: {"user": ("created_at",)},
    Group.SESSION: {"session": ("id", "user_id", "uuid", "last_use")},
    Group.VERIFICATION: {"user": ("email", "email_verified", "created_at")},
    Group.ROLES: {"user": ("is_admin",)},
    Group.LANGUAGE: {
        "language": ("id", "code", "name"),
        "user": ("learned_language_id", "native_language_id"),
        "user_language": (
            "id", "user_id", "language_id", "last_practiced", "daily_streak", "max_streak",
            "max_streak_date",
        ),
    },
    Group.COHORT: {
        "cohort": ("id", "name", "language_id"),
        "user_cohort_map": ("user_id", "cohort_id"),
        "teacher_cohort_map": ("user_id", "cohort_id"),
    },
    Group.ACTIVITY: {
        "user_exercise_session": ("id", "user_id", "start_time", "duration", "last_action_time"),
        "user_reading_session": ("id", "user_id", "start_time", "duration", "last_action_time"),
        "user_listening_session": ("id", "user_id", "start_time", "duration", "last_action_time"),
        "user_article": ("id", "user_id", "completed_at"),
        "exercise": ("id", "user_word_id", "outcome_id", "time"),
        "exercise_outcome": ("id", "outcome"),
        "user_word": ("id", "user_id"),
    },
}  # fmt: skip

#: Types of the columns whose name does not say it is a number.
_TYPES: Mapping[str, type[TypeEngine[Any]]] = {
    **dict.fromkeys(("username", "name", "timezone", "uuid", "email", "code", "outcome"), String),
    **dict.fromkeys(
        (
            "created_at", "last_use", "last_practiced", "max_streak_date", "start_time",
            "last_action_time", "completed_at", "time",
        ),
        DateTime,
    ),
    **dict.fromkeys(("email_verified", "is_admin"), Boolean),
    "reading_completion": Float,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HostMap:
    """Where a host's tables differ from Zeeguu's.

    tables: our name → real name, e.g. `{"user": "account"}`.
    columns: "our table.our column" → real name, e.g. `{"user.username": "login"}`.
    groups: the groups the host has; None finds them in the metadata of the host's models.
    zone_of: user id → IANA zone name, instead of a column.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[Group] | None = None
    zone_of: Callable[[int], str | None] | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for a name that we do not use, or one column that is two of ours."""
        known = {"user": {"id"}}
        for tables in GROUPS.values():
            for table, columns in tables.items():
                known.setdefault(table, set()).update(columns)
        for table in self.tables:
            if table not in known:
                raise ConfigError(f"HostMap.tables: {table!r} is not a table we use.")
        for path in self.columns:
            table, _, column = path.partition(".")
            if column not in known.get(table, ()):
                raise ConfigError(f"HostMap.columns: {path!r} is not a column we use.")
            for other in known[table] - {column}:
                if self.real_column(table, other) == self.columns[path]:
                    raise ConfigError(
                        f"HostMap.columns: {path!r} and '{table}.{other}' cannot both be "
                        f"{self.columns[path]!r}."
                    )

    def real_table(self, table: str) -> str:
        """The host's name of our `table`."""
        return self.tables.get(table, table)

    def real_column(self, table: str, column: str) -> str:
        """The host's name of our `column` of our `table`."""
        return self.columns.get(f"{table}.{column}", column)


class Host:
    """The host's tables as one mounted app sees them; never created or altered."""

    def __init__(self, host_map: HostMap, metadata: MetaData) -> None:
        """`metadata` is that of the host's models; it is looked at on first use."""
        self.map = host_map
        self._metadata = metadata

    @cached_property
    def groups(self) -> frozenset[Group]:
        """The groups that this host has."""
        if self.map.groups is not None:
            return self.map.groups
        return frozenset(group for group in Group if not self.missing(group))

    def columns_of(self, group: Group) -> dict[str, list[str]]:
        """The real tables and columns that `group` needs."""
        return {
            self.map.real_table(table): [self.map.real_column(table, name) for name in columns]
            for table, columns in GROUPS[group].items()
        }

    def missing(self, group: Group) -> list[str]:
        """The real `table.column` names of `group` that the host's models do not have."""
        return [
            f"{table}.{column}"
            for table, columns in self.columns_of(group).items()
            for column in columns
            if not self._has(table, column)
        ]

    def _has(self, table: str, column: str) -> bool:
        model = self._metadata.tables.get(table)
        return model is not None and any(column == existing.name for existing in model.c)

    def has(self, group: Group) -> bool:
        """Whether this host has `group`."""
        return group in self.groups

    def require(self, *groups: Group) -> None:
        """Raise NotFound, as for a route that does not exist, when the host lacks one of them."""
        for group in groups:
            if not self.has(group):
                lacking = ", ".join(self.missing(group)) or "switched off by HostMap.groups"
                raise NotFound(f"This needs {group.value} ({lacking}), which this service lacks.")

    @cached_property
    def _tables(self) -> dict[str, Table]:
        columns: dict[str, dict[str, None]] = {"user": {"id": None}}
        for group in self.groups:
            for table, names in GROUPS[group].items():
                columns.setdefault(table, {}).update(dict.fromkeys(names))
        return {name: self._build(name, tuple(wanted)) for name, wanted in columns.items()}

    def _build(self, name: str, columns: tuple[str, ...]) -> Table:
        return Table(
            self.map.real_table(name),
            MetaData(),
            *(
                Column(self.map.real_column(name, key), _TYPES.get(key, Integer), key=key)
                for key in columns
            ),
        )

    def table(self, name: str) -> Table:
        """The host's table by our name; its columns have our names as keys.

        Raises NotFound when the host has no group with this table.
        """
        try:
            return self._tables[name]
        except KeyError:
            raise NotFound(f"This needs the table {name}, which this service lacks.") from None

    def has_user(self, session: Session, user_id: int) -> bool:
        """Whether the host has this user."""
        user = self.table("user")
        wanted = select(user.c.id).where(user.c.id == user_id)
        return session.connection().execute(wanted).first() is not None

    def user_id_of(self, session: Session, username: str) -> int | None:
        """The id of the user of that name, or None; raises NotFound on a host without names.

        Case does not matter: by the collation on MySQL, by NOCASE on SQLite.
        """
        wanted = select(self.table("user").c.id).where(self.is_named(session, username))
        return session.connection().execute(wanted).scalar()

    def user_called(self, session: Session, text: str) -> int | None:
        """The id of the user with that id, e-mail address or username, if there is one.

        Ids come first, because pages and commands lead on by them, whatever others call themselves.
        """
        user_id = id_of(text)
        if user_id is not None and self.has_user(session, user_id):
            return user_id
        if self.may_be_mail(text):
            user = self.table("user").c
            mailed = select(user.id).where(self.folded(session, user.email) == text)
            if (found := session.connection().execute(mailed).scalar()) is not None:
                return int(found)
        return self.user_id_of(session, text) if self.has(Group.NAMES) else None

    def may_be_mail(self, text: str) -> bool:
        """Whether this may be an e-mail address; usernames have no such sign (unless a host's)."""
        return "@" in text and self.has(Group.VERIFICATION)

    def is_named(self, session: Session, username: str) -> ColumnElement[bool]:
        """SQL: that a user has this name, whatever its case; see `user_id_of`."""
        self.require(Group.NAMES)
        return self.folded(session, self.table("user").c.username) == username

    def folded(self, session: Session, text: ColumnElement[str]) -> ColumnElement[str]:
        """`text` in a form that is compared and sorted whatever its case."""
        is_sqlite = session.connection().dialect.name == "sqlite"
        return text.collate("NOCASE") if is_sqlite else text

    def zone_name(self, session: Session, user_id: int) -> str:
        """The IANA name of the user's zone; UTC when it is not known (docs/contract.md §3.3)."""
        stored = None
        if self.map.zone_of is None and self.has(Group.ZONE):
            user = self.table("user")
            wanted = select(user.c.timezone).where(user.c.id == user_id)
            stored = session.connection().execute(wanted).scalar()
        return self.zone_from(user_id, stored)

    def zone_from(self, user_id: int, stored: str | None) -> str:
        """The user's zone, when `stored` is what the zone column says."""
        if self.map.zone_of is not None:
            stored = self.map.zone_of(user_id)
        return stored or UTC_NAME


def id_of(text: str) -> int | None:
    """The id that the text is, if it can be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_ID
    return int(text) if is_number else None
