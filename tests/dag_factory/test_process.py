"""Airflow's dag-processor as OfficeFlow runs it: what it takes of Airflow, by name and by effect."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.cli.commands import dag_processor_command
from airflow.dag_processing.bundles.local import LocalDagBundle

from dag_factory import process
from dag_factory.bundle import WorkflowBundle


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The end at which publications are told."""
    here, there = socket.socketpair()
    monkeypatch.setattr(
        dag_processor_command, process.MANAGER, getattr(dag_processor_command, process.MANAGER)
    )
    process.refresh_when_told(there)
    with here, there:
        yield here


@pytest.fixture
def manager(news: socket.socket, tmp_path: Path) -> Iterator[Any]:
    """As Airflow's command makes it, with its bundles, before it looks at anything."""
    arguments = argparse.Namespace(bundle_name=None, num_runs=1)
    made = dag_processor_command._create_dag_processor_job_runner(arguments).processor
    made.prepare_process_context()
    made._dag_bundles = [
        LocalDagBundle(name="dags", path=str(tmp_path)),
        WorkflowBundle(name="workflows", database_url="postgresql://127.0.0.1:1/none"),
    ]
    yield made
    made.selector.close()


def forced(manager: Any) -> set[str]:
    """The bundles that are looked at in the next turn, whatever the clock says, after one look at sockets."""
    manager._service_processor_sockets(timeout=0)
    return set(manager._force_refresh_bundles)


def test_our_bundle_is_looked_at_in_the_next_turn_once_something_is_published(
    manager: Any, news: socket.socket
) -> None:
    assert forced(manager) == set()
    news.send(b"\0\0")
    assert forced(manager) == {"workflows"}


def test_the_dag_processor_goes_on_where_nobody_will_tell_it_any_more(
    manager: Any, news: socket.socket
) -> None:
    news.close()
    assert forced(manager) == set()
    assert not manager.selector.get_map()


def test_what_files_of_workflows_import_is_there_before_one_is_read() -> None:
    code = (
        "import sys\nfrom dag_factory import process\nprocess.preload()\n"
        "wanted = ['dag_factory.stubs', 'dag_factory.airflow_dag', 'operators.making']\n"
        "wanted += ['officeflow.nodes.identity.create_account', 'officeflow.nodes.audit.record']\n"
        "print([name for name in wanted if name not in sys.modules])\n"
        "import threading\nprint(threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["[]", "1"]
