"""A user's EXP, coins and freezes, entry by entry."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from zeeguu_gamify.admin.lists import Column, ListPage, instant, number, one_of
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.models import Asset, LedgerEntry

_ENTRY: Any = LedgerEntry.__table__


def _ledger(asked: Asked) -> Select[Any]:
    return asked.narrowed(select(_ENTRY), "asset", _ENTRY.c.asset, Asset)


def _of_entry(asked: Asked) -> Equal:
    return _ENTRY.c.user_id, asked.path["user_id"]


users.add_tab(
    "ledger",
    ListPage(
        name="user_entries",
        path="/users/<int:user_id>/ledger",
        title="Ledger",
        empty="Nothing was given or spent.",
        columns=(
            instant("When", lambda row: row.at),
            Column("What", lambda row: row.asset.value.lower(), "tags"),
            number("Amount", lambda row: row.amount),
            Column("Why", lambda row: row.reason),
            Column("Date", lambda row: row.local_date or ""),
            Column("Object", lambda row: row.object_id or "", "code"),
        ),
        filters=(one_of("asset", "What", Asset),),
        source=BySelect(_ledger, keys=(_ENTRY.c.id,), within=_of_entry),
        has_page=False,
    ),
)
