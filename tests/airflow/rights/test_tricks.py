"""Requests that name one thing where rights are looked up, and another where it is looked for."""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
import pytest

from officeflow.stack.airflow.settings import AirflowSetup, airflow_environment
from tests.airflow.rights.conftest import Installation
from tests.airflow.rights.marks import dag_id_of, mark

pytestmark = pytest.mark.integration

OWN, OTHER = dag_id_of("north"), dag_id_of("south")


def asked(
    made: Installation, method: str, path: str, *, login: str = "north-admin", **more: Any
) -> tuple[int, str]:
    call = {"method": method, "path": path, "token": made.tokens[login], **more}
    return made.process.call([call])[0]


def test_backfills_are_not_opened_by_a_body(installation: Installation) -> None:
    answer = asked(installation, "GET", "/api/v2/backfills", params={"dag_id": OTHER}, json={"dag_id": OWN})
    assert (answer[0], mark("south") in answer[1]) == (400, False)


def test_a_dag_that_is_named_twice_is_the_one_that_is_shown(installation: Installation) -> None:
    for path in ("/ui/structure/structure_data", "/api/v2/backfills", "/ui/backfills", "/api/v2/eventLogs"):
        for one, two in ((OWN, OTHER), (OTHER, OWN)):
            _, text = asked(installation, "GET", f"{path}?dag_id={one}&dag_id={two}")
            assert mark("south") not in text


@pytest.mark.parametrize(
    ("path", "entity"),
    [
        (f"/api/v2/dags/{OWN}/dagRuns", {"dag_id": OTHER, "dag_run_id": "done", "note": "x"}),
        ("/api/v2/dags/~/dagRuns", {"dag_id": OTHER, "dag_run_id": "done", "note": "x"}),
        (
            f"/api/v2/dags/{OWN}/dagRuns/done/taskInstances",
            {"dag_id": OTHER, "dag_run_id": "done", "task_id": "act", "note": "x"},
        ),
        (
            "/api/v2/dags/~/dagRuns/~/taskInstances",
            {"dag_id": OTHER, "dag_run_id": "done", "task_id": "act", "note": "x"},
        ),
    ],
)
def test_a_change_of_many_changes_none_of_others(installation: Installation, path: str, entity: Any) -> None:
    body = {"actions": [{"action": "update", "entities": [entity]}]}
    status, text = asked(installation, "PATCH", path, json=body)
    assert status == 403 or ('"status_code":403' in text and '"success":[]' in text)


def test_others_dags_are_not_paused_with_the_own(installation: Installation) -> None:
    root = installation.tokens["root"]
    status, text = asked(
        installation, "PATCH", "/api/v2/dags", json={"is_paused": False}, params={"dag_id_pattern": "~"}
    )
    assert (status, OWN in text, OTHER in text) == (200, True, False)
    assert '"is_paused":true' in installation.process.get(root, f"/api/v2/dags/{OTHER}")[1]


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v2/dags/{OWN}/../{OTHER}",
        f"/api/v2/dags/{OWN}%2F..%2F{OTHER}",
        f"//api/v2/dags/{OTHER}",
        f"/api/v2/dags/{OTHER}/",
        f"/api/v2/dags/{OTHER.upper()}",
        f"/api/v2/dags/{OTHER}%00",
        f"/api/v2/dags/{OWN[:5]}__%2e%2e/dagRuns?dag_id={OTHER}",
        f"/api/v2/dags/~/dagRuns?dag_id={OTHER}",
        f"/api/v2/dags/{OWN}/dagRuns/done/taskInstances?dag_id={OTHER}",
    ],
)
def test_paths_lead_nowhere_else(installation: Installation, path: str) -> None:
    assert mark("south") not in asked(installation, "GET", path)[1]


