"""How people get in, and what they leave behind: on paper."""

from __future__ import annotations

from collections.abc import Mapping

from officeflow.connectors.families.identity import Factor, Session
from tests.nodes.case import Case, Params
from tests.nodes.cases.identity.lives import ana_is, done, on_paper
from tests.nodes.world import World


def signed_in(world: World) -> Params:
    params = on_paper()(world)
    world.paper.sessions[params["account_id"]] += [
        Session(id="s1", kind="session", name="a browser"),
        Session(id="s2", kind="token", name="the mail client"),
    ]
    return params


def enrolled(world: World) -> Params:
    params = on_paper()(world)
    world.paper.factors[params["account_id"]].append(Factor(id="f1", kind="totp", name="telephone"))
    return params


def is_back(world: World) -> Params:
    """Somebody whose account is there still."""
    on_paper()(world)
    return {}


def deleted(world: World) -> Params:
    params = on_paper()(world)
    world.paper.remove(params["account_id"])
    return {"external_id": "1001"}


CASES: Mapping[str, Case] = {
    "unlock_account": Case(
        params={}, wrong={}, connection="paper", arrange=on_paper(locked=True), effects=done("unlock_account")
    ),
    "set_expiry": Case(
        params={"expires_at": "2027-01-01T00:00:00Z"},
        wrong={"login": "ana@acme.example"},
        connection="paper",
        arrange=on_paper(),
        effects=done("set_expiry"),
        is_undone={"undo": ana_is(lambda ana: ana.expires_at is None)},
    ),
    "add_alias": Case(
        params={"alias": "ana.lopez@acme.example"},
        wrong={"login": "ana@acme.example", "alias": "ana"},
        connection="paper",
        arrange=on_paper(),
        effects=done("add_alias"),
        is_undone={"undo": ana_is(lambda ana: ana.aliases == ())},
    ),
    "remove_alias": Case(
        params={"alias": "Ana.Lopez@acme.example"},
        wrong={"login": "ana@acme.example", "alias": "ana"},
        connection="paper",
        arrange=on_paper(aliases=("ana.lopez@acme.example",)),
        effects=done("remove_alias"),
        is_undone={"undo": ana_is(lambda ana: len(ana.aliases) == 1)},
    ),
    "restore_account": Case(
        params={},
        wrong={},
        connection="paper",
        arrange=deleted,
        effects=done("restore_account"),
        is_undone={
            "delete": lambda world: len(world.paper.accounts) <= 1,
            "suspend": ana_is(lambda ana: not ana.active),
        },
    ),
    "correlate_account": Case(
        params={"external_id": "1001", "email": "ana@acme.example"},
        wrong={"given_name": "Ana"},
        connection="paper",
        arrange=is_back,
        changes=False,
    ),
    "find_changes": Case(params={}, wrong={"cursor": ""}, connection="paper", changes=False),
    "reset_password": Case(
        params={},
        wrong={},
        connection="paper",
        arrange=on_paper(),
        effects=lambda world: len(world.paper.passwords),
    ),
    "give_temporary_access": Case(
        params={"minutes": 30},
        wrong={"login": "ana@acme.example", "minutes": 0},
        connection="paper",
        arrange=on_paper(),
        effects=lambda world: len(world.paper.access),
    ),
    "end_sessions": Case(
        params={}, wrong={}, connection="paper", arrange=signed_in, effects=done("end_sessions")
    ),
    "reset_factors": Case(
        params={}, wrong={}, connection="paper", arrange=enrolled, effects=done("reset_factors")
    ),
    "transfer_ownership": Case(
        params={"to": {"external_id": "1000"}, "what": ["drive"]},
        wrong={"login": "ana@acme.example", "to": {}},
        connection="paper",
        arrange=on_paper(),
        effects=done("begin_transfer"),
    ),
}
