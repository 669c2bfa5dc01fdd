"""List pages as data: columns, filters and where the rows come from; `add_list` does the rest.

    add_list(
        ListPage(
            name="seasons", path="/seasons", title="Seasons", empty="No season has been opened.",
            columns=(text("Board", lambda row: row.board), instant("Closed", lambda row: row.closed_at)),
            filters=(Filter("state", "State", choices=lambda _asked: [("open", "Open")]),),
            source=BySelect(_seasons, keys=(Season.__table__.c.id,)),
        )
    )

gives the page, its filters, paging, an empty state and `/seasons.csv`. A page that shows more than
a list calls `listing` and includes `gamify_admin/_list.html`.
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from sqlalchemy.orm import Session

from zeeguu_gamify import spreadsheets
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.paging import CSV_ROWS, ROWS, Asked, Page, Source
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount, current_mount

#: So long a filter's text may be.
LONGEST = 100


def _no_link(_row: Any) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what a row has in it, and how it is shown."""

    label: str
    value: Callable[[Any], Any]
    kind: str = "text"  #: text, number, instant, share, code, tag or marks
    link: Callable[[Any], str | None] = _no_link
    about: str = ""  #: what the heading does not say
    picture: Callable[[Any], str | None] = _no_link  #: the URL of a small one, before the text
    below: Column | None = None  #: shown in small below it; a column of its own in the CSV
    in_file: bool = True  #: else only on the page, e.g. what can be done with the row


@dataclass(frozen=True, slots=True)
class Links:
    """(text, URL) of each."""

    links: Sequence[tuple[str, str]]

    def __str__(self) -> str:
        return ""


def text(
    label: str, value: Callable[[Any], Any], link: Callable[[Any], str | None] = _no_link
) -> Column:
    """A column of texts."""
    return Column(label, value, "text", link)


def links(label: str, value: Callable[[Any], Sequence[tuple[str, str]]]) -> Column:
    """What can be done with a row: (text, URL) of each; not in the CSV."""
    return Column(label, lambda row: Links(value(row)), "links", in_file=False)


def number(label: str, value: Callable[[Any], Any], about: str = "") -> Column:
    """A column of numbers."""
    return Column(label, value, "number", about=about)


def instant(label: str, value: Callable[[Any], Any]) -> Column:
    """A column of instants (UTC)."""
    return Column(label, value, "instant")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list can be narrowed down by: one of some choices, or a text to type."""

    name: str  #: in the query
    label: str
    choices: Callable[[Asked], Iterable[tuple[str, str]]] | None = None  #: (value, what it says)
    hint: str = ""
    needs: tuple[Group, ...] = ()  #: what the host must have


def one_of(name: str, label: str, kind: type[Enum]) -> Filter:
    """A filter by the members of an enum; the source asks `Asked.narrowed`."""
    return Filter(name, label, lambda _asked: [(one.name, one.value.lower()) for one in kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list; see the module."""

    name: str  #: the view's endpoint
    path: str
    title: str
    columns: Sequence[Column]
    source: Source
    filters: Sequence[Filter] = ()
    empty: str = "There is nothing here yet."
    about: str = ""  #: a sentence below the title
    size: int = ROWS
    has_page: bool = True  #: else it is part of another page, and only its CSV has a URL

    @property
    def all_columns(self) -> list[Column]:
        """The columns, and what is below them."""
        pairs = ((column, column.below) for column in self.columns)
        return [one for pair in pairs for one in pair if one is not None and one.in_file]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, ready to be shown."""

    of: ListPage
    asked: Asked
    page: Page
    is_first: bool

    @property
    def filters(self) -> list[Filter]:
        """What it can be narrowed down by on this host."""
        return _filters(self.of, self.asked.mount)

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(self.asked.filters)

    @property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """Filter → its choices."""
        return {one.name: list(one.choices(self.asked)) for one in self.filters if one.choices}

    @property
    def next_url(self) -> str | None:
        """The next page."""
        return self._url(after=self.page.next) if self.page.next else None

    @property
    def first_url(self) -> str:
        """The first page, with the same filters."""
        return self._url()

    @property
    def bare_url(self) -> str:
        """The first page, without filters."""
        return url_for(str(request.endpoint), **self.asked.path)

    @property
    def csv_url(self) -> str:
        """All pages, as a file."""
        return self._url_of(f"gamify_admin.{self.of.name}_csv")

    def _url(self, **query: Any) -> str:
        return self._url_of(str(request.endpoint), **query)

    def _url_of(self, endpoint: str, **query: Any) -> str:
        values: dict[str, Any] = {**self.asked.filters, **self.asked.path, **query}
        return url_for(endpoint, **values)


def add_list(page: ListPage) -> ListPage:
    """Serve the list, and its CSV."""
    if page.has_page:

        def show(**path: Any) -> str:
            found = listing(page, **path)
            return render_template("gamify_admin/list.html", listing=found, title=page.title)

        panel.add_url_rule(page.path, page.name, show)

    def export(**path: Any) -> Response:
        return _csv(page, _asked(page, path))

    panel.add_url_rule(f"{page.path}.csv", f"{page.name}_csv", export)
    return page


def listing(page: ListPage, **path: Any) -> Listing:
    """The page of the list that the query asks for; `path` is what the path says."""
    asked, after = _asked(page, path), request.args.get("after")
    return Listing(page, asked, page.source.page(asked, after, page.size), after is None)


def _filters(page: ListPage, mount: Mount) -> list[Filter]:
    return [one for one in page.filters if all(map(mount.host.has, one.needs))]


def _asked(page: ListPage, path: dict[str, Any]) -> Asked:
    mount = current_mount()
    session = mount.db.session()
    mount.refresh(session)
    given = {
        one.name: request.args.get(one.name, "").strip()[:LONGEST] for one in _filters(page, mount)
    }
    return Asked(session, mount, {name: value for name, value in given.items() if value}, path)


def _csv(page: ListPage, asked: Asked) -> Response:
    """All rows, sent while they are read; the first are read before, so that errors are pages."""
    first = page.source.page(asked, None, CSV_ROWS)
    chunks = stream_with_context(_chunks(page, asked, first))
    name = "_".join([page.name, *map(str, asked.path.values())])
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    headers = {"Content-Disposition": f"attachment; filename={safe}.csv"}
    return Response(chunks, mimetype="text/csv", headers=headers)


def _chunks(page: ListPage, asked: Asked, found: Page) -> Iterator[str]:
    """By a session of its own, for the request's is gone by then; and no transaction is open while
    the client reads.
    """
    columns = page.all_columns
    yield spreadsheets.BOM + spreadsheets.lines([[column.label for column in columns]])
    with Session(asked.mount.db.engine) as session:
        asked = replace(asked, session=session)
        while True:
            yield spreadsheets.lines([one.value(row) for one in columns] for row in found.rows)
            if found.next is None:
                return
            found = page.source.page(asked, found.next, CSV_ROWS)
            session.rollback()
