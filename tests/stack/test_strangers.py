"""What another user of this machine gets to see of a stack: its doors, closed."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from officeflow.doctor import machine, processes
from officeflow.doctor.finding import Outcome, Subject
from officeflow.errors import Unavailable
from officeflow.layout import Layout, read_json
from officeflow.runtime import holders
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import counterparts, kafka
from officeflow.stack.stack import Stack
from officeflow.stack.supervision import control
from officeflow.stack.supervision.supervisor import Supervisor
from officeflow.stack.up import start_stack
from tests.strangers import answer, impostor, open_to_others, seen_by_another_user

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
            f"{counterparts.url(stack, 'scim')}/Users",
            f"{counterparts.url(stack, 'inbox')}/messages/",
            counterparts.url(stack, "caldav"),
        ):
            assert client.get(address).status_code == 401, address
            assert client.get(address, auth=("people", "wrong")).status_code == 401, address
    with smtplib.SMTP("127.0.0.1", stack.ports["smtp"]) as smtp:
        smtp.ehlo()
        assert smtp.mail("a@acme.example")[0] == 530
    assert answer(stack.ports["valkey"], b"PING\r\n").startswith(b"-NOAUTH")


def test_kafka_is_told_no_password_that_another_broker_could_hear(stack: Stack) -> None:
    """The logins of people and of ours take the server's proof (SCRAM); the broker does not even know their
    passwords.
    """
    for access in (stack.kafka, stack.hr_kafka):
        assert access.sasl_mechanism == "SCRAM-SHA-512"
        assert kafka.answers(access)
        assert not kafka.answers(dataclasses.replace(access, sasl_mechanism="PLAIN"))
    configuration = (stack.layout.run / "kafka.properties").read_text()
    assert stack.kafka.password not in configuration
    assert stack.hr_kafka.password not in configuration


def test_a_folder_for_the_control_socket_that_somebody_else_made_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    layout = Layout(home=tmp_path / ("x" * 90), servers=tmp_path)
    layout.socket.parent.mkdir()
    shutil.chown(layout.socket.parent, "nobody")
    with pytest.raises(Unavailable, match="belongs to another user"):
        layout.prepare()


def test_a_port_that_a_stranger_took_is_named_and_changed_at_the_next_start(
    stack: Stack, tmp_path: Path
) -> None:
    """Also where the stranger answers as the server would, and the stack runs.

    The last test here: the stack has other ports then.
    """
    Supervisor(stack.layout).stop(["scim", "inbox"])
    taken, inbox = stack.ports["scim"], stack.ports["inbox"]
    with impostor(taken, tmp_path) as stranger, impostor(inbox, tmp_path):
        who = f"(pid {stranger.pid}, user "
        subject = Subject(
            layout=stack.layout, environ={}, settings=None, state=read_json(stack.layout.state_file)
        )
        found = [each for each in processes.ports(subject) if who in each.says]
        assert [(each.outcome, f"port {taken} of scim is held by" in each.says) for each in found] == [
            (Outcome.PROBLEM, True)
        ]
        seen = control.status(stack.layout)
        assert not seen.healthy
        assert [
            who in held
            for service in seen.services
            if service.name == "scim"
            for held in service.strangers.values()
        ] == [True]

        told = io.StringIO()
        again = start_stack(stack.layout, progress=TextProgress(told), parts=PARTS, tied=True)
        moved = {name for name, port in again.ports.items() if port != stack.ports[name]}
        assert moved == {"scim", "inbox"}
        assert f"scim {again.ports['scim']} instead of {taken}, which " in told.getvalue()
        assert who in told.getvalue()
        assert httpx.get(f"{counterparts.url(again, 'scim')}/Users", trust_env=False).status_code == 401
        assert stranger.heard() == b""
    assert holders.left_ports(stack.layout) == {taken: "scim", inbox: "inbox"}
    assert [each.outcome for each in processes.ports(subject)] == [Outcome.OK]
