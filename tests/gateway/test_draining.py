"""Out of the spool into the quarantine: one that cannot go holds up none of the others."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, Organization
from officeflow.events.message import Message
from officeflow.gateway.draining import AT_ONCE, Draining
from officeflow.gateway.lane import Lane
from officeflow.gateway.spool import Kind, Record, Spool
from officeflow.statuses import RefusalReason


def letter(org_id: uuid.UUID, number: int) -> Record:
    message = Message(topic="hr", partition=-1, offset=number, key=None, value=b"{}", headers=())
    reason = RefusalReason.INVALID_ATTRIBUTE.value
    note = {"detail": "no mapping fits", "reason": reason, "org_id": str(org_id)}
    return Record(Kind.LETTER, message, note)


def test_a_delivery_that_postgresql_refuses_stays_alone_and_is_told(
    database: Database, gateway_url: str, tenant: Organization, tmp_path: Path
) -> None:
    number = 2 * AT_ONCE + 5
    refused = {0, 7, AT_ONCE}

    async def check(quarantine: Database) -> None:
        spool = Spool(tmp_path, most_bytes=2**20)
        draining = Draining(spool, cast("Lane", None), quarantine)
        for each in range(number):
            whose = uuid.uuid4() if each in refused else tenant.org_id  # an organization that is not there
            await spool.append([letter(whose, each)])
        task = asyncio.create_task(draining.letters())
        for _ in range(600):
            await asyncio.sleep(0.05)
            if spool.waiting[Kind.LETTER] == len(refused):
                break
        else:
            pytest.fail(f"{draining.cannot_leave()}, {task}")
        await asyncio.sleep(1.5)  # what is refused is not tried over and over
        task.cancel()
        left = {each.message.offset for each in await spool.oldest(Kind.LETTER)}
        assert left == refused
        assert (
            draining.cannot_leave()["letter"]["why"]
            == "PostgreSQL refuses a delivery as it is: ForeignKeyViolation"
        )
        await spool.close()

    with Database(gateway_url, for_gateway=True) as quarantine:
        asyncio.run(check(quarantine))
    with database.service() as session:
        there = set(session.scalars(select(DeadLetter.offset)))
    assert there == set(range(number)) - refused
