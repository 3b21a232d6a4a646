"""A directory on paper that can do little: what it is asked besides, it has not."""

from __future__ import annotations

from officeflow.connectors.declaration import Provider, Service
from officeflow.connectors.families import Capability
from tests.nodes.paper.connectors.paper.provider import FIELDS

PROVIDER = Provider(
    name="paper_plain",
    title="Plain directory on paper",
    services=(
        Service(
            client="tests.nodes.paper.connectors.paper_plain.client:PlainPaper",
            capabilities=frozenset(
                {
                    Capability.FIND_ACCOUNTS,
                    Capability.CREATE_ACCOUNTS,
                    Capability.UPDATE_ACCOUNTS,
                    Capability.DELETE_ACCOUNTS,
                }
            ),
        ),
    ),
    fields=FIELDS,
)
