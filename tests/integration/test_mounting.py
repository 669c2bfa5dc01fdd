"""Beside a host: its tables, its error pages and other apps of the process are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, abort
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Integer, MetaData, String, Table, inspect, text
from sqlalchemy.orm import mapped_column

from tests.hosts import (
    ADA,
    MakeHost,
    badges,
    close,
    db_of,
    engine_of,
    make_host,
    mount_host,
    mount_on,
    progress,
    send,
)
from zeeguu_gamify import Catalog, EventType, Gamify, HostMap, emit, ladder, one_off
from zeeguu_gamify.errors import ConfigError, UnknownBadge, UnknownEvent
from zeeguu_gamify.events import Metric
from zeeguu_gamify.models import gamify_tables
from zeeguu_gamify.testing import prepare


@pytest.mark.core
def test_the_hosts_create_all_makes_none_of_our_tables(database_url: str) -> None:
    host = mount_host(database_url)
    with host.app_context():
        db_of(host).create_all()
        assert set(inspect(engine_of(host)).get_table_names()) == {"user", "host_row"}
        db_of(host).drop_all()
    close(host)


def test_the_hosts_drop_all_drops_none_of_our_tables(sqlite_host: Flask) -> None:
    db_of(sqlite_host).drop_all()
    left = set(inspect(engine_of(sqlite_host)).get_table_names())
    assert {table.name for table in gamify_tables()} <= left
    assert not left & {"user", "host_row"}


def pages(app: Flask) -> None:
    """Two pages of the host that fail."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken", "broken", lambda: str(1 // 0))
    app.add_url_rule("/gone", "gone", lambda: abort(404))


def test_the_hosts_error_pages_are_as_they_were(sqlite_host: Flask) -> None:
    plain = Flask("plain")
    for app in (plain, sqlite_host):
        pages(app)
    for path in ("/broken", "/gone", "/no/such/page"):
        with_us, without = (app.test_client().get(path) for app in (sqlite_host, plain))
        assert (with_us.status_code, with_us.text) == (without.status_code, without.text)
        assert with_us.mimetype == "text/html"


def test_an_error_of_ours_in_a_view_of_the_hosts_is_the_hosts(sqlite_host: Flask) -> None:
    def view() -> str:
        emit(db_of(sqlite_host).session, "no.such", user_id=ADA)
        return ""

    sqlite_host.add_url_rule("/theirs", "theirs", view)
    sqlite_host.testing = True
    with pytest.raises(UnknownEvent):
        sqlite_host.test_client().get("/theirs")


def own_catalog() -> Catalog:
    """Words at 2, and a one-off, with an event that other hosts do not have."""
    words = ladder(
        Metric.TRANSLATED_WORDS, (2,), name="W", trigger="word.translated",
        describe=lambda n: (f"{n}", f"{n}"),
    )  # fmt: skip
    sang = one_off("sang", name="S", trigger="song.sung", unachieved="-", achieved="-")
    return Catalog([words, sang])


def test_a_signal_goes_to_the_current_app(tmp_path: Path) -> None:
    one = make_host(f"sqlite:///{tmp_path / 'one.db'}")
    other = make_host(
        f"sqlite:///{tmp_path / 'other.db'}",
        catalog=own_catalog(),
        events=[EventType("song.sung", "a song was sung")],
    )
    for app, times in ((one, 3), (other, 2), (one, 1)):
        with app.app_context():
            send(app, "word_translated", times=times)
            db_of(app).session.commit()
    assert (progress(one), badges(one)) == ({"TRANSLATED_WORDS": 4}, [])
    assert (progress(other), badges(other)) == ({"TRANSLATED_WORDS": 2}, ["translated_words_1"])
    with other.app_context():
        emit(db_of(other).session, "song.sung", user_id=ADA)
    with one.app_context(), pytest.raises(UnknownEvent):
        emit(db_of(one).session, "song.sung", user_id=ADA)
    with other.app_context(), pytest.raises(UnknownBadge):
        mount_on(other).catalog.metric_of("FRIENDS")
    assert mount_on(one).known is not mount_on(other).known
    for app in (one, other):
        close(app)


@pytest.mark.core
def test_hosts_of_one_process_may_call_their_tables_differently(
    database_url: str, tmp_path: Path
) -> None:
    plain = make_host(f"sqlite:///{tmp_path / 'plain.db'}")
    app = Flask("renamed")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db = SQLAlchemy(metadata=MetaData())
    Table(
        "account",
        db.metadata,
        mapped_column("account_no", Integer, primary_key=True).column,
        mapped_column("login", String(50)).column,
        mapped_column("shown_as", String(50)).column,
        mapped_column("zone", String(50)).column,
    )
    db.init_app(app)
    names = {"user.id": "account_no", "user.username": "login", "user.name": "shown_as"}
    Gamify(
        app,
        db,
        host_map=HostMap(tables={"user": "account"}, columns={**names, "user.timezone": "zone"}),
    )
    with app.app_context():
        db.create_all()
        prepare(app)
        account = "INSERT INTO account VALUES (1, 'ada', 'Ada', 'Pacific/Apia')"
        db.session.execute(text(account))
        db.session.commit()
        assert mount_on(app).host.user_id_of(db.session(), "ADA") == 1
        assert mount_on(app).host.zone_name(db.session(), 1) == "Pacific/Apia"
        send(app, "word_translated", times=10)
        db.session.commit()
        assert badges(app) == ["translated_words_1"]
    with plain.app_context():
        assert mount_on(plain).host.zone_name(db_of(plain).session(), 1) == "Europe/Berlin"
    for host in (app, plain):
        close(host)


def test_settings_and_catalog_are_refused_before_anything_is_mounted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'host.db'}"
    with pytest.raises(ConfigError, match="GAMIFY_REFRESH_SECOND"):
        mount_host(url, config={"GAMIFY_REFRESH_SECOND": 1})
    with pytest.raises(ConfigError, match=r"'song.sung' is not in the event dictionary"):
        mount_host(url, catalog=own_catalog())


def test_badges_per_trigger_are_logged(
    new_sqlite_host: MakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "zeeguu_gamify")
    new_sqlite_host()
    assert "5 badges listen to word.translated" in caplog.messages
