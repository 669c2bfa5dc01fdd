"""The event dictionary."""

from __future__ import annotations

import pytest

from zeeguu_gamify import EventType
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.events import EVENTS, Metric, dictionary
from zeeguu_gamify.listeners import SIGNALS


def test_a_host_adds_lines_and_redefines_ours() -> None:
    mine = EventType("song.sung", "a song was sung")
    other = EventType("word.translated", "redefined", metric="OTHER")
    events = dictionary([mine, other])
    assert (events["song.sung"], events["word.translated"]) == (mine, other)
    assert dictionary().keys() == {event.name for event in EVENTS}


@pytest.mark.parametrize(
    "name",
    ["sung", "Song.sung", "song.sung.twice", "song.", ".sung", "song sung", "a" * 62 + ".bc"],
)
def test_an_event_is_called_noun_verb(name: str) -> None:
    with pytest.raises(ConfigError, match=r"noun\.verb"):
        dictionary([EventType(name, "-")])


def test_the_longest_name_fits_its_column() -> None:
    assert "a" * 62 + ".b" in dictionary([EventType("a" * 62 + ".b", "-")])


def test_every_signal_becomes_an_event_there_is() -> None:
    assert {listened.event for listened in SIGNALS.values()} <= dictionary().keys()


def test_every_built_in_metric_is_moved_by_an_event() -> None:
    assert {metric for event in EVENTS for metric in event.metrics} == set(Metric)
