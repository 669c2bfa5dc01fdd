"""What is wrong, or looks wrong, with the badges: the catalog's code, its texts, and a dry run.

Reads only. The checks that refuse to mount are in `checks`; here are those too that only warn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from zeeguu_gamify.badges import checks, snapshot, sync
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.definitions import BadgeDefinition, FamilyDefinition
from zeeguu_gamify.badges.evaluator import fields_of, judge
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.simulate.supposed import suppose
from zeeguu_gamify.models import Badge, BadgeCategory, Base, UserBadge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_fatal

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")

#: A rule by which so great a part of the sample would newly get a badge is a mistake, most likely.
MASS_AWARD = 0.5
#: Of fewer users than this, a part says nothing.
FEW = 4


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of the lint."""

    severity: Severity
    subject: str  #: the badge, family or event
    message: str  #: what is wrong, and the fix


def of_code(mount: Mount) -> Iterator[Remark]:
    """What can be told without a database."""
    for fault in checks.faults(mount.catalog.families, mount.events, mount.snapshot_fields):
        subject, _, message = fault.partition(": ")
        yield Remark(Severity.ERROR, subject, message)
    for family in mount.catalog.families:
        yield from _texts_of_family(family)
        for badge in family.badges:
            yield from _texts_of_badge(badge)
            yield from _looks_of_badge(badge)


def _texts_of_family(family: FamilyDefinition) -> Iterator[Remark]:
    yield from _text(family.metric, "metric", family.metric, _length(BadgeCategory, "metric"))
    yield from _text(family.metric, "name", family.name, _length(BadgeCategory, "name"))


def _texts_of_badge(badge: BadgeDefinition) -> Iterator[Remark]:
    yield from _text(badge.code, "name", badge.name, _length(Badge, "name"))
    for what in ("unachieved_description", "achieved_description"):
        yield from _text(badge.code, what, getattr(badge, what), None)
    if badge.icon_name is not None:
        yield from _text(badge.code, "icon", badge.icon_name, _length(Badge, "icon_name"))


def _length(model: type[Base], column: str) -> int | None:
    """The letters that a column takes; None for as many as you like."""
    length: int | None = getattr(model.__table__.c[column].type, "length", None)
    return length


def _text(subject: str, what: str, text: str, longest: int | None) -> Iterator[Remark]:
    if not text.strip():
        yield Remark(Severity.ERROR, subject, f"its {what} is empty; say something")
    elif longest is not None and len(text) > longest:
        message = f"its {what} has {len(text)} letters, its column {longest}; shorten it"
        yield Remark(Severity.ERROR, subject, message)


def _looks_of_badge(badge: BadgeDefinition) -> Iterator[Remark]:
    if badge.color is not None and not _COLOR.fullmatch(badge.color):
        message = f"the color {badge.color!r} is not like #2FA56B; write six hexadecimal digits"
        yield Remark(Severity.ERROR, badge.code, message)
    if badge.icon_name is None and not badge.hidden:
        yield Remark(Severity.WARNING, badge.code, "no icon, so clients show a blank; name one")


def of_database(session: Session, mount: Mount) -> Iterator[Remark]:
    """Where the database has something else than the code. Writes nothing."""
    plan = sync.plan(session, mount.catalog)
    for change in plan.changes:
        message = f"not so in the database: {change.detail}; run `flask gamify catalog apply`"
        yield Remark(Severity.WARNING, change.code, message)
    for orphan in plan.orphans:
        yield Remark(Severity.WARNING, orphan.code, f"in the database, but {orphan.detail}")


def of_fields(session: Session, mount: Mount) -> Iterator[Remark]:
    """Facts of the host whose SQL the database refuses, with the badges that ask for them."""
    user = mount.host.table("user").c
    for name, sql in mount.snapshot_fields.items():
        try:
            session.connection().execute(select(sql(user.id)).limit(1))
        except DBAPIError as error:
            if is_fatal(session, error):
                raise
            asking = [b.code for _, b in mount.catalog.badges if b.test and name in b.test.metrics]
            message = (
                f"the database refuses this snapshot field, for which {', '.join(asking) or 'no'} "
                f"badge asks: {error.orig}; mend its SQL"
            )
            yield Remark(Severity.ERROR, name, message)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the evaluator says of a sample of real users."""

    users: int
    earned: Counter[str]  #: badge code → how many of them have earned it
    new: Counter[str]  #: and do not hold it, nor was it revoked: a sweep would grant it


def applied(session: Session, mount: Mount) -> Mount:
    """The mount as if the code's catalog had been applied already: its rules, on these facts."""
    bare = replace(mount, catalog=Catalog(()), _live=None, _fresh_until=0.0)
    bare.refresh(session)
    return suppose(bare, mount.catalog)


def dry_run(session: Session, mount: Mount, size: int) -> DryRun:
    """Evaluate every badge for `size` users, the same ones each time; four statements, no write.

    A badge that only an event can pass is passed by nobody here.
    """
    badges = [b for b in mount.live.by_id.values() if b.is_grantable and not b.is_repeatable]
    user_ids = _sample(session, mount, size)
    granted = _granted(session, user_ids)
    snapshots = snapshot.load_many(session, mount, user_ids, fields_of(badges))
    earned: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for user_id, facts in snapshots.items():
        passed = [verdict.badge for verdict in judge(facts, badges) if verdict.passed]
        earned.update(badge.code for badge in passed)
        new.update(badge.code for badge in passed if (user_id, badge.id) not in granted)
    return DryRun(len(snapshots), earned, new)


def of_dry_run(run: DryRun, badges: Sequence[LiveBadge]) -> Iterator[Remark]:
    """What the dry run shows that nobody can have meant."""
    for badge in badges:
        new = run.new[badge.code]
        if run.users >= FEW and new > run.users * MASS_AWARD:
            message = (
                f"{new} of {run.users} users of the sample would get it at once; "
                "look at its test, or run `flask gamify backfill` if that is meant"
            )
            yield Remark(Severity.WARNING, badge.code, message)


def _sample(session: Session, mount: Mount, size: int) -> list[int]:
    """At most `size` users, spread evenly over all ids: old and new ones are among them."""
    user = mount.host.table("user").c
    connection = session.connection()
    low, high = connection.execute(select(func.min(user.id), func.max(user.id))).one()
    if low is None:
        return []
    step = max(1, (high - low) // max(1, size - 1))
    wanted = select(user.id).where((user.id - low) % step == 0).order_by(user.id).limit(size)
    return list(connection.execute(wanted).scalars())


def _granted(session: Session, user_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(user, badge) of all grants, revoked ones too."""
    mine = UserBadge.__table__.c
    rows = session.connection().execute(
        select(mine.user_id, mine.badge_id).where(mine.user_id.in_(user_ids))
    )
    return {(row.user_id, row.badge_id) for row in rows}
