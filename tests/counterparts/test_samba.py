"""Samba is what its fixture says: a domain controller, delegated, with its policies and its recycle bin,
counted, and as made at each test.
"""

from __future__ import annotations

import os
from pathlib import Path

import ldap3
import pytest
from ldap3.core.exceptions import (
    LDAPConstraintViolationResult,
    LDAPInsufficientAccessRightsResult,
    LDAPNoSuchAttributeResult,
    LDAPNoSuchObjectResult,
)

from tests.airflow.embedded import eventually
from tests.counterparts.directory import BASE, LEAVERS, PEOPLE, group
from tests.counterparts.samba import BinlessDomainController, DomainController

pytestmark = pytest.mark.integration

ADA = f"CN=Ada Byron,{PEOPLE}"
LOGIN = "ada@acme.example"
PASSWORD = "Long-enough-1"
ENABLED, NEW = "512", "544"
SHOW_RECYCLED = ("1.2.840.113556.1.4.2064", True, None)


def set_password(client: ldap3.Connection, password: str) -> None:
    client.modify(ADA, {"unicodePwd": [(ldap3.MODIFY_REPLACE, [f'"{password}"'.encode("utf-16-le")])]})


def hire(client: ldap3.Connection) -> None:
    client.add(
        ADA, ["user"], {"sAMAccountName": "ada", "userPrincipalName": LOGIN, "userAccountControl": NEW}
    )
    set_password(client, PASSWORD)
    client.modify(ADA, {"userAccountControl": [(ldap3.MODIFY_REPLACE, [ENABLED])]})
    client.modify(group("Engineering"), {"member": [(ldap3.MODIFY_ADD, [ADA])]})


@pytest.mark.parametrize("start_tls", [False, True])
def test_the_service_account_hires_moves_and_ends_people_and_each_write_is_counted(
    domain_controller: DomainController, start_tls: bool
) -> None:
    with domain_controller.client(domain_controller.service_account, start_tls=start_tls) as client:
        hire(client)
        assert domain_controller.accepts(LOGIN, PASSWORD)
        assert domain_controller.members("Engineering") == {ADA.lower(), group("Platform").lower()}
        client.modify_dn(ADA, "CN=Ada Byron", new_superior=LEAVERS)
        client.delete(f"CN=Ada Byron,{LEAVERS}")
    writes = domain_controller.writes()
    assert [(request["method"], request["attributes"]) for request in writes[1:]] == [
        ("MOD", ["unicodePwd"]),
        ("MOD", ["userAccountControl"]),
        ("MOD", ["member"]),
        ("MODRDN", []),
        ("DEL", []),
    ]
    assert (writes[0]["method"], writes[0]["dn"].lower()) == ("ADD", ADA.lower())


def test_reading_is_no_write_and_what_is_refused_is_one(domain_controller: DomainController) -> None:
    with domain_controller.client(domain_controller.service_account) as client:
        client.search(BASE, "(objectClass=user)")
        assert not domain_controller.accepts(domain_controller.service_account, "wrong")
        assert domain_controller.writes() == []
        assert [request["method"] for request in domain_controller.requests()] == ["BIND", "BIND"]
        with pytest.raises(LDAPInsufficientAccessRightsResult):
            client.add(f"CN=x,OU=Services,{BASE}", ["user"], {"sAMAccountName": "x"})
        with pytest.raises(LDAPNoSuchObjectResult):
            client.modify_dn(ADA, "CN=x")
    assert [request["method"] for request in domain_controller.writes()] == ["ADD", "MODRDN"]


def test_it_is_as_it_was_made_at_the_start_of_each_test(domain_controller: DomainController) -> None:
    """Nothing of an earlier test is left in the recycle bin either."""
    for _ in range(2):
        domain_controller.begin()
        assert domain_controller.people() == {}
        assert domain_controller.members("Engineering") == {group("Platform").lower()}
        assert deleted(domain_controller) == []
        assert domain_controller.writes() == []
        with domain_controller.client(domain_controller.service_account) as client:
            hire(client)
            client.delete(ADA)
        assert len(deleted(domain_controller)) == 1
        assert len(domain_controller.writes()) == 5


def deleted(server: DomainController) -> list[str]:
    """DNs of the people in the recycle bin."""
    with server.client() as client:
        client.search(BASE, "(&(isDeleted=TRUE)(sAMAccountName=ada))", controls=[SHOW_RECYCLED])
        return [each["dn"] for each in client.response or () if each["type"] == "searchResEntry"]


def bring_back(client: ldap3.Connection, dn: str) -> None:
    restored = {
        "isDeleted": [(ldap3.MODIFY_DELETE, [])],
        "distinguishedName": [(ldap3.MODIFY_REPLACE, [ADA])],
    }
    client.modify(dn, restored, controls=[SHOW_RECYCLED])


