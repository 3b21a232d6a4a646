"""`docs/dags.md`: its DAG is tried as the page says, to the letter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, NodeRun, Organization, WorkflowRun
from officeflow.ids import new_id
from officeflow.layout import ROOT

if TYPE_CHECKING:
    from officeflow.database.engine import Database
    from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration

LENA = "lena.sommer@globex.example"
PAGE = (ROOT / "docs" / "dags.md").read_text()
THE_DAG, THE_SCRIPT = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
(THE_COMMANDS,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path, database_url: str, database: Database) -> Path:
    """A folder that looks as a checkout does beside a running stack."""
    with database.service() as session:
        session.add(
            Organization(
                org_id=new_id(), slug="globex", name="Globex", domain="globex.example", plan="standard"
            )
        )
    home, dags = tmp_path / ".officeflow", tmp_path / "dags"
    for folder in (home, dags):
        folder.mkdir()
    (home / "env").symlink_to(sys.prefix)
    (tmp_path / "plugins").symlink_to(ROOT / "plugins")
    ours = {name: value for name, value in os.environ.items() if name.startswith("OFFICEFLOW_")}
    (home / "stack.json").write_text(
        json.dumps({"environment": {**ours, "OFFICEFLOW_DATABASE_URL": database_url}})
    )
    (dags / "suspend_leavers.py").write_text(THE_DAG)
    (tmp_path / "try_leavers.py").write_text(THE_SCRIPT)
    return tmp_path


def test_the_pages_dag_does_what_it_says_when_it_is_tried_as_the_page_says(
    checkout: Path, database: Database, scim_server: ScimServer
) -> None:
    with scim_server.client() as client:
        client.post("/Users", json={"userName": LENA, "active": True}).raise_for_status()
        kept = {"PATH", "HOME", "TMPDIR", "LANG"}
        environment = {
            name: value for name, value in os.environ.items() if name in kept or name.startswith("COV")
        }
        environment |= {"SCIM_URL": scim_server.url, "SCIM_TOKEN": scim_server.token}
        command = ["bash", "-e", "-c", THE_COMMANDS]
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=500
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        [lena] = client.get("/Users").raise_for_status().json()["Resources"]
    assert lena["active"] is False
    with database.service() as session:
        acts = {(row.node_key, row.map_index, row.status) for row in session.scalars(select(NodeRun))}
        run = session.scalars(select(WorkflowRun)).one()
        record = session.scalars(select(AuditRecord).where(AuditRecord.action == "leavers.suspended")).one()
    done_acts = {("leave.account", 0), ("leave.account", 1), ("leave.suspend", 0), ("record", -1)}
    assert acts == {(key, index, "SUCCEEDED") for key, index in done_acts}
    assert run.trigger_event == "dag.test", "the steward knows by it that no Airflow tells its end"
    assert record.subject == "dag:suspend_leavers"
    wanted = {"reason": "has left", "asked": [LENA, "nobody@globex.example"], "suspended": [LENA]}
    assert wanted.items() <= record.details.items()
