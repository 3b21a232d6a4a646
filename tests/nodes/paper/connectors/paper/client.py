"""Opens a directory on paper for everything."""

from __future__ import annotations

from tests.nodes.paper.connectors.paper.accounts import Creating, Deleting, Finding, Updating
from tests.nodes.paper.connectors.paper.applications import Configuring, Transferring
from tests.nodes.paper.connectors.paper.credentials import Credentials
from tests.nodes.paper.connectors.paper.entitlements import Applications, Groups, Licences, Roles
from tests.nodes.paper.connectors.paper.lives import Changing, Restoring
from tests.nodes.paper.connectors.paper.trust import Trusting


class Paper(
    Finding,
    Creating,
    Updating,
    Deleting,
    Changing,
    Restoring,
    Groups,
    Roles,
    Applications,
    Licences,
    Credentials,
    Configuring,
    Transferring,
    Trusting,
):
    provider = "paper"
