"""Whose a name is, and who is asked nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from auth.fab_roles import MEMBER_ROLE
from auth.people import People, is_untouched, owners
from officeflow.airflow_api import accounts
from officeflow.database.engine import Database
from officeflow.errors import Unavailable


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("acme__joiner", {"acme"}),
        ("acme__a__b", {"acme"}),
        ("acme.mail", {"acme"}),
        ("acme.mail__x", {"acme", "acme.mail"}),
        ("acme", set()),
        ("acme_joiner", set()),
        ("__acme", set()),
        (".acme", set()),
        ("", set()),
    ],
)
def test_a_name_is_the_organizations_that_it_begins_with(name: str, slugs: set[str]) -> None:
    assert owners(name) == slugs


def account(*roles: str) -> SimpleNamespace:
    return SimpleNamespace(username="ana", roles=[SimpleNamespace(name=role) for role in roles])


def test_the_platform_is_known_by_its_roles_alone() -> None:
    assert is_untouched(account("Viewer", "Admin"))
    assert is_untouched(account("OfficeFlow service"))
    assert not is_untouched(account("Op", MEMBER_ROLE, "admin"))
    assert not is_untouched(SimpleNamespace())


def test_a_database_that_is_away_is_not_asked_again_at_once() -> None:
    with Database("postgresql://x@127.0.0.1:1/x") as database:
        people = People(database)
        assert not people.is_lost(account("Admin"))
        found = []
        for ask in (lambda: people.standing(account()), lambda: people.is_organizations("acme.mail")):
            with pytest.raises(Unavailable) as error:
                ask()
            found.append(error.value)
        assert found[0] is found[1]


def test_the_command_and_airflow_mean_the_same_role() -> None:
    assert accounts.MEMBER_ROLE == MEMBER_ROLE
