"""The seeded world as data: who lives in it, who knows whom, and what they have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Days since those without a streak have practised.
PAUSE = 3


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner of German and their habits."""

    username: str
    name: str
    zone: str
    weeks: int  #: since the account was made
    words: int  #: translated in a usual week; the other numbers follow from it
    streak: int  #: days in a row until today
    avatar: tuple[str, str, str] | None = None  #: animal, its colour, background
    about: str = ""

    @property
    def email(self) -> str:
        """What to log in with."""
        return f"{self.username}@example.com"

    @property
    def pause(self) -> int:
        """Days since the last practice."""
        return 0 if self.streak else PAUSE


#: The first three are one click away on the page at `/`.
LEARNERS = (
    Learner(
        "ada", "Ada Lindqvist", "Europe/Copenhagen", 40, 60, 34,
        ("owl", "#6367FF", "#C9BEFF"), "has practised every day for a month",
    ),
    Learner(
        "ben", "Ben Okafor", "Africa/Lagos", 12, 25, 6,
        ("otter", "#F6D110", "#FFF9C7"), "is one day away from a week's streak",
    ),
    Learner("chi", "Chi Nakamura", "Asia/Tokyo", 1, 8, 1, None, "has only just begun"),
    Learner(
        "dalia", "Dalia Haddad", "Asia/Beirut", 30, 40, 12, ("fox", "#f09000", "#ffe0b3")
    ),
    Learner(
        "emil", "Emil Sørensen", "America/Nuuk", 22, 15, 0, ("wolf", "#0D1A63", "#81A6C6")
    ),
    Learner(
        "fiona", "Fiona Walsh", "Europe/Dublin", 35, 30, 8, ("rabbit", "#EA2F14", "#ffc3b3")
    ),
    Learner(
        "goran", "Goran Petrović", "Europe/Belgrade", 18, 50, 3, ("bear", "#005F02", "#BCD9A2")
    ),
    Learner(
        "hana", "Hana Kealoha", "Pacific/Honolulu", 26, 35, 15, ("lynx", "#008BFF", "#9CD5FF")
    ),
    Learner(
        "ivo", "Ivo Teixeira", "America/Sao_Paulo", 9, 20, 2, ("moose", "#f09000", "#ffe0b3")
    ),
    Learner(
        "jin", "Jin Park", "Asia/Seoul", 38, 70, 100, ("tiger", "#6367FF", "#C9BEFF")
    ),
    Learner("kiri", "Kiri Tamahori", "Pacific/Auckland", 14, 10, 0),
    Learner("lena", "Lena Sharma", "Asia/Kathmandu", 20, 22, 7, ("deer", "#F6D110", "#FFF9C7")),
)  # fmt: skip

FRIENDS = (
    ("ada", "ben"), ("ada", "dalia"), ("ada", "fiona"), ("ada", "jin"), ("ada", "lena"),
    ("ben", "ivo"), ("dalia", "jin"), ("emil", "fiona"), ("goran", "hana"), ("hana", "jin"),
)  # fmt: skip

#: Who has asked whom.
REQUESTS = (("chi", "ada"), ("ben", "goran"), ("kiri", "ben"))

CLASS_NAME = "German for the curious"
CLASS_CODE = "curious"
STUDENTS = ("ben", "chi", "emil", "ivo", "lena")
TEACHER = Learner(
    "vera", "Vera Baumann", "Europe/Berlin", 45, 0, 0, ("elephant", "#005F02", "#BCD9A2")
)

#: Code → what is to be had for coins.
SHOP: dict[str, dict[str, Any]] = {
    "freeze": {
        "name": "A day off", "description": "A freeze, which keeps your streak for a day.",
        "kind": "freezes", "amount": 1, "cost": 20,
    },
    "weekend": {
        "name": "A weekend off", "description": "Two freezes, in case.",
        "kind": "freezes", "amount": 2, "cost": 35,
    },
    "mug": {
        "name": "The mug", "description": "With a tree on it. There are not many.",
        "kind": "mug", "cost": 400, "stock": 12,
    },
}  # fmt: skip
