"""What can happen to a collector. `cron.anniversary` is there already."""

from __future__ import annotations

from zeeguu_gamify import ContextField, EventType, Mechanism

REVIEWS, EDITS, WISHES = "APPROVED_REVIEWS", "APPROVED_EDITS", "WISHES"
OWNED, COMPARISONS = "OWNED_ITEMS", "COMPARISONS"

_ITEM = ContextField("item_id", int, "what it is about", required=True)
_BRAND = ContextField("brand", str, "who made it", required=True)

EVENTS = (
    EventType("review.approved", "a review was approved", REVIEWS, context=(_ITEM,)),
    EventType("edit.approved", "a correction was approved", EDITS, context=(_ITEM,)),
    EventType(
        "ownership.added", "an item came into the collection; its value: so many are in it now",
        OWNED, Mechanism.GAUGE, context=(_ITEM, _BRAND),
    ),
    EventType(
        "ownership.removed", "an item left the collection; its value: so many are left",
        OWNED, Mechanism.GAUGE, context=(_ITEM, _BRAND),
    ),
    EventType("wishlist.added", "an item was wished for", WISHES, context=(_ITEM,)),
    EventType("compare.used", "items were compared", COMPARISONS),
)  # fmt: skip
