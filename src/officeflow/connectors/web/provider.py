"""Any HTTP API, called by a workflow itself with `http.request`.

Requests go to the hosts that the connection lists and to no other, at addresses that were checked; the
credentials go to the origin of `url` alone.
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="http",
    title="HTTP API",
    services=(
        Service(
            client="officeflow.connectors.web.client:WebClient",
            capabilities=frozenset({Capability.TAKE_REQUESTS}),
        ),
    ),
    fields=(
        ConnectionField(
            name="url",
            kept="host",
            description="Base URL, such as https://api.example.com/v1.",
            kind=kinds.URL,
            required=True,
        ),
        ConnectionField(
            name="auth",
            kept="extra.auth",
            description=(
                "How we say who we are; where it is not given: basic with a login, bearer with a token"
                " alone, else none."
            ),
            kind=kinds.choice("none", "bearer", "basic", "header"),
            credential=True,
        ),
        ConnectionField(
            name="token",
            kept="password",
            description="Token, password, or the header's value.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="login",
            kept="login",
            description="User name, for basic.",
            kind=kinds.USER_NAME,
            credential=True,
        ),
        ConnectionField(
            name="header",
            kept="extra.header",
            description="Name of the header that holds the token, for header.",
            credential=True,
        ),
        ConnectionField(
            name="allowed_hosts",
            kept="extra.allowed_hosts",
            description=(
                "Hosts that may be called beside the URL's own (without the token): api.example.com,"
                " *.example.com, host:8443."
            ),
            kind=kinds.HOSTS,
        ),
        ConnectionField(
            name="networks",
            kept="extra.networks",
            description=(
                "Networks that are not public and may be called all the same: 10.1.0.0/16, 127.0.0.1."
            ),
            kind=kinds.NETWORKS,
        ),
        ConnectionField(
            name="idempotency_key",
            kept="extra.idempotency_key",
            description=(
                "yes where the system does a POST or PATCH once, however often it comes under one"
                " Idempotency-Key."
            ),
            kind=kinds.YES_NO,
        ),
        ConnectionField(
            name="not_done_statuses",
            kept="extra.not_done_statuses",
            description=(
                "Statuses of which this API's documentation says that nothing was done, such as 429, 503."
                " After any other of 408, 423, 425, 429 and 5xx a change that cannot be repeated is asked"
                " about: it may be done all the same."
            ),
            kind=kinds.STATUSES,
        ),
        ConnectionField(
            name="timeout",
            kept="extra.timeout",
            description="Seconds to wait for an answer; the node's own time where it is not given.",
            kind=kinds.SECONDS,
        ),
        CA_FILE,
        PROXY,
    ),
)
