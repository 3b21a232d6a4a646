"""`/oauth2/v1/token`: access tokens of service apps, asked for with a signed statement (private-key JWT)."""

from __future__ import annotations

from urllib.parse import parse_qs

from counterparts.okta.access import CLIENTS
from counterparts.vendors.routes import Refused, Request, Response, answer
from counterparts.vendors.store import Document, Store
from counterparts.vendors.tokens import BadAssertion, Tokens, unverified

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 3600


class TokenEndpoint:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def __call__(self, request: Request, store: Store) -> Response:
        form = {name: values[-1] for name, values in parse_qs(request.seen.body.decode("latin-1")).items()}
        if form.get("grant_type") != "client_credentials":
            raise _refused(400, "unsupported_grant_type", "The grant type is not supported by this endpoint.")
        client_id, client = self._client(request, store, form)
        wanted = form.get("scope", "").split()
        if not wanted:
            raise _refused(400, "invalid_scope", "A scope has to be asked for.")
        missing = set(wanted) - set(client["scopes"])
        if missing:
            raise _refused(400, "invalid_scope", "One or more scopes are not granted to the client.")
        token = self._tokens.issue(client_id, wanted, lifetime=LIFETIME)
        return answer(
            {
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "access_token": token,
                "scope": " ".join(wanted),
            },
            headers={"Cache-Control": "no-cache, no-store"},
        )

    def _client(self, request: Request, store: Store, form: dict[str, str]) -> tuple[str, Document]:
        if form.get("client_assertion_type") != TYPE:
            raise _refused(401, "invalid_client", "Client credentials grant needs private_key_jwt.")
        assertion = form.get("client_assertion", "")
        try:
            client_id = str(unverified(assertion).get("iss", ""))
            client = store.get(CLIENTS, client_id) or {"keys": []}
            audiences = [f"{request.base}{request.seen.path}", *client.get("audiences", ())]
            claims = self._tokens.verify(assertion, client["keys"], audiences, once=True)
        except BadAssertion as error:
            raise _refused(
                401, "invalid_client", f"The client_assertion token is not valid: {error}."
            ) from error
        if claims.get("sub") != client_id or form.get("client_id", client_id) != client_id:
            raise _refused(401, "invalid_client", "The subject of the client_assertion is not the client.")
        return client_id, client


def _refused(status: int, error: str, description: str) -> Refused:
    return Refused(answer({"error": error, "error_description": description}, status))
