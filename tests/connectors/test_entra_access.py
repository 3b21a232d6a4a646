"""What accounts of a tenant may do: groups, directory roles, applications, licences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.errors import Conflict, NotFound, NothingHappened, RateLimited, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.entra import NOBODY, opened
from tests.counterparts.entra import OFFICE, SCARCE, EntraServer, fixed, login, reference

pytestmark = pytest.mark.integration
MEMBERS = "/v1.0/groups/{id}/members/$ref"


@pytest.fixture
def client(entra_server: EntraServer) -> Iterator[Any]:
    with opened(entra_server) as client:
        yield client
    assert entra_server.problems() == []


@pytest.fixture
def ana(client: Any) -> str:
    made = client.create_account(NewAccount(login=login("ana")), key=KEY)
    return str(made.id)


def group(server: EntraServer, name: str, **fields: Any) -> str:
    usual = {"displayName": name, "mailEnabled": False, "mailNickname": "g", "securityEnabled": True}
    with server.client() as graph:
        answer = graph.post("/groups", json={**usual, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def join(server: EntraServer, group_id: str, account: str) -> None:
    with server.client() as graph:
        answer = graph.post(f"/groups/{group_id}/members/$ref", json=reference(graph, account))
        assert answer.status_code == 204, answer.text


class TestGroups:
    def test_exactly_these_groups_and_those_of_rules(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        client.update_account(ana, AccountChange(attributes={"city": "Berlin"}), key=KEY)
        assert client.set_groups(ana, ["Staff", "Sales"], key=KEY).groups == ("Berlin", "Sales", "Staff")
        account = client.set_groups(ana, ["engineering", "Staff"], key=KEY)
        assert account.groups == ("Berlin", "Engineering", "Staff")
        assert account.ruled_groups == ("Berlin",)
        assert entra_server.groups_of(login("ana")) == {"Berlin", "Engineering", "Staff"}
        assert client.remove_groups(ana, ["STAFF", "Sales"], key=KEY).groups == ("Berlin", "Engineering")
        assert client.get_account(ana).id == ana, "the membership went, and not the user"

    def test_what_is_fixed_says_why(self, entra_server: EntraServer, client: Any, ana: str) -> None:
        fixed_ones = {each.name: each.fixed for each in client.find_groups(
            ["Berlin", "Announcements", "Warehouse", "Sales", "nothing"]
        )}  # fmt: skip
        assert fixed_ones.pop("Sales") == ""
        assert all(fixed_ones.values())
        for name in ("Berlin", "Announcements", "Warehouse"):
            with pytest.raises(Rejected, match=name):
                client.set_groups(ana, [name], key=KEY)
        client.update_account(ana, AccountChange(attributes={"city": "Berlin"}), key=KEY)
        with pytest.raises(Rejected, match="Berlin"):
            client.remove_groups(ana, ["Berlin"], key=KEY)

    def test_case_counts_only_where_it_tells_two_apart(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        lower = group(entra_server, "staff")
        assert [each.id for each in client.find_groups(["staff"])] == [lower]
        assert client.set_groups(ana, ["staff"], key=KEY).groups == ("staff",)
        with pytest.raises(Conflict):
            client.find_groups(["STAFF"])

    def test_forty_names_are_asked_for_in_two_requests(self, entra_server: EntraServer, client: Any) -> None:
        names = ["Staff", *(f"Group {n}" for n in range(38)), "Sales"]
        assert [each.name for each in client.find_groups(names)] == ["Staff", "Sales"]
        assert [e["path"] for e in entra_server.requests()].count("/v1.0/$batch") == 2

    def test_parts_that_are_throttled_inside_are_asked_for_again(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        throttled = {"hook": "rate_limit", "method": "GET", "route": "/v1.0/groups"}
        entra_server.add_faults({**throttled, "retry_after": 0, "times": 3})
        assert len(client.find_groups(["Staff", "Sales", "Engineering"])) == 3
        entra_server.add_faults({**throttled, "retry_after": 17, "skip": 1})
        with pytest.raises(RateLimited) as caught:
            client.find_groups(["Staff", "Sales"])
        assert (caught.value.retry_after, caught.value.maybe_done) == (17.0, False)

    def test_a_part_that_is_refused_is_an_error_of_ours(self, entra_server: EntraServer, client: Any) -> None:
        told = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
        refused = {"hook": "answer", "method": "GET", "route": "/v1.0/groups", "status": 403, "body": told}
        entra_server.add_faults(refused)
        with pytest.raises(Unauthorized, match="Insufficient privileges"):
            client.find_groups(["Staff", "Sales"])

    def test_a_batch_that_leaves_an_answer_out_is_none(self, entra_server: EntraServer, client: Any) -> None:
        one = {"responses": [{"id": "0", "status": 200, "body": {"value": []}}]}
        entra_server.add_faults(
            {"hook": "answer", "method": "POST", "route": "/v1.0/$batch", "status": 200, "body": one}
        )
        with pytest.raises(Rejected, match="batch"):
            client.find_groups(["Staff", "Sales"])

    def test_a_membership_that_is_seen_late_is_waited_for(self, entra_server: EntraServer, ana: str) -> None:
        entra_server.add_faults({"hook": "lag", "method": "POST", "route": MEMBERS, "reads": 2})
        with opened(entra_server, settle=5) as client:
            assert client.set_groups(ana, ["Staff"], key=KEY).groups == ("Staff",)

    def test_a_yes_without_a_membership_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        entra_server.add_faults({"hook": "nothing", "method": "POST", "route": MEMBERS})
        with pytest.raises(NothingHappened) as caught:
            client.set_groups(ana, ["Staff"], key=KEY)
        assert caught.value.taken

    def test_who_is_in_already_by_another_hand_is_in(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        """Between the look and the act somebody else adds the same one: Microsoft's 400 has no code of its
        own for that.
        """
        join(entra_server, fixed("Staff"), ana)
        nobody = {"hook": "answer", "method": "GET", "route": "/v1.0/users/{id}/memberOf", "status": 200}
        entra_server.add_faults({**nobody, "body": {"value": []}})
        assert client.set_groups(ana, ["Staff"], key=KEY).groups == ("Staff",)

    def test_a_failure_in_the_middle_says_that_some_is_done(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        entra_server.add_faults(
            {"hook": "answer", "method": "POST", "route": MEMBERS, "status": 403, "skip": 1}
        )
        with pytest.raises(Exception, match="Authorization_RequestDenied") as caught:
            client.set_groups(ana, ["Staff", "Sales"], key=KEY)
        assert getattr(caught.value, "maybe_done", False)

    def test_a_group_of_thousands_costs_no_more(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        entra_server.control("POST", "people", {"group": fixed("Staff"), "number": 1500})
        before = len(entra_server.requests())
        client.set_groups(ana, ["Staff"], key=KEY)
        client.remove_groups(ana, ["Staff"], key=KEY)
        assert len(entra_server.requests()) - before < 14


class TestRoles:
    def test_a_role_is_given_and_taken(self, client: Any, ana: str) -> None:
        assert client.find_role("global reader").name == "Global Reader"
        assert client.find_role("Nothing") is None
        [held] = client.assign_role(ana, "Global Reader", key=KEY)
        assert (held.name, held.by_group) == ("Global Reader", None)
        assert list(client.assign_role(ana, held.id, key=KEY)) == [held]
        assert list(client.unassign_role(ana, "User Administrator", key=KEY)) == [held]
        assert list(client.unassign_role(ana, "GLOBAL READER", key=KEY)) == []
        with pytest.raises(NotFound, match="Nothing"):
            client.assign_role(ana, "Nothing", key=KEY)

    def test_a_role_of_a_group_cannot_be_taken_from_one(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        helpers = group(entra_server, "Helpers", isAssignableToRole=True)
        join(entra_server, helpers, ana)
        reader = client.find_role("Global Reader").id
        with entra_server.client() as graph:
            body = {"principalId": helpers, "roleDefinitionId": reader, "directoryScopeId": "/"}
            assert graph.post("/roleManagement/directory/roleAssignments", json=body).status_code == 201
        [held] = client.roles_of(ana)
        assert (held.name, held.by_group) == ("Global Reader", "Helpers")
        with pytest.raises(Rejected, match="Helpers"):
            client.unassign_role(ana, "Global Reader", key=KEY)

    def test_a_role_in_a_part_of_the_tenant_is_another_one(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        scope = f"/administrativeUnits/{NOBODY}"
        reader = client.find_role("Global Reader").id
        with entra_server.client() as graph:
            body = {"principalId": ana, "roleDefinitionId": reader, "directoryScopeId": scope}
            assert graph.post("/roleManagement/directory/roleAssignments", json=body).status_code == 201
        [held] = client.roles_of(ana)
        assert held.name == f"administrativeUnits/{NOBODY}/Global Reader"
        assert len(client.assign_role(ana, "Global Reader", key=KEY)) == 2
        assert list(client.unassign_role(ana, "Global Reader", key=KEY)) == [held]
        assert list(client.unassign_role(ana, held.name, key=KEY)) == []

    def test_a_yes_without_a_role_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        route = "/v1.0/roleManagement/directory/roleAssignments"
        entra_server.add_faults({"hook": "nothing", "method": "POST", "route": route})
        with pytest.raises(NothingHappened):
            client.assign_role(ana, "Global Reader", key=KEY)


class TestApplications:
    def test_an_application_is_assigned_with_its_own_role(self, client: Any, ana: str) -> None:
        found = client.find_application("wiki")
        assert (found.id, found.name) == (fixed("Wiki principal"), "Wiki")
        assert client.find_application(fixed("Wiki appId")).id == found.id
        assert client.find_application("Nothing") is None
        [held] = client.assign_application(ana, "Wiki", role="editor", key=KEY)
        assert held.name == "Wiki/editor"
        assert list(client.assign_application(ana, found.id, role="Editor", key=KEY)) == [held]
        assert len(client.assign_application(ana, "Wiki", role="reader", key=KEY)) == 2
        [left] = client.unassign_application(ana, "Wiki/editor", key=KEY)
        assert left.name == "Wiki/reader"
        assert list(client.unassign_application(ana, "WIKI", key=KEY)) == []
        assert list(client.unassign_application(ana, "Wiki", key=KEY)) == []

    def test_what_is_not_there_is_named(self, client: Any, ana: str) -> None:
        with pytest.raises(NotFound, match="Nothing"):
            client.assign_application(ana, "Nothing", key=KEY)
        with pytest.raises(NotFound, match=r"owner.*editor, reader"):
            client.assign_application(ana, "Wiki", role="owner", key=KEY)
        with pytest.raises(Rejected, match="several roles"):
            client.assign_application(ana, "Wiki", key=KEY)

    def test_what_a_group_gives_cannot_be_taken_from_one(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        client.set_groups(ana, ["Staff"], key=KEY)
        with entra_server.client() as graph:
            body = {
                "principalId": fixed("Staff"),
                "resourceId": fixed("Wiki principal"),
                "appRoleId": fixed("Wiki Reader"),
            }
            path = f"/groups/{fixed('Staff')}/appRoleAssignments"
            assert graph.post(path, json=body).status_code == 201
        [held] = client.applications_of(ana)
        assert (held.name, held.by_group) == ("Wiki/reader", "Staff")
        with pytest.raises(Rejected, match="Staff"):
            client.unassign_application(ana, "Wiki", key=KEY)

    def test_a_yes_without_an_end_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        client.assign_application(ana, "Wiki", role="editor", key=KEY)
        route = "/v1.0/users/{id}/appRoleAssignments/{assignment}"
        entra_server.add_faults({"hook": "nothing", "method": "DELETE", "route": route})
        with pytest.raises(NothingHappened, match="Wiki/editor"):
            client.unassign_application(ana, "Wiki", key=KEY)


class TestLicences:
    @pytest.fixture
    def located(self, client: Any, ana: str) -> str:
        client.update_account(ana, AccountChange(attributes={"usageLocation": "DE"}), key=KEY)
        return ana

    def test_a_licence_needs_a_location_first(self, entra_server: EntraServer, client: Any, ana: str) -> None:
        before = len(entra_server.writes())
        with pytest.raises(Rejected, match="usageLocation"):
            client.assign_licence(ana, "ENTERPRISEPACK", key=KEY)
        assert len(entra_server.writes()) == before

    def test_seats_are_counted_and_end(self, client: Any, located: str) -> None:
        seats = client.find_licence(SCARCE)
        assert (seats.licence.name, seats.total, seats.free) == ("POWER_BI_PRO", 1, 1)
        assert client.find_licence("NOTHING") is None
        [held] = client.assign_licence(located, "power_bi_pro", key=KEY)
        assert (held.id, held.name, held.by_group) == (SCARCE, "POWER_BI_PRO", None)
        assert client.find_licence("POWER_BI_PRO").free == 0
        other = client.create_account(
            NewAccount(login=login("bob"), attributes={"usageLocation": "DE"}), key=KEY
        )
        with pytest.raises(Rejected, match="no POWER_BI_PRO left"):
            client.assign_licence(other.id, "POWER_BI_PRO", key=KEY)
        assert list(client.unassign_licence(located, SCARCE, key=KEY)) == []
        assert list(client.unassign_licence(located, SCARCE, key=KEY)) == []
        with pytest.raises(NotFound, match="NOTHING"):
            client.assign_licence(located, "NOTHING", key=KEY)

    def test_what_a_group_gives_cannot_be_taken_from_one(
        self, entra_server: EntraServer, client: Any, located: str
    ) -> None:
        client.set_groups(located, ["Staff"], key=KEY)
        with entra_server.client() as graph:
            body = {"addLicenses": [{"skuId": OFFICE, "disabledPlans": []}], "removeLicenses": []}
            assert graph.post(f"/groups/{fixed('Staff')}/assignLicense", json=body).status_code == 202
        [held] = client.licences_of(located)
        assert (held.name, held.by_group) == ("ENTERPRISEPACK", "Staff")
        assert list(client.assign_licence(located, "ENTERPRISEPACK", key=KEY)) == [held]
        with pytest.raises(Rejected, match="Staff"):
            client.unassign_licence(located, "ENTERPRISEPACK", key=KEY)

    def test_a_yes_without_a_licence_is_found_out(
        self, entra_server: EntraServer, client: Any, located: str
    ) -> None:
        route = "/v1.0/users/{id}/assignLicense"
        entra_server.add_faults({"hook": "nothing", "method": "POST", "route": route})
        with pytest.raises(NothingHappened):
            client.assign_licence(located, "ENTERPRISEPACK", key=KEY)


class TestWhatIsHidden:
    def test_groups_whose_names_are_hidden_are_not_known(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        """So Microsoft shows what the application may not read."""
        hidden = {"@odata.type": "#microsoft.graph.group", "id": NOBODY, "displayName": None}
        member_of = {"hook": "answer", "method": "GET", "route": "/v1.0/users/{id}/memberOf", "status": 200}
        entra_server.add_faults({**member_of, "body": {"value": [hidden]}, "times": 2})
        assert client.get_account(ana).groups_known is False
        with pytest.raises(Exception, match="names are not shown"):
            client.set_groups(ana, ["Staff"], key=KEY)
