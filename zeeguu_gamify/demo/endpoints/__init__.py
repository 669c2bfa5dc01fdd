"""The demo's routes, one module per subject. Importing it adds them all to `api`."""

from zeeguu_gamify.demo.endpoints import (
    accounts,
    activity_sessions,
    articles,
    client,
    exercises,
    lessons,
    quiz,
    settings,
    translation,
)
from zeeguu_gamify.demo.endpoints.blueprint import api

__all__ = [
    "accounts",
    "activity_sessions",
    "api",
    "articles",
    "client",
    "exercises",
    "lessons",
    "quiz",
    "settings",
    "translation",
]
