"""A real Keycloak, as `keycloak.lock` pins it, with the realm of `keycloak-realm.json`.

It is fetched and built once (`share/keycloak` of the servers' environment), and keeps all that it is told in
memory.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from officeflow import downloads
from officeflow.layout import Layout
from officeflow.stack.servers import fetch_jars, kafka
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.supervisor import Supervisor
from tests.airflow.embedded import eventually
from tests.counterparts.process import UNENCRYPTED, free_port

LOCK = Path(__file__).with_name("keycloak.lock")
REALM: dict[str, Any] = json.loads(Path(__file__).with_name("keycloak-realm.json").read_text())
CLIENT, SECRET = REALM["clients"][0]["clientId"], "keycloak-client-secret"
ADMIN, PASSWORD = "admin", "keycloak-admin-password"
BUILT_FOR = ("--db=dev-mem", "--cache=local")
JAVA_OPTIONS = {"JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx400m", "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1"}


def program(layout: Layout) -> Path:
    """`kc.sh` of the built server; the first call takes minutes and the network."""
    folder = layout.servers / "share" / "keycloak"
    folder.mkdir(parents=True, exist_ok=True)
    ((coordinate, _),) = fetch_jars.read_lock(LOCK)
    archive = folder / fetch_jars.jar_name(coordinate)
    built = folder / archive.stem
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            _build(layout, archive, built)
    return built / "bin" / "kc.sh"


def _build(layout: Layout, archive: Path, built: Path) -> None:
    fetching = (layout.servers_python, fetch_jars.__file__, LOCK, archive.parent)
    _run(fetching, {**os.environ, **downloads.trust(os.environ)})
    partial = built.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(partial)
    (unpacked,) = partial.iterdir()
    script = unpacked / "bin" / "kc.sh"
    script.chmod(0o755)
    _run([script, "build", *BUILT_FOR], _environment(layout))
    unpacked.rename(built)
    partial.rmdir()
    archive.unlink()


def _run(command: Sequence[Path | str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _environment(layout: Layout) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "JAVA": kafka.java(layout), **JAVA_OPTIONS}


class Keycloak:
    """The running server; `issuer` is its realm's address."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.realm = REALM["realm"]
        self.issuer = f"{self.url}/realms/{self.realm}"
        self._client = httpx.Client(base_url=self.url, trust_env=False, verify=UNENCRYPTED, timeout=60)

    def answers(self) -> bool:
        try:
            return self._client.get("/realms/master", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        self._client.close()

    def make_realm(self) -> None:
        client = {**REALM["clients"][0], "secret": SECRET}
        self.admin("POST", "", json={**REALM, "clients": [client]}, at="/admin/realms")

    def admin(self, method: str, path: str, *, at: str = "", **what: Any) -> httpx.Response:
        """Of the realm, unless another place is told."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": PASSWORD}
        token = self._client.post("/realms/master/protocol/openid-connect/token", data=form).json()
        answer = self._client.request(
            method,
            (at or f"/admin/realms/{self.realm}") + path,
            headers={"Authorization": f"Bearer {token['access_token']}"},
            **what,
        )
        assert answer.is_success, answer.text
        return answer

    def add_user(self, login: str, password: str, groups: list[str], **differs: Any) -> str:
        """The id. `groups` are paths."""
        user = {
            "username": login,
            "email": f"{login}@north.example",
            "emailVerified": True,
            "firstName": "Ola",
            "lastName": "N.",
            "enabled": True,
            "groups": groups,
            "credentials": [{"type": "password", "value": password, "temporary": False}],
        }
        return self.admin("POST", "/users", json={**user, **differs}).headers["Location"].rpartition("/")[2]

    def change_user(self, user_id: str, **differs: Any) -> None:
        told = self.admin("GET", f"/users/{user_id}").json()
        self.admin("PUT", f"/users/{user_id}", json={**told, **differs})

    def set_groups(self, user_id: str, groups: list[str]) -> None:
        for group in self.admin("GET", f"/users/{user_id}/groups").json():
            self.admin("DELETE", f"/users/{user_id}/groups/{group['id']}")
        for path in groups:
            group = self.admin("GET", f"/group-by-path{path}").json()
            self.admin("PUT", f"/users/{user_id}/groups/{group['id']}")

    def change_keys(self) -> None:
        """Sign with a new key, and know the one before no more."""
        kind = "org.keycloak.keys.KeyProvider"
        before = self.admin("GET", "/components", params={"type": kind}).json()
        (old,) = [each for each in before if each["providerId"] == "rsa-generated"]
        new = {"name": "new", "providerId": "rsa-generated", "providerType": kind}
        self.admin("POST", "/components", json={**new, "config": {"priority": ["200"], "keySize": ["2048"]}})
        self.admin("DELETE", f"/components/{old['id']}")


@contextmanager
def running(home: Path) -> Iterator[Keycloak]:
    layout = Layout(home=home, servers=Layout.from_environment().servers)
    layout.prepare()
    port = free_port()
    keycloak, supervisor = Keycloak(port), Supervisor(layout, tied=True)
    service = Service(
        name="keycloak",
        command=(
            str(program(layout)),
            "start",
            "--optimized",
            "--http-enabled=true",
            "--hostname-strict=false",
            "--http-host=127.0.0.1",
            f"--http-port={port}",
        ),
        environment={
            **_environment(layout),
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
        },
        ready=keycloak.answers,
    )
    try:
        supervisor.configure([service])
        supervisor.start(["keycloak"])
        eventually(keycloak.answers, seconds=600)
        keycloak.make_realm()
        yield keycloak
    finally:
        keycloak.close()
        if supervisor.is_running():
            supervisor.shutdown()
