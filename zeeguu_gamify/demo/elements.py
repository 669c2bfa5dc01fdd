"""The elements as the gallery shows them: what each is for, and the HTML that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class Element:
    """A custom element with its attributes."""

    name: str  #: without `gamify-`
    title: str
    text: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    has_session: bool = True

    @property
    def tag(self) -> str:
        """The name that the HTML has."""
        return f"gamify-{self.name}"

    @property
    def module(self) -> str:
        """The path of the module that defines it."""
        return f"/gamify/components/{self.name}.js"

    def html(self, session: str) -> Markup:
        """The element for this session."""
        said = ({"session": session} if self.has_session else {}) | dict(self.attributes)
        texts = (f' {key}="{escape(value)}"' if value else f" {key}" for key, value in said.items())
        return Markup(f"<{self.tag}{''.join(texts)}></{self.tag}>")  # noqa: S704 - escaped above

    def code(self, origin: str) -> str:
        """What a page of another origin writes to have it."""
        module = f'<script type="module" src="{origin}{self.module}"></script>'
        return f"{module}\n\n{self.html('0f3c…')}"


ELEMENTS = (
    Element(
        "profile", "Profile",
        "Level, EXP, coins and freezes; the goals of the day; what coins buy.",
    ),
    Element(
        "streak", "Streak",
        "The flame, a calendar of practice, freezes, the streak of each language.",
    ),
    Element(
        "badges", "Badges",
        "Held, locked and new, how far the next one is, and why one is held.",
    ),
    Element(
        "unlock", "Unlock",
        "Nothing, until a badge or a level is reached: then a celebration.",
    ),
    Element(
        "leaderboard", "Leaderboard",
        "A board that moves as others practise, with oneself in sight.",
        {"period": "week", "scopes": "everybody,friends"},
    ),
    Element(
        "friends", "Friends",
        "Friends and the streaks kept with them, requests, search, blocking.",
    ),
    Element(
        "avatar", "Avatar",
        "An animal in two colours.",
        {"image-name": "otter", "character-color": "#F6D110", "background-color": "#FFF9C7"},
        has_session=False,
    ),
)  # fmt: skip


def element_called(name: str) -> Element | None:
    """The element of that name, if there is one."""
    return next((element for element in ELEMENTS if element.name == name), None)
