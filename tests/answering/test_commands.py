"""`officeflow approval` and `officeflow user group` as people type them. Airflow's sign-in is a stand-in
here, `tests/airflow` has the real one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from officeflow.database.tables import UserGroup
from officeflow.people import unmailed
from officeflow.statuses import RequestKind
from tests.answering.asked import CLOCK, FORM, Asked
from tests.command import Command, Outcome
from tests.listeners.airflow_api import LOGIN, AirflowServer

pytestmark = pytest.mark.integration

TODAY = CLOCK.now().date().isoformat()


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> Iterator[AirflowServer]:
    server = AirflowServer()
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", server.url)
    yield server
    server.stop()


class Typing:
    """Who types, by what Airflow calls the login."""

    def __init__(self, officeflow: Command, airflow: AirflowServer) -> None:
        self._officeflow = officeflow
        self._airflow = airflow

    def __call__(self, login: str, *arguments: str, password: str = LOGIN["password"]) -> Outcome:
        self._airflow.account = login
        who = ("--login", LOGIN["username"], "--password-stdin")
        return self._officeflow("approval", *arguments, *who, stdin=f"{password}\n")


@pytest.fixture
def typing(officeflow: Command, airflow: AirflowServer) -> Typing:
    return Typing(officeflow, airflow)


def test_what_one_is_asked_is_listed_shown_and_answered(asked: Asked, typing: Typing) -> None:
    request_id = str(asked.ask("bea"))
    listed = typing("bea", "list")
    assert (listed.status, request_id[:8] in listed.out) == (0, True)
    assert "nobody is told by mail" in listed.err
    shown = typing("bea", "show", request_id[:8])
    assert "bea@acme.example  open, asked by name" in shown.out
    assert "She starts on **Monday**." in shown.out
    said = typing("bea", "approve", request_id[:8])
    assert (said.status, said.out) == (0, "Approve, by bea: it is decided, and the run goes on\n")
    again = typing("bea", "approve", request_id[:8])
    assert (again.status, "already answered by bea at 20" in again.err) == (1, True)
    assert typing("bea", "list").out == "nobody asks you anything\n"
    assert typing("bea", "show", request_id, "--json").json["decision"] == "Approve"


def test_a_wrong_password_does_nothing(asked: Asked, typing: Typing) -> None:
    request_id = asked.ask("bea")
    refused = typing("bea", "approve", str(request_id), password="wrong")
    assert (refused.status, "401" in refused.err) == (1, True)
    assert asked.is_open(request_id)


def test_a_refusal_needs_a_reason(asked: Asked, typing: Typing) -> None:
    request_id = str(asked.ask("bea"))
    assert "--why" in typing("bea", "reject", request_id).err
    assert typing("bea", "reject", request_id, "--why", " ").status == 1
    assert typing("bea", "reject", request_id, "--why", "no budget", "--json").json["decision"] == "Reject"


def test_a_form_is_filled_in_from_a_file_or_as_it_is_typed(
    asked: Asked, typing: Typing, tmp_path: Path
) -> None:
    first, second = (
        str(asked.ask("bea", node=node, kind=RequestKind.FORM, form=FORM)) for node in ("one", "two")
    )
    wrong = typing("bea", "fill", first, "--answers", '{"laptop": "huge", "colour": "red"}')
    assert wrong.status == 2
    assert "form.laptop: is not one of small, large" in wrong.err
    assert "form.colour: there is no such field" in wrong.err
    for text in ("[1]", "{", "{}"):
        (tmp_path / "answers.json").write_text(text)
        assert typing("bea", "fill", first, "--answers", str(tmp_path / "answers.json")).status == 2
    assert typing("bea", "fill", first, "--answers", '{"laptop": "small"}').status == 0
    (tmp_path / "answers.json").write_text(json.dumps({"laptop": "large", "bank": "DE99"}))
    assert typing("bea", "fill", second, "--answers", str(tmp_path / "answers.json")).status == 0
    shown = typing("bea", "show", second, "--json")
    assert "DE99" not in shown.out


def test_a_task_is_done_with_a_note(asked: Asked, typing: Typing) -> None:
    request_id = str(asked.ask("bea", kind=RequestKind.TASK))
    wrong = typing("bea", "approve", request_id)
    assert "this is a task (use `approval done`)" in wrong.err
    assert typing("bea", "done", request_id, "--note", "laptop 17 is on her desk").status == 0
    assert "laptop 17 is on her desk" in typing("bea", "show", request_id).out


def test_somebody_stands_in_from_one_day_to_another(asked: Asked, typing: Typing) -> None:
    asked.ask("bea")
    asked.user("cyd")
    given = ("--to", "cyd@acme.example", "--to-day", TODAY)
    made = typing("bea", "delegate", *given, "--json").json
    assert (made["of"], made["to"], made["from_day"], made["to_day"]) == (
        "bea@acme.example", "cyd@acme.example", TODAY, TODAY,
    )  # fmt: skip
    assert "cyd@acme.example for bea@acme.example" in typing("cyd", "list").out.replace("\n", " ")
    circle = typing("cyd", "delegate", "--to", "bea@acme.example", "--to-day", TODAY)
    assert (circle.status, "in a circle" in circle.err) == (2, True)
    assert made["delegation"] in typing("cyd", "delegations").out
    assert typing("bea", "undelegate", made["delegation"]).status == 0
    assert typing("cyd", "list").out == "nobody asks you anything\n"


def test_one_is_given_to_somebody_else(asked: Asked, typing: Typing) -> None:
    request_id = str(asked.ask("bea"))
    asked.user("op", role="operator")
    asked.user("cyd")
    given = ("--to", "cyd@acme.example", "--from", "bea@acme.example", "--why", "she is away")
    assert typing("cyd", "reassign", request_id, *given).status == 1
    assert typing("op", "reassign", request_id, *given).status == 0
    assert typing("bea", "list").out == "nobody asks you anything\n"
    assert request_id[:8] in typing("cyd", "list").out


def test_why_somebody_has_no_mail_is_shown(asked: Asked, typing: Typing) -> None:
    request_id = asked.ask("bea")
    with asked.database.tenant(asked.org.org_id) as session:
        (seat,) = unmailed.addressees(session, request_id, now=CLOCK.now())
        unmailed.mailed(session, seat, "", now=CLOCK.now(), problem="550 no such mailbox")
    assert "no mail: 550 no such mailbox" in typing("bea", "show", str(request_id)).out


def test_a_group_carries_a_role_until_it_does_not(asked: Asked, officeflow: Command) -> None:
    asked.user("bea")
    group = ("user", "group")
    officeflow(*group, "add", "acme", "payroll", "bea@acme.example")

    def roles() -> tuple[str, str | None]:
        (carried,) = (each["carries"] for each in officeflow(*group, "list", "acme", "--json").json)
        users = officeflow("user", "list", "acme", "--json").json
        (role,) = (each["role"] for each in users if each["email"] == "bea@acme.example")
        return role, carried

    before, _ = roles()
    assert officeflow(*group, "role", "acme", "payroll", "admin").status == 2
    assert officeflow(*group, "role", "acme", "payroll", "boss", "--why", "x").status == 2
    told = officeflow(*group, "role", "acme", "payroll", "admin", "--why", "x").out
    assert told == "who is in payroll is at least admin\n"
    assert roles() == ("admin", "admin")
    assert officeflow(*group, "role", "acme", "payroll", "none", "--why", "x").status == 0
    assert roles() == (before, None)


def test_groups_are_kept_by_name(asked: Asked, officeflow: Command) -> None:
    asked.user("bea")
    group = ("user", "group")
    assert officeflow(*group, "list", "acme").out == "no groups\n"
    assert officeflow(*group, "add", "acme", "payroll", "bea@acme.example").out == (
        "bea@acme.example is in payroll\n"
    )
    assert "already" in officeflow(*group, "add", "acme", "payroll", "bea@acme.example").out
    assert [each["group"] for each in officeflow(*group, "list", "acme", "--json").json] == ["payroll"]
    assert officeflow(*group, "add", "acme", "pay/roll", "bea@acme.example").status == 2
    assert officeflow(*group, "add", "acme", "payroll", "nobody@acme.example").status == 2
    assert officeflow(*group, "remove", "acme", "payroll", "bea@acme.example").status == 0
    assert officeflow(*group, "remove", "acme", "payroll", "bea@acme.example").status == 2
    with asked.database.tenant(asked.org.org_id) as session:
        assert session.query(UserGroup).count() == 0
    assert ("cli:ana", "group.joined") in asked.audited()
