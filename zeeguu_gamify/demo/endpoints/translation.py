"""`POST /translate_word/<from>/<to>` (docs/contract.md §5)."""

from __future__ import annotations

from flask import g, jsonify
from flask.typing import ResponseReturnValue

from zeeguu_gamify.demo import words
from zeeguu_gamify.demo.answers import Body, received, text
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.endpoints.blueprint import api, one_at_a_time
from zeeguu_gamify.demo.languages import language_of
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session


class Tap(Body):
    """A word that was tapped in a text."""

    word = text(255, required=True)
    context = text(10_000, load_default="")


# ---------------------------------------------------------------------------
@api.route("/translate_word/<from_lang_code>/<to_lang_code>", methods=["POST"])
@api.route("/get_one_translation/<from_lang_code>/<to_lang_code>", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@one_at_a_time
def translate_word(from_lang_code: str, to_lang_code: str) -> ResponseReturnValue:
    """The translation, and the bookmark that remembers where the word was met."""
    tap = received(Tap())
    origin, target = language_of(from_lang_code), language_of(to_lang_code)
    user_word = words.studied_word(g.user_id, tap["word"], origin, target)
    bookmark = words.bookmark(user_word, tap["context"])
    answer = jsonify(
        translation=user_word.meaning.translation,
        bookmark_id=bookmark.id,
        user_word_id=user_word.id,
        source="toy dictionary",
        likelihood=1.0 if words.translate(tap["word"], origin, target) else 0.0,
    )
    db.session.commit()
    return answer
