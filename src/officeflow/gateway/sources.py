"""The sources, as the gateway knows them: read from the database when they change, and kept on disk for a
start while the database is away.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.exc import DBAPIError

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WebhookSource
from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.events.webhooks import definition
from officeflow.events.webhooks.definition import Definition
from officeflow.events.webhooks.mapping import EventMapping
from officeflow.gateway.requests import Networks
from officeflow.gateway.signatures import headers_that_prove, hidden_headers
from officeflow.gateway.spool import Spool

LOOK_SECONDS = 1.0
SNAPSHOT = "sources"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Secret:
    """`until`: seconds since 1970 after which it does not hold any more; None: it holds."""

    text: str = field(repr=False)
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One, ready to be used."""

    source_id: str
    version: int
    org: str
    org_id: uuid.UUID
    slug: str
    definition: Definition
    mapping: EventMapping
    secrets: tuple[Secret, ...]
    networks: Networks
    proving: frozenset[str]
    """Headers that its authentication reads."""
    hidden: frozenset[str]
    """Headers that hold a secret."""

    @property
    def key(self) -> str:
        return f"{self.org}/{self.slug}"

    def valid_secrets(self, now: float) -> list[str]:
        return [each.text for each in self.secrets if each.until is None or each.until > now]


class Sources:
    def __init__(self, database: Database, spool: Spool) -> None:
        self._database, self._spool = database, spool
        self._known: dict[tuple[str, str], Source] = {}
        self._mark: str | None = None
        self._looking = asyncio.Lock()
        self._looked = float("-inf")
        self.away = "not read yet"
        """Why the database is not read; "" where it is."""
        self.is_known = False
        """Whether there is anything to go by."""

    def get(self, org: str, slug: str) -> Source | None:
        return self._known.get((org, slug))

    async def find(self, org: str, slug: str) -> Source | None:
        """Also one that was made a moment ago. `Unavailable` where nothing is known of any."""
        if (found := self.get(org, slug)) is None and time.monotonic() - self._looked > LOOK_SECONDS / 4:
            await self.look()
            found = self.get(org, slug)
        if found is None and not self.is_known:
            raise Unavailable("the sources are not known yet: the database does not answer")
        return found

    async def look(self) -> None:
        """See what has changed; the database may be away."""
        async with self._looking:
            self._looked = time.monotonic()
            try:
                rows = await asyncio.to_thread(self._changed)
            except (Unavailable, DBAPIError) as error:
                if not self.away:
                    log.warning("the database does not answer: sources stay as they are", error=str(error))
                self.away = str(error)
                if not self.is_known:
                    await self._recall()
                return
            self.away, self.is_known = "", True
            if rows is not None:
                await self._take(rows)
                await self._spool.remember(SNAPSHOT, json.dumps(rows).encode())

    async def _recall(self) -> None:
        if (content := await self._spool.recall(SNAPSHOT)) is not None:
            await self._take(json.loads(content))
            self.is_known = True
            log.info("sources are those of the last time", number=len(self._known))

    async def _take(self, rows: Sequence[Mapping[str, Any]]) -> None:
        before = {source.source_id: source for source in self._known.values()}
        known: dict[tuple[str, str], Source] = {}
        for row in rows:
            old = before.get(row["source_id"])
            if old is None or old.version != row["version"] or old.org != row["org"]:
                old = await asyncio.to_thread(_ready, row)
            if old is not None:
                known[old.org, old.slug] = old
        self._known = known

    def _changed(self) -> list[dict[str, Any]] | None:
        """All sources where something has changed since; None where nothing has."""
        each = cast(WebhookSource.source_id, String) + ":" + cast(WebhookSource.version, String)
        marks = func.string_agg(each, aggregate_order_by(literal(","), WebhookSource.source_id))
        with self._database.gateway() as session:
            mark = str(session.scalar(select(func.md5(func.coalesce(marks, "")))))
            if mark == self._mark:
                return None
            found = session.execute(
                select(WebhookSource, Organization.slug).join(
                    Organization, Organization.org_id == WebhookSource.org_id
                )
            ).all()
            rows = [_row(source, org) for source, org in found]
        self._mark = mark
        return rows


def _row(source: WebhookSource, org: str) -> dict[str, Any]:
    return {
        "source_id": str(source.source_id),
        "version": source.version,
        "org": org,
        "org_id": str(source.org_id),
        "slug": source.slug,
        "definition": source.definition,
        "secrets": source.secrets,
    }


def _ready(row: Mapping[str, Any]) -> Source | None:
    """None, and a line in the log, for one that cannot be used."""
    try:
        settled = definition.parse(row["definition"])
        mapping = EventMapping(settled)
    except OfficeFlowError as error:
        log.error("a source cannot be used", source=f"{row['org']}/{row['slug']}", error=str(error))  # noqa: TRY400 - the error says it all
        return None
    return Source(
        source_id=row["source_id"],
        version=row["version"],
        org=row["org"],
        org_id=uuid.UUID(row["org_id"]),
        slug=row["slug"],
        definition=settled,
        mapping=mapping,
        secrets=tuple(Secret(each["secret"], _moment(each["until"])) for each in row["secrets"]),
        networks=Networks.of(settled.networks),
        proving=headers_that_prove(settled.authentication),
        hidden=hidden_headers(settled.authentication),
    )


def _moment(text: str | None) -> float | None:
    return None if text is None else dt.datetime.fromisoformat(text).timestamp()
