"""The page at `/`: try it as one of the learners, without any client."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from zeeguu_gamify.demo.accounts import DEMO_PASSWORD
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.endpoints.blueprint import api
from zeeguu_gamify.demo.models import Article
from zeeguu_gamify.demo.world import LEARNERS

SHOWN = 3


# ---------------------------------------------------------------------------
@api.route("/", methods=["GET"])
# ---------------------------------------------------------------------------
def home() -> ResponseReturnValue:
    """What this is, with three learners one click away; before `demo init`, what to do."""
    try:
        articles = db.session.execute(select(Article.id, Article.title, Article.content))
    except (OperationalError, ProgrammingError):
        return "The tables are not there: run flask --app zeeguu_gamify.demo demo init", 503
    return render_template(
        "home.html",
        learners=LEARNERS[:SHOWN],
        password=DEMO_PASSWORD,
        articles=[dict(article._mapping) for article in articles],
    )
