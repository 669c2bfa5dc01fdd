"""The declarative base of our tables, apart from the host's, and the types they share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import VARBINARY, BigInteger, Column, ForeignKey, Integer, LargeBinary, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.types import TypeDecorator, TypeEngine

#: The key of an append-only table; SQLite counts up only a plain INTEGER.
LongId = BigInteger().with_variant(Integer(), "sqlite")

#: Every table of ours on MySQL and MariaDB.
MYSQL_TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}


class Base(DeclarativeBase):
    """Base of every model of ours; its metadata holds our tables and a stub of the host's user."""


#: The host's user table, so that foreign keys resolve. Never created, altered or queried.
USER_STUB = Table("user", Base.metadata, Column("id", Integer, primary_key=True))


def gamify_tables() -> list[Table]:
    """Our tables, parents first, without the stub of the host's."""
    return [table for table in Base.metadata.sorted_tables if table is not USER_STUB]


def user_fk() -> ForeignKey:
    """The foreign key to the host's user; deleting the user deletes the row."""
    return ForeignKey("user.id", ondelete="CASCADE")


def table_args(*items: SchemaItem, comment: str) -> tuple[Any, ...]:
    """`__table_args__` of a model: its keys, its comment, and what every table has on MySQL."""
    return (*items, {**MYSQL_TABLE, "comment": comment})


class ExternalKey(TypeDecorator[str]):
    """A key that somebody else made, compared byte by byte: collations fold case and blanks."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, length: int) -> None:
        """`length` is the most bytes the key may have in UTF-8."""
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """VARBINARY where there is one."""
        mysql = dialect.name in ("mysql", "mariadb")
        return dialect.type_descriptor(VARBINARY(self.length) if mysql else LargeBinary())

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> bytes | None:
        """Text in, UTF-8 to the database."""
        return None if value is None else value.encode()

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> str | None:
        """UTF-8 from the database, text out."""
        return None if value is None else bytes(value).decode()


class no_bytes(TextClause):
    """The default of an ExternalKey that names nothing: for SQLite '' would be text, not bytes."""

    inherit_cache = True

    def __init__(self) -> None:
        super().__init__("''")


@compiles(no_bytes, "sqlite")
def _blob(_element: no_bytes, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "x''"


class touched_on_update(TextClause):
    """Production's `CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP`; we write the column anyway."""

    inherit_cache = True

    def __init__(self) -> None:
        super().__init__("CURRENT_TIMESTAMP")


@compiles(touched_on_update)
def _plain(_element: touched_on_update, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(touched_on_update, "mysql", "mariadb")
def _mysql(_element: touched_on_update, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
