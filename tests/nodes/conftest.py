from __future__ import annotations

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from tests.counterparts_fixtures import CaldavServer, ScimServer, SmtpInbox
from tests.nodes.world import World


@pytest.fixture
def world(database: Database, org: Organization, scim_server: ScimServer, smtp_inbox: SmtpInbox, caldav_server: CaldavServer) -> World:
    return World(database, scim_server, smtp_inbox, caldav_server)
