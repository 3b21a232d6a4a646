"""Counterparts that a demonstration has beside those that `up` starts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from officeflow.layout import Layout, read_json
from officeflow.stack.progress import TextProgress
from officeflow.stack.supervision import control
from officeflow.stack.supervision.states import ProcessState
from officeflow.stack.up import start_stack

pytestmark = pytest.mark.integration

USUAL = {"caldav", "inbox", "scim"}


@pytest.fixture
def layout() -> Iterator[Layout]:
    home = Path(tempfile.mkdtemp(prefix="officeflow-further-"))
    made = Layout(home=home, servers=Layout.from_environment().servers)
    yield made
    control.stop(made)
    shutil.rmtree(home)


def running(layout: Layout) -> set[str]:
    found = control.status(layout, with_memory=False)
    assert found.healthy
    return {each.name for each in found.services if each.state == ProcessState.RUNNING}


def test_what_a_demonstration_started_goes_on_at_every_start_until_the_stack_is_stopped(
    layout: Layout,
) -> None:
    start = partial(
        start_stack, layout, progress=TextProgress(), parts=frozenset({"counterparts"}), tied=True
    )
    start()
    assert running(layout) == USUAL
    with_okta = start(further=["okta"])
    assert running(layout) == {*USUAL, "okta"}
    pids = read_json(layout.state_file)["pids"]
    again = start()
    assert (running(layout), again.further) == ({*USUAL, "okta"}, ("okta",))
    assert read_json(layout.state_file)["pids"] == pids
    assert again.ports == with_okta.ports
    control.stop(layout)
    assert start().further == ()
    assert running(layout) == USUAL
