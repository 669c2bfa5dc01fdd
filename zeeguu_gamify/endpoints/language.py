"""The language of an answer: the user's, else the best that the client's Accept-Language names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, after_this_request, g, request
from marshmallow import fields

from zeeguu_gamify.mount import Mount, current_mount


def language() -> str:
    """The language in which a route of our own answers this request; the answer names it."""
    if "gamify_language" not in g:
        g.gamify_language = _chosen(current_mount())
        after_this_request(_name_it)
    return str(g.gamify_language)


def _chosen(mount: Mount) -> str:
    known = mount.texts.languages
    own = mount.language_of(g.user_id) if "user_id" in g else None
    if own in known:
        return str(own)
    return _asked_for(known) or mount.config.source_language


def _asked_for(known: Iterable[str]) -> str | None:
    """The first language of Accept-Language that we know; British English is English."""
    by_name = {name.lower().replace("_", "-"): name for name in known}
    for asked, quality in request.accept_languages:
        name = asked.lower().replace("_", "-")
        found = by_name.get(name) or by_name.get(name.partition("-")[0])
        if found and quality > 0:
            return found
    return None


def _name_it(response: Response) -> Response:
    response.content_language.add(g.gamify_language)
    response.vary.add("Accept-Language")
    return response


class OwnText(fields.String):
    """A text of the catalog, in the language of the answer."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        text = super()._serialize(value, attr, obj, **kwargs)
        return text and current_mount().texts.one(text, language())


class ContractText(OwnText):
    """The same on a route of Zeeguu's: browsers name their language there already, and nothing may
    change for them unless GAMIFY_TRANSLATE is on.
    """

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if current_mount().config.translate:
            return super()._serialize(value, attr, obj, **kwargs)
        return fields.String._serialize(self, value, attr, obj, **kwargs)
