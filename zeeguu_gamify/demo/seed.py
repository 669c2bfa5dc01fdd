"""Making the demo's database: tables, languages and the world of `world.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from random import Random

from sqlalchemy import func, select, update

from zeeguu_gamify import Event, clock
from zeeguu_gamify.badges import sync
from zeeguu_gamify.cli.streaks import ONCE, OPENING
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.demo.accounts import demo_password_hash, studied, user_by_email
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.earnings import EXP
from zeeguu_gamify.demo.languages import add_languages
from zeeguu_gamify.demo.models import (
    Article,
    Cohort,
    Language,
    Teacher,
    TeacherCohortMap,
    User,
    UserCohortMap,
    UserExerciseSession,
    UserLanguage,
)
from zeeguu_gamify.demo.seed_activity import add_activity
from zeeguu_gamify.demo.world import (
    CLASS_CODE,
    CLASS_NAME,
    FRIENDS,
    LEARNERS,
    REQUESTS,
    SHOP,
    STUDENTS,
    TEACHER,
    Learner,
)
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.jobs import runner as runner_of_jobs
from zeeguu_gamify.jobs.schedule import job_called
from zeeguu_gamify.leaderboards.seasons import GRACE
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.models import (
    BadgeAwardLog,
    FriendRequest,
    Friendship,
    Reward,
    Season,
    UserAvatar,
    UserBadge,
)
from zeeguu_gamify.mount import current_mount

#: Event → how many of them come with a hundred translated words.
PER_HUNDRED_WORDS = {
    "word.translated": 100,
    "exercise.correct": 80,
    "word.learned": 6,
    "article.read": 8,
    "audio_lesson.completed": 5,
}
#: Days in a row that those had who have no streak now: too few for a badge.
ENDED_AFTER = 2
STREAKS_REACHED = (1, 3, 7, 30, 90)  #: days whose badges were won on the way to today's streak
SEEN_AFTER = timedelta(days=2)
#: So long ago the first seasons began; those that are over by now are settled.
FIRST_SEASONS = timedelta(weeks=3)


def make_tables() -> None:
    """The host's tables and languages, our tables and badges; what is there already stays."""
    mount = current_mount()
    db.create_all()
    runner.upgrade(db.engine, mount.host.map)
    sync.apply(db.session(), mount.catalog)
    add_languages()
    db.session.commit()
    mount.forget()


def make_world() -> bool:
    """The learners of `world.py` with their history; False when they were there already."""
    if user_by_email(LEARNERS[0].email):
        return False
    now = clock.now()
    german = db.session.scalars(select(Language).where(Language.code == "de")).one()
    english = db.session.scalars(select(Language).where(Language.code == "en")).one()
    ids = {who.username: _settle(who, german, english, now) for who in (*LEARNERS, TEACHER)}
    _make_class(ids, german)
    _befriend(ids, now)
    _add_articles(german)
    add_activity(ids, german, english, now)
    db.session.flush()
    ended = _ended_streaks(ids)
    for who in LEARNERS:
        for event in _history(who, ids, german.id, now):
            emit_batch(db.session(), [event])
    _see_old_badges(now)
    db.session.commit()
    _close_seasons(now)
    _log_when_it_was()
    db.session.commit()
    for job in OPENING:
        runner_of_jobs.run(current_mount(), job, now, ONCE)
    db.session.execute(
        update(UserLanguage).where(UserLanguage.user_id.in_(ended)).values(daily_streak=0)
    )
    db.session.commit()
    return True


def make_shop() -> None:
    """What there is for coins. What is there already stays."""
    for code, texts in SHOP.items():
        if not db.session.scalar(select(Reward.id).where(Reward.code == code)):
            rewards.save(db.session(), code, **texts)
    db.session.commit()


def _settle(who: Learner, learned: Language, native: Language, now: datetime) -> int:
    """The account of `who`, with the streak in the language; gives the id."""
    user = User(
        email=who.email,
        name=who.name,
        username=who.username,
        password=demo_password_hash(),
        learned_language_id=learned.id,
        native_language_id=native.id,
        created_at=now - timedelta(weeks=who.weeks),
        timezone=who.zone,
    )
    db.session.add(user)
    db.session.flush()
    row = studied(user.id, learned.id)
    row.daily_streak = row.max_streak = who.streak
    row.last_practiced = row.max_streak_date = now if who.streak else None
    db.session.add(row)
    if who.avatar:
        animal, color, background = who.avatar
        db.session.add(
            UserAvatar(
                user_id=user.id,
                image_name=animal,
                character_color=color,
                background_color=background,
            )
        )
    return user.id


def _ended_streaks(ids: dict[str, int]) -> list[int]:
    """Let those without a streak have had one until their last activity; gives their ids."""
    ended = [ids[who.username] for who in LEARNERS if not who.streak]
    done = UserExerciseSession
    last = select(func.max(done.last_action_time)).where(done.user_id == UserLanguage.user_id)
    db.session.execute(
        update(UserLanguage)
        .where(UserLanguage.user_id.in_(ended))
        .values(
            daily_streak=ENDED_AFTER,
            max_streak=ENDED_AFTER,
            last_practiced=last.scalar_subquery(),
            max_streak_date=last.scalar_subquery(),
        )
    )
    return ended


