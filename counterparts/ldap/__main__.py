"""A plain LDAP directory: `python -m counterparts.ldap --port 13389 --tls-port 13636 --folder DIR`.

The process becomes slapd of the Debian package, unprivileged, in the foreground; below `--root` are its
files, as `officeflow.stack.servers.debian` unpacks them. The password of `cn=admin,dc=acme,dc=example`, who
may do all, and of `uid=officeflow,ou=Services,dc=acme,dc=example`, whose rights end at People, Leavers and
Groups, is in the environment, COUNTERPART_SECRET; it is taken over TLS alone (LDAPS, StartTLS). The authority
of the certificate is `DIR/ca.pem`.

Groups are groupOfNames with `member`; with `--posix` groupOfUniqueNames with `uniqueMember`. `memberOf` is
the server's, and passwords are under a policy that locks after three wrong ones. DIR gets `database/` and
`requests.log`, which has a line for each request before it is answered.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from counterparts import web
from counterparts.certificates import certificates
from counterparts.debian import library_paths, open_log, unpacked, write_filled

HERE = Path(__file__).parent
GROUPS = {
    False: {"group_class": "groupOfNames", "member": "member"},
    True: {"group_class": "groupOfUniqueNames", "member": "uniqueMember"},
}


class Slapd:
    """The programs below a root."""

    def __init__(self, root: Path) -> None:
        self.path = str(root / "usr" / "sbin" / "slapd")
        self.environment = {**os.environ, **library_paths(root)}

    def run(self, name: str, arguments: Sequence[str], told: str = "") -> str:
        """Run it as one of its tools, by that one's name; ends the process where the tool fails."""
        done = subprocess.run(
            [f"slap{name}", *arguments],
            executable=self.path,
            env=self.environment,
            input=told,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"slap{name}: {done.stderr.strip()}")
        return done.stdout.strip()

    def become(self, arguments: Sequence[str]) -> None:
        os.execve(self.path, ["slapd", *arguments], self.environment)  # noqa: S606


def configure(slapd: Slapd, root: Path, folder: Path, *, posix: bool, volatile: bool) -> Path:
    """The configuration; the database is made where there is none, whole or not at all."""
    password = slapd.run("passwd", ["-n", "-T", "/dev/stdin"], web.secret("COUNTERPART_SECRET"))
    configuration, database = folder / "slapd.conf", folder / "database"
    values = {
        "root": str(root),
        "folder": str(folder),
        "password": password,
        "durability": "dbnosync" if volatile else "",
        **GROUPS[posix],
    }
    certificates(folder, "localhost", "127.0.0.1")
    write_filled(HERE / "slapd.conf", configuration, values)
    if not (folder / "seeded").exists():
        shutil.rmtree(database, ignore_errors=True)
        database.mkdir(mode=0o700)
        seeds = folder / "seeds.ldif"
        write_filled(HERE / "seeds.ldif", seeds, values)
        slapd.run("add", ["-f", str(configuration), "-l", str(seeds)])
        (folder / "seeded").touch()
    return configuration


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.ldap", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="of LDAP, which takes StartTLS")
    parser.add_argument("--tls-port", type=int, required=True, help="of LDAPS")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--root", type=Path, default=unpacked("slapd"))
    parser.add_argument("--posix", action="store_true", help="groups have uniqueMember")
    parser.add_argument("--volatile", action="store_true", help="what is told need not outlive the machine")
    options = parser.parse_args()
    folder, root = options.folder.absolute(), options.root.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    slapd = Slapd(root)
    configuration = configure(slapd, root, folder, posix=options.posix, volatile=options.volatile)
    addresses = f"ldap://{web.HOST}:{options.port} ldaps://{web.HOST}:{options.tls_port}"
    open_log(folder / "requests.log", sys.stderr.fileno())
    slapd.become(["-d", "stats", "-h", addresses, "-f", str(configuration)])


if __name__ == "__main__":
    main()
