"""The catalog in memory: fresh within seconds, without a query per event; not ready, in words."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.hosts import (
    ADA,
    MakeHost,
    change,
    close,
    db_of,
    engine_of,
    make_host,
    mount_host,
    mount_on,
    progress,
    send,
)
from zeeguu_gamify import Catalog, emit, increment_badge_progress, ladder
from zeeguu_gamify.badges import sync
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG, FAMILIES
from zeeguu_gamify.config import Config
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.events import Metric
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import VERSION_TABLE
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.testing import statements

Clock = Callable[[float], None]


@pytest.fixture(autouse=True)
def _trust_the_catalog_as_long_as_hosts_do(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = {"GAMIFY_REFRESH_SECONDS": Config().refresh_seconds}
    monkeypatch.setattr(Flask, "default_config", {**Flask.default_config, **usual})


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let so many seconds pass for the refresh of the catalog."""
    present = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: present[0])

    def pass_seconds(seconds: float) -> None:
        present[0] += seconds

    return pass_seconds


def set_first_threshold(app: Flask, threshold: int) -> None:
    """What `flask gamify catalog apply` does in another process."""
    words = ladder(
        Metric.TRANSLATED_WORDS, (threshold,), name="W", trigger="word.translated",
        describe=lambda n: (f"{n}", f"{n}"),
    )  # fmt: skip
    with Session(engine_of(app)) as session:
        assert not sync.apply(session, Catalog([words])).is_empty
        session.commit()


def first_threshold(app: Flask) -> int:
    """As this process knows it, an event later."""
    send(app, "word_translated")
    db_of(app).session.commit()
    return mount_on(app).live.by_metric["TRANSLATED_WORDS"].badges[0].threshold


@pytest.mark.core
def test_a_change_by_another_process_is_noticed_within_the_seconds_set(
    new_host: MakeHost, later: Clock
) -> None:
    host = new_host(config={"GAMIFY_REFRESH_SECONDS": 3})
    assert first_threshold(host) == 10
    set_first_threshold(host, 4)
    later(2.9)
    assert first_threshold(host) == 10
    later(0.1)
    assert first_threshold(host) == 4


@pytest.mark.core
def test_the_catalog_costs_no_query_while_it_is_fresh_and_one_when_it_is_not(
    host: Flask, later: Clock
) -> None:
    first_threshold(host)
    costs = []
    for seconds in (0, 4.9, 0.1, 0):
        later(seconds)
        with statements(engine_of(host)) as ran:
            first_threshold(host)
        costs.append(len(ran) - 1)
    assert costs == [0, 0, 1, 0]


def test_a_change_by_this_process_is_seen_at_once(host: Flask, later: Clock) -> None:
    assert first_threshold(host) == 10
    set_first_threshold(host, 4)
    mount_on(host).forget()
    assert first_threshold(host) == 4


def test_while_one_thread_reads_the_catalog_the_others_use_the_old_copy(
    sqlite_host: Flask, later: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_threshold(sqlite_host)
    mount = mount_on(sqlite_host)
    load, loads = mount.load_live, []

    def load_while_another_thread_refreshes(session: Session, mount: Mount) -> object:
        loads.append("load")
        mount.refresh(session)
        return load(session, mount)

    monkeypatch.setattr(mount, "load_live", load_while_another_thread_refreshes)
    later(5)
    mount.refresh(db_of(sqlite_host).session())
    assert loads == ["load"]


def test_a_change_during_a_read_is_read_next(
    sqlite_host: Flask, later: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_threshold(sqlite_host)
    mount = mount_on(sqlite_host)
    load = mount.load_live

    def load_while_another_thread_applies(session: Session, mount: Mount) -> object:
        found = load(session, mount)
        session.rollback()
        set_first_threshold(sqlite_host, 4)
        mount.forget()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(mount, "load_live", load_while_another_thread_applies)
        later(5)
        assert first_threshold(sqlite_host) == 10
    assert first_threshold(sqlite_host) == 4


def test_a_read_that_a_lost_connection_cut_short_is_tried_again(
    server_host: Flask, later: Clock
) -> None:
    first_threshold(server_host)
    set_first_threshold(server_host, 4)
    later(5)
    session = db_of(server_host).session
    number = session.connection().exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
    change(server_host, text(f"KILL {number}"))
    with pytest.raises(Exception, match=r"Lost connection|gone away"):
        send(server_host, "word_translated")
    session.rollback()
    assert first_threshold(server_host) == 4


@pytest.mark.core
def test_a_host_without_our_tables_works_and_is_told_what_to_do(
    database_url: str, later: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    host = mount_host(database_url)
    with host.app_context():
        db_of(host).create_all()
        session = db_of(host).session
        assert increment_badge_progress(session, "TRANSLATED_WORDS", ADA) == []
        with statements(engine_of(host)) as ran:
            send(host, "word_translated", times=3)
            assert emit(session, "word.translated", user_id=ADA).new_badges == []
        assert ran == []  # it is remembered, and the tables are not asked for by every event
        assert caplog.text.count("run `flask gamify db upgrade`") == 1
        session.commit()
        runner.upgrade(engine_of(host), mount_on(host).host.map)
        change(host, text("INSERT INTO user (id, username, name) VALUES (1, 'ada', 'Ada')"))
        later(5)
        send(host, "word_translated")
        session.commit()
        assert progress(host) == {"TRANSLATED_WORDS": 1}
    close(host)


@pytest.mark.core
def test_tables_of_an_older_version_are_not_ready(database_url: str) -> None:
    host = make_host(database_url)
    with host.app_context():
        change(host, text(f"UPDATE {VERSION_TABLE} SET version_num = '0'"))
        with pytest.raises(
            NotReady, match="missing or of an older version; run `flask gamify db upgrade`"
        ):
            mount_on(host).refresh(db_of(host).session())
    close(host)


def test_a_badge_of_the_code_that_the_database_lacks_is_named(sqlite_host: Flask) -> None:
    change(sqlite_host, text("DELETE FROM badge WHERE code = 'friends_5'"))
    with pytest.raises(NotReady, match="no badge friends_5; run `flask gamify catalog apply`"):
        mount_on(sqlite_host).refresh(db_of(sqlite_host).session())


def test_a_badge_that_the_database_has_in_another_family_is_named(sqlite_host: Flask) -> None:
    change(sqlite_host, text("UPDATE badge SET badge_category_id = 1, level = 9 WHERE id = 35"))
    with pytest.raises(NotReady, match="no badge friends_5; run `flask gamify catalog apply`"):
        mount_on(sqlite_host).refresh(db_of(sqlite_host).session())


def test_what_was_ready_once_goes_on_when_the_database_gets_more_badges(
    sqlite_host: Flask, later: Clock
) -> None:
    first_threshold(sqlite_host)
    more = ladder("MORE", (1,), name="M", trigger="-", describe=lambda n: (f"{n}", "-"))
    with Session(engine_of(sqlite_host)) as session:
        sync.apply(session, Catalog((*FAMILIES, more)))
        session.commit()
    later(5)
    assert first_threshold(sqlite_host) == 10
    assert "MORE" in mount_on(sqlite_host).live.by_metric
    assert "MORE" not in DEFAULT_CATALOG.by_metric
