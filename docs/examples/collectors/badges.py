"""The badges of collectors: all of them data, made by generators."""

from __future__ import annotations

from datetime import date, datetime

from collectors.events import EDITS, OWNED, REVIEWS, WISHES
from zeeguu_gamify import (
    AllOf,
    AtLeast,
    Before,
    Catalog,
    DailyGoal,
    EventWas,
    LocalHours,
    Mechanism,
    composite,
    describe_count,
    ladder,
    one_off,
    tenure,
)

#: How many brands a collector has; the host's own fact (`collectors.app`), which no event counts.
BRANDS = "brands_owned"

CATALOG = Catalog(
    [
        ladder(
            REVIEWS, (1, 5, 25, 100), name="Reviewer", trigger="review.approved",
            describe=describe_count("Have", "You had", "review approved", "reviews approved"),
            tooltip=("{n} approved review", "{n} approved reviews"),
            icon="review.svg", color="#4F8EF7", sort_from=10,
        ),
        ladder(
            EDITS, (1, 10, 50), name="Editor", trigger="edit.approved",
            describe=describe_count("Have", "You had", "edit approved", "edits approved"),
            tooltip=("{n} approved edit", "{n} approved edits"),
            icon="edit.svg", color="#2FA56B", sort_from=20,
        ),
        ladder(
            OWNED, (1, 10, 100), name="Collector",
            trigger=("ownership.added", "ownership.removed"), mechanism=Mechanism.GAUGE,
            describe=describe_count("Own", "You own", "item", "items"),
            tooltip=("{n} item owned", "{n} items owned"), icon="shelf.svg", color="#C9A227",
        ),
        ladder(
            WISHES, (1, 20), name="Dreamer", trigger="wishlist.added",
            describe=describe_count("Wish for", "You wished for", "item", "items"),
            tooltip=("{n} wish", "{n} wishes"), icon="star.svg", color="#8A63D2",
        ),
        tenure(
            (1, 2, 5, 10), name="Member", tooltip="Member since {joined}", icon="cake.svg",
            color="#E0578B", sort_from=50,
        ),
        one_off(
            "comparer", name="Comparer", trigger="compare.used", icon="scales.svg",
            unachieved="Compare two items.", achieved="You compared two items.",
        ),
        one_off(
            "brand_fan", name="Fan", trigger="ownership.added", icon="heart.svg",
            repeatable=lambda event: str(event.context["brand"]),
            unachieved="Own something of a brand.", achieved="You own something of that brand.",
        ),
        composite(
            "all_rounder", name="All-rounder", icon="compass.svg", sort_score=80,
            test=AllOf(AtLeast(REVIEWS, 5), AtLeast(EDITS, 1), AtLeast(OWNED, 1)),
            unachieved="Review, edit and collect.", achieved="You review, edit and collect.",
        ),
        composite(
            "eclectic", name="Eclectic", icon="palette.svg", trigger="ownership.added",
            test=AllOf(AtLeast(OWNED, 3), AtLeast(BRANDS, 3)),
            unachieved="Own items of 3 brands.", achieved="You own items of 3 brands.",
        ),
        composite(
            "night_owl", name="Night owl", icon="owl.svg", color="#222244",
            test=AllOf(EventWas("review.approved"), LocalHours(23, 4)),
            unachieved="Have a review approved at night.",
            achieved="You had a review approved at night.",
        ),
        composite(
            "founder", name="Founder", icon="flag.svg", sort_score=100, max_holders=100,
            test=AllOf(AtLeast(REVIEWS, 1), Before("joined", date(2026, 1, 1))),
            unachieved="Be one of the first 100 to review, of those who joined before 2026.",
            achieved="You were one of the first 100.",
        ),
        one_off(
            "launch_week", name="Launch week", trigger="review.approved", icon="rocket.svg",
            starts_at=datetime(2026, 3, 1), ends_at=datetime(2026, 3, 8),
            unachieved="Have a review approved in the first week of March 2026.",
            achieved="You were there in the first week.",
        ),
    ]
)  # fmt: skip

GOALS = (
    DailyGoal(
        code="three_wishes", name="Three wishes", description="Wish for 3 items today.",
        event="wishlist.added", count=3, exp=10,
    ),
)  # fmt: skip
