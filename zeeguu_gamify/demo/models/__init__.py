"""The demo's tables: Zeeguu's, with the columns that the demo needs (docs/contract.md §3.1)."""

from zeeguu_gamify.demo.models.activity_session import (
    ActivitySession,
    UserBrowsingSession,
    UserExerciseSession,
    UserListeningSession,
    UserReadingSession,
    UserWatchingSession,
)
from zeeguu_gamify.demo.models.answered_request import AnsweredRequest
from zeeguu_gamify.demo.models.article import Article, UserArticle
from zeeguu_gamify.demo.models.cohort import Cohort, Teacher, TeacherCohortMap, UserCohortMap
from zeeguu_gamify.demo.models.daily_audio_lesson import DailyAudioLesson
from zeeguu_gamify.demo.models.exercise import Exercise, ExerciseOutcome, ExerciseSource
from zeeguu_gamify.demo.models.language import Language, UserLanguage
from zeeguu_gamify.demo.models.login_session import LoginSession
from zeeguu_gamify.demo.models.user import User
from zeeguu_gamify.demo.models.word import BasicSRSchedule, Bookmark, Meaning, UserWord

__all__ = [
    "ActivitySession",
    "AnsweredRequest",
    "Article",
    "BasicSRSchedule",
    "Bookmark",
    "Cohort",
    "DailyAudioLesson",
    "Exercise",
    "ExerciseOutcome",
    "ExerciseSource",
    "Language",
    "LoginSession",
    "Meaning",
    "Teacher",
    "TeacherCohortMap",
    "User",
    "UserArticle",
    "UserBrowsingSession",
    "UserCohortMap",
    "UserExerciseSession",
    "UserLanguage",
    "UserListeningSession",
    "UserReadingSession",
    "UserWatchingSession",
    "UserWord",
]
