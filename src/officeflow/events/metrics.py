"""Measurements of runs and nodes, for `metrics.events`. No person is in them.

A node's are made from its result when that is sent: its act pays nothing for them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from officeflow.events.outbox import MessageType
from officeflow.events.topics import METRICS_EVENTS, NODE_EXECUTE_RESULT

_NODES = text("""
    INSERT INTO outbox_messages (message_id, org_id, topic, key, type, subject, correlation_id, payload)
    SELECT gen_random_uuid(), org_id, :topic, org_id::text, :type, 'run:' || (payload->>'run_id'),
        correlation_id,
        jsonb_build_object(
            'run_id', payload->'run_id', 'dag_id', payload->'dag_id', 'workflow', payload->'workflow',
            'version', payload->'version',
            'node', payload->'node', 'type', payload->'type', 'map_index', payload->'map_index',
            'generation', payload->'generation',
            'connection', payload->'connection', 'state', payload->'status', 'tries', payload->'attempt',
            'seconds', payload->'seconds',
            'error', payload->'error'->'code'
        )
    FROM outbox_messages
    WHERE message_id = ANY (:ids) AND topic = :results AND jsonb_typeof(payload) = 'object'
    ORDER BY position
    """)


def of_nodes(session: Session, message_ids: Sequence[uuid.UUID]) -> None:
    """Add to the outbox a measurement for each of these messages that tells a node's result."""
    session.execute(
        _NODES,
        {
            "ids": list(message_ids),
            "topic": METRICS_EVENTS,
            "results": NODE_EXECUTE_RESULT,
            "type": str(MessageType.NODE_MEASURED),
        },
    )
