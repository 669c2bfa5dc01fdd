"""Hosts hand over `db.session`, which is a proxy: everything public takes it as well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from inspect import isfunction, signature
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import scoped_session

import zeeguu_gamify as public
from tests.hosts import ADA, BEN, User, db_of
from zeeguu_gamify.errors import BadInput

Proxy = scoped_session[Any]


def make_account(session: Proxy) -> int:
    def new_user(username: str) -> int:
        row = {"id": 9, "username": username, "name": "Eve"}
        session.execute(insert(User), row)
        return 9

    return public.open_account(session, new_user)


def buy(session: Proxy) -> Any:
    return public.redeem(session, ADA, "hat")


def repair(session: Proxy) -> None:
    with pytest.raises(BadInput, match="no run was alive"):
        public.repair(session, ADA, date(2026, 3, 1), "down")


CALLS: dict[str, Callable[[Proxy], object]] = {
    "emit": lambda session: public.emit(session, "word.translated", user_id=ADA),
    "erase": lambda session: public.erase(session, ADA),
    "give_freezes": lambda session: public.give_freezes(session, ADA, 1, "a gift"),
    "increment_badge_progress": lambda session: public.increment_badge_progress(
        session, "TRANSLATED_WORDS", ADA
    ),
    "merge": lambda session: public.merge(session, BEN, ADA),
    "open_account": make_account,
    "practice": lambda session: public.practice(session, ADA),
    "redeem": buy,
    "refund": lambda session: public.refund(session, buy(session).id),
    "repair": repair,
    "reset_streak_if_broken": lambda session: public.reset_streak_if_broken(session, ADA),
    "update_account": lambda session: public.update_account(session, ADA, {"username": "ada_l"}),
    "update_badge_progress": lambda session: public.update_badge_progress(
        session, "FRIENDS", ADA, 1
    ),
    "upgraded": lambda session: public.upgraded(session, ADA),
}


def test_all_that_take_a_session_are_looked_at() -> None:
    functions = {name for name in public.__all__ if isfunction(getattr(public, name))}
    taking = {
        name for name in functions if "session" in signature(getattr(public, name)).parameters
    }
    assert taking == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_it_takes_the_proxy(sqlite_host: Flask, name: str) -> None:
    runner = sqlite_host.test_cli_runner()
    runner.invoke(args=["gamify", "rewards", "set", "hat", "--name=Hat", "--kind=hat", "--cost=0"])
    session = db_of(sqlite_host).session
    CALLS[name](session)
    session.commit()
