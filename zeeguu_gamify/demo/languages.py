"""The languages of the demo: Zeeguu's."""

from __future__ import annotations

from sqlalchemy import select

from zeeguu_gamify.demo.answers import refuse
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import Language, User, UserLanguage

LEARNABLE = {
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hu": "Hungarian",
    "it": "Italian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
}
ONLY_NATIVE = {
    "ar": "Arabic",
    "bn": "Bengali",
    "el": "Greek",
    "ind": "Indonesian",
    "ja": "Japanese",
    "ku": "Kurdish",
    "lv": "Latvian",
    "so": "Somali",
    "sq": "Albanian",
    "sr": "Serbian",
    "ta": "Tamil",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh-CN": "Chinese",
}
LANGUAGES = LEARNABLE | ONLY_NATIVE


def add_languages() -> None:
    """Add the languages that are not there yet."""
    there = set(db.session.scalars(select(Language.code)))
    db.session.add_all(
        Language(code=code, name=name) for code, name in LANGUAGES.items() if code not in there
    )


def language_of(code: str) -> Language:
    """The language with this code; answers 400 when there is none."""
    found = db.session.scalar(select(Language).where(Language.code == code))
    if found is None:
        refuse(400, f"Unknown language: {code[:20]}")
    return found


def languages_of(user: User) -> list[UserLanguage]:
    """What the user studies, in the order in which it was begun."""
    studied = select(UserLanguage).where(UserLanguage.user_id == user.id).order_by(UserLanguage.id)
    return list(db.session.scalars(studied))


def learn(user: User, language: Language, cefr_level: int | None = None) -> None:
    """Make `language` the one that `user` learns now (docs/contract.md §1.3)."""
    user.learned_language = language
    studied = {row.language_id: row for row in languages_of(user)}
    if language.id not in studied:
        studied[language.id] = UserLanguage(user_id=user.id, language_id=language.id)
        db.session.add(studied[language.id])
    for language_id, row in studied.items():
        row.reading_news = row.doing_exercises = language_id == language.id
    if cefr_level is not None:
        studied[language.id].cefr_level = cefr_level
