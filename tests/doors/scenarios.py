"""The workflows: each is a function of the file that its nodes leave evidence in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from tests.doors.stage import CELERY, HANDED, VARIANTS, Scenario

HEARTBEAT_TIMEOUT = 45
"""Seconds without a heartbeat after which this Airflow gives a task up."""

NO_RETRY = {"maxRetries": 0}
ONE_RETRY = {"maxRetries": 1, "backoffMs": 10}
SEVERAL_RETRIES = {"maxRetries": 5, "backoffMs": 10}
RETRY_AFTER = 6.0
CRASHES = ("segfault", "kill", "exit")
LONG_MS = 1_800_000


def node(key: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, **fields}


def record(key: str, action: str = "did") -> dict[str, Any]:
    return node(key, "audit.record", params={"action": action, "subject": "employee:E-1"})


def sleep(
    key: str, file: str, seconds: float, times: int = 1_000_000, until: str = "", **fields: Any
) -> dict[str, Any]:
    params = {"file": file, "seconds": seconds, "times": times, "until": until}
    return node(key, "trial.sleep", params=params, **fields)


def plain(file: str) -> Scenario:
    """A call of a customer's system, and a way that is taken and one that is not."""
    return Scenario(
        nodes=[
            node("find", "identity.find_account", connection="directory", params={"external_id": "nobody"}),
            node("tell", "trial.tell_secret", connection="directory"),
            record("taken"),
            record("not_taken"),
        ],
        edges=[
            {"from": "find", "to": "taken", "condition": "!nodes.find.output.found"},
            {"from": "find", "to": "not_taken", "condition": "nodes.find.output.found"},
        ],
    )


def long(file: str) -> Scenario:
    return Scenario(nodes=[sleep("long", file, HEARTBEAT_TIMEOUT + 10)])


def endless(file: str) -> Scenario:
    """The first attempt takes until somebody stops it."""
    return Scenario(nodes=[sleep("long", file, 1_500, times=1, timeoutMs=LONG_MS, retryPolicy=NO_RETRY)])


def slow(file: str) -> Scenario:
    return Scenario(
        nodes=[
            sleep("once", file, 1_500, times=1, timeoutMs=8_000, retryPolicy=ONE_RETRY),
            sleep("always", file, 1_500, timeoutMs=8_000, retryPolicy=NO_RETRY),
        ]
    )


def busy(file: str) -> Scenario:
    return Scenario(
        nodes=[node("busy", "trial.busy", params={"file": file, "times": 1, "retry_after": RETRY_AFTER})]
    )


def limited(file: str) -> Scenario:
    """Two systems that ask to wait for a day."""
    params = {"times": 1, "retry_after": 86_400.0}
    return Scenario(
        nodes=[
            node(key, "trial.busy", params={"file": f"{file}-{key}", **params}) for key in ("now", "never")
        ]
    )


def waiting(file: str) -> Scenario:
    return Scenario(
        nodes=[node("wait", "flow.delay", params={"duration": "PT4S"}), record("after")],
        edges=[{"from": "wait", "to": "after"}],
    )


def asking(file: str) -> Scenario:
    """Two questions to people, a form and a task; what follows the first reads all that was answered."""
    told = "${{ nodes.yes.output.by + string(nodes.fill.output.answers.desk) + nodes.do.output.note }}"
    form = {"properties": {"desk": {"type": "integer", "minimum": 1}}, "required": ["desk"]}
    return Scenario(
        nodes=[
            *(
                node(key, "human.approval", params={"subject": f"May it be {key}?"}, retryPolicy=NO_RETRY)
                for key in ("yes", "no")
            ),
            node("fill", "human.form", params={"subject": "Which desk?", "form": form}),
            node("do", "human.task", params={"subject": "Hand out the key", "note": "required"}),
            node("after", "audit.record", params={"action": "answered", "subject": told}, join="all"),
            record("never"),
        ],
        edges=[
            *({"from": key, "to": "after"} for key in ("yes", "fill", "do")),
            {"from": "no", "to": "never"},
        ],
    )


def crashing(file: str) -> Scenario:
    """Nodes whose process dies at the first attempt, beside some that work meanwhile."""
    crashes = [
        node(how, "trial.crash", params={"file": file, "times": 1, "how": how}, retryPolicy=ONE_RETRY)
        for how in CRASHES
    ]
    return Scenario(nodes=[*crashes, *(sleep(f"neighbour_{n}", file, 4) for n in range(2))])


def messy(file: str) -> Scenario:
    return Scenario(nodes=[node(f"mess_{n}", "trial.mess") for n in range(6)])


def outputs(file: str) -> Scenario:
    kinds = ("not_json", "too_large")
    return Scenario(
        nodes=[node(kind, "trial.output", params={"kind": kind}, retryPolicy=NO_RETRY) for kind in kinds]
    )


def pinned(file: str, action: str = "old") -> Scenario:
    return Scenario(
        nodes=[node("wait", "flow.delay", params={"duration": "PT25S"}), record("after", action)],
        edges=[{"from": "wait", "to": "after"}],
    )


def pinned_anew(file: str) -> Scenario:
    """What is published while a run of `pinned` is under way."""
    return pinned(file, "new")


def unknown(file: str) -> Scenario:
    return Scenario(nodes=[node("faded", "fading.act", retryPolicy=NO_RETRY)])


def one_act(file: str) -> Scenario:
    """For tests that start it themselves."""
    return Scenario(nodes=[{**record("act"), "retryPolicy": NO_RETRY}], starts=False)


def everywhere(file: str) -> Scenario:
    """What is done through each door on each executor."""
    return replace(one_act(file), starts=True, variants=VARIANTS)


