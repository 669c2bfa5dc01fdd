"""The texts of the components: the same in every language, and every one that is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from zeeguu_gamify.components.blueprint import STATIC

MESSAGES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in (STATIC / "messages").glob("*.json")
}
#: The plural categories that `Intl.PluralRules` knows of each language.
CATEGORIES = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
SOURCES = "\n".join(path.read_text() for path in STATIC.glob("*.js"))

every_language = pytest.mark.parametrize("language", sorted(MESSAGES))


def test_the_languages_are_those_that_the_modules_know() -> None:
    shipped = re.search(r"SHIPPED = (\[.*?\])", SOURCES)
    assert shipped
    assert set(json.loads(shipped[1])) == MESSAGES.keys() == CATEGORIES.keys()


@every_language
def test_every_language_has_every_text_and_no_other(language: str) -> None:
    assert MESSAGES[language].keys() == MESSAGES["en"].keys()


@every_language
def test_what_depends_on_a_number_has_every_form_of_the_language(language: str) -> None:
    for key, text in MESSAGES[language].items():
        if isinstance(text, dict):
            assert text.keys() == CATEGORIES[language], key


@every_language
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    """A form may leave the number out, as in "one badge"."""
    for key, text in MESSAGES[language].items():
        english = set().union(*map(_values, _forms(MESSAGES["en"][key])))
        assert set().union(*map(_values, _forms(text))) <= english, key
        assert english - {"n"} <= set().union(*map(_values, _forms(text))), key


def test_every_text_that_a_module_names_is_there() -> None:
    named = re.findall(r"(?:\bt|\.text)\(\s*\"([a-z_.]+)\"", SOURCES)
    assert set(named) > {"retry", "badges.title"}
    assert set(named) <= MESSAGES["en"].keys()


def test_every_text_is_used() -> None:
    """Some keys are put together: `error.${kind}`."""
    heads = set(re.findall(r"`([a-z_.]+\.)\$\{", SOURCES))
    for key in MESSAGES["en"]:
        is_named = f'"{key}"' in SOURCES
        assert is_named or any(key.startswith(head) for head in heads), key


def _forms(text: str | dict[str, str]) -> Iterator[str]:
    yield from text.values() if isinstance(text, dict) else [text]


def _values(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
