"""The environment that servers run in."""

from __future__ import annotations

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.ports import defaults
from officeflow.stack.servers import postgres, valkey
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.supervisor import Supervisor


def test_without_the_servers_environment_each_server_says_what_installs_it(layout: Layout) -> None:
    stack = Stack(layout, defaults())
    for attempt in (
        lambda: postgres.place(layout),
        lambda: valkey.service(stack),
        lambda: Supervisor(layout).launch(),
    ):
        with pytest.raises(Unavailable, match=r"officeflow up"):
            attempt()
