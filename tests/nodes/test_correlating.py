"""Whose account was it: found where that is certain, and asked where it is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from officeflow.runner import holding
from officeflow.sdk import Answer, NodeResult
from tests.nodes.accounts import fails
from tests.nodes.paper.directory import PaperDirectory
from tests.nodes.world import World

pytestmark = pytest.mark.integration

ANA = {
    "external_id": "1001",
    "email": "ana@acme.example",
    "given_name": "Ana",
    "family_name": "López",
    "former_names": ["Ana Pérez"],
    "former_logins": ["ana.perez@acme.example"],
}
NAMED = {"given_name": "Ana", "family_name": "Pérez"}


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    return world.paper


def correlate(
    world: World, answer: Answer | None = None, connection: str = "paper", **changes: Any
) -> NodeResult:
    params = {**ANA, **changes}
    return world.run("identity.correlate_account", params, connection=connection, answer=answer)


def login(result: NodeResult) -> object:
    assert result.status == "success", (result.error, result.question)
    return result.output["login"]


def choices(result: NodeResult) -> list[str]:
    assert result.question is not None, result.output
    assert result.question.form is not None
    return list(result.question.form["properties"]["account"]["enum"])


def test_nobody_is_told_as_nobody(world: World, paper: PaperDirectory) -> None:
    paper.add("bob@acme.example", external_id="7")
    result = correlate(world)
    assert (result.status, result.output["found"]) == ("success", False)


@pytest.mark.parametrize(
    "fields",
    [
        {"external_id": "1001"},
        {"external_id": "1001", **NAMED},
        {"employee_number": "1001", "external_id": "legacy-5", **NAMED},
    ],
)
def test_the_number_is_certain_also_under_a_former_name(
    world: World, paper: PaperDirectory, fields: dict[str, str]
) -> None:
    paper.add("ana.perez@acme.example", active=False, **fields)
    result = correlate(world)
    assert (login(result), result.output["active"]) == ("ana.perez@acme.example", False)


def test_a_deleted_account_is_found_where_the_system_keeps_it(world: World, paper: PaperDirectory) -> None:
    paper.remove(paper.add("ana.perez@acme.example", external_id="1001"))
    result = correlate(world)
    assert (result.output["found"], result.output["deleted"], result.output["active"]) == (True, True, False)


def test_one_that_keeps_none_is_asked_for_live_ones(world: World, paper: PaperDirectory) -> None:
    paper.remove(paper.add("ana.perez@acme.example", external_id="1001"))
    assert correlate(world, connection="paper_plain").output["found"] is False


def test_somebody_elses_number_and_name_is_nobody_of_ours(world: World, paper: PaperDirectory) -> None:
    paper.add("ana@acme.example", external_id="7", given_name="Ana", family_name="Ruiz")
    assert correlate(world, login="ana@acme.example").output["found"] is False


@pytest.mark.parametrize(
    "accounts",
    [
        [{"login": "ana.perez@acme.example"}],
        [{"login": "ana.perez@acme.example", "external_id": "7", **NAMED}],
        [{"login": "x", "external_id": "1001", "given_name": "Bo", "family_name": "Li"}],
        [{"login": "x", "external_id": "1001"}, {"login": "y", "employee_number": "1001"}],
        [{"login": "ana.perez@acme.example"}, {"login": "y", "email": "ana@acme.example"}],
    ],
    ids=["by login alone", "another number", "another name", "two numbers", "two that may be"],
)
def test_what_is_not_certain_is_asked(
    world: World, paper: PaperDirectory, accounts: list[dict[str, str]]
) -> None:
    for fields in accounts:
        paper.add(**fields)
    result = correlate(world)
    assert len(choices(result)) == len(accounts) + 1
    assert paper.writes() == []


def test_the_answer_chooses_and_stays(world: World, paper: PaperDirectory) -> None:
    paper.add("ana.perez@acme.example", **NAMED)
    paper.remove(paper.add("ana@acme.example"))
    asked = choices(correlate(world))
    assert asked[-1] == "none of them"
    chosen = next(label for label in asked if "deleted" in label)
    answer = Answer(chosen="Submit", by="boss", values={"account": chosen})
    result = correlate(world, answer)
    assert (login(result), result.output["chosen_by"]) == ("ana@acme.example", "boss")
    assert correlate(world).output == result.output


def test_none_of_them_is_an_answer(world: World, paper: PaperDirectory) -> None:
    paper.add("ana.perez@acme.example")
    correlate(world)
    answer = Answer(chosen="Submit", by="boss", values={"account": "none of them"})
    result = correlate(world, answer)
    assert (result.output["found"], result.output["chosen_by"]) == (False, "boss")


def test_one_that_is_gone_by_the_answer_is_not_taken(world: World, paper: PaperDirectory) -> None:
    paper.add("other@acme.example", email="ana@acme.example")
    account_id = paper.add("ana.perez@acme.example")
    label = next(each for each in choices(correlate(world)) if account_id in each)
    del paper.accounts[account_id]
    result = correlate(world, Answer(chosen="Submit", by="boss", values={"account": label}))
    assert "not among them any more" in fails(result, "conflict")


def test_no_answer_in_time_is_no_account(world: World, paper: PaperDirectory) -> None:
    paper.add("ana.perez@acme.example")
    correlate(world, timeout="PT1H")
    world.clock.moment += dt.timedelta(hours=2)
    fails(correlate(world, Answer(chosen="", in_time=False), timeout="PT1H"), "not_approved")


def test_by_name_all_accounts_are_compared(world: World, paper: PaperDirectory) -> None:
    paper.add("p4711", **NAMED)
    assert correlate(world).output["found"] is False
    result = world.run("identity.correlate_account", {**ANA, "by_name": True}, connection="paper", node="two")
    assert "p4711" in choices(result)[0]


def test_a_pause_asks_nothing_in_the_place_of_its_question() -> None:
    from officeflow.nodes.identity.correlate_account import CorrelateAccount
    from officeflow.nodes.identity.find_account import FindAccount
    from officeflow.sdk import NodeInput

    given = NodeInput(
        node="it",
        type=CorrelateAccount.spec.type,
        org="acme",
        dag_id="d",
        dag_run_id="r",
        params={},
        context={},
        try_number=1,
    )
    assert not holding._may_ask(given, CorrelateAccount)
    assert holding._may_ask(given, FindAccount)
