"""Every route of Airflow's, called as everybody, about what is theirs and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from auth.routes import RUN, TASK, Need, Who, lines
from officeflow.rights.permissions import GRANTS, Permission, Role
from tests.airflow.rights.calls import call_of, names_somebodys
from tests.airflow.rights.conftest import OWNERS, Answer, Installation
from tests.airflow.rights.marks import dag_id_of, mark

pytestmark = pytest.mark.integration

NEEDS: dict[str, Need] = {f"{method} {path}": need for method, path, need in lines()}
ENDS_SESSIONS = {"GET /api/v2/auth/logout", "GET /auth/logout"}
NOT_THERE = {
    "GET /api/v2/connections/enqueue-test",
    "GET /api/v2/backfills/{backfill_id}",
    "PUT /api/v2/backfills/{backfill_id}/cancel",
    "PUT /api/v2/backfills/{backfill_id}/pause",
    "PUT /api/v2/backfills/{backfill_id}/unpause",
}
"""Whoever may not see the thing is told that there is none."""

ODD = {
    f"GET {TASK}/externalLogUrl/{{try_number}}": 400,  # the logs are ours, not another system's
    f"GET {TASK}/listMapped": 404,  # the task is not mapped
    "GET /api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents": 404,  # none is queued
    "GET /auth/fab/v1/users/{username}": 404,  # there is no such user
    "GET /ui/pending_partitioned_dag_run/{dag_id}": 404,  # the DAG has no partitions
}
"""What is answered to whoever may, instead of the thing."""

FAILS = {"GET /ui/calendar/{dag_id}"}
"""Airflow's own error for every DAG that has a run without a logical date, as all that are started here."""


@dataclass(frozen=True, slots=True)
class Cell:
    route: str
    login: str
    about: str
    allowed: bool

    def wrong(self, answer: Answer) -> str:
        """How the answer differs from what the table says; empty where it does not."""
        status, text = answer
        told = f"{self.login} on {self.about}: {self.route} → {status}"
        if status >= 500 and not (self.allowed and self.route in FAILS):
            return f"{told}, {text[:200]}"
        if not self.allowed:
            refused = 401 if self.login == "nobody" else 404 if self.route in NOT_THERE else 403
            return "" if status in {refused, 403} else f"{told}, but it is not allowed"
        if status in {401, 403} or (self.route in NOT_THERE and status == 404):
            return f"{told}, but it is allowed: {text[:200]}"
        reads = self.route.startswith("GET ") and NEEDS[self.route] is not Who.ANYBODY
        if reads and self.route not in FAILS and status != ODD.get(self.route, 200):
            return f"{told}, and shows nothing: {text[:200]}"
        return ""


def cells(role: Role) -> Iterator[Cell]:
    for route, need in NEEDS.items():
        granted = need is Who.SIGNED_IN or (isinstance(need, Permission) and need in GRANTS[role])
        if need is Who.ANYBODY:
            continue
        yield Cell(route, f"north-{role}", "north", granted)
        if names_somebodys(route):
            yield Cell(route, f"north-{role}", "south", allowed=False)
            yield Cell(route, f"north-{role}", "team", allowed=False)


def asked(made: Installation, wanted: list[Cell]) -> list[tuple[Cell, Answer]]:
    calls = [
        {
            **call_of(cell.route, made.places[cell.about], f"u{number}{cell.login}"),
            "token": made.tokens[cell.login],
        }
        for number, cell in enumerate(wanted)
    ]
    return list(zip(wanted, made.process.call(calls), strict=True))


def seen(text: str, *owners: str) -> list[str]:
    """What of the owners' an answer shows."""
    return [word for owner in owners for word in (mark(owner), dag_id_of(owner)) if word in text]


def test_every_route_of_airflow_is_in_the_table(installation: Installation) -> None:
    process = installation.process
    assert sorted(NEEDS) == process.routes
    assert set(process.documented) <= {route.replace(":path}", "}") for route in NEEDS}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says_and_in_its_own_organization_alone(
    installation: Installation, role: Role
) -> None:
    answers = asked(installation, list(cells(role)))
    assert [wrong for cell, answer in answers if (wrong := cell.wrong(answer))] == []
    strangers = [owner for owner in OWNERS if owner != "north"]
    shown = [
        (cell.route, cell.about, words)
        for cell, (status, text) in answers
        if (words := seen(text, *(owner for owner in strangers if owner != cell.about or status < 300)))
    ]
    assert shown == []


