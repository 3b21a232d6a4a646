"""Inbound single sign-on where something is in the way: on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from officeflow.connectors.families.identity import Group, SamlIdentityProvider, Trust
from officeflow.errors import NotUndoable, Rejected
from officeflow.nodes.identity.configure_inbound_sso import ConfigureInboundSso, Result
from officeflow.sdk import Doing, NodeResult, Planned
from tests.connectors.test_google_sso import certificate
from tests.nodes.accounts import Killed, fails
from tests.nodes.paper.directory import Lie, PaperDirectory
from tests.nodes.world import World

pytestmark = pytest.mark.integration

SAML: Mapping[str, Any] = {"entity_id": "https://id.example", "sign_in_url": "https://id.example/in"}
CREATE = {"name": "House", "saml": SAML, "units": ["/staff"]}


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    world.paper.groups = [Group(id=f"g{name}", name=name) for name in ("Sales", "VPN")]
    return world.paper


@pytest.fixture
def house(paper: PaperDirectory) -> Trust:
    made = Trust(
        id="sso1",
        name="House",
        provider=SamlIdentityProvider(**SAML, sign_out_url="https://id.example/out"),
        entity_id="https://paper.example",
        acs_url="https://paper.example/acs",
        certificates=1,
        groups=("Sales",),
    )
    paper.trusts[made.id] = made
    return made


def run(world: World, params: Mapping[str, Any], try_number: int = 1, node: str = "it") -> NodeResult:
    return world.run(
        "identity.configure_inbound_sso", params, connection="paper", try_number=try_number, node=node
    )


def plan(world: World, params: Mapping[str, Any]) -> Sequence[Planned]:
    provider = world.open("paper", "identity", only_looks=True)
    return ConfigureInboundSso().plan(ConfigureInboundSso.parse(params), provider, world.act())


def undo(world: World, params: Mapping[str, Any], done: NodeResult) -> None:
    output = Result.model_validate(done.output)
    provider = world.open("paper", "identity")
    ConfigureInboundSso().undo(ConfigureInboundSso.parse(params), output, provider, world.act())


class TestCreating:
    def test_a_profile_is_created_assigned_and_taken_away_when_undone(
        self, world: World, paper: PaperDirectory
    ) -> None:
        [planned] = plan(world, {**CREATE, "saml": {**SAML, "sign_out_url": ""}})
        assert planned.doing is Doing.CREATE
        assert [(each.field, each.after) for each in planned.fields] == [
            ("entity_id", "https://id.example"),
            ("sign_in_url", "https://id.example/in"),
            ("units", ["/staff"]),
        ]
        done = run(world, {**CREATE, "saml": {**SAML, "certificates": [certificate()]}})
        [made] = paper.trusts.values()
        assert (made.units, made.certificates) == (("/Staff",), 1)
        assert (done.output["created"], done.output["acs_url"]) == (True, made.acs_url)
        undo(world, CREATE, done)
        assert paper.trusts == {}

    def test_one_whose_settings_somebody_has_changed_since_is_left(
        self, world: World, paper: PaperDirectory
    ) -> None:
        done = run(world, CREATE)
        [made] = paper.trusts.values()
        paper.trusts[made.id] = replace(made, groups=("VPN",))
        with pytest.raises(NotUndoable, match="groups"):
            undo(world, CREATE, done)
        assert list(paper.trusts) == [made.id]

    def test_one_that_was_created_before_a_crash_or_an_error_is_its_own(
        self, world: World, paper: PaperDirectory
    ) -> None:
        """The profile is made, and nobody answers when it is to be assigned."""
        paper.meanwhile["apply_trust"] = _die
        with pytest.raises(Killed):
            run(world, CREATE)
        paper.lies["apply_trust"] = Lie.LOSES
        assert run(world, CREATE, try_number=2).status == "retry"
        done = run(world, CREATE, try_number=3)
        assert (done.output["created"], paper.done("trust_provider")) == (True, 1)

    def test_one_that_somebody_made_after_a_refusal_is_not_its_own(
        self, world: World, paper: PaperDirectory, house: Trust
    ) -> None:
        """Also where the next attempt's process ends while it looks: undoing would remove the profile."""
        del paper.trusts[house.id]
        params = {"name": "House", "saml": SAML}
        paper.meanwhile["trust_provider"] = _refuse
        fails(run(world, params), "rejected")
        paper.trusts[house.id] = house
        paper.meanwhile["trusts_named"] = _die
        with pytest.raises(Killed):
            run(world, params, try_number=2)
        assert run(world, params, try_number=3).output["created"] is False

    def test_nothing_is_changed_where_people_sign_in_otherwise_or_are_not_there(
        self, world: World, paper: PaperDirectory, house: Trust
    ) -> None:
        other = {**CREATE, "name": "Other", "groups": ["sales"]}
        assert "sign in otherwise" in fails(run(world, other), "conflict")
        fails(run(world, {**other, "groups": ["None such"]}, node="two"), "not_found")
        fails(run(world, {"name": "Other", "groups": ["VPN"]}, node="three"), "not_found")
        assert list(paper.trusts.values()) == [house]
        assert paper.writes() == []


