"""The organization's access rules, for acts and plans."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from officeflow.access import store
from officeflow.database.engine import Database
from officeflow.tenants import organizations


def access_rules(database: Database, org: uuid.UUID | str) -> Mapping[str, Any]:
    """As `Act.access_rules` gives them; `org` is the organization's slug or UUID."""
    with organizations.entered(database, str(org)) as (session, org_id):
        kept = store.newest(session, org_id)
    return {"version": kept.version, "document": kept.document}
