"""A plain LDAP directory."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from officeflow.stack.servers import debian
from tests.counterparts.directory import BASE, DirectoryServer

REQUEST = re.compile(r"conn=(?P<conn>\d+) op=(?P<op>\d+) (?P<method>[A-Z]+) (?P<told>.*)")
DN = re.compile(r'(?:dn|base|id)="(?P<dn>[^"]*)"')
METHODS = frozenset({"ADD", "MOD", "DEL", "MODRDN", "PASSMOD", "SRCH", "BIND", "CMP"})


class LdapServer(DirectoryServer):
    """slapd: people are inetOrgPerson, groups groupOfNames with `memberOf` kept by the server; a password has
    twelve characters, and three wrong ones lock the account.
    """

    fixture = "ldap_server"
    module = "ldap"
    software = debian.SLAPD
    administrator = f"cn=admin,{BASE}"
    service_account = f"uid=officeflow,ou=Services,{BASE}"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._as_made = 0

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--volatile"]

    def reset(self) -> None:
        """Make the database anew, unless nobody has asked the server for anything."""
        if self._journal.stat().st_size == self._as_made:
            return
        self.kill()
        shutil.rmtree(self.folder / "database")
        (self.folder / "seeded").unlink()
        self.start()

    def _wait_until_it_listens(self) -> None:
        super()._wait_until_it_listens()
        self._as_made = self._journal.stat().st_size

    def _requests_after(self, place: int) -> list[dict[str, Any]]:
        """As slapd logs them (`stats`), each when it comes."""
        requests: list[dict[str, Any]] = []
        for line in self._new_lines(place):
            found = REQUEST.search(line)
            if found is None or found["method"] not in METHODS:
                continue
            named = DN.match(found["told"])
            if named:
                about = {"connection": int(found["conn"]), "operation": int(found["op"])}
                requests.append({"method": found["method"], "dn": named["dn"], "attributes": [], **about})
            elif found["method"] == "MOD" and found["told"].startswith("attr="):
                requests[-1]["attributes"] = found["told"].removeprefix("attr=").split()
        return requests


class PosixLdapServer(LdapServer):
    """The same with groupOfUniqueNames, whose members are `uniqueMember`."""

    fixture = "posix_ldap_server"
    member = "uniqueMember"

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--posix"]
