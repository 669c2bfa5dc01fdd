"""Usernames for those who sign up: an adjective and an animal (docs/contract.md §6)."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User

ADJECTIVES = (
    "brave", "bright", "calm", "clever", "curious", "eager", "gentle", "happy", "humble", "jolly",
    "keen", "kind", "lively", "lucky", "merry", "noble", "proud", "quick", "quiet", "wise",
)  # fmt: skip
ANIMALS = (
    "otter", "elephant", "wolf", "fox", "owl", "panther", "lion", "tiger", "bear", "eagle",
    "rabbit", "deer", "leopard", "cheetah", "badger", "beaver", "lynx", "moose",
)  # fmt: skip
TRIES = 50  #: for each number of digits


def free_username() -> str:
    """A username that nobody has, with as few digits as need be."""
    for most in (1, 10, 100, 1_000, 10_000):
        for _ in range(TRIES):
            digits = str(secrets.randbelow(most)) if most > 1 else ""
            name = f"{secrets.choice(ADJECTIVES)}_{secrets.choice(ANIMALS)}{digits}"
            if db.session.scalar(select(User.id).where(User.username == name)) is None:
                return name
    raise RuntimeError("no free username was found")
