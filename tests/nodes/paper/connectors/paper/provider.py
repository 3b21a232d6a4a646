"""A directory on paper that can do everything."""

from __future__ import annotations

from officeflow.connectors.declaration import ConnectionField, Provider, Service
from officeflow.connectors.families import Capability, Family

FIELDS = (
    ConnectionField(name="directory", kept="host", description="Which directory.", required=True),
    ConnectionField(name="token", kept="password", description="Its token.", secret=True, credential=True),
)

PROVIDER = Provider(
    name="paper",
    title="Directory on paper",
    services=(
        Service(
            client="tests.nodes.paper.connectors.paper.client:Paper",
            capabilities=frozenset(each for each in Capability if each.family is Family.IDENTITY),
        ),
    ),
    fields=FIELDS,
)
