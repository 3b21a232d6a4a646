"""An Active Directory domain controller: `python -m counterparts.samba --port 13389 --tls-port 13636 --folder
DIR`.

Samba of the Debian packages, below `--root` as `officeflow.stack.servers.debian` unpacks them, in namespaces
of its own (`inside`). Whoever may not make these is told, with exit status 77 (EX_NOPERM). The domain
acme.example with its seeds (`domain`) is made once and kept under `share/samba-domain` of this environment,
with `--alone` in DIR, which begins with a copy, and has a link to where that came from, `seeds`. The password
of Administrator and `svc-officeflow` is in the environment, COUNTERPART_SECRET. The authority of the
certificate is `DIR/ca.pem`. `DIR/requests.log` has Samba's audit log in JSON: every sign-in and every change,
refused ones too, before it is answered.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from counterparts import web
from counterparts.certificates import certificates
from counterparts.debian import open_log, unpacked, write_filled
from counterparts.samba import inside

HERE = Path(__file__).parent
LDAP, LDAPS = 389, 636
PYTHON = ("/usr/bin/python3", "-Es")
SAMBA = ("/usr/sbin/samba", "--interactive", "--debug-stdout", "--model=single")


def make_templates(root: Path, secret: str, kept: Path) -> Path:
    """The folder of the domains that others are copied from, below `kept`; it is there whole, or not at
    all.
    """
    made_of = [HERE / "domain.py", root / "packages.json"]
    parts = [path.read_bytes() for path in made_of if path.exists()]
    digest = hashlib.sha256(b"\0".join([*parts, secret.encode()])).hexdigest()
    made = kept / digest[:16]
    made.parent.mkdir(parents=True, exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            partial = made.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
            command = inside.unshared(root, *PYTHON, str(HERE / "domain.py"), str(partial))
            done = subprocess.run(command, env=inside.QUICK, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"the domain could not be made:\n{done.stdout}{done.stderr}")
            partial.rename(made)
    return made


def prepare(folder: Path, template: Path) -> Path:
    """The configuration of the domain in the folder; what is there already is kept."""
    if not (folder / "seeds").is_symlink():
        shutil.copytree(template, folder, dirs_exist_ok=True, symlinks=True)
        (folder / "seeds").symlink_to(template)
    (folder / "ncalrpc").mkdir(exist_ok=True)
    certificates(folder, "dc1.acme.example", "localhost", "127.0.0.1")
    return write_filled(HERE / "smb.conf", folder / "smb.conf", {"folder": str(folder)})


def door(port: int) -> socket.socket:
    """Bound outside of the namespaces, handed on to who enters them."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((web.HOST, port))
    made.set_inheritable(True)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.samba", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="of LDAP, which takes StartTLS")
    parser.add_argument("--tls-port", type=int, required=True, help="of LDAPS")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--root", type=Path, default=unpacked("samba"))
    parser.add_argument("--no-recycle-bin", action="store_true", help="what is deleted becomes a tombstone")
    parser.add_argument("--alone", action="store_true", help="the domain is made for this folder alone")
    options = parser.parse_args()
    folder, root = options.folder.absolute(), options.root.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if reason := inside.refusal(root):
        sys.stderr.write(f"{reason}\n")
        sys.exit(os.EX_NOPERM)
    kept = folder / "made" if options.alone else Path(sys.prefix) / "share" / "samba-domain"
    templates = make_templates(root, web.secret("COUNTERPART_SECRET"), kept)
    template = templates / ("tombstones" if options.no_recycle_bin else "recycle-bin")
    configuration = prepare(folder, template)
    doors = {LDAP: door(options.port), LDAPS: door(options.tls_port)}
    told = ",".join(f"{each.fileno()}:{port}" for port, each in doors.items())
    open_log(folder / "requests.log", sys.stdout.fileno())
    command = inside.unshared(root, "serve", told, *SAMBA, "--configfile", str(configuration))
    os.execvpe(command[0], command, inside.QUICK)  # noqa: S606


if __name__ == "__main__":
    main()
