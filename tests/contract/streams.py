"""Reading a live stream, as a browser's EventSource does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Heard(NamedTuple):
    """An event of a stream."""

    name: str
    data: Any
    id: str


def events(pieces: Iterable[bytes]) -> Iterator[Heard]:
    """The events of a stream whose body comes in `pieces`; comments are left out."""
    for block in _blocks(pieces):
        lines = [line.split(": ", 1) for line in block.splitlines() if ": " in line]
        found = dict(line for line in lines if len(line) == 2)
        if "event" in found:
            yield Heard(found["event"], json.loads(found["data"]), found["id"])


def _blocks(pieces: Iterable[bytes]) -> Iterator[str]:
    text = ""
    for piece in pieces:
        text += piece.decode()
        *done, text = text.split("\n\n")
        yield from done
