"""A connection may be replaced after its workflow was published: its system is asked for nothing that it
cannot do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import staff_book
from tests.nodes.world import World

pytestmark = pytest.mark.integration


def test_a_node_fails_for_good_where_its_connection_leads_to_a_system_that_lacks_something(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.changes = {"provider": "staffbook"}
    staff_book.write(tmp_path)
    with staff_book.admitted(tmp_path, monkeypatch):
        result = world.run("identity.suspend_account", {"login": "ana@acme.example"}, connection="scim")
    assert result.status == "failed"
    assert result.error is not None
    assert not result.error.retryable
    assert result.error.message == (
        "connection acme.scim (Staff book) cannot suspend accounts, and identity.suspend_account needs that"
    )
    assert result.error.hint == "use a connection to a system that can"
    assert world.scim.requests() == []