def _make_class(ids: dict[str, int], language: Language) -> None:
    cohort = Cohort(name=CLASS_NAME, inv_code=CLASS_CODE, language_id=language.id)
    db.session.add(cohort)
    db.session.flush()
    db.session.add(Teacher(user_id=ids[TEACHER.username]))
    db.session.get_one(User, ids[TEACHER.username]).is_admin = True
    db.session.add(TeacherCohortMap(user_id=ids[TEACHER.username], cohort_id=cohort.id))
    db.session.add_all(UserCohortMap(user_id=ids[name], cohort_id=cohort.id) for name in STUDENTS)


def _befriend(ids: dict[str, int], now: datetime) -> None:
    for name, other in FRIENDS:
        low, high = sorted((ids[name], ids[other]))
        weeks = _weeks_known(name, other)
        shared = min(*(who.streak for who in _called(name, other)), int(weeks * 7))
        db.session.add(
            Friendship(
                user_a_id=low,
                user_b_id=high,
                created_at=now - timedelta(weeks=weeks),
                friend_streak=shared,
                friend_streak_last_updated=now if shared else None,
            )
        )
    for name, other in REQUESTS:
        db.session.add(FriendRequest(sender_id=ids[name], receiver_id=ids[other], created_at=now))


def _weeks_known(*names: str) -> float:
    """Friends met halfway between the younger account's making and today."""
    return min(who.weeks for who in _called(*names)) / 2


def _called(*names: str) -> list[Learner]:
    return [who for who in LEARNERS if who.username in names]


def _add_articles(language: Language) -> None:
    articles = json.loads((files("zeeguu_gamify.demo") / "articles.json").read_text("utf-8"))
    db.session.add_all(
        Article(title=article["title"], content=article["text"], language_id=language.id)
        for article in articles
    )


def _history(who: Learner, ids: dict[str, int], language_id: int, now: datetime) -> Iterator[Event]:
    """All that `who` has done, week by week; the same at every run."""
    user_id, practice = ids[who.username], {"cause": "practice", "language_id": language_id}
    chance = Random(who.username)  # noqa: S311 - a story, not a secret
    for weeks_ago in range(who.weeks, 0, -1):
        at = now - max(timedelta(weeks=weeks_ago - chance.random()), timedelta(days=who.pause))
        words = who.words * chance.uniform(0.5, 1.5)
        exp = 0
        for name, per_hundred in PER_HUNDRED_WORDS.items():
            if amount := round(words * per_hundred / 100 + chance.random() - 0.5):
                yield Event(name=name, user_id=user_id, amount=amount, at=at)
                exp += amount * EXP[name]
        yield Event(name="exp.gained", user_id=user_id, amount=exp, at=at, context=practice)
    if who.streak:
        yield Event(name="exp.gained", user_id=user_id, amount=who.words, context=practice)
    if who.avatar:
        yield Event(name="profile.completed", user_id=user_id, at=now - timedelta(weeks=who.weeks))
    for days in (*STREAKS_REACHED, who.streak):
        if 0 < days <= who.streak:
            at = now - timedelta(days=who.streak - days)
            yield Event(name="streak.changed", user_id=user_id, value=days, at=at)
    friends = [pair for pair in FRIENDS if who.username in pair]
    met = sorted((_weeks_known(*pair) for pair in friends), reverse=True)
    for count, weeks in enumerate(met, start=1):
        at = now - timedelta(weeks=weeks)
        yield Event(name="friendship.changed", user_id=user_id, value=count, at=at)


def _close_seasons(now: datetime) -> None:
    """Let boards follow what was earned, and seasons begin and end when the scheduler would have
    seen to it: so medals are not won at this instant, all of them.
    """
    mount = current_mount()
    if mount.publisher is not None:
        mount.publisher.end()  # what it holds would be missed by the standings
    deliver(mount)
    at, closes_at = now - FIRST_SEASONS, Season.closes_at
    while at < now:
        _run_seasons(at)
        next_end = select(func.min(closes_at)).where(closes_at > at - GRACE)
        at = db.session.execute(next_end).scalar_one() + GRACE
        db.session.rollback()
    _run_seasons(now)


def _run_seasons(at: datetime) -> None:
    runner_of_jobs.run(current_mount(), job_called("seasons"), at, at.isoformat())


def _log_when_it_was() -> None:
    """The award log as it would be, had it been kept all the time."""
    logged, held = BadgeAwardLog, UserBadge
    same = (held.user_id == logged.user_id, held.badge_id == logged.badge_id)
    when = select(held.achieved_at).where(*same, held.context == logged.context)
    db.session.execute(update(logged).values(at=when.scalar_subquery()))


def _see_old_badges(now: datetime) -> None:
    """Only what was won lately is still new to its owner."""
    db.session.execute(
        update(UserBadge).where(UserBadge.achieved_at < now - SEEN_AFTER).values(is_shown=True)
    )
