"""The roll-up of closed days: with the open edges it is what the host's rows come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, select, text, update

from tests.activity_rows import TABLES, act
from tests.contract.hosts import NOW, Person, World, build  # noqa: F401 (a fixture)
from tests.servers import Server
from tests.sql_rules import check_executed
from zeeguu_gamify import HostMap
from zeeguu_gamify.doctor import examine
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.leaderboards import activity, host_indexes, rollup
from zeeguu_gamify.leaderboards.activity_metrics import METRICS
from zeeguu_gamify.leaderboards.activity_span import Span
from zeeguu_gamify.migrations.include import HOST_INDEX
from zeeguu_gamify.models import ActivityDay
from zeeguu_gamify.settings import ACTIVITY_ROLLED, read

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
#: The last closed day at NOW, and two weeks before it, when histories begin.
CLOSED = date(2026, 11, 16)
START = datetime(2026, 11, 3)
DAYS = (NOW - START).days + 1


@pytest.fixture
def world(build: Callable[..., World], database_url: str) -> World:  # noqa: F811
    world = build(database_url, languages=True)
    with world.app.app_context():
        event.listen(world.db.engine, "before_cursor_execute", check_executed)
        if database_url.startswith("sqlite"):
            event.listen(world.db.engine, "connect", not_waiting_for_the_disk)
            world.db.engine.dispose()
    return world


def not_waiting_for_the_disk(driver: Any, _record: Any) -> None:
    driver.execute("PRAGMA synchronous = OFF")


def roll_up(world: World, at: datetime = NOW, *, stop: Callable[[], bool] = lambda: False) -> str:
    """The job of the night before `at`; what it says it did."""
    with at_time(at), world.app.app_context():
        job, period = schedule.job_called("activity_rollup"), f"{at.isoformat()}"
        done = runner.run(world.mount, job, at, period, stopping=stop)
    return done.summary if done else "not mine"


@contextmanager
def at_time(at: datetime) -> Iterator[None]:
    with time_machine.travel(at.isoformat() + "Z", tick=False):
        yield


def rolled(world: World) -> date | None:
    """Up to which day readers trust the roll-up."""
    with world.app.app_context():
        session = world.db.session()
        found = read(session).get(ACTIVITY_ROLLED)
        session.rollback()
    return date.fromisoformat(found) if found else None


def stored(world: World) -> dict[tuple[int, str, date], int]:
    with world.app.app_context(), world.db.engine.connect() as connection:
        rows = connection.execute(select(ActivityDay.__table__)).all()
    return {(row.user_id, row.metric, row.utc_day): row.value for row in rows}


def change(world: World, statement: Any) -> int:
    """Let the host change its rows."""
    with world.app.app_context(), world.db.engine.begin() as connection:
        return connection.execute(statement).rowcount


def totals(world: World, span: Span, people: list[int], until: date | None) -> Any:
    """What boards say, when the roll-up is trusted until then."""
    with world.app.app_context():
        session = world.db.session()
        metrics = list(METRICS.values())
        found = activity.totals(session, world.mount, metrics, span, until, people)
        session.rollback()
    return {
        code: {key: value for key, value in sums.items() if value} for code, sums in found.items()
    }


@pytest.mark.core
def test_each_closed_day_is_summed_and_open_ones_are_not(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    for metric in TABLES:
        act(world, ada, metric, datetime(2026, 11, 16, 23, 59, 59), 3)
        act(world, ada, metric, datetime(2026, 11, 16), 4)
        act(world, ada, metric, datetime(2026, 11, 17), 5)
        act(world, bob, metric, datetime(2020, 2, 29, 12), 6)
    assert rolled(world) is None
    assert roll_up(world) == "10 days written, 0 days corrected"
    assert rolled(world) == CLOSED
    expected = {}
    for metric, of_metric in METRICS.items():
        expected[(ada.id, metric, CLOSED)] = 7 if of_metric.is_time else 2
        expected[(bob.id, metric, date(2020, 2, 29))] = 6 if of_metric.is_time else 1
    assert stored(world) == expected
    assert roll_up(world, NOW + HOUR) == "0 days written, 0 days corrected"
    assert stored(world) == expected


@dataclass(frozen=True)
class Deed:
    """A row of the host, and what becomes of it after its day was rolled up."""

    who: int
    metric: str
    seconds: int  #: since START
    value: int
    fate: str  #: kept, lengthened, changed, deleted, moved, or written only later
    more: int  #: by how much


FATES = ("kept", "lengthened", "changed", "deleted", "moved", "late", "given away")
deeds = st.builds(
    Deed,
    who=st.integers(0, 2),
    metric=st.sampled_from(sorted(TABLES)),
    # Midnights, and the seconds around them, more often than chance has it.
    seconds=st.one_of(
        st.integers(0, DAYS * 86_400),
        st.builds(
            lambda day, near: day * 86_400 + near, st.integers(1, DAYS - 1), st.integers(-1, 1)
        ),
    ),
    value=st.sampled_from((1, 0, 60_000, 3_000_000_000 // 2)),
    fate=st.sampled_from(FATES),
    more=st.integers(1, 5 * 86_400),
)
#: From and to, in seconds since START, like those of the deeds.
bounds = st.one_of(
    st.none(),
    st.integers(-86_400, (DAYS + 1) * 86_400),
    st.integers(-1, DAYS + 1).map(lambda day: day * 86_400),
    st.integers(-1, DAYS + 1).map(lambda day: day * 86_400 - 1),
)


@pytest.mark.core
@given(st.lists(deeds, max_size=14), st.lists(st.tuples(bounds, bounds), min_size=3, max_size=3))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_roll_up_with_its_edges_equals_the_rows_whatever_became_of_them(
    world: World, done: list[Deed], spans: list[tuple[int | None, int | None]]
) -> None:
    people = empty(world)
    rows = [(deed, perform(world, people, deed)) for deed in done if deed.fate != "late"]
    roll_up(world, NOW - DAY)
    for deed, row_id in rows:
        suffer(world, people, deed, row_id)
    for deed in done:
        if deed.fate == "late":
            perform(world, people, deed)
    roll_up(world)
    expected = history(world)
    for first, last in spans:
        span = Span(
            None if first is None else START + first * SECOND,
            NOW if last is None else START + last * SECOND,
        )
        wanted = naive(expected, span)
        assert totals(world, span, people, rolled(world)) == wanted
        assert totals(world, span, people, None) == wanted


def empty(world: World) -> list[int]:
    """Three people who have done nothing yet; their ids."""
    tables = world.tables
    names = ["exercise", *(table for table, _ in TABLES.values() if table != "exercise")]
    with world.app.app_context(), world.db.engine.begin() as connection:
        for name in names:
            connection.execute(delete(tables[name]))
        connection.execute(delete(ActivityDay))
        connection.execute(
            text("DELETE FROM gamify_setting WHERE name = 'activity_rolled_through'")
        )
        connection.execute(text("DELETE FROM job_run"))
        known = connection.execute(select(tables["user"].c.id)).scalars().all()
        if not known:
            rows = [{"username": name} for name in ("Ada", "Bob", "Cleo")]
            connection.execute(insert(tables["user"]), rows)
            known = connection.execute(select(tables["user"].c.id)).scalars().all()
    return sorted(known)


def perform(world: World, people: list[int], deed: Deed) -> int:
    at = START + deed.seconds * SECOND
    return act(world, people[deed.who], deed.metric, at, deed.value)


def suffer(world: World, people: list[int], deed: Deed, row_id: int) -> None:
    """What becomes of the row. Only a session that is lengthened says when that was."""
    name, when = TABLES[deed.metric]
    table, is_time = world.tables[name], METRICS[deed.metric].is_time
    this = table.c.id == row_id
    if deed.fate == "deleted":
        change(world, delete(table).where(this))
    elif deed.fate == "moved":
        at = START + deed.seconds * SECOND - deed.more * SECOND
        change(world, update(table).where(this).values({when: at}))
    elif deed.fate == "given away" and deed.metric != "exercises_done":
        change(world, update(table).where(this).values(user_id=people[deed.who - 1]))
    elif deed.fate == "lengthened" and is_time:
        values = {"duration": deed.value + deed.more, "last_action_time": NOW}
        change(world, update(table).where(this).values(values))
    elif deed.fate == "changed" and is_time:
        change(world, update(table).where(this).values(duration=deed.more))


#: Metric, whose, when, how much.
History = list[tuple[str, int, datetime, int]]


def history(world: World) -> History:
    """All rows of the host, one by one."""
    found: History = []
    with world.app.app_context(), world.db.engine.connect() as connection:
        words = world.tables["user_word"].c
        found_words = connection.execute(select(words.id, words.user_id)).all()
        owners = {word.id: word.user_id for word in found_words}
        for metric, (name, when) in TABLES.items():
            for row in connection.execute(select(world.tables[name])).mappings():
                who = row["user_id"] if "user_id" in row else owners[row["user_word_id"]]
                value = row["duration"] if METRICS[metric].is_time else 1
                found.append((metric, who, row[when], value))
    return found


def naive(rows: History, span: Span) -> dict[str, dict[int, int]]:
    """Their sums within the span, by no SQL."""
    sums: dict[str, dict[int, int]] = {metric: {} for metric in TABLES}
    for metric, who, at, value in rows:
        if value and at <= span.last and (span.first is None or at >= span.first):
            sums[metric][who] = sums[metric].get(who, 0) + value
    return sums


def test_days_count_for_readers_once_everybody_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "USERS", 2)
    people = [world.person(f"P{number}") for number in range(5)]
    for who in people:
        act(world, who, "reading_time", START, 10)
    batches = iter((False, False, True))
    assert roll_up(world, stop=lambda: next(batches)) == "4 days written, 0 days corrected"
    assert (rolled(world), len(stored(world))) == (None, 4)
    assert board_of(world, people[0]) == [10] * 5
    act(world, people[0], "reading_time", START, 1)  # behind the cursor: the next night's matter
    assert roll_up(world) == "5 days written, 0 days corrected"  # it went on at the cursor
    assert (rolled(world), len(stored(world))) == (CLOSED, 5)
    assert roll_up(world, NOW + DAY) == "1 days written, 1 days corrected"


def board_of(world: World, who: Person) -> list[int]:
    """The values on a board of everybody, from the beginning."""
    user = world.tables["user"].c
    with world.app.app_context():
        session = world.db.session()
        metric = activity.metric_called("reading_time")
        found = activity.board(session, world.mount, select(user.id), metric, Span(None, NOW))
        session.rollback()
    return [value for _, value in found]


@pytest.mark.core
def test_the_days_of_a_deleted_user_go_with_the_user(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    for who in (ada, bob):
        act(world, who, "reading_time", START, 10)
    roll_up(world)
    with world.app.app_context(), world.db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        for table in ("user_reading_session", "session"):
            connection.execute(delete(world.tables[table]).where(text(f"user_id = {ada.id}")))
        connection.execute(delete(world.tables["user"]).where(text(f"id = {ada.id}")))
        if connection.dialect.name == "sqlite":
            connection.execute(delete(ActivityDay).where(ActivityDay.user_id == ada.id))
    assert {user_id for user_id, _, _ in stored(world)} == {bob.id}


def test_rows_of_users_whom_the_host_has_not_are_left_out(build: Callable[..., World]) -> None:  # noqa: F811
    world = build(languages=True)
    ada = world.person("Ada")
    act(world, ada.id - 1, "reading_time", START, 10)
    act(world, ada.id + 1, "reading_time", START, 10)
    bob = world.person("Bob")
    change(world, delete(world.tables["user"]).where(world.tables["user"].c.id == ada.id))
    act(world, bob, "reading_time", START, 10)
    roll_up(world)
    assert {user_id for user_id, _, _ in stored(world)} == {bob.id}


def test_a_dry_run_writes_nothing(world: World) -> None:
    act(world, world.person("Ada"), "reading_time", START, 10)
    with world.app.app_context():
        done = runner.rehearse(world.mount, schedule.job_called("activity_rollup"), NOW)
    assert done.summary == "1 days written, 0 days corrected"
    assert (rolled(world), stored(world)) == (None, {})


def test_it_runs_once_a_night_by_the_schedule_and_whenever_it_is_asked_to(
    build: Callable[..., World],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = build(languages=True)
    monkeypatch.setattr(schedule, "JOBS", (schedule.job_called("activity_rollup"),))

    def ran(at: datetime) -> bool:
        with at_time(at), world.app.app_context():
            return "activity_rollup" in {run.job for run in schedule.run_due(world.mount)}

    noon = datetime(2026, 11, 21, 12)
    assert [ran(noon + hours * HOUR) for hours in (0, 0, 1, 11, 12, 13)] == [
        True, False, False, False, True, False,
    ]  # fmt: skip
    for at in (noon + HOUR, noon + 2 * HOUR):
        assert roll_up(world, at) != "not mine"


def test_on_a_host_without_activity_there_is_nothing_to_do(
    build: Callable[..., World],  # noqa: F811
) -> None:
    world = build(host_map=HostMap(groups=frozenset()))
    assert roll_up(world) == ""
    assert rolled(world) is None


@pytest.mark.parametrize(
    ("first", "last", "days", "edges"),
    [
        (None, NOW, (None, 17), [(17, None)]),
        (START, NOW, (3, 17), [(17, None)]),
        (START + SECOND, NOW, (4, 17), [(17, None), (3, 4)]),
        (START, START + 2 * DAY, (3, 5), [(5, None)]),
        (START, START + 2 * DAY - SECOND, (3, 4), [(4, None)]),
        (START, START + DAY - SECOND, None, [(3, None)]),
        (datetime(2026, 11, 16, 0, 0, 1), NOW, None, [(16, None)]),
        (datetime(2026, 11, 16), NOW, (16, 17), [(17, None)]),
        (datetime(2026, 11, 17), NOW, None, [(17, None)]),
        (datetime(9999, 12, 31, 23), datetime(9999, 12, 31, 23), None, [(31, None)]),
        (None, datetime(1, 1, 1), (None, 1), [(1, None)]),
    ],
)
def test_a_span_is_split_into_whole_days_and_edges(
    first: datetime | None,
    last: datetime,
    days: tuple[int | None, int] | None,
    edges: list[tuple[int, int | None]],
) -> None:
    whole, around = Span(first, last).split(CLOSED)
    assert (whole and (whole.first and whole.first.day, whole.beyond.day)) == days
    found = [
        (edge.first and edge.first.day, None if edge.closed else edge.last.day) for edge in around
    ]
    assert found == edges
    assert [edge.last for edge in around if edge.closed] == [last]


def test_boards_and_the_job_find_rows_by_indexes(
    build: Callable[..., World],  # noqa: F811
    sql_server: Server,
) -> None:
    world = build(sql_server.new_database(), languages=True)
    ids = [world.person(f"P{number}").id for number in range(4)]
    crowd(world, ids)
    roll_up(world)
    with world.app.app_context(), world.db.engine.connect() as connection:
        for statement in host_indexes.missing(connection, world.mount.host.map):
            connection.exec_driver_sql(statement)
        for table in ("activity_day", "user_word", *(table for table, _ in TABLES.values())):
            connection.exec_driver_sql(f"ANALYZE TABLE {table}")
        looked_up: list[Any] = []

        def note(_connection: Any, cursor: Any, sql: str, parameters: Any, *_more: Any) -> None:
            if "AS activity" in sql:
                cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {sql}", parameters)
                names = [column[0] for column in cursor.description]
                looked_up.extend(dict(zip(names, row, strict=True)) for row in cursor.fetchall())

        event.listen(world.db.engine, "before_cursor_execute", note)
        totals(world, Span(NOW - 7 * DAY, NOW), ids[:2], CLOSED)
    keys = {row["table"]: row["key"] for row in looked_up}
    assert {keys[table] for table in host_indexes.WANTED} == {HOST_INDEX}
    assert [row["key"] for row in looked_up if row["table"] == "activity_day"] == ["PRIMARY"] * 5
    assert max(int(row["rows"]) for row in looked_up if row["table"] == "activity_day") < 40


def crowd(world: World, ids: list[int]) -> None:
    """Each of these users did everything, every few hours for months."""
    instants = [NOW - number * 3 * HOUR for number in range(1_000)]
    with world.app.app_context(), world.db.engine.begin() as connection:
        for metric, (name, when) in TABLES.items():
            if metric != "exercises_done":
                done = {} if metric == "read_articles" else {"duration": 1}
                rows = [{"user_id": id_, when: at, **done} for id_ in ids for at in instants]
                connection.execute(insert(world.tables[name]), rows)
        correct = {"id": 1, "outcome": "C"}
        connection.execute(insert(world.tables["exercise_outcome"]), correct)
        words = [{"id": id_, "user_id": id_} for id_ in ids]
        connection.execute(insert(world.tables["user_word"]), words)
        rows = [
            {"user_word_id": id_, "outcome_id": 1, "time": at} for id_ in ids for at in instants
        ]
        connection.execute(insert(world.tables["exercise"]), rows)


def test_the_doctor_names_an_index_that_is_missing(
    build: Callable[..., World],  # noqa: F811
    mariadb: Server,
) -> None:
    world = build(mariadb.new_database(), languages=True)

    def remedies() -> list[str]:
        with world.app.app_context():
            findings = examine(world.app, world.db.session(), world.mount)
        return [finding.remedy for finding in findings if finding.subject == "indexes"]

    assert remedies() == []
    change(world, text("ALTER TABLE exercise DROP INDEX ix_gamify_activity"))
    (remedy,) = remedies()
    assert remedy.startswith("ALTER TABLE exercise ADD INDEX ix_gamify_activity (time, user_word_")
    change(world, text(remedy))
    assert remedies() == []
