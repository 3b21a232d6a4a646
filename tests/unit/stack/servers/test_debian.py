"""Debian packages are unpacked whole, once, and told about; nothing of the machine is touched."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import debian

HELLO = debian.Software("hello", ("hello",), ("usr/bin/hello", "usr/lib/hello.so"))
"""Its package has the library below `lib`, as packages did before Debian 12."""

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb on this machine")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(home=tmp_path, servers=tmp_path / "servers")


@pytest.fixture
def fetched(layout: Layout, tmp_path: Path) -> Path:
    """The archive of an earlier fetch of `hello`."""
    package = tmp_path / "package"
    for name in ("usr/bin/hello", "lib/hello.so", "DEBIAN/control"):
        (package / name).parent.mkdir(parents=True)
        (package / name).write_text("hello")
    (package / "DEBIAN").chmod(0o755)  # which dpkg-deb demands, whatever the umask
    fields = ("Package: hello", "Version: 2:1.0-1", "Architecture: all", "Maintainer: A <a@acme.example>")
    (package / "DEBIAN" / "control").write_text("\n".join([*fields, "Description: says hello\n"]))
    cache = debian._cache(layout, HELLO)
    archive = cache / "archives" / "hello_1.0-1_all.deb"
    archive.parent.mkdir(parents=True)
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", package, archive], check=True)
    (cache / "complete.json").write_text(json.dumps({"hello": [archive.name]}))
    return archive


@needs_dpkg
@pytest.mark.usefixtures("fetched")
def test_what_was_fetched_is_unpacked_whole_with_its_versions_and_without_apt(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = debian.unpacked_root(layout, HELLO).with_name(".hello.partial")
    half.mkdir(parents=True)
    (half / "half").write_text("left by a start that was killed")
    told = io.StringIO()
    root = debian.fetch(layout, HELLO, TextProgress(told))
    assert (root / "usr" / "bin" / "hello").read_text() == "hello"
    assert (root / "usr" / "lib" / "hello.so").read_text() == "hello"
    assert not (root / "half").exists()
    assert json.loads((root / "packages.json").read_text())["versions"] == {"hello": "2:1.0-1"}
    assert "✓ Debian packages of hello, 1 packages" in told.getvalue()
    monkeypatch.setenv("PATH", "")
    again = io.StringIO()
    assert debian.fetch(layout, HELLO, TextProgress(again)) == root
    assert not again.getvalue()


@needs_dpkg
@pytest.mark.usefixtures("fetched")
def test_what_was_unpacked_on_another_release_is_unpacked_anew(layout: Layout) -> None:
    root = debian.fetch(layout, HELLO, TextProgress(io.StringIO()))
    versions = root / "packages.json"
    versions.write_text(json.dumps({**json.loads(versions.read_text()), "system": "debian-1-vax"}))
    (root / "usr" / "bin" / "hello").write_text("another one")
    debian.fetch(layout, HELLO, TextProgress(io.StringIO()))
    assert (root / "usr" / "bin" / "hello").read_text() == "hello"


@needs_dpkg
def test_packages_without_the_files_that_are_needed_are_no_software(layout: Layout, fetched: Path) -> None:
    wrong = debian.Software("hello", ("hello",), ("usr/bin/good-bye",))
    with pytest.raises(Unavailable, match="another layout"):
        debian.fetch(layout, wrong, TextProgress(io.StringIO()))
    assert not debian.unpacked_root(layout, wrong).exists()


def test_without_apt_it_is_said_what_to_install_by_hand(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="this machine has no apt") as raised:
        debian.fetch(layout, HELLO, TextProgress(io.StringIO()))
    assert raised.value.hint == "on Debian or Ubuntu, install it by hand: apt-get install hello"


def test_without_apt_what_is_installed_is_used_if_it_has_what_is_needed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    shell = debian.Software("shell", ("dash",), ("bin/sh",))
    assert debian.fetch(layout, shell, TextProgress(io.StringIO())) == Path("/")


def test_what_apt_says_when_it_fails_is_passed_on(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("apt-get", "dpkg-deb"):
        (programs / name).write_text(
            "#!/bin/sh\necho 'E: Temporary failure in name resolution' >&2; exit 100\n"
        )
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.defpath}")
    with pytest.raises(Unavailable, match=r"apt-get update failed:\nE: Temporary failure") as raised:
        debian.fetch(layout, HELLO, TextProgress(io.StringIO()))
    assert raised.value.hint.startswith("is there a network?")
    assert raised.value.hint.endswith("apt-get install hello")
