"""One POST of a webhook takes no longer than it may, whatever the receiver does."""

from __future__ import annotations

import pytest

from tests.webhooks import dripping
from zeeguu_gamify.delivery.webhooks import post as sending
from zeeguu_gamify.delivery.webhooks.guard import networks

#: Of the first line of an answer, and of the first message of TLS, of which 16384 bytes follow.
BEGINNINGS = (("http", b"HTTP/1.1 "), ("https", b"\x16\x03\x03\x40\x00"))


@pytest.mark.parametrize("in_all", [0.0, 0.1], ids=["connecting", "connected"])
@pytest.mark.parametrize(("scheme", "begin"), BEGINNINGS, ids=["http", "https"])
def test_who_answers_byte_by_byte_is_cut_off(
    scheme: str, begin: bytes, in_all: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "IN_ALL", in_all)
    with dripping(begin) as (port, ended), pytest.raises(sending.Unreachable):
        sending.post(f"{scheme}://127.0.0.1:{port}/", {}, b"{}", networks("127.0.0.0/8"))
    assert ended == ["the sender"]
