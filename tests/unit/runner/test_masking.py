"""What is sensitive stays out of sight."""

from __future__ import annotations

from typing import Annotated

from hypothesis import given
from hypothesis import strategies as st

from officeflow.runner.masking import Mask, MaskedLog, mask_of, sensitive_values, shown
from officeflow.sdk import NodeParams, Sensitive


class Inner(NodeParams):
    pin: Annotated[str, Sensitive] = "4711-pin"


class Params(NodeParams):
    login: str = "ana"
    password: Annotated[str, Sensitive] = "correct horse"
    inner: Inner = Inner()
    more: tuple[Inner, ...] = (Inner(pin="8282-pin"),)


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, **values: object) -> None:
        self.lines.append(f"{event} {values}")

    warning = error = info


def test_marked_fields_are_found_in_nested_models_too() -> None:
    assert sensitive_values(Params()) == ["correct horse", "4711-pin", "8282-pin"]


def test_a_masked_log_shows_none_of_the_values() -> None:
    lines = Lines()
    log = MaskedLog(lines, mask_of(sensitive_values(Params())))
    for tell in (log.info, log.warning, log.error):
        tell("with correct horse", pins=["4711-pin", {"x": "8282-pin"}], number=3)
    assert lines.lines == ["with *** {'pins': ['***', {'x': '***'}], 'number': 3}"] * 3


def test_an_address_is_masked_as_it_is_written_and_as_it_goes_over_the_wire() -> None:
    mask = mask_of("Ana <Ana@Straße.example>", "Ben@HOME.example")
    assert (
        mask.text("ana@xn--strae-oqa.EXAMPLE: no such user; ben@home.example neither")
        == "***: no such user; *** neither"
    )


def test_names_and_numbers_are_masked_like_texts_and_none_is_lost() -> None:
    mask = mask_of({"pay": 52000, "mail": ["ana@home.example", "ben@home.example"]})
    masked = mask.value({"ana@home.example": 52000, "ben@home.example": 52000.5, "rest": [True, 52001]})
    assert masked == {"***": "***", "*** 2": 52000.5, "rest": [True, 52001]}
    assert mask.found_in({"to ana@home.example": [52000]}) == ["52000", "ana@home.example"]


def test_marked_fields_are_not_shown_however_short() -> None:
    params = Params(password="x", inner=Inner(pin="1"), more=(Inner(pin=""), Inner(pin="2")))
    assert shown(params, params.model_dump(mode="json")) == {
        "login": "ana",
        "password": "***",
        "inner": {"pin": "***"},
        "more": [{"pin": "***"}, {"pin": "***"}],
    }


def test_a_value_inside_a_longer_one_hides_neither_half() -> None:
    assert mask_of("secret", "secret garden").text("a secret garden, a secret") == "a ***, a ***"


def test_short_values_and_truth_values_do_not_mask_ordinary_words() -> None:
    assert mask_of("a", 12, True, None, {"x": ["yes"]}) == Mask()


WITHOUT_STARS = st.characters(exclude_characters="*")


@given(st.lists(st.text(WITHOUT_STARS, min_size=4, max_size=8), max_size=5), st.text(WITHOUT_STARS))
def test_no_value_of_some_length_survives(values: list[str], text: str) -> None:
    masked = mask_of(values).text(text.join(values))
    assert not any(value in masked for value in values)
