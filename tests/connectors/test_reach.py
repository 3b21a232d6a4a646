"""Whether a system is reached and lets us in is found out by asking it, and what is wrong is said with the
address and what answered.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.fields import assemble
from officeflow.connectors.reach import answers, reached
from officeflow.errors import ConnectorError, Rejected, Transient, Unauthorized
from tests.connectors.smtp_faults import Script, certificate, mail_server, users
from tests.counterparts.caldav import CaldavServer
from tests.counterparts.inbox import SmtpInbox
from tests.counterparts.process import free_port
from tests.counterparts.scim import ScimServer
from tests.web_api import TOKEN, WebApi

pytestmark = pytest.mark.integration


def scim(url: str, **values: str) -> Connection:
    return assemble("acme.directory", "scim", {"url": url, **values})


def smtp(port: int, **values: str) -> Connection:
    fields = {
        "host": "127.0.0.1",
        "port": str(port),
        "sender": "hr@acme.example",
        "security": "none",
        "timeout": "5",
        **values,
    }
    return assemble("acme.mail", "smtp", fields)


def api(url: str, **values: str) -> Connection:
    return assemble("acme.shop", "http", {"url": url, "networks": "127.0.0.1", **values})


@contextmanager
def page(
    status: int, body: bytes, context: ssl.SSLContext | None = None, *, under: str = "/"
) -> Iterator[str]:
    """A web server that answers everything below a path with this, and 404 elsewhere; its host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path.startswith(under) else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_kind_of_system_says_what_answers(
    scim_server: ScimServer,
    smtp_inbox: SmtpInbox,
    caldav_server: CaldavServer,
    web_api: WebApi,
    tmp_path: Path,
) -> None:
    trusted, context = certificate(tmp_path)
    assert reached(scim(scim_server.url, token=scim_server.token)) == "a SCIM server with 0 accounts"
    assert reached(smtp(smtp_inbox.port)) == "a mail server"
    login = {"login": caldav_server.user, "password": caldav_server.password}
    for url, calendar in (
        (caldav_server.url, ""),
        (caldav_server.url, caldav_server.calendar),
        (caldav_server.calendar_url, ""),
    ):
        given = {"url": url, **login, **({"calendar": calendar} if calendar else {})}
        assert (
            reached(assemble("acme.calendar", "caldav", given))
            == f"the calendar {caldav_server.calendar_url}"
        )
    assert "it answered 404 to GET" in reached(api(web_api.url, token=TOKEN))
    with mail_server(Script(), port := free_port(), tls_context=context, **users("people", "geheim")):
        assert (
            reached(smtp(port, login="people", password="geheim", security="starttls", ca_file=str(trusted)))
            == "a mail server, which took the login"
        )
    assert all(
        request["method"] in {"GET", "PROPFIND"}
        for server in (scim_server, caldav_server)
        for request in server.requests()
    )


@pytest.mark.parametrize("path", ["/v2", "/scim/v2"])
def test_an_address_without_its_path_is_said_with_the_one_that_answers(path: str) -> None:
    body = (
        b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0,'
        b' "Resources": []}'
    )
    with page(200, body, under=f"{path}/Users") as host:
        address = f"http://{host}"
        with pytest.raises(Rejected) as caught:
            reached(scim(address))
        assert (
            caught.value.message
            == f"scim answered 404 to GET {address}/Users: there is no SCIM server at this address"
        )
        assert caught.value.hint == f"{address}{path} answers in SCIM: write url={address}{path}"
        assert reached(scim(f"{address}{path}")) == "a SCIM server with 0 accounts"


@pytest.mark.parametrize("which", ["scim", "caldav", "http"])
def test_a_login_that_is_not_taken_is_said(
    which: str, scim_server: ScimServer, caldav_server: CaldavServer, web_api: WebApi
) -> None:
    calendar = {"url": caldav_server.url, "login": "people", "password": "wrong"}
    tried = {
        "scim": scim(scim_server.url, token="wrong"),
        "caldav": assemble("acme.c", "caldav", calendar),
        "http": api(web_api.url, token="wrong"),
    }[which]
    with pytest.raises(Unauthorized) as caught:
        reached(tried)
    assert (tried.host or "").rstrip("/") in caught.value.message
    assert "answered 401" in caught.value.message
    assert caught.value.hint == "check the connection's credentials"
    assert "wrong" not in str(caught.value)
    assert answers(tried) == "it answers, and asks who we are (401)"


