"""`identity.configure_inbound_sso`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import SamlIdentityProvider, Trust, TrustsProviders
from officeflow.errors import NotFound, NothingHappened
from officeflow.nodes.identity._before import begin_anew
from officeflow.nodes.identity._inbound_sso import (
    CERTIFICATES,
    SETTINGS,
    TARGETS,
    SamlProvider,
    State,
    different,
    state_of,
)
from officeflow.nodes.identity._inbound_sso_undo import behind_a_write, put_back, take_away
from officeflow.nodes.identity._named import meant
from officeflow.nodes.identity._sso import Name
from officeflow.sdk import (
    UNSETTLED,
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    changes,
    creates,
    irreversible,
)

BEFORE = UNSETTLED
"""In the act's progress: the profile's id and state before the act; no id where there was none."""
MOST = 500


class Params(NodeParams):
    """Which SSO profile, what it says of the identity provider, and whose people sign in by it."""

    name: Name | None = Field(
        None,
        description="What the SSO profile is called. One that there is not is created.",
        examples=["Acme sign-on"],
    )
    profile_id: Name | None = Field(
        None, description="The system's own id, where several have the name. It is never created then."
    )
    saml: SamlProvider | None = Field(
        None,
        description="The identity provider; left out: as the profile has it.",
        examples=[
            {
                "entity_id": "https://id.acme.example/saml",
                "sign_in_url": "https://id.acme.example/saml/sso",
            }
        ],
    )
    units: list[Name] | None = Field(
        None,
        description=(
            "Paths of the organizational units whose people sign in by it, these and no other; left out: as"
            " it is."
        ),
        examples=[["/Staff"]],
        max_length=MOST,
    )
    groups: list[Name] | None = Field(
        None,
        description="Names of the groups whose members do, these and no other; left out: as it is.",
        max_length=MOST,
    )

    @model_validator(mode="after")
    def _is_one_profile_and_something_to_do(self) -> Params:
        if self.name is None and self.profile_id is None:
            raise ValueError("name or profile_id is needed")
        if self.saml is None and self.units is None and self.groups is None:
            raise ValueError("saml, units or groups is needed")
        return self


class Result(NodeOutput):
    """The SSO profile as the system has it."""

    profile_id: str = Field(description="The system's own id.")
    name: str = Field(description="What it is called.")
    created: bool = Field(description="True where this node created it.")
    fields: list[str] = Field(description="Names of what is different now.")
    before: dict[str, Any] | None = Field(description="Its settings before; null where it is new.")
    after: dict[str, Any] = Field(
        description="Its settings now; of certificates how many there are, of units and groups whose people"
        " sign in by it."
    )
    entity_id: str = Field(description="The system's own entity id: what the identity provider is told.")
    acs_url: str = Field(description="Where the system takes assertions.")


class ConfigureInboundSso(Node[Params, TrustsProviders, Result]):
    """Have people sign in to the system by an identity provider elsewhere: create an SSO profile, or change
    what differs in it, and assign it to organizational units and groups.

    People of a unit or group that another profile is assigned to are left to that one: the node fails before
    it changes anything.
    """

    spec = NodeSpec(
        type="identity.configure_inbound_sso",
        title="Configure inbound SSO",
        group="Identity",
        effect=Effect.CHECK_THEN_ACT,
        family=Family.IDENTITY,
        undo=(
            "A profile that it created is assigned to nobody and removed; of another one, what it changed is"
            " as before. What somebody has changed since is left, and certificates stay: which there were,"
            " the system does not tell."
        ),
        evidence="The profile is read again, and has these settings, units and groups.",
    )

    def perform(self, params: Params, provider: TrustsProviders, act: Act) -> Result:
        matter = _matter(params, provider, act)
        if matter.there is not None and not matter.fields:
            act.note("it is so already")
            return _result(matter.there, matter, act)
        provider.check_targets(matter.id, units=matter.units, groups=matter.groups)
        _keep_before(matter.there, act)
        after = _written(params, matter, provider, act)
        if wrong := [each.field for each in different(state_of(after), matter.wished)]:
            text = f"SSO profile {after.name} at {provider.address} reads back otherwise: {', '.join(wrong)}"
            raise NothingHappened(text, operation="configure_inbound_sso", taken=True)
        done = "created" if matter.there is None else f"changed {', '.join(matter.names)} of"
        act.changed(f"{done} SSO profile {after.name} with id {after.id} at {provider.address}")
        act.read_back(f"SSO profile {after.name} leads to {after.provider.sign_in_url}, for {_whom(after)}")
        return _result(after, matter, act)

    def find(self, params: Params, provider: TrustsProviders, act: Act) -> Result | None:
        """The profile, where it is there, has these settings, and its certificates are not replaced."""
        matter = _matter(params, provider, act)
        if matter.there is None or matter.fields:
            return None
        return _result(matter.there, matter, act)

    def plan(self, params: Params, provider: TrustsProviders, act: Act) -> Sequence[Planned]:
        """Whether the profile is created, its settings, units and groups one by one, and whether certificates
        are replaced.
        """
        matter = _matter(params, provider, act)
        provider.check_targets(matter.id, units=matter.units, groups=matter.groups)
        what = f"SSO profile {matter.there.name if matter.there else params.name} at {provider.address}"
        plain = [each for each in matter.fields if each.field != CERTIFICATES]
        if matter.there is None:
            return (creates(what, matter.fields),)
        if not matter.replaces:
            return (changes(what, matter.fields),)
        gone = irreversible(
            f"certificates of {what}",
            [each for each in matter.fields if each.field == CERTIFICATES],
            "the system does not tell which it has",
        )
        return (changes(what, plain), gone) if plain else (gone,)

    def undo(self, params: Params, output: Result, provider: TrustsProviders, act: Act) -> None:
        del params
        try:
            there = provider.get_trust(output.profile_id)
        except NotFound:
            act.note(f"the SSO profile {output.name} is not there any more: nothing is left to take back")
            return
        if output.created or output.before is None:
            take_away(there, output.after, provider, act)
        else:
            put_back(there, output.before, output.after, fields=output.fields, provider=provider, act=act)


@dataclass(frozen=True, slots=True)
class _Matter:
    """The profile, how it is to be, and what of that is different from how it is."""

    there: Trust | None
    wished: State
    fields: list[FieldChange]
    replaces: bool
    """Whether certificates go that are there."""

    @property
    def id(self) -> str | None:
        return self.there.id if self.there else None

    @property
    def names(self) -> list[str]:
        return [each.field for each in self.fields]

    @property
    def units(self) -> list[str]:
        return list(self.wished["units"])

    @property
    def groups(self) -> list[str]:
        return list(self.wished["groups"])


def _matter(params: Params, provider: TrustsProviders, act: Act) -> _Matter:
    begin_anew(act, BEFORE)
    there = _look_up(params, provider)
    if there is None and params.saml is None:
        raise NotFound(
            f"there is no SSO profile {params.name}",
            operation="trusts_named",
            hint="with saml, one is created",
        )
    known = f"with id {there.id} " if there else ""
    act.found(
        f"{'' if there else 'no '}SSO profile {there.name if there else params.name} {known}at"
        f" {provider.address}"
    )
    now = state_of(there)
    wished: dict[str, Any] = {"units": [], "groups": [], **now}
    for name in TARGETS:
        if (given := getattr(params, name)) is not None:
            wished[name] = sorted(given)
    replaces = False
    if params.saml is not None:
        asked = {name: getattr(params.saml, name) for name in SETTINGS}
        wished |= {name: value or None for name, value in asked.items() if value is not None}
        new, old = len(params.saml.certificates), now.get(CERTIFICATES) or 0
        replaces = bool(new and old and params.saml.replace_certificates)
        if new and (replaces or not old):
            wished[CERTIFICATES] = new
    fields = [each for each in different(now, wished) if not (replaces and each.field == CERTIFICATES)]
    if replaces:
        fields.append(
            FieldChange(
                field=CERTIFICATES,
                before=f"{now[CERTIFICATES]} that the system has",
                after=f"{wished[CERTIFICATES]} new",
            )
        )
    return _Matter(there, wished, fields, replaces)


def _look_up(params: Params, provider: TrustsProviders) -> Trust | None:
    return meant(
        "SSO profile",
        named=params.name,
        id_=params.profile_id,
        get=provider.get_trust,
        search=provider.trusts_named,
        give="profile_id",
    )


def _keep_before(there: Trust | None, act: Act) -> None:
    """Have it written down before it is changed, unless an unfinished attempt has."""
    if BEFORE in act.progress:
        return
    act.progress[BEFORE] = {"id": there.id, "state": state_of(there)} if there else {"id": None}
    act.keep_progress()


def _written(params: Params, matter: _Matter, provider: TrustsProviders, act: Act) -> Trust:
    """Settings first: nobody is sent to where the identity provider is not yet."""
    there, names = matter.there, set(matter.names)
    with_certificates = there is None or CERTIFICATES in names
    wish = params.saml.wish(with_certificates=with_certificates) if params.saml else None
    wrote = False
    if there is None and wish is not None:
        there, wrote = provider.trust_provider(params.name or "", _new(wish), key=act.key), True
    elif there is not None and wish is not None and names & {*SETTINGS, CERTIFICATES}:
        there, wrote = provider.change_trust(there.id, wish, key=act.key), True
    if there is None:
        raise AssertionError("a profile is neither there nor wished for")
    if names & set(TARGETS):
        with behind_a_write(wrote):
            return provider.apply_trust(there.id, units=matter.units, groups=matter.groups, key=act.key)
    return there


def _new(wish: SamlIdentityProvider) -> SamlIdentityProvider:
    """Without what there is nothing to remove of."""
    return SamlIdentityProvider(
        entity_id=wish.entity_id,
        sign_in_url=wish.sign_in_url,
        sign_out_url=wish.sign_out_url or None,
        password_url=wish.password_url or None,
        certificates=wish.certificates,
    )


def _whom(trust: Trust) -> str:
    named = [*trust.units, *trust.groups]
    return f"the people of {', '.join(named)}" if named else "nobody yet"


def _result(after: Trust, matter: _Matter, act: Act) -> Result:
    """Of what there was before the first attempt that may have changed it."""
    kept: Mapping[str, Any] | None = act.progress.get(BEFORE)
    created = kept is not None and kept["id"] is None
    now = state_of(after)
    before = now if kept is None else kept.get("state", {})
    fields = [each.field for each in different(before, now)]
    if matter.replaces and CERTIFICATES not in fields:
        fields.append(CERTIFICATES)
    return Result(
        changed=created or bool(fields),
        profile_id=after.id,
        name=after.name,
        created=created,
        fields=fields,
        before=before if not created else None,
        after=now,
        entity_id=after.entity_id,
        acs_url=after.acs_url,
    )
