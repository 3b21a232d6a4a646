"""HTTP APIs: what goes where, what comes back, and what is refused. Against a real server."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.egress import Egress
from officeflow.connectors.families import Family
from officeflow.connectors.families.http import WebAnswer, WebRequest
from officeflow.connectors.opening import open_provider
from officeflow.connectors.web.client import MAX_BODY
from officeflow.errors import InvalidInput, Rejected, Transient, Unauthorized
from tests.connectors.contract import CORRELATION, KEY
from tests.connectors.http_contract import HttpContract
from tests.connectors.http_faults import FaultProxy
from tests.connectors.smtp_faults import certificate
from tests.web_api import TOKEN, WebApi

SUCCESS = range(200, 300)


def connection(url: str, **extra: Any) -> Connection:
    return Connection(
        id="acme.api",
        provider="http",
        host=url,
        login=extra.pop("login", None),
        password=extra.pop("password", TOKEN),
        extra={"networks": "127.0.0.1"} | extra,
    )


def call(given: Connection, url: str, method: str = "GET", expected: Any = SUCCESS, **more: Any) -> WebAnswer:
    client: Any = open_provider(given, correlation_id=CORRELATION, family="http")
    try:
        answer: WebAnswer = client.send(
            WebRequest(method=method, url=url, **more), expected=expected, key=KEY
        )
    finally:
        client.close()
    return answer


@pytest.mark.integration
class TestContract(HttpContract):
    provider = "http"
    family = Family.HTTP
    writing = ("POST",)
    reading = ("GET",)

    @pytest.fixture
    def server(self, web_api: WebApi) -> WebApi:
        return web_api

    def connection(self, server: WebApi, **changes: Any) -> Connection:
        changes.pop("host", None), changes.pop("port", None)
        return connection(changes.pop("url", server.url), **changes)

    def wrong_credentials(self, server: WebApi) -> Connection:
        return connection(server.url, password="wrong")

    def url(self, server: WebApi) -> str:
        return server.url

    def write(self, client: Any) -> Any:
        return client.send(
            WebRequest(method="POST", url="/things", content=b'{"a": 1}'), expected=SUCCESS, key=KEY
        )

    def read(self, client: Any) -> Any:
        return client.send(WebRequest(method="GET", url="/things"), expected=SUCCESS, key=KEY)

    def is_done(self, server: WebApi) -> bool:
        return KEY in server.things

    def correlation_ids(self, server: WebApi) -> set[str | None]:
        return {request["headers"].get("x-correlation-id") for request in server.seen}

    def read_hurried(self, client: Any) -> Any:
        return client.send(WebRequest(method="GET", url="/things", seconds=1.0), expected=SUCCESS, key=KEY)

    def test_what_this_api_promises_is_a_no(self, server: WebApi, proxy: FaultProxy) -> None:
        client = self.open(self.connection(server, url=proxy.url, not_done_statuses="429, 503"))
        for status, maybe in ((429, False), (503, False), (502, True)):
            assert self.refused(proxy, client, status).maybe_done is maybe
        client.close()

    def test_a_yes_that_was_not_the_expected_one_may_be_done(self, server: WebApi, client: Any) -> None:
        with pytest.raises(Rejected) as caught:
            client.send(WebRequest(method="POST", url="/things", content=b"{}"), expected=[204], key=KEY)
        assert caught.value.maybe_done
        assert self.is_done(server)

    def test_an_address_that_is_none_is_rejected(self, server: WebApi) -> None:
        with pytest.raises(InvalidInput, match="http or https"):
            self.open(connection("ftp://127.0.0.1/"))


class TestWhereItGoes:
    @pytest.mark.parametrize(
        ("url", "path"),
        [
            ("/things", "/v1/things"),
            ("things?x=1#part", "/v1/things?x=1"),
            ("//evil.test/things", "/v1/evil.test/things"),
            ("/a%2Fb", "/v1/a%2Fb"),
            ("/größer", "/v1/gr%C3%B6%C3%9Fer"),
        ],
    )
    def test_a_path_lies_below_the_connections_address(self, web_api: WebApi, url: str, path: str) -> None:
        call(connection(f"{web_api.url}/v1/"), url, expected=range(200, 500))
        assert web_api.seen[0]["path"] == path

    def test_a_query_is_encoded_and_joins_that_of_the_address(self, web_api: WebApi) -> None:
        call(connection(web_api.url), "/things?x=1", query={"name": ["a&b=ü", "c"], "flag": ["true"]})
        assert web_api.seen[0]["path"] == "/things?x=1&name=a%26b%3D%C3%BC&name=c&flag=true"

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://127.0.0.2/things", "not among the hosts"),
            ("http://2130706433/", "disguise"),
            ("http://evil.test/", "not among the hosts"),
            ("ftp://127.0.0.1/", "neither http nor https"),
            ("javascript:alert(1)", "neither http nor https"),
            ("http:///things", "no host"),
            ("/a b", "blank"),
            ("/a\\b", "backslash"),
            ("/a\r\nHost: evil.test", "control character"),
            ("http://[::1", "no address"),
            ("/users/../admin", "between slashes"),
            ("/users/%2E%2e", "between slashes"),
            ("../admin?x=1", "between slashes"),
            ("/users/..%2fadmin", "between slashes"),
            ("/users/%2e%2e%5Cadmin", "between slashes"),
            ("/users/..;/admin", "between slashes"),
            ("/users//suspend", "nothing between two slashes"),
            ("http://127.0.0.1/users//suspend", "nothing between two slashes"),
        ],
    )
    def test_what_may_not_be_called_is_refused_and_nothing_is_sent(
        self, web_api: WebApi, url: str, reason: str
    ) -> None:
        with pytest.raises(Rejected, match=reason) as caught:
            call(connection(web_api.url), url, "POST")
        assert not caught.value.maybe_done
        assert web_api.seen == []

    @pytest.mark.parametrize("networks", ["", "10.0.0.0/8", "::1"])
    def test_this_machine_is_refused_unless_the_connection_lists_it(
        self, web_api: WebApi, networks: str
    ) -> None:
        for url in (web_api.url, web_api.url.replace("127.0.0.1", "localhost")):
            with pytest.raises(Rejected, match="no address that may be called"):
                call(connection(url, networks=networks), "/things")
        assert web_api.seen == []

    def test_the_platform_may_limit_all_connections(
        self, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_HTTP_ALLOWED_HOSTS", "*.acme.example")
        with pytest.raises(Rejected, match="OFFICEFLOW_HTTP_ALLOWED_HOSTS"):
            call(connection(web_api.url), "/things")
        assert web_api.seen == []

    def test_a_name_is_asked_for_once_and_the_address_that_was_checked_is_called(
        self, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name server that gives a good address to who checks and another to who connects gains nothing."""
        asked: list[str] = []
        honest = socket.getaddrinfo

        def changing_its_mind(host: Any, *others: Any, **more: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            asked.append(name)
            return honest(
                "127.0.0.66" if name == "localhost" and asked.count(name) > 1 else host, *others, **more
            )

        monkeypatch.setattr(socket, "getaddrinfo", changing_its_mind)
        assert call(connection(web_api.url.replace("127.0.0.1", "localhost")), "/things").status == 200
        assert asked == ["localhost", "127.0.0.1"]
        assert web_api.seen[0]["headers"]["host"].startswith("localhost:")

    def test_an_address_that_does_not_answer_is_followed_by_the_next(
        self, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Egress, "addresses", lambda *_: ["127.0.0.9", "127.0.0.1"])
        assert call(connection(web_api.url), "/things").status == 200


class TestWhoWeAre:
    def test_a_login_and_a_header_of_ones_own(self, web_api: WebApi) -> None:
        kinds = {"basic": {"login": "hr"}, "header": {"header": "X-Api-Key"}, "none": {}, "bearer": {}}
        for kind, fields in kinds.items():
            call(connection(web_api.url, auth=kind, **fields), "/open")
        sent = [request["headers"] for request in web_api.seen]
        assert sent[0]["authorization"].startswith("Basic ")
        assert (sent[1]["x-api-key"], sent[1].get("authorization")) == (TOKEN, None)
        assert sent[2].get("authorization") is None
        assert sent[3]["authorization"] == f"Bearer {TOKEN}"

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"auth": "bearer", "password": ""}, "token"),
            ({"auth": "basic"}, "login"),
            ({"auth": "header"}, "header"),
            ({"auth": "header", "header": "X Key"}, "header"),
            ({"password": "geheim\r\nX: y"}, "token"),
        ],
    )
    def test_what_does_not_fit_together_is_named_without_the_secret(
        self, fields: dict[str, Any], problem: str
    ) -> None:
        with pytest.raises(InvalidInput) as caught:
            call(connection("https://api.acme.example", **fields), "/")
        assert problem in {found.path for found in caught.value.problems}
        assert "geheim" not in str(caught.value)

    def test_a_header_is_sent_once_however_it_is_written(self, web_api: WebApi) -> None:
        given = connection(web_api.url, auth="header", header="X-Api-Key")
        call(given, "/open", headers={"x-api-key": "other", "ACCEPT": "text/csv"})
        sent = [name.lower() for name, _ in web_api.seen[0]["all_headers"]]
        assert len(sent) == len(set(sent))
        assert (web_api.seen[0]["headers"]["x-api-key"], web_api.seen[0]["headers"]["accept"]) == (
            TOKEN,
            "text/csv",
        )

    def test_credentials_go_to_the_connections_own_origin_alone(
        self, web_api: WebApi, other_api: WebApi
    ) -> None:
        given = connection(web_api.url, allowed_hosts=other_api.url.removeprefix("http://"))
        call(given, f"{other_api.url}/open")
        assert "authorization" not in other_api.seen[0]["headers"]


