"""`officeflow settings` shows what is: each value, whose it is, and no secret."""

from __future__ import annotations

import json
import os

import pytest

from officeflow import program
from officeflow.cli import common
from officeflow.cli.main import run


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OFFICEFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OFFICEFLOW_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", "s3cret")
    monkeypatch.setenv("OFFICEFLOW_OUTBOX_DAYS", "3")
    monkeypatch.setenv(program.FILLED_IN, "OFFICEFLOW_AIRFLOW_PASSWORD OFFICEFLOW_OUTBOX_DAYS")


def shown(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with pytest.raises(SystemExit):
        run(["settings", *options])
    return capsys.readouterr().out


def test_each_value_is_shown_with_where_it_comes_from_and_secrets_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = {row["variable"]: (row["value"], row["from"]) for row in json.loads(shown(capsys, "--json"))}
    assert rows["OFFICEFLOW_LOG_LEVEL"] == ("DEBUG", "set here")
    assert rows["OFFICEFLOW_AIRFLOW_PASSWORD"] == ("***", "as the stack has it")
    assert rows["OFFICEFLOW_OUTBOX_DAYS"] == ("3", "as the stack has it")
    assert rows["OFFICEFLOW_TASK_LOG_DAYS"] == ("30", "the default")
    assert rows["OFFICEFLOW_AUDIT_KEY"] == ("", "the default")
    assert "s3cret" not in shown(capsys)


def test_no_line_is_longer_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("officeflow.columns.width_of", lambda _: 60)
    lines = shown(capsys).splitlines()
    assert max(map(len, lines)) <= 60
    assert all(line.startswith(("OFFICEFLOW_", "    ")) for line in lines)


def test_an_events_runs_have_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    entries = [
        {"dag_id": "acme__a", "dag_run_id": "1", "run_id": "u"},
        {"dag_id": "acme__b", "dag_run_id": "2", "instead_of": "0"},
    ]
    common.show_one({"status": "DISPATCHED", "runs": common.run_lines(entries)}, json_output=False)
    common.show_one({"runs": common.run_lines([])}, json_output=False)
    assert capsys.readouterr().out.splitlines() == [
        "status  DISPATCHED",
        "runs    acme__a/1",
        "        acme__b/2 (instead of 0)",
        "runs  -",
    ]