def test_a_dag_that_has_the_name_of_an_organization_is_not_its(installation: Installation) -> None:
    path = "/api/v2/dags/north"
    statuses = [asked(installation, "GET", path, login=login)[0] for login in ("team", "north-admin")]
    assert statuses == [404, 403]  # it was never parsed: whoever may see it is shown nothing
    assert '"dag_id":"north"' not in asked(installation, "GET", "/api/v2/dags")[1]
    assert '"dag_id":"north"' in asked(installation, "GET", "/api/v2/dags", login="team")[1]


@pytest.mark.parametrize("kind", ["connections", "variables", "pools"])
def test_nothing_is_made_under_an_organizations_name(installation: Installation, kind: str) -> None:
    """By a data team's account, which Airflow lets make them."""
    name = f"south.{secrets.token_hex(4)}"
    named: dict[str, dict[str, Any]] = {
        "connections": {"connection_id": name, "conn_type": "http"},
        "variables": {"key": name, "value": "x"},
        "pools": {"name": name, "slots": 1, "include_deferred": False},
    }
    entity = named[kind]

    def by_bulk(entity: Any) -> int:
        body = {"actions": [{"action": "create", "entities": [entity]}]}
        return asked(installation, "PATCH", f"/api/v2/{kind}", login="team", json=body)[0]

    assert asked(installation, "POST", f"/api/v2/{kind}", login="team", json=entity)[0] == 403
    assert by_bulk(entity) == 403
    own = {key: f"team.{name}" if value == name else value for key, value in entity.items()}
    assert by_bulk(own) == 200


DOORS = (f"/api/v2/dags/{OWN}", "/officeflow/api/v1/me")


def test_a_token_of_others_making_is_none(installation: Installation) -> None:
    claims = {"sub": "1", "aud": "apache-airflow", "iat": 0, "nbf": 0, "exp": 4_000_000_000}
    forged = [
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "x" * 64, algorithm="HS512"),
        "a.b.c",
    ]
    for token in forged:
        for door in DOORS:
            assert installation.process.get(token, door)[0] in {401, 403}


def test_a_token_of_our_own_that_does_not_hold_is_none(
    installation: Installation, airflow_setup: AirflowSetup
) -> None:
    """Each of them signed as Airflow signs, but for the one that says it needs no signature."""
    key = airflow_environment(airflow_setup, "airflow-api")["AIRFLOW__API_AUTH__JWT_SECRET"]
    real = installation.tokens["north-admin"]
    claims = jwt.decode(real, options={"verify_signature": False})
    algorithm = jwt.get_unverified_header(real)["alg"]

    def statuses(*, by: str = algorithm, without: str = "", **changes: Any) -> set[int]:
        told = {name: value for name, value in {**claims, **changes}.items() if name != without}
        token = jwt.encode(told, "" if by == "none" else key, algorithm=by)
        return {installation.process.get(token, door)[0] for door in DOORS}

    now = int(time.time())
    assert statuses() == {200}
    wrong = {
        "expired": statuses(exp=now - 60),
        "not yet": statuses(nbf=now + 3600),
        "for somebody else": statuses(aud="apache-kafka"),
        "for nobody": statuses(without="aud"),
        "for good": statuses(without="exp"),
        "of nobody": statuses(sub="999999"),
        "of nothing": statuses(without="sub"),
        "not signed": statuses(by="none"),
        "by another algorithm": statuses(by="HS256" if algorithm != "HS256" else "HS384"),
    }
    assert {why: found for why, found in wrong.items() if not found <= {401, 403}} == {}


def test_a_token_of_somebody_who_was_deleted_is_none(installation: Installation) -> None:
    """Whose account is gone from Airflow, and is in the organization still. (Airflow itself remembers whom it
    has seen a moment ago: `[fab] cache_ttl`.)
    """
    (gone, token), (_, kept) = installation.person("admin"), installation.person("admin")
    installation.process.told(deleted=gone)
    assert {installation.process.get(kept, door)[0] for door in DOORS} == {200}
    assert {installation.process.get(token, door)[0] for door in DOORS} <= {401, 403}
