"""Numbers of things, in words."""

from __future__ import annotations

import pytest

from officeflow.counts import counted


@pytest.mark.parametrize(("number", "words"), [(0, "0 processes"), (1, "1 process"), (2, "2 processes")])
def test_one_thing_is_no_plural(number: int, words: str) -> None:
    assert counted(number, "process", "processes") == words
    assert counted(number, "run") == f"{number} run{'' if number == 1 else 's'}"
