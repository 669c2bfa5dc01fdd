"""The language of an answer: the user's, else the best that the client's Accept-Language names."""

from __future__ import annotations

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
    return request.accept_languages.best_match(known) or mount.config.source_language


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
