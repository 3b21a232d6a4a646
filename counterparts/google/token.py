"""The token endpoint: a service account's signed JWT for an access token, on behalf of `sub`.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from counterparts.google import addresses
from counterparts.vendors.routes import Refused, Request, Response, answer
from counterparts.vendors.store import Document, Store
from counterparts.vendors.tokens import BadAssertion, Tokens, header, unverified

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ACCOUNTS = "serviceAccounts"
AUDIENCES = ("https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token")
LIFETIME = 3599
NOT_DELEGATED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of"
    " the scopes requested."
)


def endpoint(request: Request, store: Store) -> Response:
    tokens = Tokens(store, request.clock)
    form = {name: values[0] for name, values in parse_qs(request.seen.body.decode(errors="replace")).items()}
    if form.get("grant_type") != GRANT:
        raise _wrong("unsupported_grant_type", "Invalid grant_type")
    claims, account = _verified(tokens, store, form.get("assertion", ""), request)
    wanted = set(str(claims.get("scope", "")).split())
    if not wanted:
        raise _wrong("invalid_scope", "Empty or missing scope not allowed.")
    admin = _on_behalf_of(store, account, claims, wanted)
    token = tokens.issue(account["clientEmail"], wanted, lifetime=LIFETIME, on_behalf_of=admin)
    return answer({"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"})


def delegate(body: Any, store: Store) -> Any:
    """The control `delegation`: {"clientEmail", "scopes"} is what domain-wide delegation grants."""
    return dict(store.change(ACCOUNTS, body["clientEmail"], scopes=list(body["scopes"])))


def _verified(
    tokens: Tokens, store: Store, assertion: str, request: Request
) -> tuple[Mapping[str, Any], Document]:
    try:
        account = store.get(ACCOUNTS, str(unverified(assertion).get("iss")))
        if account is None:
            raise _wrong("invalid_grant", "Invalid grant: account not found")
        key = account["keys"].get(header(assertion).get("kid"))
        keys = [key] if key else list(account["keys"].values())
        claims = tokens.verify(assertion, keys, [*AUDIENCES, f"{request.base}/token"])
    except BadAssertion as error:
        raise _wrong("invalid_grant", f"Invalid JWT: {error}") from error
    return claims, account


def _on_behalf_of(store: Store, account: Document, claims: Mapping[str, Any], wanted: set[str]) -> str:
    """The id of the user that the account acts for; empty where it acts for itself."""
    if "sub" not in claims or claims["sub"] == account["clientEmail"]:
        return ""
    if not wanted <= set(account["scopes"]):
        raise _wrong("unauthorized_client", NOT_DELEGATED, 401)
    user = addresses.find(store, addresses.USERS, str(claims["sub"]))
    if user is None:
        raise _wrong("invalid_grant", "Invalid email or User ID")
    if user.get("suspended"):
        raise _wrong("invalid_grant", "Account has been suspended")
    return str(user["id"])


def _wrong(error: str, description: str, status: int = 400) -> Refused:
    return Refused(answer({"error": error, "error_description": description}, status))
