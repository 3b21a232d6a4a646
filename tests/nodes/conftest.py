from __future__ import annotations

from collections.abc import Iterator

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from tests.connectors.http_faults import FaultProxy
from tests.counterparts.caldav import CaldavServer
from tests.counterparts.inbox import SmtpInbox
from tests.counterparts.scim import ScimServer
from tests.nodes.paper.admission import admitted
from tests.nodes.world import World
from tests.web_api import WebApi


@pytest.fixture
def world(
    database: Database,
    org: Organization,
    scim_server: ScimServer,
    smtp_inbox: SmtpInbox,
    caldav_server: CaldavServer,
    web_api: WebApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    with admitted(monkeypatch):
        yield World(database, scim_server, smtp_inbox, caldav_server, web_api)


@pytest.fixture
def proxy(world: World) -> Iterator[FaultProxy]:
    """Between the nodes and the directory."""
    with FaultProxy(world.scim.url).running() as proxy:
        world.changes = {"host": proxy.url}
        yield proxy
