"""Whom a workflow names, and who of them is asked."""

from __future__ import annotations

import pytest

from tests.people.conftest import Team

pytestmark = pytest.mark.integration


def test_a_role_asks_all_who_have_it_but_not_the_person_concerned_nor_the_starter(team: Team) -> None:
    request = team.ask({"role": "operator"})
    assert team.asked(request) == ["al", "bo", "cy"]
    assert team.request(request).unasked == [
        "role operator: ana@acme.example is the person that it is about",
        "role operator: sam@acme.example has started the run",
    ]


def test_a_group_asks_its_members(team: Team) -> None:
    assert team.asked(team.ask({"group": "it"})) == ["al"]


def test_users_are_asked_once_whatever_names_them(team: Team) -> None:
    request = team.ask({"user": "Al@Acme.example"}, {"group": "it"}, {"user": "eve@acme.example"})
    assert team.asked(request) == ["al", "eve"]


def test_the_manager_is_found_by_the_hr_systems_identifier_and_the_work_address(team: Team) -> None:
    assert team.asked(team.ask({"manager": True})) == ["bo"]


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ({"manager_external_id": "E-9"}, "the manager of E-1, E-9, is no known employee"),
        (
            {"manager_external_id": None},
            "nothing is known of a manager of E-1: the field manager_external_id",
        ),
        ({"manager_external_id": "E-3"}, "the manager of E-1, E-3, has no work address"),
        (
            {"manager_external_id": "E-4"},
            "the manager of E-1, nobody@acme.example, is no user of the organization",
        ),
        ({"manager_external_id": "E-1"}, "manager of E-1: ana@acme.example is the person that it is about"),
    ],
)
def test_a_manager_who_cannot_be_asked_is_told_and_the_run_waits(
    team: Team, person: dict[str, str], why: str
) -> None:
    team.employ("E-3")
    team.employ("E-4", work_email="nobody@acme.example")
    team.employ("E-1", **person)
    request = team.ask({"manager": True})
    assert team.asked(request) == []
    assert team.request(request).state == "OPEN"
    assert team.request(request).unasked == [why]


def test_a_manager_who_is_no_active_user_any_more_is_not_asked_and_others_are_instead(team: Team) -> None:
    team.change("bo", is_active=False)
    request = team.ask({"manager": True, "or": [{"user": "dee@acme.example"}]})
    assert team.asked(request) == ["dee"]
    assert team.request(request).unasked == ["manager of E-1: bo@acme.example is no active user any more"]


def test_where_nobody_can_be_asked_it_escalates_at_once(team: Team) -> None:
    request = team.ask({"group": "nobody"}, escalate_to=({"role": "admin"},))
    assert team.asked(request) == ["dee"]
    assert team.request(request).unasked == ["nobody is in the group nobody"]


def test_who_is_found_later_is_asked_as_soon_as_somebody_answers(team: Team) -> None:
    """A manager who becomes a user can answer what was waiting for them."""
    team.employ("E-1", manager_external_id="E-5")
    request = team.ask({"manager": True})
    assert team.asked(request) == []
    team.employ("E-5", work_email="cy@acme.example")
    assert team.say(request, "cy").decided
