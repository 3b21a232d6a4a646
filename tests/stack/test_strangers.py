"""What another user of this machine gets to see of a stack: its doors, closed."""

from __future__ import annotations

import os
import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from officeflow.doctor import machine
from officeflow.doctor.finding import Outcome, Subject
from officeflow.errors import Unavailable
from officeflow.stack import counterparts
from officeflow.stack.layout import Layout
from officeflow.stack.progress import TextProgress
from officeflow.stack.stack import Stack
from officeflow.stack.supervision import Supervisor
from officeflow.stack.up import start_stack
from tests.strangers import answer, open_to_others, seen_by_another_user

pytestmark = pytest.mark.integration

PARTS = frozenset({"postgres", "valkey", "kafka", "counterparts"})


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    home = Path(tempfile.mkdtemp(prefix="officeflow-strangers-"))
    layout = Layout(home=home, servers=Layout.from_environment().servers)
    for name in ("kafka", "scim"):  # as an earlier release left them
        (layout.data / name).mkdir(parents=True)
        (layout.data / name).chmod(0o755)
        (layout.data / name / "old.sqlite").write_text("names")
    layout.data.chmod(0o755)
    yield start_stack(layout, progress=TextProgress(), parts=PARTS, tied=True)
    Supervisor(layout).shutdown()
    shutil.rmtree(home)


def test_no_file_of_the_home_is_readable_by_another_user(stack: Stack) -> None:
    behind_closed_folders = {stack.layout.data / name / "old.sqlite" for name in ("kafka", "scim")}
    if os.geteuid() == 0:
        assert seen_by_another_user(stack.layout.home) == set()
        assert open_to_others(stack.layout.home) <= {stack.layout.data, *behind_closed_folders}
    else:
        assert open_to_others(stack.layout.home) <= behind_closed_folders


def test_the_doctor_sees_what_is_open_to_others(stack: Stack) -> None:
    subject = Subject(layout=stack.layout, environ={}, settings=None, state={})
    assert [finding.outcome for finding in machine.access(subject)] == [Outcome.OK]
    if os.geteuid() != 0:
        stack.layout.home.chmod(0o711)
        stack.layout.data.chmod(0o711)
    journals = stack.layout.data / "scim"
    journals.chmod(0o755)
    try:
        (found,) = machine.access(subject)
        assert (found.outcome, found.do) == (Outcome.PROBLEM, f"chmod -R go= {journals}")
    finally:
        journals.chmod(0o700)


def test_no_secret_is_on_a_command_line(stack: Stack) -> None:
    secrets = [str(value).encode() for value in stack.secrets.all().values()]
    assert len(secrets) > 8
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert any(b"supervisord" in line for line in lines)
    assert not [line for line in lines if any(secret in line for secret in secrets)]


def test_the_demonstrations_servers_and_valkey_answer_nobody_without_a_password(stack: Stack) -> None:
    with httpx.Client(trust_env=False) as client:
        for address in (
            f"{counterparts.scim_url(stack)}/Users",
            f"{counterparts.inbox_url(stack)}/messages/",
            counterparts.calendar_url(stack),
        ):
            assert client.get(address).status_code == 401, address
            assert client.get(address, auth=("people", "wrong")).status_code == 401, address
    with smtplib.SMTP("127.0.0.1", stack.ports["smtp"]) as smtp:
        smtp.ehlo()
        assert smtp.mail("a@acme.example")[0] == 530
    assert answer(stack.ports["valkey"], b"PING\r\n").startswith(b"-NOAUTH")


def test_a_folder_for_the_control_socket_that_somebody_else_made_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    layout = Layout(home=tmp_path / ("x" * 90), servers=tmp_path)
    layout.socket.parent.mkdir()
    shutil.chown(layout.socket.parent, "nobody")
    with pytest.raises(Unavailable, match="belongs to another user"):
        layout.prepare()
