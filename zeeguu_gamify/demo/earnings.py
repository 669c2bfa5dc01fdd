"""The EXP that the demo gives, as data."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from zeeguu_gamify import ContextField, emit
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User
from zeeguu_gamify.events import dictionary

_LANGUAGE = ContextField("language_id", int, "the language that is learned")

#: The lines of the event dictionary that pay by themselves.
PAYING = tuple(
    replace(event, exp=exp, context=(*event.context, _LANGUAGE))
    for name, exp in {"quiz.completed": 50, "flashcards.completed": 10}.items()
    for event in [dictionary()[name]]
)

#: Event → EXP for one of it, where the signal that tells of it has no room for the language.
EXP = {
    "word.translated": 1,
    "exercise.correct": 2,
    "word.learned": 10,
    "article.read": 20,
    "audio_lesson.completed": 20,
}


def earn(event: str, user_id: int) -> int:
    """Give the learner what `event` is worth, in the learned language; how many EXP. No commit."""
    context = {"cause": event, "language_id": learned_language(user_id)}
    return emit(db.session(), "exp.gained", user_id=user_id, amount=EXP[event], context=context).exp


def learned_language(user_id: int) -> int | None:
    """The id of the language that the learner learns."""
    return db.session.scalar(select(User.learned_language_id).where(User.id == user_id))
