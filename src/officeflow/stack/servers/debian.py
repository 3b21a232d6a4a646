"""Servers out of Debian packages, unpacked beside the other servers and installed nowhere.

apt's own client finds and fetches the packages, with what they depend on and this machine has not, by lists,
cache and state of our own: it needs no root, no earlier `apt-get update`, and changes nothing of the
machine's. The archives stay in the launcher's cache. They are unpacked once, to `share/debian/<name>` of the
servers' environment; `packages.json` there has the versions.

An installed server serves only where apt gives none: it may be confined to its own folders (AppArmor), and
have another layout.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from officeflow import downloads
from officeflow.errors import Unavailable
from officeflow.layout import Layout, read_json
from officeflow.stack.progress import Progress, Step

VERSIONS = "packages.json"
MERGED = ("bin", "sbin", "lib", "lib64")
"""What is a link into `usr` since Debian 12, also where a package still has it as a folder."""

SETTINGS = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi;
Dir::State::lists "lists/";
Dir::State::extended_states "extended_states";
Dir::Cache::archives "archives/";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "log/";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "";
APT::Keep-Downloaded-Packages "true";
Debug::NoLocking "true";
"""
"""Read last, behind the machine's own, whose sources, keys and proxies stay."""


@dataclass(frozen=True, slots=True)
class Software:
    """`files` are what has to be there for it to work, below the root of an installation."""

    name: str
    packages: tuple[str, ...]
    files: tuple[str, ...]


SLAPD = Software("slapd", ("slapd",), ("usr/sbin/slapd", "usr/lib/ldap/memberof.so", "etc/ldap/schema"))
SAMBA = Software(
    "samba",
    ("samba-ad-dc", "samba-ad-provision"),
    ("usr/sbin/samba", "usr/lib/python3/dist-packages/samba/provision", "usr/share/samba/setup/ad-schema"),
)


def fetch(layout: Layout, software: Software, progress: Progress) -> Path:
    """The root below which the software has the places that it has when installed: of what was unpacked, or
    `/`.

    The first call takes some seconds and the network; `Unavailable` says what to install by hand. Safe beside
    others of its kind.
    """
    root = unpacked_root(layout, software)
    if _is_current(root, software):
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    with (root.parent / f".{software.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_current(root, software):
            return root
        with progress.step(f"Debian packages of {software.name}") as step:
            return _obtain(layout, software, root, step)


def unpacked_root(layout: Layout, software: Software) -> Path:
    return layout.servers / "share" / "debian" / software.name


def _obtain(layout: Layout, software: Software, root: Path, step: Step) -> Path:
    try:
        archives = _fetch_archives(_cache(layout, software), software, step)
    except Unavailable:
        if _has_all(Path("/"), software):
            step.say("installed on this machine")
            return Path("/")
        raise
    versions = _unpack(archives, software, root, step)
    step.say(f"{len(versions)} packages")
    return root


def _system() -> str:
    """What the packages fit: those of another release, or for another processor, do not."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    return f"{release.get('ID', 'unknown')}-{release.get('VERSION_ID', 'rolling')}-{platform.machine()}"


def _has_all(root: Path, software: Software) -> bool:
    return all((root / file).exists() for file in software.files)


def _is_current(root: Path, software: Software) -> bool:
    """Whether it was unpacked from the packages that are wanted, for this system."""
    told = read_json(root / VERSIONS)
    wanted = {"system": _system(), "wanted": list(software.packages)}
    return _has_all(root, software) and {name: told.get(name) for name in wanted} == wanted


def _cache(layout: Layout, software: Software) -> Path:
    """Of the launcher whose servers these are."""
    return layout.servers.parent / "cache" / "debian" / f"{software.name}-{_system()}"


def _fetch_archives(folder: Path, software: Software, step: Step) -> list[Path]:
    """The archives of the packages and of all that they need here; without the network where they are there
    already.
    """
    archives, complete = folder / "archives", folder / "complete.json"
    kept = [archives / name for name in read_json(complete).get(" ".join(software.packages), ())]
    if kept and all(path.exists() for path in kept):
        step.say(f"{len(kept)} packages")
        return kept
    apt = shutil.which("apt-get")
    if apt is None or shutil.which("dpkg-deb") is None:
        raise _by_hand(software, "this machine has no apt")
    shutil.rmtree(archives, ignore_errors=True)
    for name in ("lists/partial", "archives/partial", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "settings").write_text(f'Dir::State "{folder}/";\nDir::Cache "{folder}/";\n{SETTINGS}')
    step.say("reading the lists")
    _apt(apt, folder, software, "update")
    step.say("fetching")
    _apt(apt, folder, software, "install", "--reinstall", "--download-only", *software.packages)
    found = sorted(archives.glob("*.deb"))
    if not found:
        raise _by_hand(software, "apt fetched nothing")
    shutil.rmtree(folder / "lists")
    complete.write_text(json.dumps({" ".join(software.packages): [path.name for path in found]}))
    return found


def _apt(apt: str, folder: Path, software: Software, *arguments: str) -> None:
    options = ("--yes", "--quiet", "--no-install-recommends", "--no-remove", "-c", str(folder / "settings"))
    done = subprocess.run(
        [apt, *options, *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        printed = (done.stderr or done.stdout).strip()
        raise _by_hand(software, f"apt-get {arguments[0]} failed:\n{printed}", downloads.why_not(printed))


def _by_hand(software: Software, reason: str, further: str = "") -> Unavailable:
    packages = " ".join(software.packages)
    hint = f"on Debian or Ubuntu, install it by hand: apt-get install {packages}"
    return Unavailable(f"{software.name} could not be fetched: {reason}", hint=f"{further}\n{hint}".strip())


def _unpack(archives: Sequence[Path], software: Software, root: Path, step: Step) -> dict[str, str]:
    """Whole or not at all; gives each package's version."""
    partial = root.with_name(f".{software.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    versions = {}
    for number, archive in enumerate(archives, 1):
        step.say(f"unpacking {number} of {len(archives)}")
        _dpkg_deb("--extract", str(archive), str(partial))
        package, version = _dpkg_deb("--show", "--showformat=${Package} ${Version}", str(archive)).split()
        versions[package] = version
    _merge(partial)
    if not _has_all(partial, software):
        raise _by_hand(software, "the packages of this release have another layout")
    told = {"system": _system(), "wanted": list(software.packages), "versions": versions}
    (partial / VERSIONS).write_text(json.dumps(told, indent=2) + "\n")
    shutil.rmtree(root, ignore_errors=True)
    partial.rename(root)
    return versions


def _merge(root: Path) -> None:
    for name in MERGED:
        apart = root / name
        if apart.is_dir():
            shutil.copytree(apart, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(apart)
        apart.symlink_to(f"usr/{name}")


def _dpkg_deb(*arguments: str) -> str:
    program = shutil.which("dpkg-deb")
    if program is None:
        raise Unavailable("this machine has no dpkg-deb", hint="it is of the Debian package dpkg")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"dpkg-deb {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
