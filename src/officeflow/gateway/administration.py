"""What is decided about sources; each decision is audited in the transaction that carries it out.

`by` is who decides, as the audit log names people. Secrets of sources are ours to check and nobody's to read:
they are encrypted in our own table (ADR 36), and shown once, where we make them.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.clock import Clock
from officeflow.database.constraints import violated_unique
from officeflow.database.engine import Database
from officeflow.database.tables import WebhookSource
from officeflow.errors import InvalidInput, NotKnown, did_you_mean
from officeflow.events.webhooks import definition as definitions
from officeflow.events.webhooks import preview
from officeflow.events.webhooks.definition import Definition, MutualTls, Nobody, StandardWebhooks
from officeflow.events.webhooks.mapping import EventMapping
from officeflow.gateway.presets import preset
from officeflow.ids import is_slug, new_id
from officeflow.program import typed
from officeflow.tenants import organizations

SHORTEST_SECRET = 16
LONGEST_SECRET = 4096
STANDARD_PREFIX = "whsec_"
OWN = "own"
"""The preset of a source that was made from a definition alone."""


@dataclass(frozen=True, slots=True)
class Made:
    """A source as it is now. `secret` is the one that was made for it, to be shown this once; None where it
    was given, or needs none.
    """

    source: WebhookSource
    secret: str | None = field(default=None, repr=False)


def create(
    database: Database,
    org: str,
    slug: str,
    *,
    preset_name: str | None = None,
    document: Mapping[str, Any] | None = None,
    secret: str | None = None,
    by: str,
) -> Made:
    """A new source, from a preset or a definition.

    `InvalidInput` with all that is wrong, also where the system makes the secret and none is given.
    """
    known = preset(preset_name) if preset_name else None
    if (known is None) == (document is None):
        raise InvalidInput("a source is made from a preset or from a definition", hint="give one of them")
    settled = _checked(known.document if known else document)
    if known is not None and known.is_theirs and secret is None:
        raise InvalidInput(f"{known.title} makes the secret itself", hint="copy it from there and give it")
    if not is_slug(slug):
        raise InvalidInput(f"{slug!r} is no name of a source", hint="a-z, 0-9 and single hyphens")
    text, made = _secret(settled, secret)
    with organizations.entered(database, org) as (session, org_id):
        source = WebhookSource(
            source_id=new_id(),
            org_id=org_id,
            slug=slug,
            preset=known.name if known else OWN,
            definition=definitions.to_json(settled),
            secrets=[] if text is None else [{"secret": text, "until": None}],
            version=1,
        )
        _insert(session, source)
        details = {"preset": source.preset, "definition": source.definition}
        _record(session, source, AuditAction.SOURCE_CREATED, by=by, details=details)
    return Made(source, made)


def every(database: Database, org: str, *, after: str = "", limit: int = 200) -> Sequence[WebhookSource]:
    """The organization's sources by name, from the one behind `after` on."""
    with organizations.entered(database, org) as (session, org_id):
        query = select(WebhookSource).where(WebhookSource.org_id == org_id, WebhookSource.slug > after)
        return session.scalars(query.order_by(WebhookSource.slug).limit(limit)).all()


def find(database: Database, org: str, slug: str) -> WebhookSource:
    """`NotKnown` where there is none."""
    with organizations.entered(database, org) as (session, org_id):
        return _found(session, org_id, slug)


def change(
    database: Database, org: str, slug: str, document: Mapping[str, Any], *, why: str, by: str
) -> WebhookSource:
    """Give it another definition; its secrets stay. `InvalidInput` with all that is wrong."""
    why, settled = reason(why), _checked(document)
    with organizations.entered(database, org) as (session, org_id):
        source = _found(session, org_id, slug, for_update=True)
        if not source.secrets and _needs_secret(settled):
            raise InvalidInput("the source has no secret, and this needs one", hint="rotate it first")
        before, source.definition = source.definition, definitions.to_json(settled)
        source.version += 1
        details = {"before": before, "after": source.definition, "why": why}
        _record(session, source, AuditAction.SOURCE_CHANGED, by=by, details=details)
        session.refresh(source)
    return source