class TestRedirects:
    def test_within_the_origin_everything_goes_along(self, web_api: WebApi) -> None:
        answer = call(connection(web_api.url), "/redirect?to=/things%3Fx=1", headers={"X-Own": "1"})
        assert (answer.status, answer.url) == (200, f"{web_api.url}/things")
        assert web_api.seen[1]["headers"]["x-own"] == "1"

    def test_who_was_sent_away_comes_back_without_credentials(
        self, web_api: WebApi, other_api: WebApi
    ) -> None:
        """Else another listed host could have things done in our name."""
        given = connection(web_api.url, allowed_hosts=other_api.url.removeprefix("http://"))
        with pytest.raises(Unauthorized):
            call(given, f"/redirect?to={other_api.url}/open/back%3Fto={web_api.url}/things")
        assert [request["headers"].get("authorization") for request in web_api.seen] == [
            f"Bearer {TOKEN}",
            None,
        ]

    def test_another_listed_host_gets_neither_credentials_nor_headers(
        self, web_api: WebApi, other_api: WebApi
    ) -> None:
        given = connection(web_api.url, allowed_hosts=other_api.url.removeprefix("http://"))
        call(given, f"/redirect?to={other_api.url}/open", headers={"X-Own": "1"})
        sent = other_api.seen[0]["headers"]
        assert {"authorization", "x-own"} & set(sent) == set()
        assert TOKEN not in str(other_api.seen)

    @pytest.mark.parametrize(
        "to",
        [
            "http://127.0.0.2/",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "//evil.test/",
            "http://[::1/",
        ],
    )
    def test_a_redirect_to_what_may_not_be_called_ends_there(self, web_api: WebApi, to: str) -> None:
        with pytest.raises(Rejected) as caught:
            call(connection(web_api.url), f"/redirect?to={to}")
        assert not caught.value.retryable
        assert len(web_api.seen) == 1

    def test_a_listed_host_whose_address_is_not_allowed_is_no_way_around(
        self, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", "127.0.0.1, 10.0.0.0/8")
        given = connection(web_api.url, allowed_hosts="localhost:80", networks="127.0.0.1", timeout=2)
        with pytest.raises((Rejected, Transient)):
            call(given, "/redirect?to=http://localhost:80/")
        inside = connection(web_api.url, allowed_hosts="10.0.0.1")
        with pytest.raises(Rejected, match=r"10\.0\.0\.1 has no address that may be called"):
            call(inside, "/redirect?to=http://10.0.0.1/")

    def test_a_circle_ends(self, web_api: WebApi) -> None:
        with pytest.raises(Rejected, match="more than 5 times"):
            call(connection(web_api.url), "/round")
        assert len(web_api.seen) == 6

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_change_is_never_redirected(self, web_api: WebApi, status: int) -> None:
        with pytest.raises(Rejected, match=str(status)):
            call(connection(web_api.url), f"/redirect/{status}?to=/things", "POST", content=b"{}")
        assert len(web_api.seen) == 1

    def test_one_that_is_expected_is_an_answer(self, web_api: WebApi) -> None:
        assert (
            call(connection(web_api.url), "/redirect?to=/things", expected=[302]).headers["location"]
            == "/things"
        )


class TestAnswers:
    def test_too_much_is_refused_while_it_comes(self, web_api: WebApi) -> None:
        assert len(call(connection(web_api.url), f"/large/{MAX_BODY // 1024}").content) == MAX_BODY
        with pytest.raises(Rejected, match="more than 1024 KiB"):
            call(connection(web_api.url), "/large/1000000")
        assert call(connection(web_api.url), "/large/1000000", keep=False).content == b""

    def test_a_body_that_nobody_can_use_after_a_change_says_that_it_is_done(self, web_api: WebApi) -> None:
        with pytest.raises(Rejected) as caught:
            call(connection(web_api.url), "/large/2000", "POST")
        assert caught.value.maybe_done

    def test_compressed_text_is_not_asked_for_and_not_unpacked(self, web_api: WebApi) -> None:
        with pytest.raises(Rejected, match="gzip"):
            call(connection(web_api.url), "/odd/gzip")
        assert web_api.seen[0]["headers"]["accept-encoding"] == "identity"

    def test_a_refusal_tells_its_reason_and_no_other_part_of_its_body(self, web_api: WebApi) -> None:
        with pytest.raises(Rejected, match="as you wished"):
            call(connection(web_api.url), "/status/422")
        with pytest.raises(Rejected) as caught:
            call(connection(web_api.url), "/large/1?token=geheim", expected=[204])
        assert "geheim" not in str(caught.value)
        assert "xxx" not in str(caught.value)

    def test_a_refusal_that_repeats_the_request_is_told_without_its_keys(self, web_api: WebApi) -> None:
        given = connection(web_api.url, auth="header", header="X-Who")
        address = f"/open/echo?apikey=geheim-1&of=ana&to={TOKEN}"
        with pytest.raises(Rejected, match="'of': 'ana'") as caught:
            call(given, address, headers={"X-Vault-Token": "geheim-2"})
        assert "geheim" not in str(caught.value)
        assert "x-who" in str(caught.value)

    def test_a_node_that_has_no_time_left_is_told_so(self, web_api: WebApi) -> None:
        with pytest.raises(Transient, match="longer than the node may"):
            call(connection(web_api.url), "/things", seconds=0.0)


class TestEncrypted:
    def test_the_certificate_must_be_for_the_name_though_its_address_is_called(
        self, web_api: WebApi, tmp_path: Path
    ) -> None:
        trusted, context = certificate(tmp_path)
        with FaultProxy(web_api.url, context).running() as proxy:
            assert call(connection(proxy.url, ca_file=str(trusted)), "/things").status == 200
            with pytest.raises(Rejected, match="not trusted"):
                call(connection(proxy.url), "/things")
            other_name = proxy.url.replace("127.0.0.1", "localhost")
            with pytest.raises(Rejected, match="not trusted"):
                call(connection(other_name, ca_file=str(trusted)), "/things")

    def test_the_name_is_what_is_asked_for_in_tls(self, web_api: WebApi, tmp_path: Path) -> None:
        asked: list[str | None] = []
        trusted, context = certificate(tmp_path)

        def note(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
            asked.append(name)

        context.sni_callback = note
        with (
            FaultProxy(web_api.url, context).running() as proxy,
            pytest.raises(Rejected, match="not trusted"),
        ):
            call(connection(proxy.url.replace("127.0.0.1", "localhost"), ca_file=str(trusted)), "/things")
        assert asked == ["localhost"]

    def test_an_encrypted_address_is_never_left_for_one_that_is_not(
        self, web_api: WebApi, tmp_path: Path
    ) -> None:
        trusted, context = certificate(tmp_path)
        with FaultProxy(web_api.url, context).running() as proxy:
            given = connection(
                proxy.url, ca_file=str(trusted), allowed_hosts=web_api.url.removeprefix("http://")
            )
            with pytest.raises(Rejected, match="not encrypted"):
                call(given, f"/redirect?to={web_api.url}/open")
