"""The smallest host: users and nothing else. Its users get badges all the same."""

from functools import wraps

from flask import Flask, abort, g, request
from flask_sqlalchemy import SQLAlchemy

from zeeguu_gamify import Event, Gamify, emit

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///minimal.db"
app.config.from_prefixed_env()  # FLASK_SQLALCHEMY_DATABASE_URI for another database
db = SQLAlchemy(app)
user = db.Table("user", db.Column("id", db.Integer, primary_key=True))


def requires_login(view):
    """Run `view` for a user, whom a real host would know by a session or a token."""

    @wraps(view)
    def run(*args, **kwargs):
        g.user_id = request.headers.get("X-User-Id", type=int) or abort(401)
        return view(*args, **kwargs)

    return run


gamify = Gamify(app, db, requires_session=requires_login)
# A view that knows nothing of us, and what it means to us when it has answered:
app.post("/words/<word>", endpoint="look_up")(requires_login(lambda word: word[::-1]))
gamify.after("look_up", lambda _: Event(name="word.translated", user_id=g.user_id))


@app.post("/articles/<article>/read")
@requires_login
def read(article):
    """A view that tells us itself, in its own transaction."""
    outcome = emit(db.session, "article.read", user_id=g.user_id, object_id=article)
    db.session.commit()
    return [badge.code for badge in outcome.new_badges]
