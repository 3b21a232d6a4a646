"""What accounts in Okta may do: groups, roles and applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from officeflow.connectors.families.identity import Account
from officeflow.connectors.okta.client import Okta
from officeflow.errors import Conflict, ConnectorError, NotFound, NothingHappened, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, OktaCase, connection, put_status
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

MEMBER = "/api/v1/groups/{groupId}/users/{userId}"
ROLES = "/api/v1/users/{userId}/roles"
APP_USERS = "/api/v1/apps/{appId}/users"
IN_ENGINEERING = 'user.department=="Engineering"'


class WithAna(OktaCase):
    @pytest.fixture
    def ana(self, okta: Okta) -> Account:
        return okta.create_account(ANA, key=KEY)


def add_rule(server: OktaServer, group: str, expression: str = IN_ENGINEERING) -> str:
    group_id = server.group(group)["id"]
    body = {
        "type": "group_rule",
        "name": "All engineers",
        "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": expression}},
        "actions": {"assignUserToGroups": {"groupIds": [group_id]}},
    }
    with server.client() as client:
        rule = client.post("/api/v1/groups/rules", json=body).raise_for_status().json()
        client.post(f"/api/v1/groups/rules/{rule['id']}/lifecycle/activate").raise_for_status()
    return str(rule["id"])


class TestGroups(WithAna):
    def test_an_account_is_put_into_exactly_these_groups(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        both = okta.set_groups(ana.id, ["engineering", "Staff"], key=KEY)
        assert (both.groups, both.ruled_groups) == (("Engineering", "Everyone", "Staff"), ("Everyone",))
        assert okta.set_groups(ana.id, ["Sales", "Staff", "Everyone"], key=KEY).groups == (
            "Everyone",
            "Sales",
            "Staff",
        )
        with okta_server.only_reads():
            okta.set_groups(ana.id, ["sales", "STAFF"], key=KEY)
        assert okta.set_groups(ana.id, [], key=KEY).groups == ("Everyone",)
        assert okta_server.groups_of(ANA.login) == set()

    def test_a_group_that_is_not_there_is_named_and_nothing_is_done(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        with okta_server.only_reads():
            for wrong in ("Nowhere", 'x" or profile.name pr or id eq "', "Sta"):
                with pytest.raises(NotFound, match="there is no group"):
                    okta.set_groups(ana.id, ["Staff", wrong], key=KEY)

    def test_groups_are_left_that_are_named_and_no_others(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta.set_groups(ana.id, ["Engineering", "Staff"], key=KEY)
        left = okta.remove_groups(ana.id, ["staff", "Sales", "Nowhere"], key=KEY)
        assert left.groups == ("Engineering", "Everyone")
        with okta_server.only_reads():
            okta.remove_groups(ana.id, ["Staff"], key=KEY)

    def test_a_rules_group_is_ruled_and_nobody_is_taken_out_of_it(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        add_rule(okta_server, "Engineering")
        okta.set_groups(ana.id, ["Staff"], key=KEY)
        account = okta.get_account(ana.id)
        assert account.groups == ("Engineering", "Everyone", "Staff")
        assert account.ruled_groups == ("Engineering", "Everyone")
        with okta_server.only_reads():
            assert okta.set_groups(ana.id, ["Staff"], key=KEY).groups == account.groups
            assert okta.set_groups(ana.id, ["Staff", "Engineering"], key=KEY).groups == account.groups
            with pytest.raises(Rejected, match="All engineers"):
                okta.remove_groups(ana.id, ["Staff", "Engineering"], key=KEY)
        assert okta.set_groups(ana.id, [], key=KEY).groups == ("Engineering", "Everyone")

    def test_groups_of_applications_rules_and_oktas_own_are_fixed(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        add_rule(okta_server, "Sales", 'user.department=="Sales"')
        imported = okta_server.control("POST", "group", {"name": "Domain Users"})
        found = {
            each.name: each.fixed
            for each in okta.find_groups(["everyone", "Domain Users", "Sales", "Staff", "x"])
        }
        assert list(found) == ["Everyone", "Domain Users", "Sales", "Staff"]
        assert [bool(fixed) for fixed in found.values()] == [True, True, True, False]
        with okta_server.only_reads():
            for name in ("Domain Users", "Sales"):
                with pytest.raises(Rejected, match=name):
                    okta.set_groups(ana.id, ["Staff", name], key=KEY)
            with pytest.raises(Rejected, match="Everyone"):
                okta.remove_groups(ana.id, ["Everyone"], key=KEY)
        okta_server.control("POST", "member", {"group": imported["id"], "login": ANA.login})
        assert okta.get_account(ana.id).ruled_groups == ("Domain Users", "Everyone")

    def test_two_groups_of_one_name_are_a_conflict(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta_server.control("POST", "group", {"name": "staff"})
        assert [each.name for each in okta.find_groups(["Staff"])] == ["Staff"]
        with pytest.raises(Conflict):
            okta.find_groups(["STAFF"])
        okta_server.control("POST", "group", {"name": "Staff"})
        with okta_server.only_reads(), pytest.raises(Conflict):
            okta.set_groups(ana.id, ["Staff"], key=KEY)

    def test_who_may_not_read_rules_changes_no_group_and_reads_accounts_all_the_same(
        self, okta_server: OktaServer, okta: Okta, ana: Account
    ) -> None:
        okta.set_groups(ana.id, ["Staff"], key=KEY)
        refusing = {
            "hook": "answer",
            "method": "GET",
            "route": "/api/v1/groups/rules",
            "status": 403,
            "times": None,
        }
        okta_server.add_faults(refusing)
        assert okta.get_account(ana.id).ruled_groups == ("Everyone",)
        with okta_server.only_reads():
            for act in (okta.set_groups, okta.remove_groups):
                with pytest.raises(Unauthorized):
                    act(ana.id, ["Staff"], key=KEY)

    def test_what_fails_after_the_first_change_may_be_done(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta_server.add_faults({"hook": "rate_limit", "method": "PUT", "route": MEMBER, "skip": 1})
        with pytest.raises(ConnectorError) as caught:
            okta.set_groups(ana.id, ["Staff", "Sales"], key=KEY)
        assert (caught.value.maybe_done, caught.value.taken) == (True, False)
        okta.set_groups(ana.id, ["Staff", "Sales"], key=KEY)
        assert okta_server.groups_of(ANA.login) == {"Staff", "Sales"}

    @pytest.mark.parametrize(("method", "groups"), [("PUT", ["Staff", "Sales"]), ("DELETE", [])])
    def test_a_yes_without_an_effect_is_found_out(
        self, okta: Okta, okta_server: OktaServer, ana: Account, method: str, groups: list[str]
    ) -> None:
        okta.set_groups(ana.id, ["Staff"], key=KEY)
        okta_server.add_faults({"hook": "nothing", "method": method, "route": MEMBER})
        with pytest.raises(NothingHappened):
            okta.set_groups(ana.id, groups, key=KEY)

    def test_one_of_five_thousand_members_is_taken_out_without_reading_the_others(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta_server.control("POST", "people", {"count": 5000, "group": "Staff"})
        okta.set_groups(ana.id, ["Staff"], key=KEY)
        before = len(okta_server.requests())
        assert okta.remove_groups(ana.id, ["Staff"], key=KEY).groups == ("Everyone",)
        assert len(okta_server.requests()) - before < 10


class TestRoles(WithAna):
    def test_a_standard_role_is_assigned_by_type_or_label_and_unassigned(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        (role,) = okta.assign_role(ana.id, "help_desk_admin", key=KEY)
        assert (role.name, role.by_group) == ("HELP_DESK_ADMIN", None)
        with okta_server.only_reads():
            assert okta.assign_role(ana.id, "Help Desk Administrator", key=KEY) == [role]
            assert okta.unassign_role(ana.id, "REPORT_ADMIN", key=KEY) == [role]
        assert okta.roles_of(ana.id) == [role]
        assert okta.unassign_role(ana.id, role.name, key=KEY) == []
        assert okta_server.state("role") == {}

    def test_a_custom_role_is_named_with_the_resources_that_it_reaches(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        custom = okta_server.control("POST", "custom_role", {"label": "Resets factors"})
        reached = okta_server.control("POST", "resource_set", {"label": "IT people"})
        assert okta.find_role("IT people/nothing") is None
        by_id = f"{reached['id']}/{custom['id']}"
        (role,) = okta.assign_role(ana.id, by_id, key=KEY)
        (stored,) = okta_server.state("role").values()
        assert (stored["type"], stored["role"], stored["resource-set"]) == (
            "CUSTOM",
            custom["id"],
            reached["id"],
        )
        assert role.name == "IT people/Resets factors"
        found = okta.find_role(role.name)
        assert found is not None
        assert (found.id, found.name) == (by_id, role.name)
        assert okta.unassign_role(ana.id, by_id, key=KEY) == []

    def test_a_role_that_is_not_there_is_named(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        for wrong in ("../../users", "IT people/", "/", "..", "a\\b/c"):
            assert okta.find_role(wrong) is None
        with okta_server.only_reads():
            for role in ("KING", "IT people/nobody", "CUSTOM"):
                with pytest.raises(NotFound, match=role):
                    okta.assign_role(ana.id, role, key=KEY)

    def test_a_role_that_a_group_gives_cannot_be_taken_from_an_account(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta.assign_role(ana.id, "REPORT_ADMIN", key=KEY)
        (stored,) = okta_server.state("role").values()
        group = okta_server.group("Staff")["id"]
        link = {"assignee": {"href": f"{okta_server.url}/api/v1/groups/{group}"}}
        body = [{**stored, "assignmentType": "GROUP", "_links": link}]
        okta_server.add_faults(
            {"hook": "answer", "method": "GET", "route": ROLES, "status": 200, "body": body, "times": 2}
        )
        (role,) = okta.roles_of(ana.id)
        assert role.by_group == "Staff"
        with okta_server.only_reads(), pytest.raises(Rejected, match="Staff"):
            okta.unassign_role(ana.id, "REPORT_ADMIN", key=KEY)


def add_app(server: OktaServer, label: str, **more: Any) -> str:
    body = {"name": "bookmark", "label": label, "signOnMode": "BOOKMARK", **more}
    body["settings"] = {"app": {"url": "https://crm.example"}}
    with server.client() as client:
        return str(client.post("/api/v1/apps", json=body).raise_for_status().json()["id"])


def give_to_group(server: OktaServer, app_id: str, group: str) -> None:
    with server.client() as client:
        group_id = server.group(group)["id"]
        client.put(f"/api/v1/apps/{app_id}/groups/{group_id}", json={}).raise_for_status()


class TestApplications(WithAna):
    def test_an_application_is_assigned_by_name_or_id_and_unassigned(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        app_id = add_app(okta_server, "CRM")
        add_app(okta_server, "CRM for partners")
        found = okta.find_application("crm")
        assert found is not None
        assert (found.id, found.name) == (app_id, "CRM")
        (assigned,) = okta.assign_application(ana.id, "crm", key=KEY)
        assert (assigned.id, assigned.name, assigned.by_group) == (app_id, "CRM", None)
        with okta_server.only_reads():
            assert okta.assign_application(ana.id, app_id, key=KEY) == [assigned]
        assert okta.applications_of(ana.id) == [assigned]
        assert okta.unassign_application(ana.id, app_id, key=KEY) == []
        with okta_server.only_reads():
            assert okta.unassign_application(ana.id, "CRM", key=KEY) == []

    def test_an_application_that_a_group_gives_cannot_be_taken_from_an_account(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        app_id = add_app(okta_server, "CRM")
        give_to_group(okta_server, app_id, "Staff")
        okta.set_groups(ana.id, ["Staff"], key=KEY)
        (given,) = okta.applications_of(ana.id)
        assert given.by_group == "Staff"
        with okta_server.only_reads():
            assert okta.assign_application(ana.id, "CRM", key=KEY) == [given]
            with pytest.raises(Rejected, match="Staff"):
                okta.unassign_application(ana.id, "CRM", key=KEY)

    def test_neither_can_one_that_is_its_own_besides(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        app_id = add_app(okta_server, "CRM")
        okta.assign_application(ana.id, "CRM", key=KEY)
        give_to_group(okta_server, app_id, "Staff")
        okta.set_groups(ana.id, ["Staff"], key=KEY)
        with pytest.raises(Rejected, match="E0000046") as caught:
            okta.unassign_application(ana.id, "CRM", key=KEY)
        assert not caught.value.maybe_done

    def test_what_is_not_there_or_there_twice_is_named(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        for _ in range(2):
            add_app(okta_server, "CRM")
        only = add_app(okta_server, "Wiki")
        for wrong in ("Nothing", "CR", "../users", "00unobody"):
            assert okta.find_application(wrong) is None
        with okta_server.only_reads():
            with pytest.raises(NotFound, match="Nothing"):
                okta.assign_application(ana.id, "Nothing", key=KEY)
            with pytest.raises(Conflict):
                okta.unassign_application(ana.id, "CRM", key=KEY)
            with pytest.raises(NotFound, match="editor"):
                okta.assign_application(ana.id, only, role="editor", key=KEY)


Act = Callable[[Okta, str], Any]
LIES: dict[str, tuple[str, str, Act]] = {
    "assign role": ("POST", ROLES, lambda okta, id_: okta.assign_role(id_, "APP_ADMIN", key=KEY)),
    "unassign role": (
        "DELETE",
        f"{ROLES}/{{roleAssignmentId}}",
        lambda okta, id_: okta.unassign_role(id_, "REPORT_ADMIN", key=KEY),
    ),
    "assign application": (
        "POST",
        APP_USERS,
        lambda okta, id_: okta.assign_application(id_, "Wiki", key=KEY),
    ),
    "unassign application": (
        "DELETE",
        f"{APP_USERS}/{{userId}}",
        lambda okta, id_: okta.unassign_application(id_, "CRM", key=KEY),
    ),
}


class TestLies(WithAna):
    @pytest.mark.parametrize("lie", LIES)
    def test_yes_without_an_effect_is_found_out(
        self, okta: Okta, okta_server: OktaServer, ana: Account, lie: str
    ) -> None:
        add_app(okta_server, "CRM")
        add_app(okta_server, "Wiki")
        okta.assign_role(ana.id, "REPORT_ADMIN", key=KEY)
        okta.assign_application(ana.id, "CRM", key=KEY)
        method, route, act = LIES[lie]
        okta_server.add_faults({"hook": "nothing", "method": method, "route": route})
        with pytest.raises(NothingHappened) as caught:
            act(okta, ana.id)
        assert caught.value.taken

    def test_nothing_is_given_to_a_deactivated_account(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        add_app(okta_server, "CRM")
        put_status(okta_server, "DEPROVISIONED")
        with okta_server.only_reads():
            for act in (
                lambda: okta.set_groups(ana.id, ["Staff"], key=KEY),
                lambda: okta.assign_role(ana.id, "REPORT_ADMIN", key=KEY),
                lambda: okta.assign_application(ana.id, "CRM", key=KEY),
            ):
                with pytest.raises(Rejected, match="deactivated"):
                    act()


def test_what_a_token_may_not_do_is_unauthorized(okta_server: OktaServer) -> None:
    okta_server.control("POST", "api_token", {"token": "weak", "role": "READ_ONLY_ADMIN"})
    okta = Okta(connection(okta_server, password="weak"), correlation_id="c-1")
    with pytest.raises(Unauthorized) as caught:
        okta.create_account(ANA, key=KEY)
    okta.close()
    assert (caught.value.status, caught.value.maybe_done) == (403, False)
    assert "weak" not in str(caught.value)
