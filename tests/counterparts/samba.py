"""Active Directory."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from counterparts.debian import library_paths
from officeflow.layout import ROOT
from officeflow.stack.servers import debian
from tests.counterparts.directory import DirectoryServer

METHODS = {"Add": "ADD", "Modify": "MOD", "Delete": "DEL"}
RESTORE = ROOT / "counterparts" / "samba" / "restore.py"


class DomainController(DirectoryServer):
    """Samba's domain controller of acme.example: recycle bin, a password policy (twelve characters of three
    kinds), a stricter one for the group Privileged (twenty); three wrong passwords lock an account.

    It needs root, or a kernel that lets users have namespaces of their own. `requests` are sign-ins (BIND)
    and changes, as the server audits them; of a MODRDN it tells no more than that it came.
    """

    fixture = "domain_controller"
    module = "samba"
    software = debian.SAMBA
    secret = "Counterpart-secret-1"
    administrator = "Administrator@acme.example"
    service_account = "svc-officeflow@acme.example"

    def reset(self) -> None:
        """Give the running server's databases the content that they had."""
        root = self.root()
        modules = {"PYTHONPATH": str(root / "usr" / "lib" / "python3" / "dist-packages")}
        pythons = (place / "usr" / "bin" / "python3" for place in (root, Path("/")))
        python = next(path for path in pythons if path.exists())
        done = subprocess.run(
            [python, "-s", RESTORE, self.folder / "seeds", self.folder],
            env={**library_paths(root), **modules},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _does_not_listen(self) -> None:
        if self._process is not None and self._process.poll() == os.EX_NOPERM:
            pytest.skip(f"no domain controller without rights: {(self.folder / 'output').read_text()}")
        super()._does_not_listen()

    def _requests_after(self, place: int) -> list[dict[str, Any]]:
        return list(_read_audit(self._new_lines(place)))


class BinlessDomainController(DomainController):
    """The same without a recycle bin: who is deleted becomes a tombstone, which can be brought back. In
    Samba's recycle bin things can be found, and not be taken out.
    """

    fixture = "binless_domain_controller"

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--no-recycle-bin"]


def _read_audit(lines: list[str]) -> Iterator[dict[str, Any]]:
    """Renames are not audited: they are the transactions that change nothing else. What the server changes on
    its own (counts wrong passwords) has no remote address; what it refuses may be told twice.
    """
    known: set[tuple[str, ...]] = set()
    explained: set[str] = set()
    for line in lines:
        told: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        kind = told.get("type", "")
        about = told.get(kind, {})
        match kind:
            case "Authentication":
                yield {"method": "BIND", "dn": about["clientAccount"], "status": about["status"]}
            case "dsdbChange":
                transaction, method = about["transactionId"], METHODS[about["operation"]]
                explained.add(transaction)
                key = (transaction, method, about["dn"])
                if about["remoteAddress"] and key not in known:
                    known.add(key)
                    attributes = list(about.get("attributes", ()))
                    yield {
                        "method": method,
                        "dn": about["dn"],
                        "attributes": attributes,
                        "status": about["status"],
                    }
            case "dsdbTransaction" if about["transactionId"] not in explained:
                yield {"method": "MODRDN", "dn": "", "attributes": [], "status": about["action"]}
