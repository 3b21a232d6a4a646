"""What a list that names no DAG shows of each.

Airflow filters such lists by the DAGs that one may read, whatever the list is of. Who asks for XComs or for
questions needs another permission than that, so the route is noted before Airflow looks at it.
"""

from __future__ import annotations

from contextvars import ContextVar
from urllib.parse import parse_qs

from officeflow.rights.permissions import Permission

LISTED: ContextVar[Permission | None] = ContextVar("listed", default=None)
"""What it takes to see one line of the list that is asked for; None: what the DAG itself takes."""

HOME = "/ui/dags"
WITH_QUESTIONS = "has_pending_actions"
"""A parameter of the home page's list, which then shows what tasks ask."""


def permission_of(path: str, query: bytes) -> Permission | None:
    """Of the route with this path, as it was decoded."""
    if "xcomEntries" in path:
        return Permission.LEDGER_READ
    if "hitlDetails" in path:
        return Permission.REQUEST_READ
    if path.rstrip("/").endswith(HOME):
        asks = WITH_QUESTIONS in parse_qs(query.decode("latin-1"), keep_blank_values=True)
        return Permission.REQUEST_READ if asks else Permission.WORKFLOW_READ
    return None
