"""The roll-up: what everybody did on each closed UTC day, kept equal to the host's rows.

The job goes over all users once a night, some at a time. It adds up their rows of all closed days
anew and writes what differs. So whatever became of a row after its day was rolled up, lengthened,
changed, moved to another day, deleted, or come late, is found by comparing, not by a mark that the
host would have to leave. Readers trust the days up to `ACTIVITY_ROLLED`, which moves only when all
users are done.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Integer,
    String,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
)

from zeeguu_gamify import settings
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards.activity_metrics import METRICS, ActivityMetric
from zeeguu_gamify.models import ActivityDay, Base
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.temporary import make_temporary, temporary

#: Sessions may still grow on so many days after theirs; a day is closed once it is older.
OPEN_DAYS = 3
#: Users whose rows one batch adds up.
USERS = 100

_DAYS = Base.metadata.tables[ActivityDay.__tablename__]

#: What the host's rows come to; text that is compared with ours has our collation.
_SUMS = temporary(
    "gamify_activity",
    Column("user_id", Integer, primary_key=True, autoincrement=False),
    Column(
        "metric",
        String(16).with_variant(String(16, collation="utf8mb4_unicode_ci"), "mysql", "mariadb"),
        primary_key=True,
    ),
    Column("utc_day", Date, primary_key=True),
    Column("value", BigInteger),
)
_SAME_DAY = and_(
    _DAYS.c.user_id == _SUMS.c.user_id,
    _DAYS.c.metric == _SUMS.c.metric,
    _DAYS.c.utc_day == _SUMS.c.utc_day,
)


def last_closed(at: datetime) -> date:
    """The last closed UTC day at `at` (UTC)."""
    return at.date() - timedelta(days=OPEN_DAYS + 1)


def roll_up(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Nothing to do on a host without activity."""
    if not mount.host.has(Group.ACTIVITY):
        return nothing
    make_temporary(connection, _SUMS)
    return _RollUp(mount, last_closed(at))


class _RollUp:
    """The step."""

    def __init__(self, mount: Mount, last: date) -> None:
        self._host = mount.host
        self._last = last

    def __call__(self, work: Work, after: int) -> Batch:
        """The next users; after the last of them, say that the days are rolled up.

        First of all the lock: two rounds at once would write the same days.
        """
        settings.write(work.session, settings.ACTIVITY_ROUND, work.at.isoformat())
        connection, user = work.session.connection(), self._host.table("user").c
        next_ids = select(user.id).where(user.id > after).order_by(user.id).limit(USERS)
        ids = connection.execute(next_ids).scalars().all()
        if not ids:
            settings.write(work.session, settings.ACTIVITY_ROLLED, self._last.isoformat())
            return Batch(None)
        self._add_up(connection, ids[0], ids[-1])
        wrong = self._drop_what_differs(connection, ids[0], ids[-1])
        written = self._write_what_is_missing(connection)
        return Batch(ids[-1], {"days written": written, "days corrected": wrong})

    def _add_up(self, connection: Connection, first: int, last: int) -> None:
        connection.execute(delete(_SUMS))
        for metric in METRICS.values():
            connection.execute(insert(_SUMS).from_select(*self._sums(metric, first, last)))

    def _sums(self, metric: ActivityMetric, first: int, last: int) -> tuple[list[str], Any]:
        """The columns, and the SELECT of what they get from the host's rows."""
        rows = metric.rows_of(self._host)
        beyond = datetime.combine(self._last + timedelta(days=1), time())
        found = metric.sums(self._host, lambda its: func.date(its.at)).where(
            rows.user_id.between(first, last), rows.at < beyond
        )
        return ["metric", "user_id", "utc_day", "value"], found.having(rows.value != 0)

    def _drop_what_differs(self, connection: Connection, first: int, last: int) -> int:
        """Days that the host's rows make otherwise, or not at all; how many."""
        as_counted = exists().where(_SAME_DAY, _SUMS.c.value == _DAYS.c.value)
        between = _DAYS.c.user_id.between(first, last)
        wrong = delete(_DAYS).where(between, _DAYS.c.utc_day <= self._last, ~as_counted)
        return connection.execute(wrong).rowcount

    def _write_what_is_missing(self, connection: Connection) -> int:
        """How many days that were; rows of users that the host has deleted are left out."""
        user = self._host.table("user")
        found = (
            select(_SUMS)
            .join(user, user.c.id == _SUMS.c.user_id)
            .outerjoin(_DAYS, _SAME_DAY)
            .where(_DAYS.c.user_id.is_(None))
        )
        columns = [column.name for column in _SUMS.c]
        return connection.execute(insert(_DAYS).from_select(columns, found)).rowcount
