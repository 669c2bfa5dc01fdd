"""Texts in the reader's language, by gettext catalogs. What is stored stays in the source language.

A text of the database is its own message id, so that one which somebody has changed there is shown
as it is until the catalogs know it. `<directory>/<language>/LC_MESSAGES/gamify.mo`, in Babel's
layout: the host's directory first, then ours.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

#: The name of our catalogs.
DOMAIN = "gamify"
#: Where those that are shipped lie.
SHIPPED = Path(__file__).parent / "translations"

#: One form, or singular and plural with `{n}` in them.
Message = str | tuple[str, str]


class _Nothing(gettext.NullTranslations):
    """The end of a chain of catalogs that is asked what they lack."""

    def gettext(self, _message: str) -> str:
        return ""

    def ngettext(self, _one: str, _many: str, _n: int) -> str:
        return ""


@dataclass(frozen=True)
class Texts:
    """The languages that one mounted app can answer in."""

    source: str = "en"  #: the language in which the catalog is written
    directories: Sequence[Path] = (SHIPPED,)
    _found: dict[str, gettext.NullTranslations] = field(default_factory=dict)

    @cached_property
    def languages(self) -> list[str]:
        """The source language and all that there are catalogs for."""
        paths = [path for at in self.directories for path in at.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")]
        return [self.source, *sorted({path.parts[-3] for path in paths} - {self.source})]

    def one(self, text: str, language: str) -> str:
        """`text` in `language`; as it is when that is the source or there is no translation."""
        return self._catalogs(language).gettext(text) if text else text

    def counted(self, one: str, many: str, n: int, language: str) -> str:
        """The form that `n` asks for in `language`, with `{n}` not yet filled in."""
        return self._catalogs(language).ngettext(one, many, n)

    def missing(self, language: str, messages: Iterable[Message]) -> Iterator[Message]:
        """Those of `messages` that the catalogs of `language` do not translate."""
        catalogs = self._load(language)
        catalogs.add_fallback(_Nothing())
        for message in messages:
            known = (
                catalogs.gettext(message)
                if isinstance(message, str)
                else catalogs.ngettext(*message, 1)
            )
            if not known:
                yield message

    def _catalogs(self, language: str) -> gettext.NullTranslations:
        if language not in self._found:
            self._found[language] = self._load(language)
        return self._found[language]

    def _load(self, language: str) -> gettext.NullTranslations:
        """The catalogs of a language, each asked for what those before it lack."""
        chain = gettext.NullTranslations()
        for directory in self.directories if language != self.source else ():
            chain.add_fallback(gettext.translation(DOMAIN, directory, [language], fallback=True))
        return chain


def template(messages: Iterable[Message]) -> str:
    """A template (.pot) of `messages`, from which Babel and others make and update catalogs."""
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    entries = [head, *map(_entry, dict.fromkeys(messages))]
    return "\n".join(entries)


def _entry(message: Message) -> str:
    if isinstance(message, str):
        return f'msgid {_quoted(message)}\nmsgstr ""\n'
    one, many = map(_quoted, message)
    return f'msgid {one}\nmsgid_plural {many}\nmsgstr[0] ""\nmsgstr[1] ""\n'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
