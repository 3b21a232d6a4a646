"""Names and identifiers that several rooms must derive in the same way."""

from __future__ import annotations

import hashlib
import re
import uuid
from urllib.parse import quote

BUNDLE = "officeflow"
"""The name of Airflow's bundle whose tasks are nodes."""

INQUIRIES = "officeflow_inquiries"
"""The platform DAG whose task looks into systems where somebody asks (`dags/officeflow_inquiries.py`)."""

COMPARISONS = "officeflow_comparisons"
"""The platform DAG whose task compares whole directories where somebody asks
(`dags/officeflow_comparisons.py`).
"""

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://officeflow.example/ids")

SLUG = re.compile(r"[a-z](?:-?[a-z0-9]){0,40}\Z")
NODE_KEY = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
VERDICT, UNDO = "verdict", "undo"
"""The tasks by which a generated DAG tells how its run ended, and takes back what it did."""

UNDO_PREFIX = "undo__"
"""What the ledger's ids of acts begin with that take others back."""

RESERVED_NODE_KEYS = frozenset({VERDICT, UNDO})
EDGE_TASK_PREFIX = "edge__"


def is_slug(text: str) -> bool:
    """Whether `text` names an organization or a workflow: `[a-z][a-z0-9-]{0,40}`, no double or trailing
    hyphen.
    """
    return len(text) <= 41 and SLUG.match(text) is not None


def new_id() -> uuid.UUID:
    return uuid.uuid4()


def as_uuid(text: str) -> uuid.UUID | None:
    """None where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def dag_id(org: str, workflow: str) -> str:
    return f"{org}__{workflow}"


def split_dag_id(dag: str) -> tuple[str, str]:
    """Organization and workflow of a generated DAG: slugs hold no double underscore, so there is one way to
    read it.
    """
    org, _, workflow = dag.partition("__")
    return org, workflow


def connection_id(org: str, name: str) -> str:
    """The Airflow connection that holds the organization's credentials `name`."""
    return f"{org}.{name}"


def workflow_run_id(dag: str, run: str) -> uuid.UUID:
    """The run's UUID: one event gives several workflows the same Airflow run id, so both parts count."""
    return uuid.uuid5(NAMESPACE, f"run:{dag}:{run}")


def node_id(workflow: uuid.UUID, version: int, key: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"node:{workflow}:{version}:{key}")


def edge_id(workflow: uuid.UUID, version: int, source: str, target: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"edge:{workflow}:{version}:{source}:{target}")


def employee_id(org: uuid.UUID, external: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"employee:{org}:{external}")


def idempotency_key(run: uuid.UUID, node: str, map_index: int = -1, generation: int = 1) -> str:
    """64 hex digits that name one act.

    The attempt number is not in it: a retry, a clear or a crash is the same act.
    """
    return hashlib.sha256(f"{run}:{node}:{map_index}:{generation}".encode()).hexdigest()


def event_wait_id(act: str) -> uuid.UUID:
    """Of the wait of the act with this idempotency key: it is noted once."""
    return uuid.uuid5(NAMESPACE, f"event wait:{act}")


def run_request_id(act: str) -> uuid.UUID:
    """Of the run that the act with this idempotency key asks for: it is asked for once."""
    return uuid.uuid5(NAMESPACE, f"run request:{act}")


def called_dag_run_id(request: uuid.UUID) -> str:
    """The Airflow run id of a run that another run asks for."""
    return f"call__{request}"


_IN_HEADERS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


def header_text(text: str) -> str:
    """`text` as a header of HTTP or mail can carry it: what is not printable ASCII, blanks, `"` and `%` are
    percent-encoded as UTF-8.

    That is how CloudEvents writes attributes into headers (HTTP protocol binding 1.0.2, section 3.1.3.2);
    `urllib.parse.unquote` reads it.
    """
    return quote(text, safe=_IN_HEADERS, errors="replace")


def event_dag_run_id(source: str, event: str, trigger_index: int = 0) -> str:
    """The Airflow run id of the run that an event starts: the message's identity is the run's identity."""
    digest = hashlib.sha256(f"{source}\n{event}\n{trigger_index}".encode()).hexdigest()
    return f"evt__{digest[:32]}"
