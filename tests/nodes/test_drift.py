"""Drift: systems compared with people and rules, by looking alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.access import drift as comparing
from officeflow.access.drift import Comparison
from officeflow.connectors.families.identity import Account, Entitlement
from officeflow.database.tables import AuditRecord
from officeflow.errors import NotKnown
from officeflow.runner.inquiring import drifting, store
from officeflow.runner.inquiring.answering import answer
from officeflow.runner.inquiring.store import Question
from officeflow.statuses import InquiryKind, InquiryState
from officeflow.tenants import organizations
from tests.command import Command, officeflow
from tests.nodes.ruled import employ, furnish, settle
from tests.nodes.world import World

pytestmark = pytest.mark.integration
__all__ = ["officeflow"]

GONE = {"status": "exited", "end_date": dt.date(2026, 1, 31)}


def look(world: World, *names: str) -> dict[str, Any]:
    return drifting.of_connections(world.services, "acme", names or ("paper",))


def told(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (each["account"], each["employee"], each["told"])
        for of_one in found["connections"]
        for each in of_one["differences"]
    }


def test_leavers_strangers_and_what_is_beyond_the_rules_are_told_and_nothing_is_written(world: World) -> None:
    account_id = furnish(world, groups=("Engineering", "Sales", "Chess"))
    world.paper.held["roles"][account_id].append(Entitlement(id="rauditor", name="auditor"))
    employ(world, department="Sales")
    employ(world, "1002", work_email="bob@acme.example", **GONE)
    world.paper.add("Bob@acme.example")
    world.paper.add("carol@acme.example", external_id="1002", active=False)
    world.paper.add("backup@acme.example")
    settle(
        world,
        {"match": {"department": "Sales"}, "gives": {"groups": ["Sales"]}},
        {"match": {"department": "Engineering"}, "gives": {"groups": ["Engineering"], "roles": ["auditor"]}},
    )
    found = look(world)
    assert told(found) == {
        ("Bob@acme.example", "1002", "left, and the account is active"),
        ("backup@acme.example", "", "nobody employs its person"),
        ("ana@acme.example", "1001", "beyond the rules: group Engineering"),
        ("ana@acme.example", "1001", "beyond the rules: role auditor"),
    }
    assert (found["found"], found["complete"], found["connections"][0]["accounts"]) == (4, True, 4)
    assert world.paper.writes() == []


def test_where_all_is_as_it_should_be_nothing_is_found(world: World) -> None:
    furnish(world, groups=("Sales", "Chess"))
    employ(world, department="Sales")
    settle(world, {"match": {"department": "Sales"}, "gives": {"groups": ["Sales"]}})
    assert look(world)["found"] == 0


def test_who_works_until_a_last_day_that_is_yet_to_come_has_not_left(world: World) -> None:
    furnish(world)
    employ(world, status="exited", end_date=world.clock.now().date() + dt.timedelta(days=3))
    assert look(world)["found"] == 0


def test_a_system_that_cannot_list_or_does_not_answer_is_told_as_not_looked_at(world: World) -> None:
    found = look(world, "paper_plain", "paper", "nowhere")
    why = {each["connection"]: each["why"] for each in found["connections"] if not each["looked"]}
    assert why.keys() == {"paper_plain", "nowhere"}
    assert why["paper_plain"] == "its system cannot list accounts"
    assert found["complete"] is False
    world.paper.kill()
    assert look(world)["connections"][0]["looked"] is False


def test_a_rule_that_cannot_be_told_of_somebody_is_that_ones_line_alone(world: World) -> None:
    furnish(world)
    employ(world, department="Sales")
    world.paper.add("backup@acme.example")
    settle(world, {"name": "odd", "when": "employee.badge > 3", "gives": {"groups": ["Sales"]}})
    found = told(look(world))
    assert ("backup@acme.example", "", "nobody employs its person") in found
    assert any("could not be compared: the access rule 'odd'" in line for _, _, line in found)


class Many:
    """Lists so many accounts, one by one, and knows how many of them are taken before the first is looked
    at.
    """

    def __init__(self, number: int) -> None:
        self.number, self.given, self.most_ahead, self.looked = number, 0, 0, 0

    def list_accounts(self) -> Iterator[Account]:
        for number in range(self.number):
            self.given += 1
            yield Account(id=str(number), login=f"u{number}@acme.example", active=True)

    def progress(self, _: str) -> None:
        self.most_ahead = max(self.most_ahead, self.given - self.looked)
        self.looked = self.given


def test_ten_thousand_accounts_are_compared_a_batch_at_a_time_and_not_all_are_listed(world: World) -> None:
    many = Many(10_000)
    comparison = Comparison(world.services.database, "acme", world.clock.now())
    compared = comparison.compare("paper", many, told=many.progress).to_json()
    assert (compared["accounts"], compared["found"]) == (10_000, 10_000)
    assert (len(compared["differences"]), compared["not_told"]) == (comparing.MOST_TOLD, 9_000)
    assert many.most_ahead <= comparing.BATCH


def test_a_task_answers_it_and_the_audit_log_has_who_asked(world: World) -> None:
    world.paper.add("backup@acme.example")
    database = world.services.database
    with organizations.entered(database, "acme") as (session, org_id):
        question = Question(
            kind=InquiryKind.DRIFT, request={"names": ["paper"]}, subject="organization:acme", by="cli:boss"
        )
        inquiry = store.put(session, org_id, question)
    with pytest.raises(NotKnown, match="nobody waits"):
        answer(world.services, org="acme", inquiry=str(inquiry))  # those slots are for what is quick
    answer(world.services, org="acme", inquiry=str(inquiry), slow=True)
    seen = store.see(database, org_id, inquiry)
    assert seen.state is InquiryState.ANSWERED
    assert seen.result is not None
    assert seen.result["found"] == 1


def test_the_nightly_look_says_how_many_and_not_of_whom(world: World) -> None:
    furnish(world)
    world.paper.add("backup@acme.example")
    settle(world, {"gives": {"groups": ["Chess"]}})
    assert drifting.of_organization(world.services, "acme") == {
        "found": 2,
        "connections": {"paper": {"nobody": 2}},
    }
    with world.services.database.service() as session:
        newest = session.scalars(select(AuditRecord).order_by(AuditRecord.occurred_at.desc()).limit(1)).one()
        assert (newest.actor, newest.action) == ("officeflow:drift", "access.compared")
        assert newest.details == {"connections": ["paper"], "found": 2}


class Asking:
    """In the place of Airflow and its task."""

    def __init__(self, world: World) -> None:
        self.world, self.airflow = world, self

    def connections(self, prefix: str = "") -> list[dict[str, str]]:
        kinds = {"paper": "paper", "paper_plain": "paper_plain", "mail": "smtp"}
        return [{"connection_id": f"{prefix}{name}", "conn_type": kind} for name, kind in kinds.items()]

    def ask(self, org_id: object, org: str, question: Question) -> dict[str, Any]:
        del org_id
        return drifting.of_connections(self.world.services, org, question.request["names"])


def test_the_command_prints_a_table_and_its_status_says_whether_something_was_found(
    world: World, officeflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def inquiries(_: object, **__: object) -> Iterator[Asking]:
        yield Asking(world)

    monkeypatch.setattr("officeflow.cli.drift.inquiries", inquiries)
    nothing = officeflow("drift", "acme", "paper")
    assert (nothing.status, nothing.out) == (0, "paper: 0 accounts compared, 0 differences\n")
    assert officeflow("drift", "acme").status == 3, "one cannot list"
    world.paper.add("backup@acme.example")
    found = officeflow("drift", "acme")
    assert found.status == 1
    assert "backup@acme.example" in found.out
    assert "paper_plain: not looked at: its system cannot list accounts" in found.out
    assert officeflow("drift", "acme", "paper", "--json").json["found"] == 1
    assert officeflow("drift", "acme", "mail").status == 2
