"""A SCIM server's answers are checked to be answers to what was asked: lists, totals, ids, names, groups."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.scim import listing, reading, types
from officeflow.connectors.scim.client import ScimProvider
from officeflow.errors import Conflict, InvalidInput, NotFound, NothingHappened, Rejected, Transient
from tests.connectors.contract import CORRELATION, KEY
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.scim import ForgetfulScimServer, ScimServer

pytestmark = pytest.mark.integration

ALWAYS = 1_000
ANA = NewAccount(login="ana@acme.example", external_id="1001", given_name="Ana", email="ana@acme.example")


def open_at(url: str, server: ScimServer, **extra: str) -> ScimProvider:
    return ScimProvider(
        Connection(id="acme.scim", provider="scim", host=url, password=server.token, extra=extra),
        correlation_id=CORRELATION,
    )


@pytest.fixture
def proxy(scim_server: ScimServer) -> Iterator[FaultProxy]:
    with FaultProxy(scim_server.url).running() as proxy:
        yield proxy


@pytest.fixture
def client(scim_server: ScimServer, proxy: FaultProxy) -> Iterator[ScimProvider]:
    client = open_at(proxy.url, scim_server)
    yield client
    client.close()


def answer(
    body: object,
    path: str = "",
    *,
    times: int = ALWAYS,
    methods: tuple[str, ...] = ("GET",),
    status: int = 200,
) -> Fault:
    content = json.dumps(body).encode() if body is not None else b""
    return Fault(kind="answer", methods=methods, status=status, body=content, path=path, times=times)


def rewrite(change: Callable[[Any], Any], path: str = "", *, methods: tuple[str, ...] = ("GET",)) -> Fault:
    def changed(body: bytes) -> bytes:
        return json.dumps(change(json.loads(body))).encode() if body else body

    return Fault(kind="rewrite", methods=methods, path=path, times=ALWAYS, change=changed)


def user(number: int) -> dict[str, Any]:
    return {"id": str(number), "userName": f"u{number}@acme.example"}


def ignoring_the_filter(server: ScimServer, endpoint: str, path: str) -> Fault:
    def everything(_: bytes) -> bytes:
        with server.client() as http:
            return http.get(f"/{endpoint}").content

    return Fault(kind="rewrite", methods=("GET",), path=path, times=ALWAYS, change=everything)


class TestLists:
    @pytest.mark.parametrize(
        "page",
        [
            {"totalResults": 1},
            {"totalResults": 1, "Resources": []},
            {"totalResults": 3, "Resources": None, "itemsPerPage": 0, "startIndex": 1},
            {"totalResults": 0, "Resources": [user(1)]},
            {"totalResults": 1, "Resources": [user(1), user(2)]},
            {"totalResults": 2, "Resources": [user(1), {**user(1), "userName": "another@acme.example"}]},
        ],
    )
    def test_a_total_that_contradicts_the_items_is_an_error_and_not_absence(
        self, client: ScimProvider, proxy: FaultProxy, page: dict[str, Any]
    ) -> None:
        proxy.fault(answer(page))
        with pytest.raises(Transient) as caught:
            client.find_account(login="nobody@acme.example")
        assert caught.value.hint
        assert not caught.value.maybe_done

    @pytest.mark.parametrize(
        "page",
        [{"totalResults": 0}, {"totalResults": 0, "Resources": None}, {"totalresults": 0, "RESOURCES": []}],
    )
    def test_a_list_without_items_is_one_however_it_is_written(
        self, client: ScimProvider, proxy: FaultProxy, page: dict[str, Any]
    ) -> None:
        proxy.fault(answer(page))
        assert client.find_account(login="nobody@acme.example") is None

    def test_a_page_that_comes_again_is_an_error(self, client: ScimProvider, proxy: FaultProxy) -> None:
        """A server that ignores `startIndex`."""
        proxy.fault(answer({"totalResults": 4, "Resources": [user(1), user(2)]}))
        with pytest.raises(Transient, match="came before"):
            client.find_account(login="nobody@acme.example")

    def test_a_list_that_leaves_some_out_and_repeats_others_is_an_error(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        for page in ([user(1), user(2)], [user(2), user(3)]):
            proxy.fault(answer({"totalResults": 4, "Resources": page}, times=1))
        with pytest.raises(Transient, match="some of them again"):
            client.find_account(login="nobody@acme.example")

    def test_a_list_without_an_end_is_an_error(
        self, client: ScimProvider, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "MAX_PAGES", 5)
        for number in range(9):
            proxy.fault(answer({"totalResults": 100 + number, "Resources": [user(number)]}, times=1))
        with pytest.raises(Transient, match="no end"):
            client.find_account(login="nobody@acme.example")

    def test_the_same_account_listed_twice_is_one(self, client: ScimProvider, proxy: FaultProxy) -> None:
        proxy.fault(answer({"totalResults": 2, "Resources": [user(1), user(1)]}, "/Users"))
        found = client.find_account(login="u1@acme.example")
        assert found is not None
        assert found.id == "1"

    def test_a_list_that_is_not_at_this_address_is_rejected_and_not_absence(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        proxy.fault(answer({"detail": "no such page"}, status=404))
        with pytest.raises(Rejected) as caught:
            client.find_account(login="nobody@acme.example")
        assert "url" in caught.value.hint


class TestOneAccount:
    def test_another_account_than_was_asked_for_is_an_error(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(rewrite(lambda body: {**body, "id": "another"}, "/Users/"))
        with pytest.raises(Transient, match="gives another"):
            client.get_account(account.id)

    def test_a_404_of_somebody_else_is_no_absence(self, client: ScimProvider, proxy: FaultProxy) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(
            Fault(
                kind="answer", methods=("GET",), status=404, body=b"<html>nothing here</html>", times=ALWAYS
            )
        )
        with pytest.raises(Rejected):
            client.get_account(account.id)

    def test_a_404_in_no_words_is_absence_where_the_server_answers_otherwise(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=404, path="/Users/"))
        with pytest.raises(NotFound):
            client.get_account("nobody")

    def test_an_account_whose_groups_cannot_be_read_is_there_all_the_same(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(
            answer({"detail": "no groups here", "status": "404", "schemas": []}, "/Groups", status=404)
        )
        read = client.get_account(account.id)
        assert (read.id, read.groups, read.groups_known) == (account.id, (), False)
        with pytest.raises(Rejected, match="no Groups"):
            client.set_groups(account.id, ["Staff"], key=KEY)

    def test_a_server_without_groups_has_accounts(self, client: ScimProvider, proxy: FaultProxy) -> None:
        proxy.fault(
            answer({"detail": "no groups here", "status": "404", "schemas": []}, "/Groups", status=404)
        )
        made = client.create_account(ANA, key=KEY)
        assert client.set_active(made.id, active=False, key=KEY).active is False

    def test_an_answer_nested_without_end_is_no_answer(self, client: ScimProvider, proxy: FaultProxy) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=200, body=b"[" * 200_000, times=ALWAYS))
        with pytest.raises(Rejected, match="not JSON"):
            client.find_account(login=ANA.login)

    def test_an_id_may_be_a_number(self, client: ScimProvider, proxy: FaultProxy) -> None:
        resource = {"id": 7, "userName": "ana@acme.example", "externalId": 1001, "active": "True"}
        proxy.fault(answer({"totalResults": 1, "Resources": [resource]}, "/Users?"))
        proxy.fault(answer({"totalResults": 0}, "/Groups"))
        proxy.fault(answer(resource, "/Users/7", times=1))
        proxy.fault(answer(None, "/Users/7", methods=("PATCH",), status=204))
        proxy.fault(answer({**resource, "active": "false"}, "/Users/7"))
        found = client.find_account(external_id="1001")
        assert found is not None
        assert (found.id, found.active) == ("7", True)
        assert client.set_active(found.id, active=False, key=KEY).active is False

    def test_names_of_attributes_ignore_case_and_may_be_whole(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        def shouted(value: Any) -> Any:
            if isinstance(value, dict):
                return {name.upper(): shouted(each) for name, each in value.items()}
            return [shouted(each) for each in value] if isinstance(value, list) else value

        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Staff"], key=KEY)
        proxy.fault(rewrite(shouted))
        assert client.get_account(account.id) == client.find_account(login=ANA.login, external_id="1001")
        read = types.User.model_validate(
            {f"{reading.USER}:userName": "a", "ID": 1, f"{reading.ENTERPRISE}:employeeNumber": 7}
        ).account([])
        assert (read.login, read.id, read.employee_number) == ("a", "1", "7")

    def test_an_attribute_that_comes_twice_with_two_values_is_rejected(
        self, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        proxy.fault(
            answer({"totalResults": 1, "Resources": [{**user(1), "username": "another@acme.example"}]})
        )
        with pytest.raises(Rejected, match="comes twice"):
            client.find_account(login="u1@acme.example")

    def test_null_is_absent_and_a_slip_in_what_only_describes_does_no_harm(self) -> None:
        body = {
            **user(1),
            "externalId": None,
            "groups": None,
            "emails": "none",
            "name": ["Ana"],
            "meta": None,
            "active": None,
        }
        read = types.User.model_validate(body).account([])
        assert (read.external_id, read.emails, read.given_name, read.active) == (None, (), None, True)

    @pytest.mark.parametrize("located", [True, False])
    def test_a_creation_that_is_answered_without_a_body_is_found(
        self, scim_server: ScimServer, client: ScimProvider, proxy: FaultProxy, located: bool
    ) -> None:
        def created(body: bytes) -> bytes:
            assert json.loads(body)["id"]
            return b"" if located else b"{}"

        proxy.fault(Fault(kind="rewrite", methods=("POST",), change=created))
        if not located:
            proxy.forward = without_location(proxy.forward)  # type: ignore[method-assign]
        account = client.create_account(ANA, key=KEY)
        stored = scim_server.user(ANA.login)
        assert stored is not None
        assert account.id == stored["id"]


def without_location(forward: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    def changed(*arguments: Any) -> httpx.Response:
        response = forward(*arguments)
        response.headers.pop("Location", None)
        return response

    return changed


class TestGroups:
    def test_a_server_that_ignores_the_filter_puts_nobody_into_groups(
        self, scim_server: ScimServer, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        proxy.fault(ignoring_the_filter(scim_server, "Groups", "members.value"))
        account = client.create_account(ANA, key=KEY)
        assert account.groups == ()
        assert client.set_groups(account.id, ["Engineering", "Sales", "Staff"], key=KEY).groups == (
            "Engineering",
            "Sales",
            "Staff",
        )
        assert client.remove_groups(account.id, ["Sales"], key=KEY).groups == ("Engineering", "Staff")
        assert scim_server.groups_of(ANA.login) == {"Engineering", "Staff"}

    def test_a_server_that_finds_no_members_takes_nobody_out_of_groups(
        self, scim_server: ScimServer, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        """It answers every search for members with nothing; the account itself names its groups."""
        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Sales", "Staff"], key=KEY)
        proxy.fault(answer({"totalResults": 0}, "members.value"))
        assert client.get_account(account.id).groups == ("Sales", "Staff")
        assert client.remove_groups(account.id, ["Staff"], key=KEY).groups == ("Sales",)
        assert scim_server.groups_of(ANA.login) == {"Sales"}

    def test_a_group_that_an_account_names_by_mistake_is_none_of_its_own(
        self, scim_server: ScimServer, client: ScimProvider, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        with scim_server.client() as http:
            groups = [
                {"value": each["id"], "display": each["displayName"]}
                for each in http.get("/Groups").json()["Resources"]
            ]
        proxy.fault(rewrite(lambda body: {**body, "groups": groups}, "/Users/"))
        assert client.get_account(account.id).groups == ()

    def test_the_case_of_a_groups_name_counts_only_where_it_tells_two_apart(
        self, scim_server: ScimServer, client: ScimProvider
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        writes = len(scim_server.writes())
        assert client.set_groups(account.id, ["staff"], key=KEY).groups == ("Staff",)
        assert client.set_groups(account.id, ["STAFF"], key=KEY).groups == ("Staff",)
        assert len(scim_server.writes()) == writes + 1
        with scim_server.client() as http:
            body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "STAFF"}
            http.post("/Groups", json=body).raise_for_status()
        assert client.set_groups(account.id, ["STAFF", "Staff"], key=KEY).groups == ("STAFF", "Staff")
        with pytest.raises(Conflict, match="2 groups"):
            client.set_groups(account.id, ["staff"], key=KEY)

    def test_groups_on_the_user_may_come_without_names(
        self, scim_server: ScimServer, proxy: FaultProxy
    ) -> None:
        client = open_at(proxy.url, scim_server, dialect="groups-on-user")
        account = client.create_account(ANA, key=KEY)

        def nameless(body: dict[str, Any]) -> dict[str, Any]:
            return {**body, "groups": [{"value": each["value"]} for each in body.get("groups", ())]}

        proxy.fault(rewrite(nameless, "/Users/"))
        assert client.set_groups(account.id, ["Staff"], key=KEY).groups == ("Staff",)
        assert client.set_groups(account.id, [], key=KEY).groups == ()
        client.close()


class TestMarks:
    def test_organizations_with_marks_share_a_directory_and_no_employee_number(
        self, scim_server: ScimServer
    ) -> None:
        acme, globex = (open_at(scim_server.url, scim_server, mark=mark) for mark in ("acme", "globex"))
        hers = acme.create_account(ANA, key=KEY)
        assert globex.find_account(external_id="1001") is None
        his = globex.create_account(NewAccount(login="bob@globex.example", external_id="1001"), key=KEY)
        assert (hers.external_id, his.external_id) == ("1001", "1001")
        assert {each["externalId"] for each in scim_server.users()} == {"acme:1001", "globex:1001"}
        seen = acme.get_account(his.id)
        assert (seen.foreign, seen.external_id) == (True, "globex:1001")
        acme.close()
        globex.close()

    def test_a_mark_with_a_colon_is_refused(self, scim_server: ScimServer) -> None:
        with pytest.raises(InvalidInput, match="colon"):
            open_at(scim_server.url, scim_server, mark="acme:x")


def test_an_employee_number_that_was_not_kept_is_found_out(
    forgetful_scim_server: ForgetfulScimServer,
) -> None:
    client = open_at(forgetful_scim_server.url, forgetful_scim_server)
    with pytest.raises(NothingHappened, match="employee number missing") as caught:
        client.create_account(ANA, key=KEY)
    client.close()
    assert caught.value.taken
