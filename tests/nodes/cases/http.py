from __future__ import annotations

from collections.abc import Mapping

from tests.nodes.case import Case

CASES: Mapping[str, Case] = {
    "request": Case(
        params={"method": "POST", "url": "/things", "body": {"who": "${{ event.employee }}"}},
        wrong={"url": "ftp://127.0.0.1/things"},
        connection="http",
        effects=lambda world: len(world.api.things),
    ),
}
