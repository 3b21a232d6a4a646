"""`identity.configure_application`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Application, ConfiguresApplications, SsoSettings
from officeflow.errors import NotFound, NothingHappened, NotUndoable
from officeflow.nodes.identity._before import begin_anew
from officeflow.nodes.identity._named import meant
from officeflow.nodes.identity._sso import (
    Name,
    Oidc,
    Saml,
    as_json,
    different,
    from_json,
    laid_over,
    protocol_of,
)
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
)

BEFORE = UNSETTLED
"""In the act's progress: the application's id and settings before the act; no id where there was none."""


class Params(NodeParams):
    """Which application, and how it signs people in: by SAML or by OpenID Connect."""

    name: Name | None = Field(
        None,
        description="What it is called. One that there is not is created.",
        examples=["CRM"],
    )
    application_id: Name | None = Field(
        None, description="The provider's own id, where several have the name. It is never created then."
    )
    saml: Saml | None = Field(
        None,
        description="Settings of SAML 2.0.",
        examples=[
            {
                "entity_id": "https://crm.example/saml",
                "acs_urls": ["https://crm.example/saml/acs"],
                "attributes": {"mail": "user.email"},
            }
        ],
    )
    oidc: Oidc | None = Field(None, description="Settings of OpenID Connect.")

    @model_validator(mode="after")
    def _is_one_application_and_one_protocol(self) -> Params:
        if self.name is None and self.application_id is None:
            raise ValueError("name or application_id is needed")
        if (self.saml is None) == (self.oidc is None):
            raise ValueError("either saml or oidc is needed")
        return self

    @property
    def wished(self) -> Saml | Oidc:
        return next(each for each in (self.saml, self.oidc) if each is not None)


class Result(NodeOutput):
    """The application as the provider has it. No secret is in it."""

    application_id: str = Field(description="The provider's own id.")
    name: str = Field(description="What it is called.")
    created: bool = Field(description="True where this node created it.")
    protocol: Literal["SAML", "OpenID Connect"] = Field(description="How it signs people in.")
    fields: list[str] = Field(description="Names of the settings that are different now.")
    before: dict[str, Any] | None = Field(description="Its settings before; null where it had none.")
    after: dict[str, Any] = Field(description="Its settings now.")
    metadata_url: str | None = Field(
        description="What the application's own side is told: SAML metadata, or the issuer's document."
    )


class ConfigureApplication(Node[Params, ConfiguresApplications, Result]):
    """Have an application sign its people in by single sign-on: create it, or change those of its settings
    that differ, and no other.

    It never changes one protocol to the other. It shows and gives on no secret: what the application's own
    side needs is at `metadata_url`, or is taken from the provider by who sets that side up.
    """

    spec = NodeSpec(
        type="identity.configure_application",
        title="Configure application",
        group="Identity",
        effect=Effect.CHECK_THEN_ACT,
        family=Family.IDENTITY,
        undo=(
            "The settings that it changed are as before, if nobody has changed them since. An application"
            " that it created stays: whoever has it may use it already."
        ),
        evidence="The application is read again and has these settings.",
    )

    def perform(self, params: Params, provider: ConfiguresApplications, act: Act) -> Result:
        matter = _matter(params, provider, act)
        if matter.there is not None and not matter.fields:
            act.note("it is so already")
            return _result(matter.there, matter, act)
        _keep_before(matter.there, act)
        if matter.there is None:
            after = provider.create_application(params.name or "", matter.settings, key=act.key)
        else:
            after = provider.configure_application(matter.there.id, matter.settings, key=act.key)
        if after.sso is None or (wrong := different(after.sso, matter.settings)):
            names = ", ".join(each.field for each in wrong) if after.sso else "all settings"
            text = f"application {after.name} at {provider.address} reads back otherwise: {names}"
            raise NothingHappened(text, operation="configure_application", taken=True)
        done = "created" if matter.there is None else f"changed {', '.join(matter.names)} of"
        act.changed(f"{done} application {after.name} with id {after.id} at {provider.address}")
        act.read_back(f"application {after.name} signs people in by {protocol_of(matter.settings)}")
        return _result(after, matter, act)

    def find(self, params: Params, provider: ConfiguresApplications, act: Act) -> Result | None:
        """The application, where it is there and has these settings."""
        matter = _matter(params, provider, act)
        if matter.there is None or matter.fields:
            return None
        return _result(matter.there, matter, act)

    def plan(self, params: Params, provider: ConfiguresApplications, act: Act) -> Sequence[Planned]:
        """Whether it is created, and its settings one by one."""
        matter = _matter(params, provider, act)
        what = f"application {matter.there.name if matter.there else params.name} at {provider.address}"
        return (changes(what, matter.fields) if matter.there else creates(what, matter.fields),)

    def undo(self, params: Params, output: Result, provider: ConfiguresApplications, act: Act) -> None:
        del params
        try:
            there = provider.get_application(output.application_id)
        except NotFound:
            act.note(f"the application {output.name} is not there any more: nothing is left to take back")
            return
        if output.created or output.before is None:
            raise NotUndoable(f"the application {there.name} stays with its single sign-on")
        before, left = from_json(output.protocol, output.before), from_json(output.protocol, output.after)
        if there.sso is not None and not different(there.sso, before):
            act.note("its settings are as before already")
            return
        _check_left(there, before, left)
        after = provider.configure_application(there.id, before, key=act.key)
        act.changed(f"{', '.join(output.fields)} of application {after.name} as before again")
        if stayed := [each.field for each in different(after.sso, before)]:
            raise NotUndoable(f"the system keeps {', '.join(stayed)} of the application {after.name}")
        act.read_back(f"application {after.name} has the settings that it had")


@dataclass(frozen=True, slots=True)
class _Matter:
    """The application, the settings that it is to have, and what of them is different from what it has."""

    there: Application | None
    settings: SsoSettings
    fields: list[FieldChange]

    @property
    def names(self) -> list[str]:
        return [each.field for each in self.fields]


def _matter(params: Params, provider: ConfiguresApplications, act: Act) -> _Matter:
    begin_anew(act, BEFORE)
    there = _look_up(params, provider)
    if there is None:
        act.found(f"no application {params.name} at {provider.address}")
    else:
        act.found(f"application {there.name} with id {there.id} at {provider.address}")
    now = there.sso if there else None
    settings = laid_over(params.wished, now)
    return _Matter(there, settings, different(now, settings))


def _look_up(params: Params, provider: ConfiguresApplications) -> Application | None:
    return meant(
        "application",
        named=params.name,
        id_=params.application_id,
        get=provider.get_application,
        search=provider.applications_named,
        give="application_id",
    )


def _keep_before(there: Application | None, act: Act) -> None:
    """Have it written down before it is changed, unless an unfinished attempt has."""
    if BEFORE in act.progress:
        return
    act.progress[BEFORE] = {"id": there.id, "settings": as_json(there.sso)} if there else {"id": None}
    act.keep_progress()


def _check_left(there: Application, before: SsoSettings, left: SsoSettings) -> None:
    """`NotUndoable` where somebody has changed since what the act has changed."""
    changed = {each.field for each in different(before, left)}
    since = {each.field for each in different(there.sso, left)} if there.sso is not None else changed
    if others := sorted(changed & since):
        raise NotUndoable(
            f"somebody has changed {', '.join(others)} of the application {there.name} since: it is left"
        )


def _result(after: Application, matter: _Matter, act: Act) -> Result:
    """Of what there was before the first attempt that may have changed it."""
    kept: Mapping[str, Any] | None = act.progress.get(BEFORE)
    before = kept.get("settings") if kept else as_json(after.sso)
    created = kept is not None and kept["id"] is None
    was = from_json(protocol_of(matter.settings), before) if before else None
    fields = [each.field for each in different(was, after.sso or matter.settings)] if kept else []
    return Result(
        changed=created or bool(fields),
        application_id=after.id,
        name=after.name,
        created=created,
        protocol=protocol_of(matter.settings),
        fields=fields,
        before=before if not created else None,
        after=as_json(after.sso) or {},
        metadata_url=after.metadata_url,
    )
