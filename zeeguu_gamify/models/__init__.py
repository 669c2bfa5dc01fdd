"""Our tables, one class per file, on a metadata of their own (docs/data-model.md)."""

from zeeguu_gamify.models.badge import Badge
from zeeguu_gamify.models.badge_award_log import AwardAction, BadgeAwardLog
from zeeguu_gamify.models.badge_category import BadgeCategory, Mechanism
from zeeguu_gamify.models.base import USER_STUB, Base, gamify_tables
from zeeguu_gamify.models.event_receipt import EventReceipt
from zeeguu_gamify.models.friend_request import FriendRequest
from zeeguu_gamify.models.friendship import Friendship
from zeeguu_gamify.models.setting import CATALOG_VERSION, Setting
from zeeguu_gamify.models.user_avatar import UserAvatar
from zeeguu_gamify.models.user_badge import UserBadge
from zeeguu_gamify.models.user_badge_progress import UserBadgeProgress

__all__ = [
    "CATALOG_VERSION",
    "USER_STUB",
    "AwardAction",
    "Badge",
    "BadgeAwardLog",
    "BadgeCategory",
    "Base",
    "EventReceipt",
    "FriendRequest",
    "Friendship",
    "Mechanism",
    "Setting",
    "UserAvatar",
    "UserBadge",
    "UserBadgeProgress",
    "gamify_tables",
]
