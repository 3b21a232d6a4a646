"""Domain-wide delegation: a service account acts for an administrator of the customer.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

from collections.abc import Generator

import httpx

from officeflow.connectors.assertions import SignedStatement
from officeflow.connectors.google.key import TOKEN_URI, ServiceAccount
from officeflow.connectors.google.scopes import AUTH, scope_of
from officeflow.connectors.tokens import TokenAuth


class Delegated(httpx.Auth):
    """Every request has a token of the one scope that it needs; `admin` is for whom it is made."""

    def __init__(self, account: ServiceAccount, admin: str, *, provider: str) -> None:
        self._account = account
        self._admin = admin
        self._provider = provider

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        grant = self._grant(scope_of(request.url.path))
        yield from TokenAuth(grant, provider=self._provider).auth_flow(request)

    def _grant(self, scope: str) -> SignedStatement:
        return SignedStatement(
            endpoint=self._account.token_uri,
            key=self._account.private_key,
            issuer=self._account.email,
            audience=TOKEN_URI,
            subject=self._admin,
            headers=(("kid", self._account.key_id),),
            claims=(("scope", f"{AUTH}{scope}"),),
            is_grant=True,
        )