def test_a_login_that_a_mail_server_does_not_take_is_said(tmp_path: Path) -> None:
    trusted, context = certificate(tmp_path)
    with mail_server(Script(), port := free_port(), tls_context=context, **users("people", "geheim")):
        tried = smtp(port, login="people", password="wrong", security="starttls", ca_file=str(trusted))
        with pytest.raises(
            Unauthorized, match=f"smtp://127.0.0.1:{port}: the mail server answered 535"
        ) as caught:
            reached(tried)
        assert caught.value.hint == "check the connection's login and password"
        assert answers(tried) == "a mail server"


@pytest.mark.parametrize("which", ["scim", "caldav", "http", "smtp"])
def test_where_nobody_is_the_address_and_the_cause_are_said(which: str) -> None:
    port = free_port()
    for host, cause in (
        ("127.0.0.1", "nobody listens there (connection refused)"),
        ("no-such-host.invalid", "cannot be resolved"),
    ):
        url, login = f"http://{host}:{port}", {"login": "people", "password": "geheim"}
        tried = {
            "scim": scim(url, token="geheim"),
            "caldav": assemble("acme.c", "caldav", {"url": url, **login}),
            "http": api(url, token="geheim"),
            "smtp": smtp(port, host=host, **login),
        }[which]
        with pytest.raises(Transient) as caught:
            reached(tried)
        assert f"{host}:{port}" in caught.value.message
        assert cause in caught.value.message
        assert "geheim" not in str(caught.value)


def test_what_does_not_speak_tls_and_certificates_that_nobody_trusts_are_said(
    smtp_inbox: SmtpInbox, tmp_path: Path
) -> None:
    trusted, context = certificate(tmp_path)
    with page(200, b"<html>") as address, page(200, b"<html>", context) as encrypted:
        with pytest.raises(Transient, match=f"https://{address}: .*does not speak TLS"):
            reached(scim(f"https://{address}"))
        with pytest.raises(Rejected, match=f"https://{encrypted}: .*certificate is not trusted") as caught:
            reached(scim(f"https://{encrypted}"))
        assert "ca_file" in caught.value.hint
        with pytest.raises(Rejected, match=f"scim did not answer in SCIM to GET https://{encrypted}/Users"):
            reached(scim(f"https://{encrypted}", ca_file=str(trusted)))
    with pytest.raises(Transient, match=f"smtp://127.0.0.1:{smtp_inbox.port}: .*does not speak TLS") as late:
        reached(smtp(smtp_inbox.port, security="tls"))
    assert "security is tls where the server begins encrypted" in late.value.hint
    with pytest.raises(Rejected, match="STARTTLS"):
        reached(smtp(smtp_inbox.port, security="starttls"))


@pytest.mark.parametrize("status", [200, 403, 404, 500])
def test_a_page_that_is_no_directory_and_no_calendar_is_refused_with_its_answer(status: int) -> None:
    with page(status, b"<html>hello</html>") as address:
        for tried in (scim(f"http://{address}"), assemble("acme.c", "caldav", {"url": f"http://{address}"})):
            with pytest.raises(ConnectorError, match=f"http://{address}"):
                reached(tried)


def test_a_calendar_that_is_not_there_is_refused_with_those_that_are(caldav_server: CaldavServer) -> None:
    given = {"url": caldav_server.url, "login": caldav_server.user, "password": caldav_server.password}
    with pytest.raises(ConnectorError, match="there is no calendar 'holidays'; there are: "):
        reached(assemble("acme.calendar", "caldav", {**given, "calendar": "holidays"}))
    with pytest.raises(ConnectorError, match="people/holidays"):
        reached(
            assemble("acme.calendar", "caldav", {**given, "calendar": f"{caldav_server.url}people/holidays/"})
        )
