"""Systems that do not answer, and those that cannot run here."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from officeflow.demo.identity import starting
from officeflow.demo.identity.reading import accounts
from officeflow.demo.identity.systems import SYSTEMS, System
from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack import ports
from officeflow.stack.counterparts import discover
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import counterparts, debian
from officeflow.stack.stack import Stack


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(home=tmp_path, servers=Layout.from_environment().servers)
    made.prepare()
    return made


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda each: each.key)
def test_a_system_that_does_not_answer_is_named_with_where_its_log_is(system: System, layout: Layout) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        names = ports.defaults(each.counterpart for each in SYSTEMS)
        stack = Stack(layout, dict.fromkeys(names, nobody.getsockname()[1]))
        with pytest.raises(Unavailable, match=f"{system.title} could not be asked") as raised:
            accounts(stack, system, "E1003")
    assert f"logs {system.counterpart}" in (raised.value.hint or "")


def test_a_counterpart_says_itself_why_it_cannot_run(layout: Layout) -> None:
    okta = discover()["okta"]
    assert counterparts.refusal(layout, okta) == ""
    refusing = okta.model_copy(update={"check": "__main__"})  # which wants a port
    assert "--port" in counterparts.refusal(layout, refusing)


@pytest.mark.parametrize("has_packages", [True, False])
def test_a_domain_controller_that_may_not_be_is_left_out_with_the_reason(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, *, has_packages: bool
) -> None:
    def fetch(*_: object) -> Path:
        if not has_packages:
            raise Unavailable("this machine has no apt", hint="install samba-ad-dc")
        return Path("/")

    monkeypatch.setattr(debian, "fetch", fetch)
    monkeypatch.setattr(counterparts, "refusal", lambda *_: "unshare failed: Operation not permitted")
    reason = (
        "unshare failed: Operation not permitted"
        if has_packages
        else "this machine has no apt (install samba-ad-dc)"
    )
    assert starting._left_out(layout, TextProgress()) == {"Active Directory": reason}
