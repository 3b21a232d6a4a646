from __future__ import annotations

from collections.abc import Mapping

from tests.nodes.case import Case

CASES: Mapping[str, Case] = {
    "send": Case(
        params={
            "to": "ana@acme.example",
            "subject": "Welcome, {{ event.payload.first_name }}",
            "html": "<p>Hello</p>",
        },
        wrong={"to": "ana", "subject": "x", "text": "x"},
        connection="smtp",
        effects=lambda world: len(world.inbox.messages()),
    ),
}
