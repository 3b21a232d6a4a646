"""What counterparts are started with."""

from __future__ import annotations

import pytest

from officeflow.layout import Layout
from officeflow.stack import ports
from officeflow.stack.servers import counterparts
from officeflow.stack.stack import Stack


@pytest.mark.parametrize("forgetful", [False, True])
def test_the_directory_forgets_identities_only_where_that_is_asked_for(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, forgetful: bool
) -> None:
    monkeypatch.delenv(counterparts.FORGETFUL, raising=False)
    if forgetful:
        monkeypatch.setenv(counterparts.FORGETFUL, "yes")
    (scim,) = (
        each
        for each in counterparts.counterpart_services(Stack(layout, ports.defaults()))
        if each.name == "scim"
    )
    assert ("--forgets" in scim.command) is forgetful
