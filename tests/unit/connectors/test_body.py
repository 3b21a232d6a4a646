"""An answer's body is never more in memory than its limit, however it is packed."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.connectors.http_body import MIB, TooLargeError, UnreadableError, read_body


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@given(st.binary(max_size=5000), st.integers(1, 700), st.integers(1, 3))
def test_what_was_packed_comes_out_in_whatever_pieces_it_came(body: bytes, size: int, members: int) -> None:
    packed = b"".join(gzip.compress(body) for _ in range(members))
    assert read_body(pieces(packed, size), "gzip", 20_000) == body * members
    assert read_body(pieces(body, size), "identity", 5000) == body


@given(st.integers(0, 3), st.booleans())
def test_the_limit_itself_is_allowed_and_one_more_is_not(more: int, packed: bool) -> None:
    body = bytes(1000 + more)
    came, coding = (gzip.compress(body), "GZip") if packed else (body, "")
    if more:
        with pytest.raises(TooLargeError):
            read_body([came], coding, 1000)
    else:
        assert read_body([came], coding, 1000) == body


def test_a_bomb_of_any_size_takes_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(128 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            read_body([bomb], "gzip", MIB)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


def test_members_that_hold_nothing_end_at_the_limit_too() -> None:
    empty = gzip.compress(b"")
    endless = (empty * 100 for _ in iter(int, 1))
    with pytest.raises(TooLargeError):
        read_body(endless, "gzip", 10_000)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"x" * 1000)[:-9]),
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b"x") + b"rest"),
        ("deflate", b"x"),
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x"))),
    ],
)
def test_what_cannot_be_unpacked_says_so(coding: str, body: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_body([body], coding, 5000)
