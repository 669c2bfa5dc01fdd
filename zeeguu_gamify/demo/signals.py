"""What the demo tells whoever listens: Zeeguu's named signals (docs/contract.md §5).

Each is sent inside the open transaction, after a flush and before the commit, with the keyword
arguments `user_id` and `db_session`.
"""

from __future__ import annotations

from blinker import NamedSignal, signal

from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.earnings import EXP, earn
from zeeguu_gamify.listeners import SIGNALS

word_translated = signal("word_translated")
exercise_correct = signal("exercise_correct")
word_learned = signal("word_learned")
article_read = signal("article_read")
audio_lesson_completed = signal("audio_lesson_completed")
streak_changed = signal("streak_changed")
friendship_changed = signal("friendship_changed")


def tell(what: NamedSignal, user_id: int) -> None:
    """Send `what` of the user, with everything written so far in the database; it earns EXP."""
    db.session.flush()
    what.send(None, user_id=user_id, db_session=db.session)
    event = SIGNALS[what.name].event
    if event in EXP:
        earn(event, user_id)
