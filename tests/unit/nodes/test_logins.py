"""Logins made of names as people have them."""

from __future__ import annotations

import pytest

from officeflow.errors import InvalidParameters
from officeflow.nodes.identity.unique_login import Params, UniqueLogin

PATTERN = "{given}.{family}@acme.example"


def first(**given: object) -> str:
    params = {"pattern": PATTERN, **given}
    return next(UniqueLogin.parse(params).candidates())[0]


def local(given_name: str | None, family_name: str | None, **more: object) -> str:
    return first(given_name=given_name, family_name=family_name, **more).removesuffix("@acme.example")


@pytest.mark.parametrize(
    ("given", "family", "login"),
    [
        ("Ana", "Pérez", "ana.perez"),
        ("Conan", "O\u2019Brien", "conan.obrien"),
        ("Søren", "Ærø", "soren.aero"),
        ("Łukasz", "Żółć", "lukasz.zolc"),
        ("Jürgen", "Groß", "jurgen.gross"),
        ("Ju\u0308rgen", "Groß", "jurgen.gross"),
        ("محمد", "علي", "mhmd.ly"),
        ("小明", "王", "xiaoming.wang"),
        ("Anna Maria", "de la Cruz", "annamaria.delacruz"),
        ("Anne-Marie", "Smith", "anne-marie.smith"),
        ("Ana 😀👩‍💻", "Pérez", "ana.perez"),
        ("\u202eAna\u202c", "P\u200bérez", "ana.perez"),
        ("Sukarno", None, "sukarno"),
        (None, "Björk", "bjork"),
        ("😀", "Pérez", "perez"),
    ],
)
def test_a_name_becomes_letters_that_every_system_takes(
    given: str | None, family: str | None, login: str
) -> None:
    assert local(given, family) == login


def test_german_umlauts_and_other_letters_are_written_as_it_is_told() -> None:
    assert local("Jürgen", "Größe", german=True) == "juergen.groesse"
    assert local("Åse", "Ødegård", replace={"Å": "aa", "ø": "oe"}) == "aase.oedegaard"


def test_a_name_of_300_letters_is_cut_and_keeps_its_number() -> None:
    params = UniqueLogin.parse(
        {"pattern": PATTERN, "given_name": "a" * 300, "family_name": "b", "longest": 20}
    )
    found = [login for (login, _), _ in zip(params.candidates(), range(11), strict=False)]
    assert found[0] == f"{'a' * 20}@acme.example"
    assert found[1] == f"{'a' * 19}2@acme.example"
    assert found[-1] == f"{'a' * 18}11@acme.example"


@pytest.mark.parametrize("name", ["😀", "\u202e\u200b", "\u2019", "", None])
def test_a_name_of_which_nothing_can_stand_in_a_login_is_an_error_that_says_so(name: str | None) -> None:
    with pytest.raises(InvalidParameters, match="no login for this name") as caught:
        local(name, None)
    assert "nothing that may stand in a login" in caught.value.problems[0].reason


@pytest.mark.parametrize(
    ("pattern", "logins"),
    [
        ("{g}{family}", ["aperez", "aperez2", "aperez3"]),
        ("{g}{m}{f}{number:2}", ["amp01", "amp02", "amp03"]),
        ("{family:3}{given:2}", ["peran", "peran2", "peran3"]),
        ("x-{employee}", ["x-1001", "x-10012", "x-10013"]),
        ("{given}{number}.{family}", ["ana.perez", "ana2.perez", "ana3.perez"]),
        (["{given}", "{given}.{middle}.{family}"], ["ana", "ana.maria.perez", "ana2"]),
    ],
)
def test_a_pattern_says_how_it_is_made_and_numbered(pattern: object, logins: list[str]) -> None:
    params = UniqueLogin.parse(
        {
            "pattern": pattern,
            "given_name": "Ana",
            "middle_name": "María",
            "family_name": "Pérez",
            "external_id": "1001",
        }
    )
    assert isinstance(params, Params)
    found = params.candidates()
    assert [next(found)[0] for _ in logins] == logins


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("{first}.{family}", "{first} is none of given"),
        ("{given", "names in braces stand before the @"),
        ("staff@{family}.example", "names in braces stand before the @"),
        ("staff@acme.example", "there is no name in it"),
        ("{number}@acme.example", "there is no name in it"),
        ("{given} {family}", "' ' is written in the pattern"),
        ("{given}@" + "a" * 250 + ".example", "longer than a login"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_with_the_reason(pattern: str, told: str) -> None:
    result = UniqueLogin.validate({"pattern": pattern, "given_name": "Ana"})
    assert [told in problem.reason for problem in result.problems] == [True], result.problems