class TestChanging:
    def test_what_is_left_out_stays_and_an_empty_text_removes(
        self, world: World, paper: PaperDirectory, house: Trust
    ) -> None:
        params = {"name": "HOUSE", "saml": {**SAML, "sign_out_url": ""}, "units": ["/Staff"]}
        done = run(world, params)
        after = paper.trusts[house.id]
        assert (after.provider.sign_out_url, after.units, after.groups) == (None, ("/Staff",), ("Sales",))
        assert done.output["fields"] == ["sign_out_url", "units"]
        undo(world, params, done)
        assert paper.trusts[house.id] == house

    def test_certificates_that_are_there_go_only_where_that_is_said(
        self, world: World, paper: PaperDirectory, house: Trust
    ) -> None:
        certificates = {**SAML, "certificates": [certificate()] * 2}
        two = {"name": "House", "saml": certificates}
        assert run(world, two).output["changed"] is False
        said = {"name": "House", "saml": {**certificates, "replace_certificates": True}}
        [planned] = plan(world, said)
        assert planned.doing is Doing.IRREVERSIBLE
        done = run(world, said, node="two")
        assert (done.output["fields"], paper.trusts[house.id].certificates) == (["certificates"], 2)
        with pytest.raises(NotUndoable, match="keeps the certificates"):
            undo(world, said, done)

    def test_of_several_of_a_name_one_is_chosen_by_its_id(
        self, world: World, paper: PaperDirectory, house: Trust
    ) -> None:
        paper.trusts["sso2"] = replace(house, id="sso2", groups=())
        assert "sso1, sso2" in fails(run(world, {"name": "House", "units": ["/Staff"]}), "conflict")
        run(world, {"profile_id": "sso2", "units": ["/Staff"]}, node="two")
        assert paper.trusts["sso2"].units == ("/Staff",)
        fails(run(world, {"profile_id": "sso2", "name": "Other", "units": []}, node="three"), "not_found")

    @pytest.mark.usefixtures("house")
    def test_a_yes_that_did_nothing_is_no_success(self, world: World, paper: PaperDirectory) -> None:
        paper.lies["apply_trust"] = Lie.IGNORES
        error = run(world, {"name": "House", "units": ["/Staff"]}).error
        assert error is not None
        assert "said yes" in error.message


@pytest.mark.parametrize(
    "params",
    [
        {"saml": SAML},
        {"name": "House"},
        {"name": "House", "saml": {**SAML, "certificates": ["no PEM"]}},
        {"name": "House", "saml": {**SAML, "sign_in_url": "http://id.example/in"}},
    ],
    ids=["no profile", "nothing to do", "no certificate", "no https"],
)
def test_what_cannot_do_is_refused(params: Mapping[str, Any]) -> None:
    assert not ConfigureInboundSso.validate(params).valid


def _die() -> None:
    raise Killed


def _refuse() -> None:
    raise Rejected("not so")
