from __future__ import annotations

from collections.abc import Mapping

from tests.nodes.case import Case

CASES: Mapping[str, Case] = {
    "record": Case(
        params={"action": "onboarding.completed", "subject": "employee:1001"},
        wrong={"action": ""},
        changes=False,
    ),
}
