"""The badges that ship: production's seven families, and others that are off by default."""

from __future__ import annotations

from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.generators import composite, describe_count, ladder, one_off, prize
from zeeguu_gamify.badges.rules import AtLeast
from zeeguu_gamify.events import Metric
from zeeguu_gamify.models import Mechanism

#: Thresholds, icons and order are production's (docs/contract.md §4.12), and so the ids 1–35;
#: the names of the first family are those its reviewer proposed.
FAMILIES = (
    ladder(
        Metric.TRANSLATED_WORDS, (10, 100, 500, 1000, 2500),
        name="Translated words", trigger="word.translated", icon="translated-words.svg",
        tooltip=("{n} translated word", "{n} translated words"),
        names=(
            "Word Curious", "Translation Enthusiast", "Lexical Leader", "Word Wizard",
            "Polyglot Machine",
        ),
        describe=describe_count("Translate", "You translated", "word", "words"), color="#4F8EF7",
    ),
    ladder(
        Metric.CORRECT_EXERCISES, (10, 250, 1000, 5000, 20000),
        name="Correct exercises", trigger="exercise.correct", icon="correct-exercises.svg",
        tooltip=("{n} correct exercise", "{n} correct exercises"),
        names=(
            "Warming Up", "Steady Hand", "Sharp Mind", "Exercise Expert", "Unstoppable Solver",
        ),
        describe=describe_count("Solve", "You solved", "exercise correctly", "exercises correctly"),
        color="#2FA56B",
    ),
    ladder(
        Metric.COMPLETED_AUDIO_LESSONS, (1, 25, 50, 150, 300),
        name="Audio lessons", trigger="audio_lesson.completed",
        icon="completed-audio-lessons.svg",
        tooltip=("{n} audio lesson", "{n} audio lessons"),
        names=(
            "First Listen", "Open Ears", "Attentive Listener", "Audio Adept", "Golden Ear",
        ),
        describe=describe_count("Complete", "You completed", "audio lesson", "audio lessons"),
        color="#8A63D2",
    ),
    ladder(
        Metric.STREAK_DAYS, (7, 30, 90, 180, 365),
        name="Streak", trigger="streak.changed", icon="streak-days.svg",
        tooltip=("{n} day in a row", "{n} days in a row"),
        names=(
            "One Good Week", "Habit Builder", "Season of Practice", "Half a Year Strong",
            "Around the Sun",
        ),
        describe=describe_count("Practise", "You practised", "day in a row", "days in a row"),
        color="#F2762E", mechanism=Mechanism.GAUGE,
    ),
    ladder(
        Metric.LEARNED_WORDS, (1, 10, 50, 250, 750),
        name="Learned words", trigger="word.learned", icon="learned-words.svg",
        tooltip=("{n} learned word", "{n} learned words"),
        names=(
            "First Word", "Growing Vocabulary", "Word Keeper", "Vocabulary Builder",
            "Living Dictionary",
        ),
        describe=describe_count("Learn", "You learned", "word", "words"), color="#C9A227",
    ),
    ladder(
        Metric.READ_ARTICLES, (5, 25, 100, 500, 1000),
        name="Read articles", trigger="article.read", icon="read-articles.svg",
        tooltip=("{n} read article", "{n} read articles"),
        names=(
            "Page Turner", "Regular Reader", "Well Read", "Bookworm", "Walking Library",
        ),
        describe=describe_count("Read", "You read", "article to its end", "articles to their end"),
        color="#1F9BB5",
    ),
    ladder(
        Metric.FRIENDS, (1, 3, 5, 7, 10),
        name="Friends", trigger="friendship.changed", icon="friends.svg",
        tooltip=("{n} friend", "{n} friends"),
        names=(
            "Better Together", "Good Company", "High Five", "Lucky Seven", "Social Butterfly",
        ),
        describe=describe_count("Have", "You have", "friend", "friends"),
        color="#E0578B", mechanism=Mechanism.GAUGE,
    ),
)  # fmt: skip

#: One-offs, off by default: `Gamify(catalog=Catalog((*FAMILIES, *ONE_OFFS)))` turns them on.
ONE_OFFS = (
    one_off(
        "first_article", name="First article", trigger="article.read",
        unachieved="Complete your first article.", achieved="You completed your first article.",
        icon="read-articles.svg", color="#1F9BB5",
    ),
    one_off(
        "profile_set_up", name="Hello, world", trigger="profile.completed",
        unachieved="Set up your profile.", achieved="You set up your profile.",
        icon="friends.svg", color="#E0578B",
    ),
)  # fmt: skip

#: The examples of the documents that badges were asked for in, off by default too.
EXAMPLES = (
    one_off(
        "getting_started", name="Off you go", trigger=("quiz.completed", "flashcards.completed"),
        unachieved="Finish a quiz or a session of flashcards.",
        achieved="You finished your first quiz or session of flashcards.",
        icon="correct-exercises.svg", color="#2FA56B",
    ),
    ladder(
        Metric.EXP, (1, 50, 500), name="XP", codes=("first_xp", "50_xp", "XP_500"),
        names=("First XP", "50 XP", "500 XP"), tooltip=("{n} XP", "{n} XP"),
        describe=describe_count("Earn", "You earned", "XP", "XP"),
        icon="badge.svg", color="#B8652A", mechanism=Mechanism.GAUGE,
    ),
    composite(
        "FIRST_SESSION", name="Getting Started", test=AtLeast(Metric.STREAK_DAYS, 1),
        unachieved="Complete your first practice session.",
        achieved="You completed your first practice session.",
        icon="streak-days.svg", color="#F2762E",
    ),
    composite(
        "STREAK_3", name="3-Day Streak", test=AtLeast(Metric.STREAK_DAYS, 3),
        unachieved="Complete a 3-day practice streak.",
        achieved="You practised 3 days in a row.",
        icon="streak-days.svg", color="#F2762E",
    ),
)  # fmt: skip

_MEDALS = (
    ("gold", "Gold", "Come first", "You came first", "#C9A227", 30),
    ("silver", "Silver", "Come second", "You came second", "#8C97A6", 20),
    ("bronze", "Bronze", "Come third", "You came third", "#B0703C", 10),
)

#: Prizes of seasons, off by default too: a board gives those that are in the catalog.
PRIZES = tuple(
    prize(
        f"{period}_{medal}", name=f"{name} medal of the {period}", color=color,
        unachieved=f"{come} on the EXP board in a {period}.",
        achieved=f"{came} on the EXP board in a {period}.", icon=f"medal-{medal}.svg",
        sort_score=score,
    )
    for period in ("week", "month")
    for medal, name, come, came, color, score in _MEDALS
)  # fmt: skip

DEFAULT_CATALOG = Catalog(FAMILIES)
