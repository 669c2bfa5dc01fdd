"""Accounts: making one and logging in."""

from __future__ import annotations

import uuid
from functools import cache

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from zeeguu_gamify import clock
from zeeguu_gamify.demo.answers import refuse
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import Language, LoginSession, User, UserLanguage
from zeeguu_gamify.demo.usernames import free_username

LEARNED, NATIVE = "de", "en"  #: for those who do not say
DEMO_PASSWORD = "learn"  # noqa: S105 - of the learners that the demo makes itself
SIGN_UP_TRIES = 3
HASH_METHOD = "scrypt"


def normalized(email: str) -> str:
    """How an e-mail address is stored."""
    return email.strip().lower()


def user_by_email(email: str) -> User | None:
    """The user with this e-mail address."""
    return db.session.scalar(select(User).where(User.email == normalized(email)))


def sign_up(
    email: str, password: str, name: str, learned: Language, native: Language, zone: str | None
) -> User:
    """Make an account, flushed; answers 400 when the e-mail address has one.

    Raises RuntimeError when somebody else took the username each time.
    """
    languages = (learned.id, native.id)
    for _ in range(SIGN_UP_TRIES):
        if user_by_email(email):
            refuse(400, "There is already an account for this e-mail address")
        user = User(
            email=normalized(email),
            name=name,
            username=free_username(),
            password=hashed(password),
            learned_language_id=languages[0],
            native_language_id=languages[1],
            created_at=clock.now(),
            timezone=zone,
        )
        db.session.add(user)
        try:
            db.session.flush()
        except IntegrityError:  # the address or the username was free a moment ago
            db.session.rollback()
            continue
        db.session.add(studied(user.id, languages[0]))
        return user
    raise RuntimeError("no username could be kept")


def studied(user_id: int, language_id: int) -> UserLanguage:
    """The row of a first language."""
    return UserLanguage(
        user_id=user_id, language_id=language_id, reading_news=True, doing_exercises=True
    )


def create_learner(session: Session, username: str, zone: str) -> int:
    """A new learner of German called `username`, for `flask gamify replay`; gives the id."""
    german = session.scalars(select(Language).where(Language.code == LEARNED)).one()
    learner = User(
        email=f"{username.lower()}@learners.example",
        name=username,
        username=username,
        password=demo_password_hash(),
        learned_language_id=german.id,
        created_at=clock.now(),
        timezone=zone or None,
    )
    session.add(learner)
    session.flush()
    session.add(studied(learner.id, german.id))
    return learner.id


@cache
def demo_password_hash() -> str:
    """Hashed once: it is slow by design, and a log may have thousands of learners."""
    return hashed(DEMO_PASSWORD)


def hashed(password: str) -> str:
    """What is stored of a password."""
    return generate_password_hash(password, HASH_METHOD)


def log_in(user: User) -> str:
    """A new session of the user; gives its uuid."""
    login = LoginSession(user_id=user.id, uuid=uuid.uuid4().hex, last_use=clock.now())
    db.session.add(login)
    return login.uuid


def has_password(user: User, password: str) -> bool:
    """Whether this is the user's password."""
    return check_password_hash(user.password or "", password)
