"""Signatures of Standard Webhooks, for what we send and for what we receive.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import binascii
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from zeeguu_gamify import clock
from zeeguu_gamify.errors import GamifyError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

PREFIX = "whsec_"
KEY_BYTES = 32
#: A message signed longer ago than that, or so far in the future, is refused.
TOLERANCE = timedelta(minutes=5)
#: So long a timestamp may be: Python makes no number of thousands of digits.
MOST_DIGITS = 15


class BadSignature(GamifyError):
    """The signature does not fit."""

    status = 401


def new_secret() -> str:
    """A new key, as it is told to the other side."""
    return PREFIX + b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def with_new_secret(kept: Sequence[Mapping[str, Any]], overlap: timedelta) -> list[dict[str, Any]]:
    """What is kept of the keys, after a new one was made: the others end after `overlap`.

    An end that was set before is not put off, and what has ended is left out.
    """
    until = (clock.now() + overlap).isoformat()
    ending = [
        {"key": one["key"], "until": min(until, one["until"] or until)} for one in _valid(kept)
    ]
    return [{"key": new_secret(), "until": None}, *ending]


def valid_keys(kept: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys that have not ended, the newest first."""
    return [one["key"] for one in _valid(kept)]


def _valid(kept: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    now = clock.now().isoformat()
    return [one for one in kept if one["until"] is None or one["until"] > now]


def headers(keys: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers; one signature for each key, so that either side can change it first.

    at: UTC, when it is sent.
    """
    timestamp = str(clock.epoch_seconds(at))
    signatures = [_sign(key, message_id, timestamp, body) for key in keys]
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def verify(keys: Iterable[str], given: Mapping[str, str], body: bytes) -> str:
    """The id of a message that was signed by one of the keys just now; raises BadSignature."""
    message_id, timestamp = given.get(ID, ""), given.get(TIMESTAMP, "")
    if not (message_id and timestamp):
        raise BadSignature(f"{ID}, {TIMESTAMP} and {SIGNATURE} are required.")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MOST_DIGITS):
        raise BadSignature(f"{TIMESTAMP} must be seconds since 1970.")
    if abs(int(timestamp) - clock.epoch_seconds(clock.now())) > TOLERANCE.total_seconds():
        raise BadSignature(f"{TIMESTAMP} is not of these minutes.")
    signatures = [one.encode() for one in given.get(SIGNATURE, "").split()]
    for key in keys:
        expected = _sign(key, message_id, timestamp, body).encode()
        if any(hmac.compare_digest(expected, one) for one in signatures):
            return message_id
    raise BadSignature


def _sign(key: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(_raw(key), signed, sha256)
    return f"v1,{b64encode(digest).decode()}"


def _raw(key: str) -> bytes:
    """The bytes of a key; raises GamifyError for one that was not made by us."""
    try:
        return b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise GamifyError("A secret is not in base64.") from error
