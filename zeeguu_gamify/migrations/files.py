"""The numbered SQL files: what there is, in order, and how a file is cut into statements."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zeeguu_gamify.errors import Unknown
from zeeguu_gamify.host import HostMap

#: Where a checkout links to tools/migrations; in an installed package, the files themselves.
SQL = Path(__file__).parent / "sql"

#: Ours, apart from the host's `alembic_version`; one row with the newest revision.
VERSION_TABLE = "gamify_version"

_STATEMENT_END = re.compile(r";\s*$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)

#: How every file writes the host's user; the host may call it otherwise.
_USER = "REFERENCES `user` (`id`)"


class UnknownRevision(Unknown):
    """There is no migration of this name."""

    kind = "migration"


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One migration, `YY-MM-DD-a--what_it_does`, with its way down."""

    name: str

    @property
    def revision(self) -> str:
        """Alembic's id of it, e.g. `26_11_20_a`; Alembic allows no dashes."""
        return self.name.partition("--")[0].replace("-", "_")

    def text(self, host_map: HostMap, *, down: bool = False) -> str:
        """The SQL, as it is for this host."""
        folder = SQL / "down" if down else SQL
        table, key = (
            name.replace("`", "``")
            for name in (host_map.real_table("user"), host_map.real_column("user", "id"))
        )
        text = (folder / f"{self.name}.sql").read_text("ascii")
        return text.replace(_USER, f"REFERENCES `{table}` (`{key}`)")


def statements(sql: str) -> list[str]:
    """The statements of a file; each ends with `;` at the end of a line."""
    parts = _STATEMENT_END.split(_COMMENT.sub("", sql))
    return [statement for part in parts if (statement := part.strip())]


def script(parts: Iterable[str]) -> str:
    """The other way round: a file of these statements."""
    return "".join(f"{statement};\n\n" for statement in parts)


#: All of them, oldest first.
FILES = tuple(SqlFile(path.stem) for path in sorted(SQL.glob("*.sql")))

#: The revision at which the tables are those of this version.
HEAD = FILES[-1].revision


def place(revision: str) -> int:
    """How many files are applied at `revision`: an id, a file name, `head` or `base`.

    Raises UnknownRevision.
    """
    known = {"base": 0, "head": len(FILES)}
    for number, file in enumerate(FILES, start=1):
        known |= dict.fromkeys((file.revision, file.name, f"{file.name}.sql"), number)
    if revision not in known:
        raise UnknownRevision(revision, known)
    return known[revision]


def recording(revision: str) -> list[str]:
    """The statements that record `revision` where nothing is recorded: those of the first file."""
    first = FILES[0]
    create, *_, insert = statements(first.text(HostMap()))
    return [create, insert.replace(first.revision, revision)]
