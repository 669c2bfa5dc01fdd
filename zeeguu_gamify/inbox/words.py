"""What messages say: kind and data for programs, and a ready text in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zeeguu_gamify.inbox.notices import REQUESTED, Kind
from zeeguu_gamify.texts import Message, Texts

BADGE = "New badge: {badge}"
LEVEL = "You have reached level {level}."
LEVEL_PAID = ("You have reached level {level} and got {n} coin.",
              "You have reached level {level} and got {n} coins.")  # fmt: skip
ASKED = "{username} wants to be friends with you."
ACCEPTED = "{username} has accepted your friend request."
SOMEBODY = "Somebody"  #: where the host has no usernames
STREAK = ("Your streak of {n} day ends tonight unless you practise.",
          "Your streak of {n} days ends tonight unless you practise.")  # fmt: skip
SEASON = "The season of {starts} to {ends} is over. Your place: {place}"
SEASON_WON = "The season of {starts} to {ends} is over. Your place: {place}. You win: {prize}"

#: All of them, for translators.
MESSAGES: tuple[Message, ...] = (
    BADGE, LEVEL, LEVEL_PAID, ASKED, ACCEPTED, SOMEBODY, STREAK, SEASON, SEASON_WON,
)  # fmt: skip

Data = Mapping[str, Any]


def data_of(texts: Texts, language: str, message: Any) -> dict[str, Any]:
    """The data of a row of messages, its texts in `language`; of a friend, the name of today."""
    data = dict(message.payload)
    for name in ("name", "description", "prize_name"):
        if data.get(name):
            data[name] = texts.one(data[name], language)
    return {**data, "username": message.username} if message.kind == Kind.FRIEND else data


def text_of(texts: Texts, language: str, kind: str, data: Data) -> str:
    """The text in `language`; `data` as `data_of` gives it. Empty for a kind of another version."""
    write = _WRITERS.get(kind)
    return write(texts, language, data) if write else ""


def _badge(texts: Texts, language: str, data: Data) -> str:
    named = data["name"] or data["description"] or data["code"]
    return texts.one(BADGE, language).format(badge=named)


def _level(texts: Texts, language: str, data: Data) -> str:
    reward = data["reward"]
    if reward:
        return texts.counted(*LEVEL_PAID, reward, language).format(level=data["level"], n=reward)
    return texts.one(LEVEL, language).format(level=data["level"])


def _friend(texts: Texts, language: str, data: Data) -> str:
    template = ASKED if data["event"] == REQUESTED else ACCEPTED
    username = data["username"] or texts.one(SOMEBODY, language)
    return texts.one(template, language).format(username=username)


def _streak(texts: Texts, language: str, data: Data) -> str:
    return texts.counted(*STREAK, data["streak"], language).format(n=data["streak"])


def _season(texts: Texts, language: str, data: Data) -> str:
    prize = data["prize_name"] or data["prize"]
    dates = {name: data[name] for name in ("starts", "ends", "place")}
    if prize:
        return texts.one(SEASON_WON, language).format(prize=prize, **dates)
    return texts.one(SEASON, language).format(**dates)


_WRITERS: Mapping[str, Callable[[Texts, str, Data], str]] = {
    Kind.BADGE: _badge,
    Kind.LEVEL: _level,
    Kind.FRIEND: _friend,
    Kind.STREAK: _streak,
    Kind.SEASON: _season,
}