def simple(file: str) -> Scenario:
    """For tests that start it themselves while no worker takes it."""
    return replace(one_act(file), variants=CELERY)


def connected(file: str) -> Scenario:
    """A node that needs a connection of its own, and has one try."""
    find = node(
        "find",
        "identity.find_account",
        connection="fickle",
        params={"external_id": "nobody"},
        retryPolicy=NO_RETRY,
    )
    return Scenario(nodes=[find], starts=False)


def refused(file: str) -> Scenario:
    """A node whose parameters cannot be computed."""
    params = {"action": "did", "subject": "${{ event.payload.nothing_of_the_kind }}"}
    return Scenario(nodes=[node("note", "audit.record", params=params, retryPolicy=NO_RETRY)])


def outage(file: str) -> Scenario:
    """A node that runs, and some that wait for it, while something else happens."""
    nodes = [sleep("long", file, 12, retryPolicy=NO_RETRY), *(record(key) for key in "abc")]
    return Scenario(
        nodes=nodes, edges=[{"from": "long", "to": key} for key in "abc"], starts=False, variants=CELERY
    )


def orphaned(file: str) -> Scenario:
    """A node whose worker will be killed in its first attempt."""
    return Scenario(
        nodes=[sleep("long", file, 1_500, times=1, timeoutMs=LONG_MS, retryPolicy=ONE_RETRY)],
        starts=False,
        variants=CELERY,
    )


def cut(file: str) -> Scenario:
    """A node that acts until a file comes that is named `end` behind its own, and some that follow it."""
    first = sleep(
        "long", file, 1_500, times=1, until=f"{file}-end", timeoutMs=LONG_MS, retryPolicy=SEVERAL_RETRIES
    )
    return Scenario(
        nodes=[first, *(record(key) for key in "abc")],
        edges=[{"from": "long", "to": key} for key in "abc"],
        starts=False,
        variants=VARIANTS,
    )


def chain(file: str) -> Scenario:
    """Quick nodes in a row."""
    keys = ("one", "two", "three", "four")
    return Scenario(
        nodes=[sleep(key, file, 0, times=0) for key in keys],
        edges=[{"from": one, "to": other} for one, other in pairwise(keys)],
        starts=False,
        variants=HANDED,
    )


def traced(file: str) -> Scenario:
    """A call of a customer's system."""
    call = node("find", "identity.find_account", connection="directory", params={"external_id": "nobody"})
    return Scenario(nodes=[call], starts=False, variants=HANDED)


def stopping(file: str) -> Scenario:
    """A node that runs while its worker is told to stop."""
    return Scenario(nodes=[sleep("long", file, 8, retryPolicy=NO_RETRY)], starts=False, variants=CELERY)


def looped(file: str, items: str = "[3, 2, 1]", at_once: int = 2) -> Scenario:
    """A round for each item; one for 0 fails."""
    return Scenario(
        nodes=[
            node("all", "flow.for_each", params={"items": f"${{{{ {items} }}}}", "at_once": at_once}),
            node(
                "part",
                "flow.set",
                each="all",
                params={"values": {"n": "${{ 12 / item }}"}},
                retryPolicy=NO_RETRY,
            ),
            node("odd", "flow.set", each="all", params={"values": {"round": "${{ item_index }}"}}),
            node("even", "flow.set", each="all", params={"values": {"round": "${{ item_index }}"}}),
            node("both", "flow.join", each="all"),
            node("sum", "flow.set", params={"values": {"n": "${{ nodes.part.output.map(r, r.n) }}"}}),
            record("nothing"),
        ],
        edges=[
            {"from": "all", "to": "part"},
            {"from": "part", "to": "odd", "condition": "item % 2 == 1"},
            {"from": "part", "to": "even", "default": True},
            {"from": "odd", "to": "both"},
            {"from": "even", "to": "both"},
            {"from": "all", "to": "sum", "condition": "nodes.all.output.count > 0"},
            {"from": "all", "to": "nothing", "default": True},
        ],
    )


def looped_failing(file: str) -> Scenario:
    return looped(file, "[3, 0, 1]")


def looped_not_at_all(file: str) -> Scenario:
    return looped(file, "[]")


def looped_long(file: str) -> Scenario:
    """One node a round."""
    return Scenario(
        nodes=[
            node("all", "flow.for_each", params={"items": "${{ event.payload.equipment }}", "at_once": 50}),
            node("part", "flow.set", each="all", params={"values": {"n": "${{ item }}"}}),
            node("sum", "flow.set", params={"values": {"n": "${{ size(nodes.part.output) }}"}}),
        ],
        edges=[{"from": "all", "to": "part"}, {"from": "all", "to": "sum"}],
        starts=False,
    )


SCENARIOS: Mapping[str, Callable[[str], Scenario]] = {
    "long": long,
    "marked": endless,
    "cleared": endless,
    "pinned": pinned,
    "slow": slow,
    "crashing": crashing,
    "busy": busy,
    "waiting": waiting,
    "limited": limited,
    "asking": asking,
    "plain": plain,
    "everywhere": everywhere,
    "messy": messy,
    "outputs": outputs,
    "unknown": unknown,
    "changed": one_act,
    "lost": one_act,
    "homeless": one_act,
    "outage": outage,
    "orphaned": orphaned,
    "stopping": stopping,
    "abandoned": cut,
    "cut": cut,
    "chain": chain,
    "traced": traced,
    "simple": simple,
    "connected": connected,
    "unlogged": one_act,
    "refused": refused,
    "looped": looped,
    "looped-failing": looped_failing,
    "looped-not-at-all": looped_not_at_all,
    "looped-long": looped_long,
}
"""In the order in which they start: those that take longest first."""