@pytest.mark.parametrize("role", Role)
def test_a_list_of_all_dags_shows_those_of_the_own_organization(
    installation: Installation, role: Role
) -> None:
    routes = [route for route in NEEDS if "{dag_id}" in route]
    made = [call_of(route, {**installation.places["south"], "dag_id": "~"}, f"all{role}") for route in routes]
    made += [{**call, "path": call["path"].replace("/done/", "/~/").replace("/act/", "/~/")} for call in made]
    token = installation.tokens[f"north-{role}"]
    answers = installation.process.call([{**call, "token": token} for call in made])
    assert [
        (call, answer)
        for call, answer in zip(made, answers, strict=True)
        if answer[0] >= 500 and "calendar" not in call["path"]
    ] == []
    shown = [
        (call["path"], words)
        for call, (_, text) in zip(made, answers, strict=True)
        if (words := seen(text, "south", "spare", "team"))
    ]
    assert shown == []


LISTS = {
    f"GET {RUN}/taskInstances": Permission.RUN_READ,
    "GET /api/v2/dags/{dag_id}/dagRuns": Permission.RUN_READ,
    f"GET {RUN}/hitlDetails": Permission.REQUEST_READ,
    f"GET {TASK}/xcomEntries": Permission.LEDGER_READ,
}


def test_somebody_of_two_organizations_sees_of_each_what_their_role_there_shows(
    installation: Installation,
) -> None:
    """Where a list is of all DAGs, Airflow asks once for all of them."""
    login, token = installation.person("operator")
    installation.add_user("south", login, "viewer")
    everything = {"dag_id": "~", "dag_run_id": "~", "task_id": "~"}
    calls = [{**call_of(route, everything, "two"), "token": token} for route in LISTS]
    answers = dict(zip(LISTS, installation.process.call(calls), strict=True))
    for route, (status, text) in answers.items():
        expected = {"north", "south"} if LISTS[route] in GRANTS[Role.VIEWER] else {"north"}
        assert (status, {owner for owner in OWNERS if dag_id_of(owner) in text}) == (200, expected), route
    home = installation.process.get(token, "/ui/dags", params={"has_pending_actions": "true"})
    assert (home[0], seen(home[1], "south")) == (200, [])
    assert mark("south") in installation.process.get(token, "/ui/dags")[1]


def test_whoever_has_not_signed_in_sees_nothing(installation: Installation) -> None:
    wanted = [Cell(route, "nobody", "north", NEEDS[route] is Who.ANYBODY) for route in NEEDS]
    answers = asked(installation, [cell for cell in wanted if not cell.allowed])
    assert [wrong for cell, answer in answers if (wrong := cell.wrong(answer))] == []
    opened = asked(installation, [cell for cell in wanted if cell.allowed])
    assert [(cell.route, status) for cell, (status, _) in opened if status >= 500] == []
    assert [cell.route for cell, (_, text) in [*answers, *opened] if seen(text, *OWNERS)] == []


SHARED = {
    "GET /api/v2/assets",
    "GET /api/v2/assets/aliases",
    "GET /api/v2/assets/events",
    "GET /api/v2/importErrors",
    "GET /ui/partitioned_dag_runs",
}
"""Lists of what belongs to no DAG: `docs/security-airflow.md` says why organizations have none of it."""


def test_airflows_own_roles_reach_no_organization(installation: Installation) -> None:
    """A data team's account, whose role at Airflow allows nearly everything."""
    theirs = [route for route in NEEDS if names_somebodys(route) and "asset" not in route.lower()]
    theirs = [route for route in theirs if "importErrors" not in route]
    wanted = [Cell(route, "team", owner, allowed=False) for route in theirs for owner in ("north", "south")]
    assert [wrong for cell, answer in asked(installation, wanted) if (wrong := cell.wrong(answer))] == []
    unnamed = [route for route in NEEDS if not names_somebodys(route) and NEEDS[route] is not Who.ANYBODY]
    lists = asked(installation, [Cell(route, "team", "team", allowed=True) for route in unnamed])
    shown = [cell.route for cell, (_, text) in lists if seen(text, "north", "south", "spare")]
    assert set(shown) <= SHARED


def test_airflows_own_roles_do_what_they_say_with_dags_of_no_organization(installation: Installation) -> None:
    readable = [
        route for route, need in NEEDS.items() if route.startswith("GET ") and isinstance(need, Permission)
    ]
    answers = asked(installation, [Cell(route, "team", "team", allowed=True) for route in readable])
    assert [wrong for cell, answer in answers if (wrong := cell.wrong(answer))] == []


def test_the_platforms_admin_may_everything(installation: Installation) -> None:
    """Also to an organization's things, of which one is used up."""
    possible = [
        route
        for route, need in NEEDS.items()
        if need not in {Who.ANYBODY, Who.NOBODY} and route not in ENDS_SESSIONS
    ]
    possible.sort(key=lambda route: (route.startswith("DELETE"), -len(route)))
    answers = asked(installation, [Cell(route, "root", "spare", allowed=True) for route in possible])
    assert [wrong for cell, answer in answers if (wrong := cell.wrong(answer))] == []
    closed = [
        Cell(route, "root", "spare", allowed=False) for route, need in NEEDS.items() if need is Who.NOBODY
    ]
    assert [wrong for cell, answer in asked(installation, closed) if (wrong := cell.wrong(answer))] == []
