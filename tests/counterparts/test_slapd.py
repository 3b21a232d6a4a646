"""slapd is what its fixture says: encrypted, delegated, with a policy, counted, and as made at each test."""

from __future__ import annotations

import ldap3
import pytest
from ldap3.core.exceptions import (
    LDAPConstraintViolationResult,
    LDAPInsufficientAccessRightsResult,
)

from tests.counterparts.directory import LEAVERS, PEOPLE, DirectoryServer, group
from tests.counterparts.slapd import LdapServer, PosixLdapServer

pytestmark = pytest.mark.integration

ADA = f"uid=ada,{PEOPLE}"
PASSWORD = "long-enough-1"


def hire(server: DirectoryServer, client: ldap3.Connection) -> None:
    person = {"uid": "ada", "cn": "Ada Byron", "sn": "Byron", "userPassword": PASSWORD}
    client.add(ADA, ["inetOrgPerson"], person)
    client.modify(group("Engineering"), {server.member: [(ldap3.MODIFY_ADD, [ADA])]})


@pytest.mark.parametrize("start_tls", [False, True])
def test_the_service_account_hires_moves_and_ends_people_and_each_write_is_counted(
    ldap_server: LdapServer, start_tls: bool
) -> None:
    with ldap_server.client(ldap_server.service_account, start_tls=start_tls) as client:
        hire(ldap_server, client)
        assert ldap_server.accepts(ADA, PASSWORD)
        assert ldap_server.members("Engineering") == {ADA.lower(), group("Platform").lower()}
        client.modify_dn(ADA, "uid=ada", new_superior=LEAVERS)
        client.delete(f"uid=ada,{LEAVERS}")
    told = [(request["method"], request["dn"], request["attributes"]) for request in ldap_server.writes()]
    assert told == [
        ("ADD", ADA, []),
        ("MOD", group("Engineering"), ["member"]),
        ("MODRDN", ADA, []),
        ("DEL", f"uid=ada,{LEAVERS}", []),
    ]
    assert ldap_server.members("Engineering") == {group("Platform").lower()}


def test_reading_is_no_write_and_what_is_refused_is_one(ldap_server: LdapServer) -> None:
    with ldap_server.client(ldap_server.service_account) as client:
        client.search(PEOPLE, "(uid=*)")
        assert ldap_server.writes() == []
        with pytest.raises(LDAPInsufficientAccessRightsResult):
            client.delete(ldap_server.service_account)
    assert [request["method"] for request in ldap_server.writes()] == ["DEL"]


def test_it_is_as_it_was_made_at_the_start_of_each_test(ldap_server: LdapServer) -> None:
    """Also for a test that runs alone."""
    for _ in range(2):
        ldap_server.begin()
        assert ldap_server.people() == {}
        assert ldap_server.members("Staff") == set()
        assert ldap_server.members("Engineering") == {group("Platform").lower()}
        assert ldap_server.writes() == []
        with ldap_server.client() as client:
            hire(ldap_server, client)
        assert len(ldap_server.writes()) == 2


def test_no_password_is_taken_in_the_clear_and_no_other_authority_will_do(
    ldap_server: LdapServer,
) -> None:
    assert not ldap_server.listens_in_the_clear()
    assert ldap_server.is_trusted(ldap_server.authority)
    assert not ldap_server.is_trusted(None)


def test_the_policy_refuses_short_passwords_and_locks_after_three_wrong_ones(
    ldap_server: LdapServer,
) -> None:
    with ldap_server.client(ldap_server.service_account) as client:
        hire(ldap_server, client)
        with pytest.raises(LDAPConstraintViolationResult):
            client.modify(ADA, {"userPassword": [(ldap3.MODIFY_REPLACE, ["short"])]})
        assert [ldap_server.accepts(ADA, "wrong") for _ in range(3)] == [False] * 3
        assert not ldap_server.accepts(ADA, PASSWORD)
        client.modify(ADA, {"pwdAccountLockedTime": [(ldap3.MODIFY_DELETE, [])]})
    assert ldap_server.accepts(ADA, PASSWORD)


def test_the_server_keeps_member_of(ldap_server: LdapServer) -> None:
    with ldap_server.client() as client:
        hire(ldap_server, client)
    entry = ldap_server.entry(ADA)
    assert entry is not None
    assert entry["memberOf"] == [group("Engineering")]


def test_groups_of_unique_names_keep_member_of_too(posix_ldap_server: PosixLdapServer) -> None:
    account = {"uidNumber": "1001", "gidNumber": "100", "homeDirectory": "/home/ada"}
    with posix_ldap_server.client(posix_ldap_server.service_account) as client:
        hire(posix_ldap_server, client)
        client.modify(
            ADA,
            {
                "objectClass": [(ldap3.MODIFY_ADD, ["posixAccount"])],
                **{name: [(ldap3.MODIFY_ADD, [value])] for name, value in account.items()},
            },
        )
    entry = posix_ldap_server.entry(ADA)
    assert entry is not None
    assert (entry["memberOf"], entry["uidNumber"]) == ([group("Engineering")], ["1001"])
    assert ADA.lower() in posix_ldap_server.members("Engineering")


@pytest.mark.crash
def test_what_it_was_told_survives_kill_9(ldap_server: LdapServer) -> None:
    with ldap_server.client() as client:
        hire(ldap_server, client)
    before = ldap_server.people()
    ldap_server.kill()
    ldap_server.start()
    assert ADA in before
    assert ldap_server.people() == before
    assert len(ldap_server.writes()) == 2
