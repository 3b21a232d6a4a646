"""Makes the domain acme.example with its seeds, twice: `domain.py FOLDER` makes `FOLDER/tombstones`, and
`FOLDER/recycle-bin`, which is the same with a recycle bin.

Run by the Python of the Debian packages, which has Samba's modules, where these are in their places. The
password of Administrator and of the service account `svc-officeflow` is in the environment,
COUNTERPART_SECRET. The rights of the service account end at People, Leavers and Groups; it may also ask for
changes (DirSync) and bring deleted users back.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator

import ldb
from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB
from samba.sd_utils import SDUtils

REALM, BASE = "acme.example", "DC=acme,DC=example"
UNITS = ("People", "Leavers", "Groups", "Services")
DEPARTMENTS = ("Engineering", "Sales")
"""Units below People."""
GROUPS = ("Staff", "Engineering", "Sales", "Platform", "Privileged")
NESTED = {"Engineering": "Platform"}
"""Group to the group that is its member."""
SERVICE = "svc-officeflow"

USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
GROUP = "bf967a9c-0de6-11d0-a285-00aa003049e2"
MEMBER = "bf9679c0-0de6-11d0-a285-00aa003049e2"
GET_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
REANIMATE = "45ec5156-db7e-47bb-b53f-dbeb2d03c40f"
RECYCLE_BIN = "766ddcd8-acd0-445e-f3b9-a7f9b6744f2a"

MINUTE, DAY = -60 * 10**7, -24 * 3600 * 10**7
"""Active Directory's spans are negative hundreds of nanoseconds."""
POLICY = {
    "minPwdLength": 12,
    "pwdHistoryLength": 5,
    "minPwdAge": 0,
    "maxPwdAge": 90 * DAY,
    "lockoutThreshold": 3,
    "lockoutDuration": 30 * MINUTE,
    "lockOutObservationWindow": 30 * MINUTE,
}
PRIVILEGED_POLICY = {
    "msDS-PasswordSettingsPrecedence": 10,
    "msDS-PasswordReversibleEncryptionEnabled": "FALSE",
    "msDS-PasswordHistoryLength": 10,
    "msDS-PasswordComplexityEnabled": "TRUE",
    "msDS-MinimumPasswordLength": 20,
    "msDS-MinimumPasswordAge": 0,
    "msDS-MaximumPasswordAge": 30 * DAY,
    "msDS-LockoutThreshold": 3,
    "msDS-LockoutObservationWindow": 30 * MINUTE,
    "msDS-LockoutDuration": 30 * MINUTE,
    "msDS-PSOAppliesTo": f"CN=Privileged,OU=Groups,{BASE}",
}


def make(folder: str, password: str) -> SamDB:
    settings = LoadParm()
    provision(
        logging.getLogger(),
        system_session(settings),
        targetdir=folder,
        realm=REALM.upper(),
        domain="ACME",
        hostname="dc1",
        hostip="127.0.0.1",
        adminpass=password,
        dns_backend="NONE",
        serverrole="active directory domain controller",
        dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
        lp=settings,
        useeadb=True,
        skip_sysvolacl=True,
        batch_mode=True,
    )
    return opened(folder)


def opened(folder: str) -> SamDB:
    settings = LoadParm()
    return SamDB(f"{folder}/private/sam.ldb", session_info=system_session(settings), lp=settings)


def enable_recycle_bin(directory: SamDB) -> None:
    feature = f"CN=Partitions,CN=Configuration,{BASE}:{RECYCLE_BIN}"
    _change(directory, {"dn": "", "enableOptionalFeature": feature}, ldb.FLAG_MOD_ADD)


def seed(directory: SamDB, password: str) -> None:
    for unit in (*UNITS, *(f"{name},OU=People" for name in DEPARTMENTS)):
        directory.add({"dn": f"OU={unit},{BASE}", "objectClass": "organizationalUnit"})
    for group in GROUPS:
        name = {"dn": f"CN={group},OU=Groups,{BASE}", "sAMAccountName": group}
        directory.add({**name, "objectClass": "group"})
    for group, member in NESTED.items():
        nested = {"dn": f"CN={group},OU=Groups,{BASE}", "member": f"CN={member},OU=Groups,{BASE}"}
        _change(directory, nested, ldb.FLAG_MOD_ADD)
    _change(directory, {"dn": BASE, **{name: str(value) for name, value in POLICY.items()}})
    directory.newuser(SERVICE, password, userou="OU=Services", setpassword=True)
    directory.setexpiry(f"(sAMAccountName={SERVICE})", 0, no_expiry_req=True)
    privileged = {name: str(value) for name, value in PRIVILEGED_POLICY.items()}
    place = f"CN=Privileged,CN=Password Settings Container,CN=System,{BASE}"
    directory.add({"dn": place, "objectClass": "msDS-PasswordSettings", **privileged})
    _delegate(directory)


def _change(directory: SamDB, entry: dict[str, str], flag: int = ldb.FLAG_MOD_REPLACE) -> None:
    directory.modify(ldb.Message.from_dict(directory, entry, flag))


def _delegate(directory: SamDB) -> None:
    rights = SDUtils(directory)
    service = rights.get_object_sid(f"CN={SERVICE},OU=Services,{BASE}")
    for place, entries in _rights(str(service)):
        rights.dacl_prepend_aces(place, entries, controls=["show_deleted:1"])


def _rights(service: str) -> Iterator[tuple[str, str]]:
    """Place to its access control entries: what the delegation wizard of Windows writes."""
    for unit in ("People", "Leavers"):
        create_and_delete = f"(OA;CI;CCDC;{USER};;{service})"
        everything = f"(OA;CIIO;CCDCLCSWRPWPDTLOCRSDRCWDWO;;{USER};{service})"
        yield f"OU={unit},{BASE}", create_and_delete + everything
    yield f"OU=Groups,{BASE}", f"(OA;CIIO;RPWP;{MEMBER};{GROUP};{service})"
    yield BASE, f"(OA;;CR;{GET_CHANGES};;{service})(OA;;CR;{REANIMATE};;{service})"
    yield f"CN=Deleted Objects,{BASE}", f"(A;;LCRP;;;{service})"


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    password = os.environ["COUNTERPART_SECRET"]
    tombstones, recycle_bin = (f"{sys.argv[1]}/{name}" for name in ("tombstones", "recycle-bin"))
    seed(make(tombstones, password), password)
    shutil.copytree(tombstones, recycle_bin, ignore=shutil.ignore_patterns("smb.conf"))
    enable_recycle_bin(opened(recycle_bin))


if __name__ == "__main__":
    main()
