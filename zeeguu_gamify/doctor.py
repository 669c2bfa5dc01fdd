"""The doctor: every check of host, schema, catalog and services, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.badges import sync
from zeeguu_gamify.boot import check_routes, reserved_usernames
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.redis_link import RedisAway
from zeeguu_gamify.delivery.webhooks import endpoints
from zeeguu_gamify.endpoints.wrappers import default_requires_session
from zeeguu_gamify.errors import ConfigError, NotReady
from zeeguu_gamify.host import Group
from zeeguu_gamify.inbox import tell
from zeeguu_gamify.jobs import fence, schedule
from zeeguu_gamify.leaderboards import drift, host_indexes
from zeeguu_gamify.leaderboards.copies import Copies
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.models import Streak, gamify_tables
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import opening, opening_friends

#: A scheduler looks each minute.
SILENT_FOR = timedelta(hours=1)
#: A scheduler sweeps each second; a message is tried for some minutes.
UNDELIVERED_FOR = timedelta(minutes=5)
#: What was heard longer ago may be mended.
RECENT = timedelta(days=7)


class Health(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    subject: str
    health: Health
    message: str
    remedy: str = ""


def examine(app: Flask, session: Session, mount: Mount) -> list[Finding]:
    """What there is to say of each subject; writes nothing.

    Ends with the first subject that has something bad: what comes after builds on it.
    """
    findings: list[Finding] = []
    for check in CHECKS:
        findings += check(app, session, mount)
        session.rollback()
        if any(finding.health is Health.BAD for finding in findings):
            break
    return findings


def _routes(app: Flask, _session: Session, mount: Mount) -> Iterator[Finding]:
    """Again what mounting checked: the host may have added routes and models since."""
    try:
        check_routes(app)
    except ConfigError as error:
        yield Finding("routes", Health.BAD, error.message)
    ours = mount.requires_session is default_requires_session
    if ours and not mount.host.has(Group.SESSION):
        missing = ", ".join(mount.host.missing(Group.SESSION))
        message = f"every route of ours answers 404: there is no session ({missing})"
        yield Finding("routes", Health.BAD, message, "Gamify(app, db, requires_session=…)")


def _after(app: Flask, _session: Session, mount: Mount) -> Iterator[Finding]:
    """What `gamify.after` names may be added by the host later, so mounting cannot tell."""
    for endpoint in mount.after.keys() - app.view_functions.keys():
        close = get_close_matches(endpoint, app.view_functions, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else "see `flask routes`"
        message = f"gamify.after({endpoint!r}, …): the host has no such endpoint"
        yield Finding("routes", Health.WARNING, message, remedy)


def _database(_app: Flask, session: Session, _mount: Mount) -> Iterator[Finding]:
    try:
        dialect = session.connection().dialect
    except DBAPIError as error:
        yield Finding(
            "database", Health.BAD, f"does not answer: {error.orig}", "check the host's URI"
        )
        return
    version = ".".join(map(str, dialect.server_version_info or ()))
    yield Finding("database", Health.GOOD, f"{dialect.name} {version} answers")


def _host(_app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    inspector = inspect(session.connection())
    tables = set(inspector.get_table_names())
    user = mount.host.map.real_table("user")
    if user not in tables:
        remedy = "create it, or name it in HostMap(tables={'user': …})"
        yield Finding("host", Health.BAD, f"there is no table {user}", remedy)
        return
    for group in Group:
        if group is Group.ZONE and mount.host.map.zone_of is not None:
            yield Finding("host", Health.GOOD, f"{group.value}: by HostMap.zone_of")
            continue
        if not mount.host.has(group):
            missing = ", ".join(mount.host.missing(group)[:3]) or "it is not in HostMap.groups"
            yield Finding("host", Health.GOOD, f"{group.value}: off, for lack of {missing}")
            continue
        absent = _absent_columns(mount, group, inspector.get_columns, tables)
        if absent:
            message = f"{group.value}: the database has no {', '.join(absent)}"
            yield Finding("host", Health.BAD, message, "migrate the host, or set HostMap(groups=…)")
        else:
            yield Finding("host", Health.GOOD, f"{group.value}: on")


def _absent_columns(
    mount: Mount, group: Group, columns_of: Callable[[str], Sequence[Any]], tables: set[str]
) -> list[str]:
    absent = []
    for table, wanted in mount.host.columns_of(group).items():
        there = {str(column["name"]) for column in columns_of(table)} if table in tables else set()
        absent += [f"{table}.{column}" for column in wanted if column not in there]
    return absent


def _indexes(_app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    """Of no matter on SQLite, whose hosts are small."""
    connection = session.connection()
    if connection.dialect.name == "sqlite" or not mount.host.has(Group.ACTIVITY):
        return
    for statement in host_indexes.missing(connection, mount.host.map):
        message = "boards of activity read more of a host's table than they have to"
        yield Finding("indexes", Health.WARNING, message, statement)


def _usernames(app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    if not mount.host.has(Group.NAMES):
        return
    user = mount.host.table("user").c
    taken = session.connection().execute(
        select(user.username).where(user.username.in_(reserved_usernames(app)))
    )
    for username in taken.scalars():
        message = f"{username!r} is also a route of ours, so this user's page is unreachable"
        yield Finding("usernames", Health.WARNING, message, "rename the user")
    if session.connection().dialect.name != "sqlite":
        yield from _collation(session, mount)


def _collation(session: Session, mount: Mount) -> Iterator[Finding]:
    table = mount.host.map.real_table("user")
    column = mount.host.map.real_column("user", "username")
    collation = session.connection().exec_driver_sql(
        "SELECT collation_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s",
        (table, column),
    ).scalar()  # fmt: skip
    if collation and not str(collation).endswith("_ci"):
        message = f"{table}.{column} compares case ({collation}): Ada and ada would be two users"
        yield Finding("usernames", Health.WARNING, message, "use utf8mb4_unicode_ci")


def _schema(_app: Flask, session: Session, _mount: Mount) -> Iterator[Finding]:
    try:
        pending = runner.pending(session.connection())
    except NotReady as error:
        yield Finding("schema", Health.BAD, error.message)
        return
    if pending:
        message = f"{len(pending)} migrations are pending, first {pending[0]}"
        yield Finding("schema", Health.BAD, message, "flask gamify db upgrade")
    elif lost := _lost(session):
        message = f"does not fit: there is no {', no '.join(lost)}"
        yield Finding("schema", Health.BAD, message, "restore what is lost from a backup")
    else:
        yield Finding("schema", Health.GOOD, "the tables are those of this version")


def _lost(session: Session) -> list[str]:
    """Those of our tables that are not there, though every migration was."""
    there = set(inspect(session.connection()).get_table_names())
    return [table.name for table in gamify_tables() if table.name not in there]


def _pause(_app: Flask, session: Session, _mount: Mount) -> Iterator[Finding]:
    reason = settings.read(session).get(settings.PAUSED)
    if reason is not None:
        message = f"paused ({reason}): no event counts"
        yield Finding("events", Health.WARNING, message, "flask gamify resume")


def _streaks(_app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    stored = settings.read(session)
    heard = stored.get(settings.STREAK_CHANGED_HEARD, "")
    lately = (clock.now() - RECENT).isoformat(" ")
    if heard > lately and not mount.config.host_owns_streaks:
        message = f"the host counts streaks too: its streak_changed was heard at {heard} UTC"
        remedy = "delete its code and call practice(…), or set GAMIFY_STREAK_OWNER = 'host'"
        yield Finding("streaks", Health.WARNING, message, remedy)
    if settings.STREAKS_OPENED in stored:
        return
    if opening.is_needed(session, mount) or opening_friends.is_needed(session, mount):
        message = "the host counts streaks that are not taken over"
        yield Finding("streaks", Health.BAD, message, "flask gamify streaks open")


def _jobs(_app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    """Whether somebody follows midnight; of no matter before the first practice."""
    practised = session.connection().execute(select(Streak.user_id).limit(1)).first()
    if practised is None or mount.config.shadow:
        return
    done = fence.last_done(session, [job.name for job in schedule.JOBS])
    if done is None or clock.now() - done > SILENT_FOR:
        message = "no job was done in the last hour: gauges and old columns miss midnight"
        yield Finding("jobs", Health.WARNING, message, "keep `flask gamify scheduler` running")
    else:
        yield Finding("jobs", Health.GOOD, f"done until {done} UTC")


def _outbox(_app: Flask, session: Session, _mount: Mount) -> Iterator[Finding]:
    """Whether what is owed is delivered."""
    count, oldest = claims.backlog(session)
    if oldest is not None and clock.now() - oldest > UNDELIVERED_FOR:
        message = f"{count} messages wait, the oldest since {oldest} UTC"
        remedy = "keep `flask gamify scheduler` running; see `flask gamify outbox`"
        yield Finding("outbox", Health.WARNING, message, remedy)
    if parked := claims.parked(session):
        message = f"{len(parked)} messages failed too often, last: {parked[-1].error}"
        remedy = "mend that, then `flask gamify outbox --retry`"
        yield Finding("outbox", Health.WARNING, message, remedy)


def _webhooks(_app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    """Whether those who hear of us by HTTP do."""
    found = endpoints.every(session)
    if found and not mount.config.webhooks:
        message = f"{len(found)} endpoints wait in vain: webhooks are not switched on"
        yield Finding("webhooks", Health.WARNING, message, "set GAMIFY_WEBHOOKS = True")
    for one in found:
        if one.disabled_at is not None:
            message = f"endpoint {one.id} is switched off: {one.disabled_why}"
            remedy = f"mend it, then `flask gamify webhooks enable {one.id}`, or remove it"
            yield Finding("webhooks", Health.WARNING, message, remedy)
        elif one.failing_since is not None:
            message = f"endpoint {one.id} has received nothing since {one.failing_since} UTC"
            remedy = f"flask gamify webhooks log --failed --endpoint {one.id}"
            yield Finding("webhooks", Health.WARNING, message, remedy)


def _inbox(_app: Flask, session: Session, _mount: Mount) -> Iterator[Finding]:
    """Whether somebody tells the host, and whether the host takes it."""
    untold, failing = tell.backlog(session, clock.now() - UNDELIVERED_FOR)
    if untold:
        message = f"{untold} messages of inboxes wait to be told"
        remedy = "keep `flask gamify scheduler` running"
        yield Finding("inbox", Health.WARNING, message, remedy)
    if failing:
        message = f"a receiver of gamify_notified failed for {failing} messages, told again later"
        yield Finding("inbox", Health.WARNING, message, "see the log of zeeguu_gamify.inbox")


def _redis(_app: Flask, _session: Session, mount: Mount) -> Iterator[Finding]:
    """Whether Redis, if there is one, answers and has room."""
    if mount.redis is None:
        return
    try:
        used = Copies(mount.redis).memory_used()
    except RedisAway as error:
        message = f"is away, SQL answers instead: {error.message}"
        yield Finding("redis", Health.WARNING, message, "see GAMIFY_REDIS_URL")
        return
    if used > drift.TIGHT:
        message = f"{used:.0%} of its memory is taken: boards that are over are not kept"
        yield Finding("redis", Health.WARNING, message, "raise its maxmemory")
    else:
        yield Finding("redis", Health.GOOD, "answers")


def _catalog(_app: Flask, session: Session, mount: Mount) -> Iterator[Finding]:
    plan = sync.plan(session, mount.catalog)
    for change in plan.changes:
        message = f"{change.action} {change.code}: {change.detail}"
        yield Finding("catalog", Health.BAD, message, "flask gamify catalog apply")
    if codes := [orphan.code for orphan in plan.orphans]:
        more = f" … ({len(codes)})" if len(codes) > 3 else ""
        message = f"users see badges that the code does not define: {', '.join(codes[:3])}{more}"
        remedy = "flask gamify catalog apply --deprecate, or define them again"
        yield Finding("catalog", Health.WARNING, message, remedy)
    if not plan.changes:
        count = sum(1 for _ in mount.catalog.badges)
        yield Finding("catalog", Health.GOOD, f"{count} badges, as in the code")


#: In this order: what comes later builds on what was good before.
CHECKS = (
    _routes, _after, _database, _host, _usernames, _schema, _indexes, _pause, _streaks, _jobs,
    _outbox, _inbox, _webhooks, _redis, _catalog,
)  # fmt: skip
