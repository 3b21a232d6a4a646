"""Node types of the user's own, by the page that tells how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Running, wait_for
from tests.pages import follow
from tests.strangers import open_to_others

pytestmark = pytest.mark.e2e


def test_the_page_about_own_node_types_leads_from_nothing_to_a_run(running: Running, tmp_path: Path) -> None:
    """Every command and file of docs/node-types.md, in its order; a setting on its way to the node that
    acts.
    """
    before = running.pid("postgres")
    packages = running.stack.layout.home / "packages"
    done = follow("node-types.md", tmp_path, running.environment_of_pages)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert "OFFICEFLOW_NODE_PACKAGES is new" in told
    assert (
        "these start anew: airflow-api, airflow-dag-processor, airflow-scheduler, airflow-triggerer,"
        " gateway, listener, steward" in told
    )
    assert running.pid("postgres") == before, "a server that the setting does not concern runs on"
    (run,) = running.api.dag_runs("initech__badge")
    wait_for(
        lambda: running.api.dag_run("initech__badge", run["dag_run_id"])["state"] == "success",
        what="the page's run",
    )
    assert "printed PETER" in running.api.task_log("initech__badge", run["dag_run_id"], "badge", 1)
    assert open_to_others(packages.parent) & {packages, *packages.rglob("*")} == set()
    state = json.loads(running.stack.layout.state_file.read_text())
    assert state["environment"]["OFFICEFLOW_NODE_PACKAGES"] == "acme_nodes", (
        "commands that are called later have it too"
    )
    running.cli(
        "workflow", "deactivate", "badge", "--org", "initech"
    )  # the stack is started anew without the package by later tests
