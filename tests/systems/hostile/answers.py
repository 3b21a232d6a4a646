"""Systems that answer what nobody expects, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from officeflow.connectors import tokens
from tests.systems.hostile.between import between
from tests.systems.hostile.walk import Walk, clearly

ACTIVE = frozenset({"active", "accountEnabled", "enabled", "suspended"})
"""What systems call it whether an account can be used."""


def active_as_text(walk: Walk) -> None:
    """It is read for what it says, or is no answer: who is suspended is never told to be active."""
    with between(walk) as on_the_way:
        on_the_way.change_answers(_with_text)
        for active in (True, False):
            if not active:
                walk.stage.by_connector(
                    lambda client, ana: client.set_active(ana, active=False, key="e" * 64)
                )
            found = walk.run("find_account", login=walk.login("ana"))
            if found.status == "success":
                assert found.output["active"] is active
            else:
                clearly(found, "rejected")


def ignored_change(walk: Walk) -> None:
    """It is found out, and not asked for again by itself in the same try."""
    walk.hurry()
    before, node = walk.there(), walk.node()
    with between(walk) as on_the_way:
        on_the_way.ignore_changes()
        ignored = walk.run("suspend_account", node=node, login=walk.login("ana"))
    assert ignored.error is not None, ignored.output
    assert ignored.error.code == "nothing_happened"
    assert walk.there() == before
    again = walk.run("suspend_account", node=node, try_number=2, login=walk.login("ana"))
    assert again.status == "success", again.error
    assert not walk.there().people[walk.login("ana")].active


def repeated_page(walk: Walk) -> None:
    walk.system.add("bea", "1002")
    walk.small_pages()
    with between(walk) as on_the_way:
        on_the_way.repeat_pages()
        said = walk.refused(
            "correlate_account", "rejected", given_name="Nobody", family_name="Known", by_name=True
        )
    assert said


def huge_answer(walk: Walk) -> None:
    """A gigabyte and more is offered, a megabyte is the most that is taken."""
    walk.monkeypatch.setenv("OFFICEFLOW_HTTP_MAX_ANSWER_MIB", "1")
    with between(walk) as on_the_way:
        on_the_way.never_end()
        walk.refused("suspend_account", "rejected", login=walk.login("ana"))


def invalid_utf8(walk: Walk) -> None:
    """In what an account's title is told to be."""
    with between(walk) as on_the_way:
        on_the_way.change_answers(lambda answer: answer.replace(b"Trainee", b"Tr\xffinee"))
        found = walk.run("find_account", login=walk.login("ana"))
        suspended = walk.run("suspend_account", login=walk.login("ana"))
    ana = walk.there().people[walk.login("ana")]
    if found.status == "success":
        assert found.output["account_id"] == walk.stage.ana_id
        assert suspended.status == "success", suspended.error
    else:
        clearly(found, "rejected")
        clearly(suspended, "rejected")
    assert ana.active is (suspended.status != "success")


def token_endpoint_down(walk: Walk) -> None:
    """The run waits, and goes on where it stopped."""
    straight = walk.system.token_connection()
    walk.monkeypatch.setattr(walk.system, "connection", lambda: straight)
    node = walk.node()
    with between(walk) as on_the_way:
        walk.done("update_account", login=walk.login("ana"), title="Engineer")
        tokens._kept.clear()
        before, writes = walk.there(), walk.system.writes()
        on_the_way.close_token_endpoint()
        waiting = walk.run("suspend_account", node=node, login=walk.login("ana"))
        assert (waiting.status, waiting.error and waiting.error.code) == ("retry", "transient"), waiting
        assert (walk.there(), walk.system.writes()) == (before, writes)
        on_the_way.proxy.faults.clear()
        done = walk.run("suspend_account", node=node, try_number=2, login=walk.login("ana"))
    assert done.output["changed"], done.error
    ana = walk.there().people[walk.login("ana")]
    assert replace(ana, active=True) == before.people[walk.login("ana")]
    assert not ana.active


def _with_text(answer: bytes) -> bytes:
    try:
        return json.dumps(_texts(json.loads(answer))).encode()
    except ValueError:
        return answer


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: str(each) if name in ACTIVE and isinstance(each, bool) else _texts(each)
        for name, each in value.items()
    }