def test_who_is_in_the_recycle_bin_is_there_with_all_that_they_had_and_stays(
    domain_controller: DomainController,
) -> None:
    """Windows lets them out; Samba takes away `isRecycled`, which only a tombstone has."""
    with domain_controller.client(domain_controller.service_account) as client:
        hire(client)
        client.delete(ADA)
        client.search(BASE, "(sAMAccountName=ada)", attributes=["*"], controls=[SHOW_RECYCLED])
        (found,) = [each for each in client.response or () if each["type"] == "searchResEntry"]
        assert found["raw_attributes"]["userPrincipalName"] == [LOGIN.encode()]
        with pytest.raises(LDAPNoSuchAttributeResult):
            bring_back(client, found["dn"])


def test_without_a_recycle_bin_the_service_account_brings_a_tombstone_back(
    binless_domain_controller: BinlessDomainController,
) -> None:
    with binless_domain_controller.client(binless_domain_controller.service_account) as client:
        hire(client)
        before = binless_domain_controller.entry(ADA, "objectSid")
        client.delete(ADA)
        (dn,) = deleted(binless_domain_controller)
        bring_back(client, dn)
    assert before is not None
    assert binless_domain_controller.entry(ADA, "objectSid") == before
    assert ADA.lower() not in binless_domain_controller.members("Engineering")


def test_no_password_is_taken_in_the_clear_and_no_other_authority_will_do(
    domain_controller: DomainController,
) -> None:
    assert not domain_controller.listens_in_the_clear()
    assert domain_controller.is_trusted(domain_controller.authority)
    assert not domain_controller.is_trusted(None)


def test_three_wrong_passwords_lock_an_account_which_the_service_account_unlocks(
    domain_controller: DomainController,
) -> None:
    with domain_controller.client(domain_controller.service_account) as client:
        hire(client)
        assert [domain_controller.accepts(LOGIN, "wrong") for _ in range(3)] == [False] * 3
        assert not domain_controller.accepts(LOGIN, PASSWORD)
        client.modify(ADA, {"lockoutTime": [(ldap3.MODIFY_REPLACE, ["0"])]})
    assert domain_controller.accepts(LOGIN, PASSWORD)


def test_the_policy_of_privileged_people_is_stricter(domain_controller: DomainController) -> None:
    with domain_controller.client(domain_controller.service_account) as client:
        hire(client)
        with pytest.raises(LDAPConstraintViolationResult):
            set_password(client, "Short-1")
        set_password(client, "Long-enough-2")
        client.modify(group("Privileged"), {"member": [(ldap3.MODIFY_ADD, [ADA])]})
        with pytest.raises(LDAPConstraintViolationResult):
            set_password(client, "Long-enough-3")
        set_password(client, "Long-enough-for-the-privileged-3")


def test_changes_since_are_told_to_the_service_account(domain_controller: DomainController) -> None:
    with domain_controller.client(domain_controller.service_account) as client:
        since = client.extend.microsoft.dir_sync(BASE, "(objectClass=user)", attributes=["sAMAccountName"])
        since.loop()
        hire(client)
        changed = [each["dn"] for each in since.loop() if each["type"] == "searchResEntry"]
    (dn,) = changed  # <GUID=…>;<SID=…>;…
    assert dn.rpartition(";")[2].lower() == ADA.lower()


@pytest.mark.crash
def test_what_it_was_told_survives_kill_9(domain_controller: DomainController) -> None:
    with domain_controller.client(domain_controller.service_account) as client:
        hire(client)
    before = domain_controller.people()
    domain_controller.kill()
    eventually(lambda: not processes_of(domain_controller))
    domain_controller.start()
    assert processes_of(domain_controller) != []
    assert len(before) == 1
    assert domain_controller.people() == before
    assert domain_controller.accepts(LOGIN, PASSWORD)


def processes_of(server: DomainController) -> list[Path]:
    """Those that have the server's configuration on their command line, the dead ones apart."""
    told = str(server.folder / "smb.conf").encode()
    lines = [path for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    return [path for path in lines if told in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_two_controllers_take_ports_neither_of_this_machine_nor_of_each_other(
    domain_controller: DomainController, binless_domain_controller: BinlessDomainController
) -> None:
    """389 and 636, which Samba demands, are of a network namespace."""
    both = (domain_controller, binless_domain_controller)
    networks = [
        {str((path.parent / "ns" / "net").readlink()) for path in processes_of(each)} for each in both
    ]
    assert [len(network) for network in networks] == [1, 1]
    assert len({str(Path("/proc/self/ns/net").readlink()), *networks[0], *networks[1]}) == 3
    assert all(each.is_trusted(each.authority) for each in both)
    assert not domain_controller.is_trusted(binless_domain_controller.authority)


def test_where_namespaces_are_not_allowed_the_test_is_skipped_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2; exit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(pytest.skip.Exception, match="Operation not permitted"):
        DomainController(tmp_path).start()
