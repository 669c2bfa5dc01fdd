"""The backfill: grants what users have earned and lack, by the tests that events use.

Set-based: a batch of users costs the same few statements, whatever the users and the badges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from zeeguu_gamify.badges import snapshot
from zeeguu_gamify.badges.counters import Ledger, make_rows, mend
from zeeguu_gamify.badges.evaluator import Verdict, fields_of, judge
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.granter_sets import Grant, grant_many
from zeeguu_gamify.badges.live import LiveBadge, LiveFamily
from zeeguu_gamify.badges.rules import LocalHours
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.badges.trees import leaves
from zeeguu_gamify.batch import Batch, Work
from zeeguu_gamify.errors import BadInput, UnknownBadge, UnknownEvent
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.mount import Mount

#: So many users are a batch at most, and so many (user, badge) are granted in one.
USERS, GRANTS = 500, 20_000


def badges_of(
    mount: Mount, *, badge: str | None = None, trigger: str | None = None
) -> list[LiveBadge]:
    """The badges that can be granted afterwards: one, those that listen to an event, or all.

    Raises UnknownBadge, UnknownEvent, or BadInput for a badge that cannot.
    """
    if badge is not None:
        found = mount.live.by_code.get(badge)
        if found is None:
            raise UnknownBadge(badge, mount.live.by_code)
        if reason := _why_not(found):
            raise BadInput(f"{badge}: {reason}")
        return [found]
    wanted: Iterable[LiveBadge] = mount.live.by_id.values()
    if trigger is not None:
        if trigger not in mount.events:
            raise UnknownEvent(trigger, mount.events)
        listening = mount.catalog.trigger_index(mount.events).get(trigger, ())
        wanted = (mount.live.by_code[one.code] for one in listening)
    return [one for one in wanted if _why_not(one) is None]


def _why_not(badge: LiveBadge) -> str | None:
    """Why the badge is not granted afterwards, if it is not."""
    if not badge.is_grantable:
        return "is hidden or deprecated, so it is not granted any more"
    if badge.is_repeatable:
        return "only an event can tell for which context it is earned; grant it by hand"
    if any(isinstance(leaf, LocalHours) for leaf in leaves(badge.test)):
        return "asks at what time something was done, which nobody can tell afterwards"
    return None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a round grants."""

    event: str  #: what the certificate and the award log name: backfill or sweep
    notify: bool = False  #: tell the users; else the badges are there and count as seen


