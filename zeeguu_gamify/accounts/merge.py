"""Merging two accounts: an anonymous one into a registered one, or two of the same person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, delete, insert, update

from zeeguu_gamify import clock
from zeeguu_gamify.accounts import belongings, boards, inbox
from zeeguu_gamify.accounts.erase import lock_with_friends, recount_friends, wipe
from zeeguu_gamify.accounts.merging import Merging, rename, table_of
from zeeguu_gamify.accounts.tables import count_rows
from zeeguu_gamify.badges.progress import Move, Push, move
from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.economy.badge_pay import BadgePayConsumer
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.friends.count import friend_ids
from zeeguu_gamify.ingestion.accept import RECEIVED
from zeeguu_gamify.leaderboards import visibility
from zeeguu_gamify.models import (
    OVERALL,
    ActivityDay,
    AdminAudit,
    BadgeAwardLog,
    Base,
    BoardScore,
    DailyCount,
    EventReceipt,
    ExpAllowance,
    FriendRequest,
    Friendship,
    InboxMessage,
    InboxPreference,
    LedgerEntry,
    Mechanism,
    OutboxMessage,
    PracticeDay,
    RewardRedemption,
    SeasonStanding,
    ShadowDifference,
    ShadowProgress,
    Streak,
    StreakBridge,
    UserAvatar,
    UserBadge,
    UserBadgeProgress,
    UserBlock,
    UserProfile,
    WebhookDelivery,
)
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.streaks import ledger, pairs, rows
from zeeguu_gamify.streaks.host_columns import write_through
from zeeguu_gamify.streaks.standing import look
from zeeguu_gamify.transaction import AnySession, plain
from zeeguu_gamify.upsert import upsert


def merge(session: AnySession, from_user_id: int, into_user_id: int) -> dict[str, int]:
    """Give all that one user has to another, in the caller's transaction; does not commit.

    Counters add up, an object that both completed counts once; badges, practice days and friends
    are united; the avatar of `into` stays if there is one. Nothing of `from` is left; the host
    deletes or empties the account itself. Returns how many rows of which table named `from`. Must
    be the first of its transaction. Raises BadInput for one and the same user, UnknownUser for one
    that is not.
    """
    if from_user_id == into_user_id:
        raise BadInput("from_user_id and into_user_id are the same user")
    mount, session = current_mount(), plain(session)
    mount.refresh(session)
    friends = lock_with_friends(session, mount, {from_user_id, into_user_id})
    for user_id in (from_user_id, into_user_id):
        if not mount.host.has_user(session, user_id):
            raise UnknownUser(user_id)
    found = count_rows(session, from_user_id)
    merging = Merging(session, mount, from_user_id, into_user_id, clock.now())
    for step in STEPS.values():
        step(merging)
    wipe(session, mount, from_user_id)
    visibility.look_again(session, mount, into_user_id)
    _recount(merging, friends)
    return found


def _take_receipts(it: Merging) -> None:
    """Receipts move; an object that both completed is counted once, so one count is taken back."""
    own = {(row.event, row.object_id) for row in it.rows(EventReceipt, it.into_id) if row.object_id}
    table = table_of(EventReceipt)
    twice: Counter[str] = Counter()
    for row in it.rows(EventReceipt, it.from_id):
        key = (table.c.source == row.source, table.c.event_id == row.event_id)
        if (row.event, row.object_id) in own:
            twice[row.event] += row.amount
            it.twice.add((row.event, row.object_id))
            it.run(delete(table).where(*key))
        else:
            it.run(update(table).where(*key).values(user_id=it.into_id))
    for event, amount in twice.items():
        _take_back(it, event, amount)


def _take_back(it: Merging, event: str, amount: int) -> None:
    known = it.mount.events.get(event)
    family = it.mount.live.by_metric.get(known.metric or "") if known else None
    if family is not None and family.mechanism is Mechanism.COUNTER:
        progress = table_of(UserBadgeProgress)
        it.run(
            update(progress)
            .where(progress.c.user_id == it.from_id, progress.c.badge_category_id == family.id)
            .values(value=progress.c.value - amount)
        )


def _take_badges(it: Merging) -> None:
    """Grants move; of one that both hold, the earlier instant stays, and it was seen by either."""
    table = table_of(UserBadge)
    own = {(row.badge_id, row.context): row for row in it.rows(UserBadge, it.into_id)}
    for row in it.rows(UserBadge, it.from_id):
        held = own.get((row.badge_id, row.context))
        if held is None:
            it.run(update(table).where(table.c.id == row.id).values(user_id=it.into_id))
            continue
        instants = [at for at in (held.achieved_at, row.achieved_at) if at]
        values = {
            "achieved_at": min(instants, default=None),
            "is_shown": held.is_shown or row.is_shown,
        }
        it.run(update(table).where(table.c.id == held.id).values(values))


def _take_award_log(it: Merging) -> None:
    rename(it, BadgeAwardLog, "user_id")
    rename(it, BadgeAwardLog, "actor_id")
    rename(it, UserBadge, "revoked_by")


def _take_audit(it: Merging) -> None:
    rename(it, AdminAudit, "user_id")
    rename(it, AdminAudit, "actor_id")


def _take_progress(it: Merging) -> None:
    """Counters add up, through the one function that moves them, which grants what they reach."""
    families = {family.id: family for family in it.mount.live.families}
    for row in it.rows(UserBadgeProgress, it.from_id):
        family = families.get(row.badge_category_id)
        if family is None or family.mechanism is Mechanism.GAUGE or row.value < 1:
            continue
        push = Push("account.merged", it.at, amount=row.value)
        move(it.session, it.mount, Move(family, it.into_id, family.mechanism, [push]))


def _take_counts(it: Merging) -> None:
    """What both did on a date adds up; a goal that only both together reached is not told."""
    table = table_of(DailyCount)
    own = {(row.local_date, row.event) for row in it.rows(DailyCount, it.into_id)}
    for row in it.rows(DailyCount, it.from_id):
        if (row.local_date, row.event) not in own:
            it.run(insert(table), {**row._mapping, "user_id": it.into_id})
            continue
        same = (table.c.local_date == row.local_date, table.c.event == row.event)
        more = {"value": table.c.value + row.value}
        it.run(update(table).where(table.c.user_id == it.into_id, *same).values(more))


def _take_practice(it: Merging) -> None:
    """Practice days are united; of a date that both practised, the first instant stays."""
    table = table_of(PracticeDay)
    own = {(row.language_id, row.local_date): row for row in it.rows(PracticeDay, it.into_id)}
    for row in it.rows(PracticeDay, it.from_id):
        held = own.get((row.language_id, row.local_date))
        if held is None:
            it.run(insert(table), {**row._mapping, "user_id": it.into_id})
        elif row.first_at and (held.first_at is None or row.first_at < held.first_at):
            it.run(
                update(table)
                .where(
                    table.c.user_id == it.into_id,
                    table.c.language_id == row.language_id,
                    table.c.local_date == row.local_date,
                )
                .values(first_at=row.first_at, zone=row.zone)
            )


def _take_bridges(it: Merging) -> None:
    table = table_of(StreakBridge)
    own = {row.local_date for row in it.rows(StreakBridge, it.into_id)}
    for row in it.rows(StreakBridge, it.from_id):
        if row.local_date not in own:
            it.run(insert(table), {**row._mapping, "user_id": it.into_id})


def _take_streaks(it: Merging) -> None:
    """Floors stay: the longest run of before us is the longer of the two."""
    table = table_of(Streak)
    own = {row.language_id: row for row in it.rows(Streak, it.into_id)}
    for row in it.rows(Streak, it.from_id):
        held = own.get(row.language_id)
        if held is None:
            it.run(insert(table), {**row._mapping, "user_id": it.into_id})
        elif row.floor > held.floor:
            mine = (table.c.user_id == it.into_id, table.c.language_id == row.language_id)
            floor = {"floor": row.floor, "floor_at": row.floor_at}
            it.run(update(table).where(*mine).values(floor))


def _take_events(it: Merging) -> None:
    """Events that were accepted but not counted yet, and what badges still have to pay, which is
    paid at once; what else was owed is owed to nobody.
    """
    table = table_of(OutboxMessage)
    theirs = (table.c.user_id == it.from_id, table.c.topic == RECEIVED)
    owed = it.rows(OutboxMessage, it.from_id)
    it.run(update(table).where(*theirs).values(user_id=it.into_id))
    granted = [
        Message(row.id, it.into_id, row.topic, row.payload, row.created_at)
        for row in owed
        if row.topic == BADGE_EARNED
    ]
    BadgePayConsumer().consume(it.session, it.mount, granted)


def _take_friendships(it: Merging) -> None:
    """Friendships move, ended ones too; of two with the same friend the older stays active."""
    table = table_of(Friendship)
    own = {_other(row, it.into_id): row for row in _friendships(it, it.into_id) if row.active}
    for row in _friendships(it, it.from_id):
        friend = _other(row, it.from_id)
        this = table.c.id == row.id
        if friend == it.into_id:
            it.run(delete(table).where(this))
            continue
        if row.active and friend in own:
            newer = max(row, own[friend], key=lambda one: (one.created_at or it.at, one.id))
            it.run(update(table).where(table.c.id == newer.id).values(deleted_at=it.at))
        it.run(update(table).where(this).values(_turned(row, it.from_id, it.into_id)))


def _friendships(it: Merging, user_id: int) -> list[Row[Any]]:
    sides = ("user_a_id", "user_b_id")
    return [row for side in sides for row in it.rows(Friendship, user_id, side)]


def _other(row: Row[Any], user_id: int) -> int:
    return int(row.user_b_id if row.user_a_id == user_id else row.user_a_id)


def _turned(row: Row[Any], from_id: int, into_id: int) -> dict[str, Any]:
    """The row with `into` for `from`, the smaller id on side a, each run with its user."""
    side, other = ("a", "b") if row.user_a_id == from_id else ("b", "a")
    friend_id = _other(row, from_id)
    new_side, new_other = ("a", "b") if into_id < friend_id else ("b", "a")
    values: dict[str, Any] = {f"user_{new_side}_id": into_id, f"user_{new_other}_id": friend_id}
    for name in ("since", "from", "last", "bridged"):
        values[f"{new_side}_{name}"] = getattr(row, f"{side}_{name}")
        values[f"{new_other}_{name}"] = getattr(row, f"{other}_{name}")
    return values


def _take_requests(it: Merging) -> None:
    """Requests move, but none to oneself, to a friend, or beside another of the same pair."""
    table = table_of(FriendRequest)
    taken = {it.into_id, *friend_ids(it.session, it.into_id, locking=True)}
    taken |= {row.receiver_id for row in it.rows(FriendRequest, it.into_id, "sender_id")}
    taken |= {row.sender_id for row in it.rows(FriendRequest, it.into_id, "receiver_id")}
    for column, other in (("sender_id", "receiver_id"), ("receiver_id", "sender_id")):
        for row in it.rows(FriendRequest, it.from_id, column):
            if getattr(row, other) not in taken:
                taken.add(getattr(row, other))
                moved = update(table).where(table.c.id == row.id)
                it.run(moved.values({column: it.into_id}))


def _take_blocks(it: Merging) -> None:
    table = table_of(UserBlock)
    for column, other in (("blocker_id", "blocked_id"), ("blocked_id", "blocker_id")):
        own = {getattr(row, other) for row in it.rows(UserBlock, it.into_id, column)}
        for row in it.rows(UserBlock, it.from_id, column):
            if getattr(row, other) not in own | {it.into_id}:
                it.run(insert(table), {**row._mapping, column: it.into_id})
    _part_the_blocked(it)


def _part_the_blocked(it: Merging) -> None:
    """A block ends what is between the two, also when it and that come from different accounts."""
    apart = {row.blocked_id for row in it.rows(UserBlock, it.into_id, "blocker_id")}
    apart |= {row.blocker_id for row in it.rows(UserBlock, it.into_id, "blocked_id")}
    for one in sorted(apart):
        low, high = sorted((one, it.into_id))
        ended = update(Friendship).where(
            Friendship.user_a_id == low, Friendship.user_b_id == high, Friendship.active == 1
        )
        it.run(ended.values(deleted_at=it.at))
        request = (FriendRequest.low_id == low, FriendRequest.high_id == high)
        it.run(delete(FriendRequest).where(*request))


def _take_avatar(it: Merging) -> None:
    if not it.rows(UserAvatar, it.into_id):
        rename(it, UserAvatar, "user_id")


def _take_activity(it: Merging) -> None:
    """Sums add up, as if the host gave the rows too; the roll-up of the night goes by its rows."""
    table = table_of(ActivityDay)
    sums = {(row.metric, row.utc_day): row.value for row in it.rows(ActivityDay, it.into_id)}
    taken = [
        {
            **row._mapping,
            "user_id": it.into_id,
            "value": row.value + sums.get((row.metric, row.utc_day), 0),
        }
        for row in it.rows(ActivityDay, it.from_id)
    ]
    if taken:
        upsert(it.session.connection(), table, taken)


#: What becomes of each table, in this order: badges before progress, which would grant them anew.
STEPS: dict[type[Base], Callable[[Merging], None]] = {
    EventReceipt: _take_receipts,
    UserBadge: _take_badges,
    BadgeAwardLog: _take_award_log,
    UserBadgeProgress: _take_progress,
    DailyCount: _take_counts,
    PracticeDay: _take_practice,
    StreakBridge: _take_bridges,
    LedgerEntry: lambda _it: None,  # with the profile, whose sums they are
    UserProfile: belongings.take_profile,
    ExpAllowance: belongings.take_allowances,
    RewardRedemption: belongings.take_redemptions,
    BoardScore: lambda _it: None,  # the boards are told of the entries that moved
    SeasonStanding: lambda it: boards.take_standings(it.session, it.from_id, it.into_id),
    OutboxMessage: _take_events,
    InboxMessage: lambda it: inbox.take_messages(it.session, it.from_id, it.into_id),
    InboxPreference: lambda it: inbox.take_preferences(it.session, it.from_id, it.into_id),
    WebhookDelivery: lambda _it: None,  # what was owed about the other account is owed to nobody
    Streak: _take_streaks,
    Friendship: _take_friendships,
    FriendRequest: _take_requests,
    UserBlock: _take_blocks,
    UserAvatar: _take_avatar,
    ActivityDay: _take_activity,
    AdminAudit: _take_audit,
    ShadowProgress: lambda _it: None,  # follows the host's rows, not the user
    ShadowDifference: lambda _it: None,
}


def _recount(it: Merging, friends: set[int]) -> None:
    """Recompute from the ledger what follows from days and friends that are now one's."""
    stored = rows.locked(it.session, it.into_id) if it.rows(Streak, it.into_id) else {}
    if stored:
        known = ledger.read(it.session, it.into_id)
        streaks = ledger.recount(it.session, it.into_id, known, stored)
        pairs.rebuild(it.session, it.into_id, known.life(), streaks.get(OVERALL))
        if not it.mount.config.host_owns_streaks:
            write_through(it.session, it.mount, streaks.values())
            seen = look(it.session, it.mount, it.into_id)
            now: dict[str, Any] = {
                "value": seen.value(it.at),
                "context": {"streak": seen.overall(it.at)},
            }
            emit_batch(it.session, [Event(name="streak.changed", user_id=it.into_id, **now)])
    recount_friends(it.session, it.mount, {it.into_id, *friends})
