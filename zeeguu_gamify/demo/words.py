"""Translating words, remembering where they were met, and learning them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files

from zeeguu_gamify import clock
from zeeguu_gamify.demo import signals
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import BasicSRSchedule, Bookmark, Language, Meaning, UserWord
from zeeguu_gamify.demo.rows import find_or_create

DAY = 24 * 60  #: minutes
LAST_INTERVAL = 2 * DAY
LAST_LEVEL = 4

#: Words of the toy dictionary that a quiz may ask, as German writes them.
ASKED = (
    "Apfel", "Arbeit", "Baum", "Birne", "Brief", "Brot", "Buch", "Fahrrad", "Fenster", "Feuer",
    "Garten", "Großmutter", "Haus", "Himmel", "Hund", "Käse", "Katze", "Kinder", "Land", "Lieder",
    "Markt", "Milch", "Mond", "Nacht", "Samstag", "Schule", "See", "Sommer", "Sonne", "Sprache",
    "Stadt", "Straße", "Stuhl", "Tisch", "Tür", "Wasser", "Wetter", "Woche", "Wort", "Zeit", "Zug",
    "alt", "blau", "gestern", "groß", "grün", "heute", "immer", "kalt", "klein", "kurz", "langsam",
    "lernen", "neu", "rot", "schlafen", "schnell", "schön", "schwarz", "schwimmen", "singen",
    "sprechen", "stark", "trinken", "weiß",
)  # fmt: skip


@cache
def _dictionary() -> dict[str, dict[str, str]]:
    """`"de-en"` → word → translation."""
    text = (files("zeeguu_gamify.demo") / "dictionary.json").read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def translate(word: str, origin: Language, target: Language) -> str | None:
    """What the toy dictionary says, or None."""
    return _dictionary().get(f"{origin.code}-{target.code}", {}).get(word.lower())


def quiz() -> dict[str, str]:
    """German word → English, of what a quiz may ask."""
    toy = _dictionary()["de-en"]
    return {word: toy[word.lower()] for word in ASKED}


def studied_word(user_id: int, word: str, origin: Language, target: Language) -> UserWord:
    """The user's `word`, which becomes one of those they study if it was none."""
    meaning, _ = find_or_create(
        Meaning,
        {
            "origin": word,
            "origin_language_id": origin.id,
            "translation_language_id": target.id,
        },
        translation=translate(word, origin, target) or word,
    )
    user_word, _ = find_or_create(
        UserWord, {"user_id": user_id, "meaning_id": meaning.id}, is_user_added=False
    )
    user_word.meaning = meaning  # another user's request may just have made it, unseen by ours
    return user_word


def bookmark(user_word: UserWord, context: str) -> Bookmark:
    """The user's bookmark of the word in `context`; a new one is told as `word_translated`.

    The same word in the same context into the same language is one bookmark, however often and
    however fast it is tapped (docs/contract.md §5).
    """
    meaning = user_word.meaning
    place = [context, meaning.origin, meaning.translation_language_id]
    found, is_new = find_or_create(
        Bookmark,
        {"user_id": user_word.user_id, "place": sha256(json.dumps(place).encode()).hexdigest()},
        user_word_id=user_word.id,
        context=context,
        time=clock.now(),
    )
    if is_new:
        signals.tell(signals.word_translated, user_word.user_id)
    return found


def practised(user_word: UserWord, is_correct: bool) -> None:
    """Plan the word's next practice, if it was due; learning it is told as `word_learned`.

    It comes back after one day, then two; a correct answer after those two raises its level, and
    on the last level it is learned (docs/contract.md §5).
    """
    now = clock.now()
    if user_word.learned_time is not None:
        return
    schedule, _ = find_or_create(
        BasicSRSchedule, {"user_word_id": user_word.id}, next_practice_time=now
    )
    if schedule.next_practice_time > now:
        return
    if is_correct and schedule.cooling_interval == LAST_INTERVAL:
        if user_word.level >= LAST_LEVEL:
            user_word.learned_time = now
            db.session.delete(schedule)
            signals.tell(signals.word_learned, user_word.user_id)
            return
        user_word.level += 1
    _reschedule(schedule, is_correct, now)


def _reschedule(schedule: BasicSRSchedule, is_correct: bool, now: datetime) -> None:
    """A day later after each correct answer; from the start after two days, or a mistake."""
    is_over = schedule.cooling_interval >= LAST_INTERVAL
    schedule.cooling_interval = schedule.cooling_interval + DAY if is_correct and not is_over else 0
    schedule.consecutive_correct_answers = (
        schedule.consecutive_correct_answers + 1 if is_correct else 0
    )
    schedule.next_practice_time = now + timedelta(minutes=schedule.cooling_interval)
