"""`officeflow demo identity` and `demo exit --now`: what they tell is what the systems keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from officeflow.demo.identity.systems import SYSTEMS
from officeflow.layout import read_json
from officeflow.stack.servers.counterparts import url
from officeflow.stack.stack import Stack
from officeflow.stack.supervision import control
from tests.e2e.conftest import Running

pytestmark = [pytest.mark.e2e, pytest.mark.long]

STEPS = ("hired", "moved", "ended")


def told(running: Running, *arguments: str) -> dict[str, Any]:
    done = running.cli("demo", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["complete"], found["missing"], found["left_out"]) == (True, [], {})
    return found


def played(stack: Stack, name: str) -> Mapping[str, Mapping[str, Any]]:
    """All that a vendor that is played keeps of people, by id."""
    secret = stack.secrets["okta_token" if name == "okta" else f"{name}_secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx.get(f"{url(stack, name)}/__control/state", headers=headers, trust_env=False)
    found: Mapping[str, Any] = answer.raise_for_status().json()
    return dict(found["users" if name == "google" else "user"])


def active_of(stack: Stack, number: str) -> dict[str, list[bool]]:
    """Whether each account with this employee number lets its person in, at the vendors that are played."""
    okta, entra, google = (played(stack, name).values() for name in ("okta", "entra", "google"))
    return {
        "okta": [u["status"] == "ACTIVE" for u in okta if u["profile"].get("employeeNumber") == number],
        "entra": [u["accountEnabled"] for u in entra if u.get("employeeId") == number],
        "google": [
            not u["suspended"]
            for u in google
            if number in {each["value"] for each in u.get("externalIds") or ()}
        ],
    }


def test_somebody_is_hired_into_all_systems_and_moved_and_ended_and_somebody_else_thrown_out(
    running: Running,
) -> None:
    story = told(running, "identity")
    seen = {(each["system"], each["step"]): each["accounts"] for each in story["systems"]}
    assert set(seen) == {(system.key, step) for system in SYSTEMS for step in STEPS}
    for system in SYSTEMS:
        assert [seen[system.key, step][0]["active"] for step in STEPS] == [True, True, False]
        ids = {seen[system.key, step][0]["login"] for step in STEPS}
        assert len(ids) == 1
    assert {run["state"] for run in story["runs"]} == {"success"}

    thrown_out = told(running, "exit", "--now")
    now = Stack(running.stack.layout, read_json(running.stack.layout.state_file)["ports"])
    number = thrown_out["person"]["employee_id"]
    assert number != story["person"]["employee_id"]
    for each in (number, story["person"]["employee_id"]):
        assert active_of(now, each) == {"okta": [False], "entra": [False], "google": [False]}
    assert active_of(now, "E900") == {"okta": [True], "entra": [True], "google": [True]}
    doors = [(each["system"], each["door"]) for each in thrown_out["doors"]]
    seconds = [each["seconds"] for each in thrown_out["doors"]]
    accounts = {system for system, door in doors if door == "account"}
    assert (accounts, len(doors)) == ({system.key for system in SYSTEMS}, len(SYSTEMS) + 4)
    assert seconds == sorted(seconds)
    assert seconds[0] > 0
    assert thrown_out["last"] == seconds[-1]
    found = control.status(running.stack.layout, with_memory=False)
    assert found.healthy
    assert {system.counterpart for system in SYSTEMS} <= {each.name for each in found.services}
