"""What the learners of the demo did in the last fortnight, so that their boards are not empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from zeeguu_gamify.demo.database import Base, db
from zeeguu_gamify.demo.models import (
    Exercise,
    ExerciseOutcome,
    ExerciseSource,
    Language,
    Meaning,
    UserArticle,
    UserExerciseSession,
    UserListeningSession,
    UserReadingSession,
    UserWord,
)
from zeeguu_gamify.demo.rows import find_or_create
from zeeguu_gamify.demo.world import LEARNERS, Learner

DAYS = 14
MINUTE = 60_000  #: milliseconds


def add_activity(
    ids: Mapping[str, int], learned: Language, native: Language, now: datetime
) -> None:
    """Sessions, finished articles and exercises of every learner; the same at every run."""
    outcome, _ = find_or_create(ExerciseOutcome, {"outcome": "C"})
    source, _ = find_or_create(ExerciseSource, {"source": "Recognize_L1W_in_L2T"})
    languages = {"origin_language_id": learned.id, "translation_language_id": native.id}
    house, _ = find_or_create(Meaning, {"origin": "Haus", **languages}, translation="house")
    for who in LEARNERS:
        word = UserWord(user_id=ids[who.username], meaning_id=house.id)
        db.session.add(word)
        db.session.flush()
        exercise = {
            "user_word_id": word.id, "outcome_id": outcome.id, "source_id": source.id,
        }  # fmt: skip
        db.session.add_all(_fortnight(who, ids[who.username], exercise, now))


def _fortnight(
    who: Learner, user_id: int, exercise: Mapping[str, int], now: datetime
) -> Iterator[Base]:
    """The more words of a week, the more of everything."""
    chance = Random(f"{who.username} at work")  # noqa: S311 - a story, not a secret
    for day in range(who.pause, min(DAYS, 7 * who.weeks)):
        at = now - timedelta(days=day, minutes=chance.randrange(1, 600))
        for kind in (UserReadingSession, UserExerciseSession, UserListeningSession):
            spent = round(who.words * MINUTE * chance.uniform(0.05, 0.4))
            yield kind(user_id=user_id, start_time=at, duration=spent, last_action_time=at)
        for _ in range(round(who.words * chance.uniform(0.1, 0.3))):
            yield Exercise(**exercise, time=at)
        if chance.randrange(100) < who.words:
            yield UserArticle(user_id=user_id, article_id=1_000 + day, completed_at=at)
