"""Client assertions: a JWT that the client signs with the key of a certificate that is registered.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jwt

from counterparts.entra.login.refusals import LoginError
from counterparts.entra.tenant import Tenant
from counterparts.vendors.tokens import BadAssertion, Tokens, header, unverified

ALGORITHMS = frozenset({"RS256", "PS256"})
LEEWAY = 300
"""Seconds by which clocks may differ."""
LONGEST = 24 * 3600.0
"""Seconds that an assertion may last for."""


def client(assertion: str) -> str:
    """The application that an assertion names, without any check of it."""
    try:
        claims = unverified(assertion)
    except BadAssertion as error:
        raise LoginError(50027, "invalid_request", "JWT token is invalid or malformed.") from error
    return str(claims.get("iss", ""))


def check(
    assertion: str,
    application: Mapping[str, Any],
    audiences: Iterable[str],
    tenant: Tenant,
    tokens: Tokens,
) -> None:
    """Raises `LoginError` where the assertion does not prove that the application has sent it."""
    certificate = _certificate(assertion, application)
    claims = unverified(assertion)
    if claims.get("iss") != application["appId"] or claims.get("sub") != application["appId"]:
        raise LoginError(
            700021,
            "invalid_client",
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        )
    _check_times(claims, certificate, tenant)
    if claims.get("aud") not in set(audiences):
        raise LoginError(
            700023,
            "invalid_client",
            "Client assertion audience claim does not match Realm issuer.",
        )
    try:
        tokens.verify(assertion, [certificate["_pem"]], list(audiences), longest=LONGEST)
    except (BadAssertion, jwt.PyJWTError) as error:
        raise LoginError(
            700027,
            "invalid_client",
            "Client assertion failed signature validation. [Reason - The provided signature value did not"
            " match the expected signature value.]",
        ) from error


def _certificate(assertion: str, application: Mapping[str, Any]) -> Mapping[str, Any]:
    named = header(assertion)
    if named.get("alg") not in ALGORITHMS:
        raise LoginError(5002738, "invalid_client", "The algorithm of the client assertion is not supported.")
    thumbprints = {str(named.get(name, "")).rstrip("=") for name in ("x5t#S256", "x5t")} - {""}
    for each in application["keyCredentials"]:
        if thumbprints & {each["_sha256"], each["_sha1"]}:
            return dict(each)
    raise LoginError(
        700027,
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered on application."
        f" [Reason - The key was not found., Application: '{application['appId']}']",
    )


def _check_times(claims: Mapping[str, Any], certificate: Mapping[str, Any], tenant: Tenant) -> None:
    now = tenant.clock.seconds()
    try:
        ends, begins = float(claims["exp"]), float(claims.get("nbf", 0))
    except (KeyError, TypeError, ValueError) as error:
        raise LoginError(50027, "invalid_request", "JWT token is invalid or malformed.") from error
    if ends <= now - LEEWAY or begins > now + LEEWAY or ends > now + LONGEST + LEEWAY:
        raise LoginError(700024, "invalid_client", "Client assertion is not within its valid time range.")
    if tenant.passed(certificate["endDateTime"]):
        raise LoginError(
            700027,
            "invalid_client",
            "Client assertion failed signature validation. [Reason - The key used is expired.]",
        )
