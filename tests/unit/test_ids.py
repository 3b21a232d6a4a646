"""Identifiers on their way into headers."""

from __future__ import annotations

from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.ids import header_text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_stand_in_a_header_and_be_read_back(text: str) -> None:
    encoded = header_text(text)
    assert encoded.isascii()
    assert not any(character <= " " or character in '\x7f"' for character in encoded)
    assert unquote(encoded) == text
    assert httpx.Headers({"X-Correlation-ID": encoded})["x-correlation-id"] == encoded


@pytest.mark.parametrize(
    "plain", ["7f0c1c9e-1", "hire-1042", "https://hr.example/acme?x=1&y=2#z", "a+b_c.d~e"]
)
def test_ordinary_ids_are_as_they_were(plain: str) -> None:
    assert header_text(plain) == plain
