"""Names that acts keep for their runs: two runs that want one at the same moment get two."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from dataclasses import dataclass

from sqlalchemy import text

from officeflow.database.engine import Database
from officeflow.statuses import ENDED_RUNS, RunStatus

SETTLED = [status.value for status in ENDED_RUNS if status is not RunStatus.FAILED]
"""How a run ends that nobody takes up again."""

_OVER = """
    SELECT FROM workflow_runs AS other, workflow_runs AS own
    WHERE other.run_id = kept.run_id AND own.run_id = excluded.run_id AND (
        (other.status = ANY (:settled) AND other.ended_at < now() - interval '1 day'
            AND NOT EXISTS (SELECT FROM workflow_runs AS caller
                WHERE caller.run_id = other.parent_run_id AND caller.ended_at IS NULL))
        OR (other.status = ANY (:ended) AND other.employee_key = own.employee_key))
"""
"""A day after its run, and who has called that, have ended the name is used at the system, and seen there, or
will not be. An earlier run of the same person's leaves it to the next one.
"""

_RESERVE = f"""
INSERT INTO name_reservations AS kept (org_id, system, digest, act_key, run_id, node_key, map_index)
VALUES (:org, :system, :digest, :key, :run, :node, :map_index)
ON CONFLICT (org_id, system, digest) DO UPDATE SET act_key = excluded.act_key, run_id = excluded.run_id,
    node_key = excluded.node_key, map_index = excluded.map_index, reserved_at = now()
WHERE kept.act_key = excluded.act_key
    OR (kept.run_id, kept.node_key, kept.map_index)
        = (excluded.run_id, excluded.node_key, excluded.map_index)
    OR EXISTS ({_OVER})
RETURNING act_key
"""  # noqa: S608 - a statement of ours
_GIVE_BACK = "DELETE FROM name_reservations WHERE org_id = :org AND act_key = :key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The act that keeps names; `system` is the connection at whose system they are to be had."""

    org_id: uuid.UUID
    system: str
    key: str
    run_id: uuid.UUID
    node: str
    map_index: int = -1


def reserve(database: Database, keeper: Keeper, name: str) -> bool:
    """Keep the name for the act, in a transaction of its own; False where another act has it, whose run may
    still use it.
    """
    values = {
        "org": keeper.org_id,
        "system": keeper.system,
        "digest": digest(keeper.org_id, name),
        "key": keeper.key,
        "run": keeper.run_id,
        "node": keeper.node,
        "map_index": keeper.map_index,
        "settled": SETTLED,
        "ended": [status.value for status in ENDED_RUNS],
    }
    with database.tenant(keeper.org_id) as session:
        return session.execute(text(_RESERVE), values).first() is not None


def give_back(database: Database, org_id: uuid.UUID, key: str) -> int:
    """Let others have what the act of this key keeps; how many names it were."""
    with database.tenant(org_id) as session:
        gone = session.execute(text(_GIVE_BACK), {"org": org_id, "key": key})
        return int(getattr(gone, "rowcount", 0))


def digest(org_id: uuid.UUID, name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return hashlib.sha256(org_id.bytes + plain.encode()).hexdigest()
