"""`POST /upload_user_activity_data`: reading articles (docs/contract.md §5)."""

from __future__ import annotations

import re
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from zeeguu_gamify import clock
from zeeguu_gamify.demo import signals
from zeeguu_gamify.demo.answers import Body, number, received, text
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.endpoints.blueprint import api, one_at_a_time
from zeeguu_gamify.demo.models import UserArticle
from zeeguu_gamify.demo.rows import find_or_create
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session

READ = 0.9  #: an article is read when more of it than this was scrolled through
#: `[[seconds, percent], …]`; the client cuts the list off, so the end may be broken.
_SCROLLED = re.compile(r"\[\s*[\d.]+\s*,\s*(\d+(?:\.\d+)?)\s*[,\]]")


class Upload(Body):
    """Something that the user did in the client."""

    event = text(255, required=True)
    article_id = number(load_default=None)
    value = text(10_000, load_default="")
    extra_data = text(100_000, load_default="")


# ---------------------------------------------------------------------------
@api.route("/upload_user_activity_data", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@one_at_a_time
def upload_user_activity_data() -> ResponseReturnValue:
    """Note how far an article was read; other activities are none of the demo's business."""
    upload = received(Upload())
    if upload["event"] == "SCROLL" and upload["article_id"]:
        _scrolled(upload["article_id"], _completion(upload))
        db.session.commit()
    return "OK"


def _scrolled(article_id: int, completion: float) -> None:
    """Keep the furthest point; passing READ for the first time is told as `article_read`."""
    key = {"user_id": g.user_id, "article_id": article_id}
    article, _ = find_or_create(UserArticle, key, opened=clock.now())
    article.reading_completion = max(completion, article.reading_completion or 0.0)
    db.session.flush()
    if completion <= READ:
        return
    finished = db.session.connection().execute(
        update(UserArticle)
        .where(UserArticle.id == article.id, UserArticle.completed_at.is_(None))
        .values(completed_at=clock.now())
    )
    if finished.rowcount:  # of two uploads at once, only one finishes it
        signals.tell(signals.article_read, g.user_id)


def _completion(upload: dict[str, Any]) -> float:
    """The part of the article that was scrolled through, 0 to 1.

    A plain `value` is that part, or percent; else `extra_data` has the record of the scrolling.
    """
    try:
        furthest = float(upload["value"])
    except ValueError:  # the real client sends the size of its window here
        percents = [float(found) for found in _SCROLLED.findall(upload["extra_data"])]
        return min(max(percents, default=0.0) / 100, 1.0)
    part = furthest / 100 if furthest > 1 else furthest
    return part if 0 <= part <= 1 else 0.0