@dataclass
class Round:
    """The step of a round over the users: brings metrics in line with `ledgers`, then grants."""

    badges: Sequence[LiveBadge]
    manner: Manner
    ledgers: Sequence[Ledger] = ()
    size: int = USERS
    part: tuple[int, int] = (0, 1)  #: of the users, those whose id leaves this rest, by this
    granted: Counter[str] = field(default_factory=Counter)  #: code → how many, by this process

    @cached_property
    def users(self) -> int:
        """How many users are a batch."""
        return max(1, min(self.size, USERS, GRANTS // max(1, len(self.badges))))

    def __call__(self, work: Work, after: int) -> Batch:
        """The next batch of users."""
        ids = self._next(work, after)
        counts = self.of_users(work.session, work.mount, ids, work.at, write=not work.dry_run)
        return Batch(ids[-1] if len(ids) == self.users else None, counts)

    def of_users(
        self,
        session: Session,
        mount: Mount,
        user_ids: Sequence[int],
        at: datetime,
        *,
        write: bool = True,
    ) -> dict[str, int]:
        """Do it for these users; what was done, counted. Does not commit."""
        ids = [one for one in user_ids if mount.is_enabled_for(one)]
        mended = mend(session, mount, ids, at, self.ledgers, write=write)
        granted = give_earned(session, mount, ids, self.badges, at, self.manner, write=write)
        self.granted.update(granted)
        counts = {"users looked at": len(ids), "badges granted": granted.total()}
        return counts | ({"counters mended": mended} if self.ledgers else {})

    def _next(self, work: Work, after: int) -> list[int]:
        user_id, (rest, by) = work.mount.host.table("user").c.id, self.part
        wanted = select(user_id).where(user_id > after, user_id % by == rest)
        rows = work.session.connection().execute(wanted.order_by(user_id).limit(self.users))
        return list(rows.scalars())


def give_earned(
    session: Session,
    mount: Mount,
    user_ids: Sequence[int],
    badges: Sequence[LiveBadge],
    at: datetime,
    manner: Manner,
    *,
    write: bool = True,
) -> Counter[str]:
    """Grant the users what of `badges` they have earned and lack; code → how many.

    A badge that was revoked is not lacking. Does not commit. `write=False` only counts.
    """
    open_ = _open(session, badges, at)
    if not (user_ids and open_):
        return Counter()
    own = {badge.metric for badge in open_}
    facts = snapshot.load_many(session, mount, user_ids, fields_of(open_) | own, at=at)
    rows = _rows(session, user_ids)
    grants: list[Grant] = []
    done: list[tuple[int, int, int]] = []
    for user_id in sorted(facts):
        lacking = [badge for badge in open_ if (user_id, badge.id) not in rows]
        for verdict in _earned(mount, facts[user_id], lacking):
            grants.append((user_id, verdict.badge, _cause(verdict, manner)))
            if verdict.badge.is_composite:
                done.append((user_id, mount.live.by_metric[verdict.badge.metric].id, 1))
    if write and grants:
        zones = {user_id: one.zone for user_id, one in facts.items()}
        grants = grant_many(session, mount, grants, zones)
        make_rows(session.connection(), done)
    return Counter(badge.code for _, badge, _ in grants)


def _open(session: Session, badges: Sequence[LiveBadge], at: datetime) -> list[LiveBadge]:
    """Those that can be earned now, and of limited ones those of which there are some left."""
    found = [badge for badge in badges if badge.is_open(at)]
    if not any(badge.max_holders is not None for badge in found):
        return found
    row = Badge.__table__.c
    left = select(row.id).where(or_(row.max_holders.is_(None), row.grants_made < row.max_holders))
    ids = set(session.connection().execute(left).scalars())
    return [badge for badge in found if badge.id in ids]


def _rows(session: Session, user_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(user, badge) that are held or were revoked."""
    mine = UserBadge.__table__.c
    wanted = select(mine.user_id, mine.badge_id).where(
        mine.user_id.in_(list(user_ids)), mine.context == ""
    )
    return {(row.user_id, row.badge_id) for row in session.connection().execute(wanted)}


def _earned(mount: Mount, facts: Snapshot, lacking: Sequence[LiveBadge]) -> Iterator[Verdict]:
    """What has been earned; then the composites that waited for those, and so on."""
    waiting = {badge.id: badge for badge in lacking}
    done: Mapping[str, int] = {"": 1}
    while done:
        passed = [one for one in judge(facts, _reached(mount, facts, waiting)) if one.passed]
        yield from passed
        for verdict in passed:
            del waiting[verdict.badge.id]
        done = {one.badge.metric: 1 for one in passed if one.badge.is_composite}
        facts = facts.override(done)


def _reached(
    mount: Mount, facts: Snapshot, waiting: Mapping[int, LiveBadge]
) -> Iterator[LiveBadge]:
    """Those worth a look: composites, and levels whose threshold, by bisect, is reached."""
    families: dict[str, LiveFamily] = {}
    for badge in waiting.values():
        if badge.is_composite:
            yield badge
        else:
            families[badge.metric] = mount.live.by_metric[badge.metric]
    for family in families.values():
        for badge in family.crossed(0, facts.number(family.metric)):
            if badge.id in waiting:
                yield badge


def _cause(verdict: Verdict, manner: Manner) -> Cause:
    """A composite's certificate holds what it asked for; a level's, the value."""
    badge, facts = verdict.badge, verdict.snapshot
    return Cause(
        event=manner.event,
        value=1 if badge.is_composite else facts.number(badge.metric),
        at=facts.at,
        source="backfill",
        conditions=verdict.conditions if badge.is_composite else (),
        silent=not manner.notify,
    )
