"""The REST client against a real api-server, signed in as the service account."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from officeflow.airflow_api import client
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.errors import InvalidInput, NotKnown, Unavailable
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.counterparts.process import free_port

pytestmark = pytest.mark.integration


def run_id(name: str = "run") -> str:
    return f"{name}__{secrets.token_hex(4)}"


def test_a_run_is_created_once_and_its_tasks_and_log_can_be_read(airflow: EmbeddedAirflow) -> None:
    run = run_id()
    assert airflow.api.trigger("probe", run, {"seconds": 0.5}, note="because") is True
    assert airflow.api.trigger("probe", run, {"seconds": 0.5}) is False
    assert airflow.await_run(run) == "success"
    seen = airflow.api.dag_run("probe", run)
    assert (seen["conf"], seen["note"], seen["triggering_user_name"]) == (
        {"seconds": 0.5},
        "because",
        "officeflow",
    )
    assert airflow.api.account() == "officeflow", "by it a run of ours is known again"
    assert [
        (t["task_id"], t["state"], t["try_number"]) for t in airflow.api.task_instances("probe", run)
    ] == [("wait", "success", 1)]
    assert "the probe waits 0.5" in airflow.api.task_log("probe", run, "wait", 1)


def test_a_cleared_task_runs_again(airflow: EmbeddedAirflow) -> None:
    run = run_id()
    airflow.api.trigger("probe", run, {})
    airflow.await_run(run)
    assert [t["task_id"] for t in airflow.api.clear("probe", run, ["wait"])] == ["wait"]
    eventually(lambda: airflow.api.task_instances("probe", run)[0]["try_number"] == 2)
    assert airflow.await_run(run) == "success"
    assert [t["task_id"] for t in airflow.api.clear("probe", run)] == ["wait"]


def test_conf_that_breaks_the_dags_schema_is_invalid_input(airflow: EmbeddedAirflow) -> None:
    with pytest.raises(InvalidInput, match="seconds"):
        airflow.api.trigger("probe", run_id(), {"seconds": "many"})


def test_a_malformed_run_id_is_invalid_input(airflow: EmbeddedAirflow) -> None:
    with pytest.raises(InvalidInput):
        airflow.api.trigger("probe", "no spaces?", {})


def test_what_airflow_does_not_have_is_not_known(airflow: EmbeddedAirflow) -> None:
    for call in (
        lambda: airflow.api.dag("nowhere"),
        lambda: airflow.api.trigger("nowhere", run_id(), {}),
        lambda: airflow.api.dag_run("probe", "nowhere"),
        lambda: airflow.api.delete_connection("acme.nowhere"),
    ):
        with pytest.raises(NotKnown):
            call()


def test_a_dags_details_carry_its_documentation(airflow: EmbeddedAirflow) -> None:
    assert airflow.api.dag_details("probe")["doc_md"] == "sha256:probe"
    assert airflow.api.dag("probe")["bundle_name"] == "dags"


def test_parsing_can_be_asked_for_twice(airflow: EmbeddedAirflow) -> None:
    before = airflow.api.dag("probe")["last_parsed_time"]
    airflow.api.parse_dag_file("probe")
    airflow.api.parse_dag_file("probe")
    eventually(lambda: airflow.api.dag("probe")["last_parsed_time"] != before)


def test_import_errors_name_the_file(airflow: EmbeddedAirflow) -> None:
    problems = eventually(airflow.api.import_errors)
    assert [p["filename"] for p in problems if "broken on purpose" in p["stack_trace"]] == ["broken.py"]


def test_a_paused_dag_keeps_its_runs_queued(airflow: EmbeddedAirflow) -> None:
    airflow.api.set_paused("probe", True)
    run = run_id()
    try:
        assert airflow.api.dag("probe")["is_paused"] is True
        airflow.api.trigger("probe", run, {})
        assert airflow.api.dag_run("probe", run)["state"] == "queued"
    finally:
        airflow.api.set_paused("probe", False)
    assert airflow.await_run(run) == "success"


def test_runs_are_listed_over_several_pages_and_filtered(
    airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    name = f"page{secrets.token_hex(3)}"
    runs = {run_id(name) for _ in range(5)}
    for run in runs:
        airflow.api.trigger("probe", run, {})
    for run in runs:
        airflow.await_run(run)
    found = airflow.api.dag_runs("probe", run_id_prefix_pattern=name, state=["success"], order_by="id")
    assert {run["dag_run_id"] for run in found} == runs
    assert len(airflow.api.dag_runs(run_id_prefix_pattern=name, limit=3)) == 3


def test_a_connection_is_kept_replaced_masked_and_removed(airflow: EmbeddedAirflow) -> None:
    name = "acme.scim"
    assert (
        airflow.api.put_connection(
            name, "scim", host="https://id.example", password="geheim", extra={"api_token": "leise"}
        )
        is True
    )
    assert (
        airflow.api.put_connection(
            name, "scim", host="https://other.example", port=8443, login="svc", password="geheim"
        )
        is False
    )
    [stored] = airflow.api.connections("acme.")
    assert (stored["host"], stored["port"], stored["login"], stored["conn_type"]) == (
        "https://other.example",
        8443,
        "svc",
        "scim",
    )
    assert stored["password"] == "***"
    assert stored["extra"] is None
    airflow.api.delete_connection(name)
    assert airflow.api.connections("acme.") == []


@pytest.mark.parametrize("secret", ["own", "foreign"])
def test_an_expired_or_foreign_token_is_replaced_without_the_callers_notice(
    airflow: EmbeddedAirflow, secret: str
) -> None:
    claims = {"sub": "1", "exp": 1_000_000_000, "iat": 999_999_999}
    token = jwt.encode(claims, airflow.setup.jwt_secret if secret == "own" else "x" * 64, algorithm="HS512")
    with AirflowApi(airflow.setup.url, "officeflow", airflow.setup.service_password) as api:
        api._token = token
        assert api.dag("probe")["dag_id"] == "probe"
        assert api._token != token


def test_a_wrong_password_is_named_as_such(airflow: EmbeddedAirflow) -> None:
    with (
        AirflowApi(airflow.setup.url, "officeflow", "wrong") as api,
        pytest.raises(AirflowForbids, match="password"),
    ):
        api.dag("probe")


def test_the_service_account_reads_no_variables_and_adds_no_users(airflow: EmbeddedAirflow) -> None:
    for path in ("/api/v2/variables", "/auth/fab/v1/users", "/api/v2/pools"):
        with pytest.raises(AirflowForbids):
            airflow.api._call("GET", path)
        assert airflow.admin._call("GET", path).status_code == 200


def test_one_client_serves_many_threads(airflow: EmbeddedAirflow) -> None:
    runs = [run_id("thread") for _ in range(12)]
    with (
        AirflowApi(airflow.setup.url, "officeflow", airflow.setup.service_password) as api,
        ThreadPoolExecutor(6) as pool,
    ):
        assert all(pool.map(lambda run: api.trigger("probe", run, {}), runs))
        assert not any(pool.map(lambda run: api.trigger("probe", run, {}), runs))
    for run in runs:
        assert airflow.await_run(run) == "success"


def test_health_names_all_components_and_needs_no_login(airflow: EmbeddedAirflow) -> None:
    with AirflowApi(airflow.setup.url, "", "") as api:
        health = api.health()
    assert {
        name: health[name]["status"] for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")
    } == dict.fromkeys(("metadatabase", "scheduler", "triggerer", "dag_processor"), "healthy")


def test_where_nothing_listens_airflow_is_unavailable() -> None:
    with AirflowApi(f"http://127.0.0.1:{free_port()}", "officeflow", "x") as api:
        with pytest.raises(Unavailable, match="no answer"):
            api.dag("probe")
        with pytest.raises(Unavailable):
            api.health()
