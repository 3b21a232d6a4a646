"""`python -m dag_factory.check`, as publishers call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dag_factory.check import Request, answers
from tests.dag_factory.conftest import definition


def check(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= {"AIRFLOW_HOME": str(folder)}
    command = [sys.executable, "-m", "dag_factory.check"]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, env=environment, cwd=folder, check=False
    )


def request(slug: str, **changes: Any) -> dict[str, Any]:
    return {"org": "acme", "slug": slug, "version": 1, "definition": definition(slug, **changes)}


def test_each_definition_gets_an_answer_in_order_on_standard_output_from_any_folder(tmp_path: Path) -> None:
    broken = {"nodes": [{"id": "a", "type": "audit.recrod"}], "edges": []}
    done = check(json.dumps([request("good"), request("bad", **broken), request("other")]), tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [(answer["slug"], answer["ok"]) for answer in told] == [
        ("good", True),
        ("bad", False),
        ("other", True),
    ]
    assert "audit.recrod" in told[1]["error"]
    assert told[0]["error"] == ""


@pytest.mark.parametrize("text", ["", "{}", '[{"org": "acme"}]'])
def test_input_that_is_no_list_of_requests_ends_with_status_2_and_a_reason(text: str, tmp_path: Path) -> None:
    done = check(text, tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr


def test_what_airflow_cannot_read_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    def fails(data: Any) -> Any:
        raise ValueError(f"cannot read {len(data)} fields")

    monkeypatch.setattr(DagSerialization, "from_dict", fails)
    [answer] = answers([Request.model_validate(request("good"))])
    assert not answer["ok"]
    assert "Airflow cannot read its own copy" in answer["error"]
