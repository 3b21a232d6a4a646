"""A login is given to one run alone, whatever else wants it."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from officeflow.ids import workflow_run_id
from officeflow.runner.run import run_node
from officeflow.runs import reservations
from officeflow.sdk import NodeInput, NodeResult
from tests.nodes.accounts import fails
from tests.nodes.paper.directory import PaperDirectory
from tests.nodes.world import CONTEXT, World

pytestmark = pytest.mark.integration
PARAMS = {"pattern": "{given}@acme.example", "given_name": "Ana"}


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    return world.paper


def run(
    world: World,
    dag_run: str = "manual__1",
    employee: str = "1001",
    connection: str = "paper",
    **more: Any,
) -> NodeResult:
    event = {**CONTEXT["event"], "employee": employee}
    given = NodeInput(
        node="it",
        type="identity.unique_login",
        org="acme",
        dag_id="acme__hire",
        dag_run_id=dag_run,
        params={**PARAMS, **more},
        context={**CONTEXT, "event": event},
        connection=connection,
        try_number=1,
    )
    return run_node(given, world.services)


def end(world: World, dag_run: str, status: str, *, days_ago: int = 0) -> None:
    with world.services.database.service() as session:
        session.execute(
            text(
                "UPDATE workflow_runs SET status = :status, ended_at = now() - make_interval(days => :days)"
                " WHERE run_id = :run"
            ),
            {"status": status, "days": days_ago, "run": workflow_run_id("acme__hire", dag_run)},
        )


def login(result: NodeResult) -> str:
    assert result.status == "success", result.error
    return str(result.output["login"]).removesuffix("@acme.example")


def test_two_runs_at_once_get_two(world: World) -> None:
    found: list[str] = []
    start = threading.Barrier(4)

    def hire(number: int) -> None:
        start.wait()
        found.append(login(run(world, f"manual__{number}", str(number))))

    threads = [threading.Thread(target=hire, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["ana", "ana2", "ana3", "ana4"]


def test_one_that_is_a_login_an_address_or_deleted_is_taken(world: World, paper: PaperDirectory) -> None:
    paper.add("ANA@acme.example")
    paper.add("other@acme.example", aliases=("ana2@acme.example",))
    paper.remove(paper.add("ana3@acme.example"))
    result = run(world)
    assert login(result) == "ana4"
    assert [step["text"].partition(":")[0] for step in result.story][:3] == [
        "ana@acme.example is taken",
        "ana2@acme.example is taken",
        "ana3@acme.example is taken",
    ]


def test_a_system_that_keeps_no_deleted_accounts_is_asked_for_the_others(
    world: World, paper: PaperDirectory
) -> None:
    paper.remove(paper.add("ana@acme.example"))
    assert login(run(world, connection="paper_plain")) == "ana"


def test_who_has_an_account_keeps_its_login_and_nothing_is_reserved(
    world: World, paper: PaperDirectory
) -> None:
    paper.add("perez@acme.example", external_id="1001")
    result = run(world, external_id="1001")
    assert (login(result), result.output["changed"], world.reservations()) == ("perez", False, 0)


def test_another_system_has_logins_of_its_own(world: World) -> None:
    assert login(run(world)) == "ana"
    assert login(run(world, "manual__2", "1002", connection="paper_plain")) == "ana"


def test_none_that_is_free_is_a_conflict(world: World, paper: PaperDirectory) -> None:
    for taken in ("ana", "ana2"):
        paper.add(f"{taken}@acme.example")
    assert "up to the number 2" in fails(run(world, last_number=2), "conflict")
    assert world.reservations() == 0


@pytest.mark.parametrize(
    ("status", "days_ago", "second"),
    [
        ("RUNNING", 0, "ana2"),
        ("SUCCEEDED", 0, "ana2"),
        ("SUCCEEDED", 2, "ana"),
        ("CANCELLED", 2, "ana"),
        ("FAILED", 30, "ana2"),
    ],
)
def test_it_is_kept_while_its_run_may_still_use_it(
    world: World, status: str, days_ago: int, second: str
) -> None:
    run(world)
    if status != "RUNNING":
        end(world, "manual__1", status, days_ago=days_ago)
    assert login(run(world, "manual__2", "1002")) == second


def test_the_same_persons_next_run_gets_what_the_one_that_failed_has_kept(world: World) -> None:
    run(world)
    end(world, "manual__1", "FAILED")
    assert login(run(world, "manual__2")) == "ana"
    assert world.reservations() == 1


def test_the_same_act_keeps_it_again_and_gives_it_back_once(world: World) -> None:
    run(world)
    with world.services.database.service() as session:
        org_id, key = session.execute(text("SELECT org_id, act_key FROM name_reservations")).one()
    keeper = reservations.Keeper(
        org_id=org_id,
        system="paper",
        key=key,
        run_id=workflow_run_id("acme__hire", "manual__1"),
        node="elsewhere",
    )
    database = world.services.database
    assert reservations.reserve(database, keeper, "ana@acme.example")
    assert [reservations.give_back(database, org_id, key) for _ in range(2)] == [1, 0]


def test_another_organization_sees_nothing_of_it(world: World) -> None:
    run(world)
    with world.services.database.tenant(uuid.uuid4()) as session:
        assert session.execute(text("SELECT count(*) FROM name_reservations")).scalar_one() == 0


def test_the_name_itself_is_not_kept(world: World) -> None:
    run(world)
    with world.services.database.service() as session:
        row = str(session.execute(text("SELECT * FROM name_reservations")).one())
    assert "ana" not in row
