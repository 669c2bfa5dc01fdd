"""What MySQL 5.7 cannot run, found by parsing: no such server is to be had.

MariaDB runs nearly all of it, and the parser reads it gladly, so a statement is refused by the
nodes it consists of.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

import sqlglot
from sqlalchemy import Executable
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import CompileError
from sqlglot import exp

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of each command it does not parse


#: SQL that was read and is good; the processes of a test are given it.
READ: set[str] = set()
#: So many keys of statements are kept; they hold the tables of hosts that are gone.
MANY = 10_000


class TooNew(BaseException):
    """A statement that MySQL 5.7 refuses, or takes and ignores.

    No Exception, so that the product, which contains its listeners' errors, does not hide it.
    """


def refuse_newer_than_57(sql: str) -> None:
    """Raise TooNew unless MySQL 5.7 runs `sql`, and what it PREPAREs from its strings.

    Placeholders may be written in any of the drivers' styles.
    """
    if sql in READ:
        return
    for statement in _with_prepared(_parsed(sql)):
        for node in statement.walk():
            for what, is_it in REFUSED.items():
                if is_it(node):
                    raise TooNew(f"{what}: {node.sql(dialect='mysql')}\nin: {sql}")
    READ.add(sql)


def refuse_compiled(statement: Executable) -> None:
    """The same for a SQLAlchemy statement, as it is compiled for MySQL 5.7."""
    try:
        compiled = str(statement.compile(dialect=_MYSQL_57))  # type: ignore[attr-defined]
    except CompileError:
        return  # it is for SQLite alone
    refuse_newer_than_57(compiled)


def check_executed(
    connection: Any, _cursor: Any, sql: str, _parameters: Any, context: Any, _many: bool
) -> None:
    """Check what reaches a cursor: a listener to `before_cursor_execute`, each statement once."""
    compiled = context.compiled if context is not None else None
    if compiled is None:
        if connection.dialect.name != "sqlite":
            refuse_newer_than_57(sql)
    elif compiled not in _checked:
        _check_compiled(compiled)
        _checked.add(compiled)


def _check_compiled(compiled: Any) -> None:
    """Each engine compiles anew what others have compiled; the statement is the same by its key."""
    key = compiled.cache_key and compiled.cache_key.key
    if key is None or key not in _keys:
        refuse_compiled(compiled.statement)
        if len(_keys) > MANY:
            _keys.clear()
        if key is not None:
            _keys.add(key)


_keys: set[Any] = set()
_checked: WeakSet[Any] = WeakSet()

_MYSQL_57 = mysql.dialect(paramstyle="qmark")
_MYSQL_57.server_version_info = (5, 7, 44)

_FOR_SHARE = "FOR SHARE"
_SAVEPOINT = re.compile(r"((ROLLBACK TO|RELEASE) )?SAVEPOINT \w+$")
_PLACEHOLDER = re.compile(r"%s|%\(\w+\)s|__\[POSTCOMPILE_\w+\]")
_STARTS_STATEMENT = re.compile(r"\s*(ALTER|CREATE|DROP|DELETE|INSERT|UPDATE|SELECT)\s")


def _parsed(sql: str) -> exp.Expr:
    if _SAVEPOINT.match(sql):  # which the parser does not know
        return exp.Command(this="SAVEPOINT")
    try:
        parsed = sqlglot.parse_one(_PLACEHOLDER.sub("?", sql), dialect="mysql")
    except sqlglot.ParseError as error:
        raise TooNew(f"not SQL that we know: {error}\nin: {sql}") from error
    for lock in parsed.find_all(exp.Lock):  # the parser tells neither spelling from the other
        if re.search(rf"\b{_FOR_SHARE}\b", sql):
            lock.meta[_FOR_SHARE] = True
    return parsed


def _with_prepared(statement: exp.Expr) -> Iterator[exp.Expr]:
    yield statement
    if isinstance(statement, exp.Set):
        for text in _strings(statement):
            if _STARTS_STATEMENT.match(text):
                yield _parsed(text)


def _strings(statement: exp.Expr) -> Iterator[str]:
    """Its strings; a CONCAT gives one, with a name wherever it puts in a value."""
    for concat in statement.find_all(exp.Concat):
        if concat.find_ancestor(exp.Concat):
            continue
        yield "".join(
            leaf.this if isinstance(leaf, exp.Literal) else "some_name"
            for leaf in concat.find_all(exp.Literal, exp.Column, bfs=False)
        )
    for literal in statement.find_all(exp.Literal):
        if literal.is_string and not literal.find_ancestor(exp.Concat):
            yield literal.this


def _is(*types: type[exp.Expr]) -> Callable[[exp.Expr], bool]:
    return lambda node: isinstance(node, types)


def _is_newer_lock(node: exp.Expr) -> bool:
    """SKIP LOCKED, NOWAIT, OF, or FOR SHARE instead of LOCK IN SHARE MODE."""
    return isinstance(node, exp.Lock) and (
        node.args.get("wait") is not None or bool(node.expressions) or _FOR_SHARE in node.meta
    )


def _is_if_exists(node: exp.Expr) -> bool:
    """IF [NOT] EXISTS on anything but a whole table."""
    is_table = isinstance(node, exp.Create | exp.Drop) and node.args.get("kind") == "TABLE"
    return (
        isinstance(node, exp.Create | exp.Drop | exp.ColumnDef | exp.RenameColumn | exp.Alter)
        and bool(node.args.get("exists"))
        and not is_table
    )


def _is_default_expression(node: exp.Expr) -> bool:
    """DEFAULT in parentheses."""
    return isinstance(node, exp.DefaultColumnConstraint) and isinstance(node.this, exp.Paren)


def _is_default_of_blob(node: exp.Expr) -> bool:
    """A default of a type that may have none."""
    if not isinstance(node, exp.ColumnDef) or node.kind is None:
        return False
    default = node.find(exp.DefaultColumnConstraint)
    types = (exp.DType.TEXT, exp.DType.JSON, exp.DType.BLOB, exp.DType.LONGTEXT)
    return (
        node.kind.this in types and default is not None and not isinstance(default.this, exp.Null)
    )


def _index_parts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.IndexColumnConstraint):
        return node.expressions
    if isinstance(node, exp.IndexParameters):
        return [part.this for part in node.args.get("columns") or ()]
    return []


def _is_functional_index(node: exp.Expr) -> bool:
    return any(part.find(exp.Paren) for part in _index_parts(node))


def _is_descending_index(node: exp.Expr) -> bool:
    is_in_index = node.find_ancestor(exp.IndexColumnConstraint, exp.IndexParameters)
    return isinstance(node, exp.Ordered) and bool(node.args.get("desc")) and is_in_index is not None


def _is_values_table(node: exp.Expr) -> bool:
    """VALUES ROW(…) instead of a table."""
    return isinstance(node, exp.Values) and not isinstance(node.parent, exp.Insert)


def _is_row_alias(node: exp.Expr) -> bool:
    """INSERT … VALUES … AS new."""
    return isinstance(node.parent, exp.Insert) and isinstance(node, exp.Values) and bool(node.alias)


def _is_where_without_from(node: exp.Expr) -> bool:
    return (
        isinstance(node, exp.Select)
        and node.args.get("where") is not None
        and node.args.get("from_") is None
    )


_NEWER_FUNCTIONS = {
    *(
        "REGEXP_REPLACE",
        "REGEXP_LIKE",
        "REGEXP_SUBSTR",
        "REGEXP_INSTR",
        "JSON_OVERLAPS",
        "GROUPING",
    ),
    *("JSON_VALUE", "UUID_TO_BIN", "BIN_TO_UUID", "NEXTVAL", "LASTVAL", "ROW"),
}


def _is_newer_function(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in _NEWER_FUNCTIONS
    return isinstance(node, exp.Func) and node.sql_name() in _NEWER_FUNCTIONS


#: Statements that the parser leaves as text; of these, 5.7 knows all.
_COMMANDS = {
    *("PREPARE", "EXECUTE", "DEALLOCATE", "LOCK", "UNLOCK", "SAVEPOINT", "SHOW", "KILL", "CALL"),
}


def _is_unknown_command(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Command):
        return False
    immediate = str(node.expression).lstrip("' ").upper().startswith("IMMEDIATE")
    return node.name.upper().split()[0] not in _COMMANDS or immediate


def _drops_constraint(node: exp.Expr) -> bool:
    """DROP CONSTRAINT or CHECK instead of FOREIGN KEY or KEY."""
    return isinstance(node, exp.Drop) and node.args.get("kind") in ("CONSTRAINT", "CHECK")


def _is_or_replace(node: exp.Expr) -> bool:
    return (
        isinstance(node, exp.Create)
        and bool(node.args.get("replace"))
        and node.args.get("kind") == "TABLE"
    )


def _is_instant(node: exp.Expr) -> bool:
    return isinstance(node, exp.AlgorithmProperty) and node.name.upper() == "INSTANT"


def _is_sequence(node: exp.Expr) -> bool:
    return isinstance(node, exp.Create) and node.args.get("kind") == "SEQUENCE"


#: What is refused → whether a node is that.
REFUSED: dict[str, Callable[[exp.Expr], bool]] = {
    "a common table expression": _is(exp.With),
    "a window function": _is(exp.Window),
    "RETURNING": _is(exp.Returning),
    "a lock of later versions": _is_newer_lock,
    "CHECK, which is not enforced": _is(exp.CheckColumnConstraint),
    "IF [NOT] EXISTS for less than a table": _is_if_exists,
    "JSON_TABLE": _is(exp.JSONTable),
    "MEMBER OF": _is(exp.JSONArrayContains),
    "LATERAL": _is(exp.Lateral),
    "EXCEPT or INTERSECT": _is(exp.Except, exp.Intersect),
    "an expression as DEFAULT": _is_default_expression,
    "a DEFAULT of a TEXT, BLOB or JSON": _is_default_of_blob,
    "an index over an expression": _is_functional_index,
    "a descending index": _is_descending_index,
    "an invisible index": _is(exp.AlterIndex),
    "an invisible column": _is(exp.InvisibleColumnConstraint),
    "VALUES as a table": _is_values_table,
    "an alias of the new row": _is_row_alias,
    "RENAME COLUMN": _is(exp.RenameColumn),
    "WHERE without FROM": _is_where_without_from,
    "FETCH instead of LIMIT": _is(exp.Fetch),
    "a function of later versions": _is_newer_function,
    "DROP CONSTRAINT": _drops_constraint,
    "CREATE OR REPLACE TABLE": _is_or_replace,
    "ALGORITHM = INSTANT": _is_instant,
    "a sequence": _is_sequence,
    "a command that is not parsed": _is_unknown_command,
}
