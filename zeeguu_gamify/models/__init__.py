"""Our tables, one class per file, on a metadata of their own (docs/data-model.md)."""

from zeeguu_gamify.models.activity_day import ActivityDay
from zeeguu_gamify.models.admin_audit import AdminAudit
from zeeguu_gamify.models.amnesty import Amnesty
from zeeguu_gamify.models.badge import Badge
from zeeguu_gamify.models.badge_award_log import AwardAction, BadgeAwardLog
from zeeguu_gamify.models.badge_category import BadgeCategory, Mechanism
from zeeguu_gamify.models.base import USER_STUB, Base, gamify_tables
from zeeguu_gamify.models.board_score import BoardScore, Period
from zeeguu_gamify.models.daily_count import DailyCount
from zeeguu_gamify.models.event_client import EventClient
from zeeguu_gamify.models.event_receipt import EventReceipt
from zeeguu_gamify.models.exp_allowance import ExpAllowance
from zeeguu_gamify.models.friend_request import FriendRequest
from zeeguu_gamify.models.friendship import Friendship
from zeeguu_gamify.models.inbox import InboxMessage, InboxPreference
from zeeguu_gamify.models.job_run import JobRun, JobState
from zeeguu_gamify.models.ledger_entry import Asset, LedgerEntry
from zeeguu_gamify.models.outbox_message import OutboxMessage
from zeeguu_gamify.models.practice_day import PracticeDay
from zeeguu_gamify.models.reward import RedemptionStatus, Reward, RewardRedemption
from zeeguu_gamify.models.season import Season, SeasonStanding, SeasonState
from zeeguu_gamify.models.setting import CATALOG_VERSION, Setting
from zeeguu_gamify.models.shadow import ShadowDifference, ShadowProgress
from zeeguu_gamify.models.streak import OVERALL, Streak
from zeeguu_gamify.models.streak_bridge import BridgeKind, StreakBridge
from zeeguu_gamify.models.user_avatar import UserAvatar
from zeeguu_gamify.models.user_badge import UserBadge
from zeeguu_gamify.models.user_badge_progress import UserBadgeProgress
from zeeguu_gamify.models.user_block import UserBlock
from zeeguu_gamify.models.user_profile import UserProfile
from zeeguu_gamify.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "CATALOG_VERSION",
    "OVERALL",
    "USER_STUB",
    "ActivityDay",
    "AdminAudit",
    "Amnesty",
    "Asset",
    "AwardAction",
    "Badge",
    "BadgeAwardLog",
    "BadgeCategory",
    "Base",
    "BoardScore",
    "BridgeKind",
    "DailyCount",
    "EventClient",
    "EventReceipt",
    "ExpAllowance",
    "FriendRequest",
    "Friendship",
    "InboxMessage",
    "InboxPreference",
    "JobRun",
    "JobState",
    "LedgerEntry",
    "Mechanism",
    "OutboxMessage",
    "Period",
    "PracticeDay",
    "RedemptionStatus",
    "Reward",
    "RewardRedemption",
    "Season",
    "SeasonStanding",
    "SeasonState",
    "Setting",
    "ShadowDifference",
    "ShadowProgress",
    "Streak",
    "StreakBridge",
    "UserAvatar",
    "UserBadge",
    "UserBadgeProgress",
    "UserBlock",
    "UserProfile",
    "WebhookDelivery",
    "WebhookEndpoint",
    "gamify_tables",
]
