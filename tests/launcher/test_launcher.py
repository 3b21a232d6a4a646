"""`./officeflow` makes its environments: in a checkout in miniature, with real packages from the real
index.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from officeflow.cli.nodes import node
from officeflow.errors import Unavailable
from officeflow.installing import steps
from officeflow.layout import ROOT

pytestmark = pytest.mark.integration

PACKAGES = ("hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers", "click")
NO_NETWORK: dict[str, Any] = {"UV_OFFLINE": "1"}
INSTALLING = "src/officeflow/installing"


def pinned(names: tuple[str, ...]) -> str:
    """The lines of `requirements.txt`, hashes too, of these packages alone."""
    blocks = re.findall(r"^[a-z].*(?:\n    .*)*", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    return "\n".join(block for block in blocks if block.split("==")[0] in names) + "\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("officeflow", "requirements-installer.txt", "README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "requirements.txt").write_text(pinned(PACKAGES))
    (folder / "requirements-servers.txt").write_text(pinned(("click",)))
    for package in ("src/officeflow/cli", "dag_factory", "listeners"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "src" / "officeflow" / "__init__.py").touch()
    shutil.copytree(ROOT / INSTALLING, folder / INSTALLING, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("downloads.py", "program.py", "cli/commands.py"):
        shutil.copy(ROOT / "src" / "officeflow" / name, folder / "src" / "officeflow" / name)
    (folder / "src" / "officeflow" / "cli" / "main.py").write_text(
        "import os, sys, click\nprint(sys.argv[1:], os.getcwd())\n"
    )
    return folder


def call(
    checkout: Path, *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("OFFICEFLOW_", "COV"))
    }
    command = [sys.executable, str(checkout / "officeflow"), *arguments]
    return subprocess.run(
        command, cwd=cwd, env={**variables, **environment}, capture_output=True, text=True, check=False
    )


def test_without_a_network_the_first_start_says_so(checkout: Path, tmp_path: Path) -> None:
    nowhere: dict[str, Any] = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_FIND_LINKS": "",
    }
    done = call(checkout, "up", OFFICEFLOW_HOME=str(tmp_path), **nowhere)
    assert done.returncode == 1
    assert "is there a network?" in done.stderr
    assert "HTTPS_PROXY" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "installer" / ".complete").exists()


def test_the_first_start_installs_and_later_ones_need_no_network(checkout: Path, tmp_path: Path) -> None:
    first = call(checkout, "up", "--no-demo")
    assert first.returncode == 0, first.stderr
    assert "✓ Packages of env" in first.stderr
    assert "✓ Packages of servers" in first.stderr
    second = call(checkout, "up", "--json", cwd=tmp_path, **NO_NETWORK)
    assert second.stdout == f"['up', '--json'] {tmp_path}\n"
    assert second.stderr == ""


@pytest.mark.crash
def test_an_installation_that_was_killed_is_made_again(checkout: Path) -> None:
    home = checkout / ".officeflow"
    call(checkout, "up")
    (home / "env" / ".complete").unlink()
    shutil.rmtree(next((home / "env" / "lib").glob("python*/site-packages/click")))
    victim = subprocess.Popen(
        [sys.executable, checkout / "officeflow", "up"], stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(0.5)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    again = call(checkout, "up", **NO_NETWORK)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("['up']")


def test_changed_requirements_are_installed_at_the_next_call(checkout: Path) -> None:
    call(checkout, "up")
    (checkout / "requirements.txt").write_text(pinned((*PACKAGES, "structlog")))
    done = call(checkout, "workflow", "list")
    assert "brought up to date" in done.stderr
    assert list((checkout / ".officeflow" / "env" / "lib").glob("python*/site-packages/structlog"))


def test_what_the_user_installed_survives_updates_and_what_we_need_no_more_goes(checkout: Path) -> None:
    """As `./officeflow test` and a newer release change what is wanted."""
    call(checkout, "up")
    environment = checkout / ".officeflow" / "env"
    uv = checkout / ".officeflow" / "installer" / "bin" / "uv"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python", "iniconfig"], check=True
    )
    packages = next((environment / "lib").glob("python*/site-packages"))
    assert (packages / "iniconfig").is_dir()
    (checkout / "requirements.txt").write_text(pinned((*PACKAGES, "markupsafe")))
    assert "brought up to date" in call(checkout, "workflow", "list").stderr
    assert (packages / "markupsafe").is_dir()
    assert (packages / "iniconfig").is_dir()
    (checkout / "requirements.txt").write_text(pinned(PACKAGES))
    assert call(checkout, "workflow", "list").returncode == 0
    assert not (packages / "markupsafe").exists()
    assert (packages / "iniconfig").is_dir()


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_an_index_whose_certificate_nobody_knows_is_told_with_the_variable_that_trusts_it(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """As where a company's proxy opens TLS.

    With the variable, both installers get as far as the index's answer.
    """
    call(checkout, "up")
    there = checkout / ".officeflow" / "installer" / "bin"
    with an_index_with_a_certificate_of_its_own(tmp_path) as (address, certificate):
        others = dict.fromkeys(
            ("REQUESTS_CA_BUNDLE", "PIP_CERT", "SSL_CERT_FILE", "PIP_FIND_LINKS", "UV_FIND_LINKS"), ""
        )
        mine = {
            **others,
            "PIP_RETRIES": "0",
            "PIP_CONFIG_FILE": "/dev/null",
            "NO_PROXY": "localhost",
            "UV_CACHE_DIR": str(tmp_path),
        }
        for name, value in mine.items():
            monkeypatch.setenv(name, value)
        command = {"pip": [str(there / "python"), "-m", "pip"], "uv": [str(there / "uv"), "pip"]}[program]
        install = [
            *command,
            "install",
            "--index-url",
            address,
            "--target",
            str(tmp_path / "packages"),
            "click",
        ]
        with pytest.raises(
            steps.Failure,
            match=r"certificate is not trusted here(.|\n)*set SSL_CERT_FILE to the file with your",
        ):
            steps.run(install)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(steps.Failure) as answered:
            steps.run(install)
        assert "is not trusted" not in str(answered.value)
        assert "click" in str(answered.value)


@contextlib.contextmanager
def an_index_with_a_certificate_of_its_own(folder: Path) -> Iterator[tuple[str, Path]]:
    """An index that has no package; its address, and the file with its certificate."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = (
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    )
    made = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-keyout",
        key,
        "-out",
        certificate,
        *names,
    )
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    (folder / "empty").mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder / "empty"))
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_port}/simple", certificate
        server.shutdown()


def test_a_package_with_another_hash_is_refused(checkout: Path) -> None:
    call(checkout, "up")
    (checkout / "requirements.txt").write_text(
        re.sub(r"sha256:\w{8}", "sha256:00000000", pinned((*PACKAGES, "jinja2", "markupsafe")))
    )
    done = call(checkout, "up")
    assert done.returncode == 1
    assert "hash" in done.stderr.lower()
    (checkout / "requirements.txt").write_text(pinned(PACKAGES))
    assert call(checkout, "up").returncode == 0
    assert "requirements.txt" in json.loads((checkout / ".officeflow" / "env" / ".complete").read_text())


def test_a_package_of_ones_own_that_does_not_go_with_ours_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_HOME", str(tmp_path / "home"))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "acme-nodes"\nversion = "1"\ndependencies = ["click==7.0"]\n'
    )
    (tmp_path / "acme_nodes").mkdir()
    done = CliRunner().invoke(node, ["install", str(tmp_path)])
    assert isinstance(done.exception, Unavailable)
    assert "click==7.0" in done.exception.message
    assert not list((tmp_path / "home" / "packages").glob("*click*"))
