"""Asking in GraphQL, and the documents that ask for everything."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from zeeguu_gamify.testing import SessionClient

PATH = "/gamify/graphql"
CONFIG = {"GAMIFY_GRAPHQL": True}

AVATAR = "avatar{imageName characterColor backgroundColor}"
BOARD = (
    "{board name period{kind starts ends} scope entries{rank user{name username "
    + AVATAR
    + "} score isMe} nextCursor me{rank score} limit limitCapped}"
)
REDEMPTION = "{id reward kind amount cost status redeemedAt refundedAt replayed}"

#: Query → all that there is to ask for.
WHOLE = {
    "userProfile": "userProfile{userId exp level levelAt nextLevelAt coins freezes}",
    "badges": (
        "badges{name currentValue badges{level name unachievedDescription achievedDescription"
        " description threshold iconName achieved achievedAt isShown}}"
    ),
    "leaderboard": f"leaderboard{BOARD}",
    "rewards": (
        "rewards{coins rewards{code name description kind amount cost stock perUser bought"
        " startsAt endsAt}}"
    ),
    "streaks": (
        "streaks{dailyStreak languages{code language dailyStreak practicedToday maxStreak"
        " maxStreakDate}}"
    ),
}
EVERYTHING = f"{{{' '.join(WHOLE.values())}}}"

#: Operation → a small question.
SMALL = {
    "userProfile": "{userProfile{exp}}",
    "badges": "{badges{name}}",
    "leaderboard": "{leaderboard{board}}",
    "rewards": "{rewards{coins}}",
    "redeemReward": 'mutation{redeemReward(code: "hat"){id}}',
    "streaks": "{streaks{dailyStreak}}",
}


def send(client: SessionClient, query: str, **variables: Any) -> TestResponse:
    """The answer to a question."""
    return client.post(PATH, json={"query": query, "variables": variables})


def ask(client: SessionClient, query: str, **variables: Any) -> Any:
    """The data of the answer to a question, to which nothing is wrong."""
    answer = send(client, query, **variables)
    assert (answer.status_code, answer.get_json().get("errors")) == (200, None)
    return answer.get_json()["data"]


def refused(client: SessionClient, query: str, **variables: Any) -> tuple[str, str]:
    """The code and the message of the one error to which a question leads."""
    [error] = send(client, query, **variables).get_json()["errors"]
    return error["extensions"]["code"], error["message"]


def snake(value: Any) -> Any:
    """What GraphQL answered, by the names of REST."""
    if isinstance(value, list):
        return [snake(one) for one in value]
    if isinstance(value, dict):
        return {_snake(name): snake(one) for name, one in value.items()}
    return value


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
