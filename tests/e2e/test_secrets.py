"""What each process of the running stack has in its environment, as whoever may read /proc sees it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from officeflow.runtime import processes
from officeflow.stack.privileges import READERS
from tests.e2e.conftest import Running, wait_for

pytestmark = pytest.mark.e2e

KEYS = ("OFFICEFLOW_AUDIT_KEY", "OFFICEFLOW_AUDIT_TAG_KEY", "OFFICEFLOW_ENCRYPTION_KEYS")
WITH_A_TITLE = {"airflow-api"}
"""Its processes write their title over where their environment began, so /proc shows a part of that."""
SERVERS = {"postgres", "valkey", "kafka", "scim", "inbox", "caldav"}


def environment_of(pid: int) -> bytes:
    """Empty where the process is gone by now."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def environments(running: Running) -> dict[str, list[bytes]]:
    """Of every process of each service, their children too, and of supervisord."""
    states = running.supervisor.states()
    found = {
        name: [environment_of(pid) for pid in processes.tree(state["pid"])] for name, state in states.items()
    }
    return found | {"supervisord": [environment_of(running.supervisor.pid())]}


def test_a_key_is_in_the_environment_of_those_who_need_it_and_of_nobody_else(running: Running) -> None:
    """By its value, whatever it is called there."""
    found = environments(running)
    assert {
        "postgres",
        "kafka",
        "steward",
        "listener",
        "airflow-scheduler",
        "scim",
        "supervisord",
    } <= found.keys()
    for name in KEYS:
        value = running.stack.environment[name].encode()
        holders = {
            service for service, seen in found.items() if any(value in environment for environment in seen)
        }
        readers = READERS[name] & found.keys()
        assert holders <= readers, name
        assert holders >= readers - WITH_A_TITLE, name


def test_servers_and_supervisord_have_no_variable_of_ours_and_none_of_airflows(running: Running) -> None:
    for name, seen in environments(running).items():
        if name in SERVERS | {"supervisord"}:
            variables = {part.partition(b"=")[0] for environment in seen for part in environment.split(b"\0")}
            assert not [each for each in variables if each.startswith((b"OFFICEFLOW_", b"AIRFLOW"))], name


def test_who_reads_files_through_postgresql_finds_no_key_in_the_environments_of_servers(
    running: Running,
) -> None:
    """`pg_read_binary_file` reads what the server's account may: its own environment, and that of whatever
    else runs as this account.
    """
    values = [running.stack.environment[name].encode() for name in KEYS]
    states = running.supervisor.states()
    with psycopg.connect(running.stack.postgres_url("postgres", "postgres"), autocommit=True) as connection:
        for name in sorted(SERVERS & states.keys()):
            path = f"/proc/{states[name]['pid']}/environ"
            try:
                row = connection.execute("SELECT pg_read_binary_file(%s)", [path]).fetchone()
            except psycopg.errors.InsufficientPrivilege:
                continue  # it runs as somebody else
            assert row is not None
            assert not [value for value in values if value in row[0]], name


def test_the_heads_of_the_audit_log_are_noted_and_verify_compares_with_both_places(running: Running) -> None:
    def noted() -> bool:
        shown = running.cli_json("audit", "verify", "acme")
        assert shown["problems"] == []
        assert [source["away"] for source in shown["anchors"]] == [None, None]
        return all(source["anchors"] for source in shown["anchors"])

    assert wait_for(noted, what="anchors in the folder and on the topic")
