"""What clients ask before they ask for a token.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from counterparts.entra.login.refusals import LoginError
from counterparts.entra.tenant import Tenant
from counterparts.vendors.routes import Handler, Request, Response, answer
from counterparts.vendors.store import Store


def configuration(tenant: Tenant) -> Handler:
    def handle(request: Request, store: Store, **path: Any) -> Response:
        del store
        named = str(path["tenant"])
        if not tenant.knows(named):
            error = LoginError(90002, "invalid_tenant", f"Tenant '{named}' not found.")
            return answer(error.body(tenant, ""), 400)
        base = f"{request.base}/{named}"
        return answer(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                ],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"{request.base}/{tenant.id}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
                "msgraph_host": urlsplit(request.base).netloc,
            }
        )

    return handle


def keys(tenant: Tenant) -> Handler:
    def handle(request: Request, store: Store, **path: Any) -> Response:
        del request, store, path
        return answer({"keys": [tenant.key.published()]})

    return handle


def instance(tenant: Tenant) -> Handler:
    """Which addresses stand for the same cloud: this one for itself."""

    def handle(request: Request, store: Store, **path: Any) -> Response:
        del store, path
        host = urlsplit(request.base).netloc
        known = f"{request.base}/{tenant.id}/v2.0/.well-known/openid-configuration"
        return answer(
            {
                "tenant_discovery_endpoint": known,
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }
        )

    return handle
