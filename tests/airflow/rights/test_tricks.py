"""Requests that name one thing where rights are looked up, and another where it is looked for."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

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


def test_a_token_of_others_making_is_none(installation: Installation) -> None:
    import jwt

    claims = {"sub": "1", "aud": "apache-airflow", "iat": 0, "nbf": 0, "exp": 4_000_000_000}
    forged = [
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "x" * 64, algorithm="HS512"),
        "a.b.c",
    ]
    for token in forged:
        assert installation.process.get(token, f"/api/v2/dags/{OWN}")[0] in {401, 403}
