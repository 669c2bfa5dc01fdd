"""The runner of real processes."""

import os

import pytest

from tests.processes import run_processes


def process_id(offset: int) -> int:
    return os.getpid() + offset


def refuse() -> None:
    raise LookupError("no such word")


def test_each_call_has_a_process_of_its_own_and_the_arguments_given() -> None:
    assert len(set(run_processes(process_id, 3, 1_000_000))) == 3


def test_an_error_in_a_process_is_raised_with_its_traceback() -> None:
    with pytest.raises(LookupError, match="no such word") as error:
        run_processes(refuse, 2)
    assert "in refuse" in str(error.value.__cause__)
