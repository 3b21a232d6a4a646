"""What is sensitive comes under the keys that it is to have."""

from __future__ import annotations

from officeflow.database.engine import Database
from officeflow.privacy import passes

STEPS_AT_ONCE = 20


def renew(database: Database) -> int:
    """Some steps of the ways that are under way, beginning those that no organization has had yet; how many
    rows were seen.
    """
    passes.adopt(database)
    seen = 0
    for _ in range(STEPS_AT_ONCE):
        step = passes.advance(database)
        seen += step
        if not step:
            break
    return seen
