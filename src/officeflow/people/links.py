"""Addresses in mails, by which one person answers one question, once.

What stands in the address is random and signed; the database has its SHA-256 alone, so that neither who reads
the database nor who guesses can answer. It is bound to one assignment, and holds until a time, which is never
after the deadline.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

from itsdangerous import BadSignature, Signer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from officeflow.audit import tags
from officeflow.database.tables import AnswerLink
from officeflow.errors import OfficeFlowError
from officeflow.program import typed

PURPOSE = "answer-link"
RANDOM_BYTES = 32
LONGEST = 200
"""Characters of a token that are looked at; one has about 90."""


class ForgedLink(OfficeFlowError):
    """We have never made such an address."""

    code = "forged_link"


class EndedLink(OfficeFlowError):
    """It was ours, and its time is over."""

    code = "ended_link"


def mint(
    session: Session,
    *,
    org_id: uuid.UUID,
    assignment_id: uuid.UUID,
    user_id: uuid.UUID,
    now: dt.datetime,
    until: dt.datetime,
) -> str:
    """The token of a new link, which is kept nowhere else; the user answers with it what the assignment
    asks.
    """
    token = _signer().sign(secrets.token_urlsafe(RANDOM_BYTES)).decode()
    session.add(
        AnswerLink(
            token_hash=digest(token),
            org_id=org_id,
            assignment_id=assignment_id,
            user_id=user_id,
            expires_at=until,
            created_at=now,
        )
    )
    return token


def checked(token: str) -> str:
    """The token, which bears our signature; `ForgedLink` otherwise. Asks no database."""
    try:
        _signer().unsign(token if len(token) <= LONGEST else "")
    except BadSignature as error:
        raise ForgedLink(
            "this address was not made by us", hint="open it as it stands in the mail"
        ) from error
    return token


def find(session: Session, token: str) -> AnswerLink:
    """The link, whatever became of it. `ForgedLink` where there is none."""
    found = session.scalar(select(AnswerLink).where(AnswerLink.token_hash == digest(checked(token))))
    if found is None:
        raise ForgedLink("this address was not made by us", hint="open it as it stands in the mail")
    return found


def use(session: Session, token: str, *, now: dt.datetime) -> AnswerLink:
    """The link, which nobody can use after the caller's transaction.

    `ForgedLink`, or `EndedLink` where it has expired or was used.
    """
    link = find(session, token)
    used = session.scalar(
        update(AnswerLink)
        .where(
            AnswerLink.token_hash == link.token_hash,
            AnswerLink.used_at.is_(None),
            AnswerLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(AnswerLink.token_hash)
    )
    if used is None:
        raise ended(link, now=now)
    return link


def ended(link: AnswerLink, *, now: dt.datetime) -> EndedLink:
    """Why a link cannot be used (any more)."""
    if link.expires_at <= now:
        why = f"this link has expired at {link.expires_at:%Y-%m-%d %H:%M} UTC"
    else:
        why = "this link was used already"
    return EndedLink(why, hint=f"answer in Airflow's Required actions, or by `{typed('approval')}`")


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _signer() -> Signer:
    """The newest key is the last one, as itsdangerous has it."""
    return Signer(tags.keys_for(PURPOSE)[::-1], salt=PURPOSE, digest_method=hashlib.sha256)
