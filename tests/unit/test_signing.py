"""Signatures of Standard Webhooks: an independent library makes and reads the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from standardwebhooks import Webhook

from zeeguu_gamify.delivery import signing
from zeeguu_gamify.delivery.signing import BadSignature

NOW = datetime(2026, 11, 23, 12)
BODY = b'{"type":"badge.earned"}'


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_the_library_reads_what_we_sign() -> None:
    key = signing.new_secret()
    assert Webhook(key).verify(BODY, signing.headers([key], "msg_1", NOW, BODY))


def test_we_read_what_the_library_signs() -> None:
    key = signing.new_secret()
    signed = Webhook(key).sign("msg_1", NOW.replace(tzinfo=UTC), BODY.decode())
    given = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.replace(tzinfo=UTC).timestamp())),
    }
    assert signing.verify([key], {**given, "webhook-signature": signed}, BODY) == "msg_1"


def test_either_of_two_keys_is_enough_for_either_side() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    by_both = signing.headers([new, old], "msg_1", NOW, BODY)
    for key in (old, new):
        assert Webhook(key).verify(BODY, by_both)
        assert signing.verify([old, new], signing.headers([key], "msg_1", NOW, BODY), BODY)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"}, {"webhook-timestamp": "1795435201"}, {"webhook-signature": "v1,"},
        {"webhook-signature": ""}, {"webhook-timestamp": "soon"}, {"webhook-id": ""},
        {"webhook-signature": "v1,ä"}, {"webhook-timestamp": "²"},
        {"webhook-timestamp": "9" * 5000},
    ],
)  # fmt: skip
def test_whatever_is_changed_does_not_fit(changed: dict[str, str]) -> None:
    key = signing.new_secret()
    given = signing.headers([key], "msg_1", NOW, BODY)
    with pytest.raises(BadSignature):
        signing.verify([key], {**given, **changed}, BODY)


def test_another_body_or_another_key_does_not_fit() -> None:
    key = signing.new_secret()
    given = signing.headers([key], "msg_1", NOW, BODY)
    for keys, body in (([key], BODY + b" "), ([signing.new_secret()], BODY), ([], BODY)):
        with pytest.raises(BadSignature):
            signing.verify(keys, given, body)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_not_signed_in_these_minutes_is_a_replay(minutes: int) -> None:
    key = signing.new_secret()
    given = signing.headers([key], "msg_1", NOW + timedelta(minutes=minutes), BODY)
    with pytest.raises(BadSignature, match="not of these minutes"):
        signing.verify([key], given, BODY)


def test_after_a_rotation_the_old_key_is_valid_for_a_while(
    clock: time_machine.Traveller,
) -> None:
    first = signing.with_new_secret((), timedelta())
    both = signing.with_new_secret(first, timedelta(hours=24))
    old, new = first[0]["key"], both[0]["key"]
    assert signing.valid_keys(both) == [new, old]
    clock.shift(timedelta(hours=24))
    assert signing.valid_keys(both) == [new]


def test_a_second_rotation_does_not_put_off_the_end_of_the_first_key() -> None:
    first = signing.with_new_secret((), timedelta())
    second = signing.with_new_secret(first, timedelta(hours=1))
    third = signing.with_new_secret(second, timedelta(hours=24))
    assert [one["until"] for one in third] == [None, "2026-11-24T12:00:00", "2026-11-23T13:00:00"]


def test_rotating_at_once_leaves_the_new_key_only() -> None:
    first = signing.with_new_secret((), timedelta())
    assert len(signing.valid_keys(signing.with_new_secret(first, timedelta()))) == 1