def rotate(
    database: Database,
    clock: Clock,
    org: str,
    slug: str,
    *,
    secret: str | None = None,
    overlap: dt.timedelta = dt.timedelta(hours=24),
    why: str,
    by: str,
) -> Made:
    """A new secret; the one before holds for `overlap` longer, and older ones no more."""
    why, now = reason(why), clock.now()
    with organizations.entered(database, org) as (session, org_id):
        source = _found(session, org_id, slug, for_update=True)
        text, made = _secret(definitions.parse(source.definition), secret)
        if text is None:
            raise InvalidInput("a source with this authentication has no secret")
        until = (now + overlap).isoformat()
        kept = [{**each, "until": until} for each in source.secrets[:1]] if overlap else []
        source.secrets = [{"secret": text, "until": None}, *kept]
        source.version += 1
        details = {"overlap_hours": overlap.total_seconds() / 3600, "why": why}
        _record(session, source, AuditAction.SOURCE_ROTATED, by=by, details=details)
        session.refresh(source)
    return Made(source, made)


def delete(database: Database, org: str, slug: str, *, why: str, by: str) -> None:
    """Deliveries to it are refused from now on. What of it is in quarantine stays there."""
    why = reason(why)
    with organizations.entered(database, org) as (session, org_id):
        source = _found(session, org_id, slug, for_update=True)
        details = {"preset": source.preset, "definition": source.definition, "why": why}
        _record(session, source, AuditAction.SOURCE_DELETED, by=by, details=details)
        session.delete(source)


def test(database: Database, org: str, slug: str, raw: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """What would come of a delivery, without sending anything: `preview.preview`."""
    source = find(database, org, slug)
    return preview.preview(definitions.parse(source.definition), slug, headers, raw)


def address(base: str, org: str, slug: str) -> str:
    """Where it is delivered to. `base` is the gateway's address."""
    return f"{base.rstrip('/')}/hooks/{org}/{slug}"


def to_json(source: WebhookSource, clock: Clock) -> dict[str, Any]:
    """What may be shown of it: of secrets, how many hold."""
    now = clock.now()
    holding = [s for s in source.secrets if s["until"] is None or dt.datetime.fromisoformat(s["until"]) > now]
    return {
        "slug": source.slug,
        "preset": source.preset,
        "version": source.version,
        "secrets": len(holding),
        "changed": source.updated_at,
        "definition": source.definition,
    }


def _checked(document: Mapping[str, Any] | None) -> Definition:
    settled = definitions.parse(document)
    EventMapping(settled)
    return settled


def _needs_secret(settled: Definition) -> bool:
    return not isinstance(settled.authentication, MutualTls | Nobody)


def _secret(settled: Definition, given: str | None) -> tuple[str | None, str | None]:
    """What is kept, and of that what was made here."""
    is_standard = isinstance(settled.authentication, StandardWebhooks)
    if not _needs_secret(settled):
        if given is not None:
            raise InvalidInput("this authentication needs no secret")
        return None, None
    if given is None:
        made = (
            STANDARD_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
            if is_standard
            else secrets.token_urlsafe(32)
        )
        return made, made
    if not SHORTEST_SECRET <= len(given) <= LONGEST_SECRET or not given.isprintable():
        raise InvalidInput(
            f"the secret has to have {SHORTEST_SECRET} to {LONGEST_SECRET:,} printable characters"
        )
    if is_standard:
        _check_standard(given)
    return given, None


def _check_standard(given: str) -> None:
    try:
        base64.b64decode(given.removeprefix(STANDARD_PREFIX), validate=True)
    except ValueError as error:
        raise InvalidInput("a secret of Standard Webhooks is whsec_ and base64") from error


def _insert(session: Session, source: WebhookSource) -> None:
    try:
        with session.begin_nested():
            session.add(source)
    except IntegrityError as error:
        if violated_unique(error) is None:
            raise
        raise InvalidInput(
            f"the organization has a source {source.slug!r} already", hint=f"`{typed('source list')}`"
        ) from error
    session.refresh(source)


def _found(session: Session, org_id: uuid.UUID, slug: str, *, for_update: bool = False) -> WebhookSource:
    query = select(WebhookSource).where(WebhookSource.org_id == org_id, WebhookSource.slug == slug)
    source = session.scalar(query.with_for_update() if for_update else query)
    if source is None:
        known = session.scalars(select(WebhookSource.slug).where(WebhookSource.org_id == org_id)).all()
        raise NotKnown(f"the organization has no source {slug!r}", hint=did_you_mean(slug, known))
    return source


def _record(
    session: Session, source: WebhookSource, action: AuditAction, *, by: str, details: Mapping[str, Any]
) -> None:
    session.flush()
    entry = AuditEntry(actor=by, action=action, subject=f"source:{source.slug}", details=details)
    audit.append(session, source.org_id, entry)
