"""What GraphQL answers: the shapes of REST, with their names in camelCase.

What a resolver returns is dumped by the REST schema already, so that a value is the same in both.
"""

from __future__ import annotations

from typing import Any, NewType

import strawberry

#: Kinds of values that GraphQL has no name for.
UtcTime = NewType("UtcTime", str)
LocalDate = NewType("LocalDate", str)
BigInt = NewType("BigInt", int)

SCALARS: dict[object, Any] = {
    UtcTime: strawberry.scalar(
        name="UtcTime", description="A point in time in UTC, without a zone: 2026-11-20T12:00:00"
    ),
    LocalDate: strawberry.scalar(
        name="LocalDate", description="A date in the user's own zone: 2026-11-20"
    ),
    BigInt: strawberry.scalar(name="BigInt", description="A whole number of up to 63 bits"),
}


@strawberry.type(description="What the user has")
class UserProfile:
    """See `GameProfileSchema`."""

    user_id: int
    exp: int
    level: int
    level_at: int = strawberry.field(description="With so many EXP the level begins")
    next_level_at: int | None = strawberry.field(description="And the next one; null on the last")
    coins: int
    freezes: int


@strawberry.type(description="One level of a family, as the user sees it")
class Badge:
    """See `BadgeSchema`."""

    level: int
    name: str | None
    unachieved_description: str
    achieved_description: str
    description: str
    threshold: int
    icon_name: str | None
    achieved: bool
    achieved_at: UtcTime | None
    is_shown: bool


@strawberry.type(description="A family of badges, and how far the user is")
class BadgeFamily:
    """See `CategorySchema`."""

    name: str
    current_value: int
    badges: list[Badge]


@strawberry.type(description="How a user looks; null is what was not chosen")
class Avatar:
    """See `AvatarSchema`."""

    image_name: str | None
    character_color: str | None
    background_color: str | None


@strawberry.type(description="A user on a board")
class Member:
    """See `MemberSchema`."""

    name: str | None
    username: str
    avatar: Avatar


@strawberry.type(description="Which dates count, in each user's own zone; null for all time")
class BoardPeriod:
    """See `PeriodSchema`."""

    kind: str
    starts: LocalDate | None
    ends: LocalDate | None


@strawberry.type(description="A place on a board; equals share a rank: 1, 2, 2, 4")
class Entry:
    """See `EntrySchema`."""

    rank: int
    user: Member
    score: BigInt
    is_me: bool


@strawberry.type(description="Where the user stands")
class Place:
    """See `MeSchema`."""

    rank: int
    score: BigInt


@strawberry.type(description="A part of a board. Who is blocked is left out; ranks stay")
class BoardPage:
    """See `BoardPageSchema`."""

    board: str
    name: str
    period: BoardPeriod
    scope: str
    entries: list[Entry]
    next_cursor: str | None
    me: Place | None
    limit: int
    limit_capped: bool = strawberry.field(description="Whether fewer are given than asked for")


@strawberry.type(description="What coins buy")
class Reward:
    """See `RewardSchema`."""

    code: str
    name: str
    description: str
    kind: str
    amount: int = strawberry.field(description="So many of the kind")
    cost: int = strawberry.field(description="Coins")
    stock: int | None = strawberry.field(description="0: sold out; null: unlimited")
    per_user: int | None = strawberry.field(description="So many for each user; null: unlimited")
    bought: int = strawberry.field(description="So many the user has")
    starts_at: UtcTime | None
    ends_at: UtcTime | None


@strawberry.type(description="What is to be had now, the cheapest first")
class Rewards:
    """See `RewardsSchema`."""

    coins: int = strawberry.field(description="What the user has")
    rewards: list[Reward]


@strawberry.type(description="A reward that was bought")
class Redemption:
    """See `RedemptionSchema`."""

    id: BigInt
    reward: str
    kind: str
    amount: int
    cost: int
    status: str
    redeemed_at: UtcTime
    refunded_at: UtcTime | None
    replayed: bool = strawberry.field(description="Bought before, under the same key")


@strawberry.type(description="A language with its streak and the longest there was")
class LanguageStreak:
    """See `StreakHistorySchema` and `CurrentStreakSchema`."""

    code: str
    language: str
    daily_streak: int
    practiced_today: bool
    max_streak: int
    max_streak_date: LocalDate | None


@strawberry.type(description="The streaks of the user")
class Streaks:
    """See `StreaksSchema`."""

    daily_streak: int = strawberry.field(description="Of the language that the user learns")
    languages: list[LanguageStreak] = strawberry.field(description="The longest first")
