"""Tokens of service accounts: what they look like, and whose one is.

A token is `oft_`, eight characters that name it, and a secret of 32 random bytes. It is shown once; the
database has its SHA-256 alone, which is enough for a text that nobody can guess.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import string
import threading
from dataclasses import dataclass, field

from cachetools import TTLCache
from sqlalchemy import or_, select, update

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, Organization, ServiceAccount
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import Principal

PREFIX = "oft_"
NAME_CHARACTERS = 8
FRESH_SECONDS = 2.0
"""So long an answer is used again: a revoked token opens nothing any more within five seconds."""

USED_EVERY = dt.timedelta(minutes=1)
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class NewToken:
    """`text` is the token itself: shown once, kept nowhere."""

    prefix: str
    digest: bytes
    text: str = field(repr=False)


def new_token() -> NewToken:
    name = "".join(secrets.choice(_ALPHABET) for _ in range(NAME_CHARACTERS))
    text = f"{PREFIX}{name}{secrets.token_urlsafe(32)}"
    return NewToken(text[: len(PREFIX) + NAME_CHARACTERS], _digest(text), text)


class Tokens:
    """Whose token it is, remembered for a moment. Safe to share between threads."""

    def __init__(
        self, database: Database, clock: Clock, *, fresh: float = FRESH_SECONDS, most: int = 10_000
    ) -> None:
        self._database = database
        self._clock = clock
        self._known: TTLCache[bytes, Principal] = TTLCache(most, fresh)
        self._lock = threading.Lock()

    def principal(self, text: str) -> Principal | None:
        """None where the token is unknown, expired or revoked, or its account is not active."""
        kept = self.remembered(text)
        if kept is not None:
            return kept
        digest = _digest(text)
        found = self._look_up(text[: len(PREFIX) + NAME_CHARACTERS], digest)
        if found is not None:
            with self._lock:
                self._known[digest] = found
        return found

    def remembered(self, text: str) -> Principal | None:
        """What `principal` need not ask the database for; None where it would have to."""
        with self._lock:
            return self._known.get(_digest(text))

    def forget(self) -> None:
        """Look anew whichever comes next: something was changed here."""
        with self._lock:
            self._known.clear()

    def _look_up(self, prefix: str, digest: bytes) -> Principal | None:
        now = self._clock.now()
        with self._database.service() as session:
            row = session.execute(
                select(ApiToken, ServiceAccount, Organization.slug)
                .join(ServiceAccount, ServiceAccount.account_id == ApiToken.account_id)
                .join(Organization, Organization.org_id == ApiToken.org_id)
                .where(
                    ApiToken.prefix == prefix,
                    ApiToken.expires_at > now,
                    ApiToken.revoked_at.is_(None),
                    ServiceAccount.is_active,
                )
            ).one_or_none()
            if row is None or not hmac.compare_digest(row.ApiToken.digest, digest):
                return None
            session.execute(
                update(ApiToken)
                .where(
                    ApiToken.token_id == row.ApiToken.token_id,
                    or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now - USED_EVERY),
                )
                .values(last_used_at=now)
            )
        token, account, slug = row
        scopes = None if token.scopes is None else frozenset(map(Permission, token.scopes))
        return Principal(
            actor=f"token:{slug}/{account.name}", roles={account.org_id: account.role}, scopes=scopes
        )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()
