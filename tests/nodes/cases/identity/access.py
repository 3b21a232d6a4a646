"""What accounts may do: groups, roles, applications and licences, on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from officeflow.connectors.families.identity import (
    Application,
    Entitlement,
    Group,
    SamlIdentityProvider,
    SamlSettings,
    Seats,
    Trust,
)
from tests.nodes.case import Case, Params
from tests.nodes.cases.identity.lives import ana_is, done, on_paper
from tests.nodes.world import World

EDITOR, CRM = Entitlement(id="r1", name="crm/editor"), Entitlement(id="app1", name="CRM")
E3 = Entitlement(id="sku1", name="SPE_E3")
SAML = SamlSettings(
    entity_id="https://crm.example/saml", acs_urls=("https://crm.example/old",), attributes={"sn": "user.sn"}
)
ELSEWHERE = Trust(
    id="sso1",
    name="Acme sign-on",
    provider=SamlIdentityProvider(entity_id="https://id.example", sign_in_url="https://id.example/old"),
    entity_id="https://paper.example/saml",
    acs_url="https://paper.example/saml/acs",
    units=("/Leavers",),
)


def there(world: World) -> None:
    """What can be given."""
    world.paper.groups = [Group(id=f"g{name}", name=name) for name in ("Staff", "Sales", "VPN")]
    world.paper.roles = [EDITOR]
    world.paper.applications = [Application(id=CRM.id, name=CRM.name, sso=SAML)]
    world.paper.application_roles = {CRM.id: ("editor",)}
    world.paper.licences = [Seats(licence=E3, total=2)]


def in_groups(*groups: str) -> Callable[[World], Params]:
    def arrange(world: World) -> Params:
        there(world)
        return on_paper(groups=groups)(world)

    return arrange


def having(**held: Entitlement) -> Callable[[World], Params]:
    def arrange(world: World) -> Params:
        params = in_groups()(world)
        for kind, each in held.items():
            world.paper.held[kind][params["account_id"]].append(each)
        return params

    return arrange


def is_in(*groups: str) -> Callable[[World], bool]:
    return ana_is(lambda ana: set(ana.groups) == set(groups))


def has(kind: str, *names: str) -> Callable[[World], bool]:
    def look(world: World) -> bool:
        held = [each.name for given in world.paper.held[kind].values() for each in given]
        return sorted(held) == sorted(names)

    return look


def configured(world: World) -> Params:
    there(world)
    return {}


def trusting(world: World) -> Params:
    there(world)
    world.paper.trusts = {ELSEWHERE.id: ELSEWHERE}
    return {}


CASES: Mapping[str, Case] = {
    "add_groups": Case(
        params={"groups": ["Staff", "Sales"]},
        wrong={"login": "ana@acme.example", "groups": []},
        connection="paper",
        arrange=in_groups("Sales"),
        effects=done("add_groups"),
        is_undone={"undo": is_in("Sales")},
    ),
    "strip_groups": Case(
        params={"stay": ["staff"]},
        wrong={"login": "ana@acme.example", "stay": [""]},
        connection="paper",
        arrange=in_groups("Sales", "Staff", "VPN"),
        effects=done("remove_groups"),
        is_undone={"undo": is_in("Sales", "Staff", "VPN")},
    ),
    "restore_groups": Case(
        params={"snapshot": ["Sales", "Gone", "VPN"]},
        wrong={"login": "ana@acme.example", "snapshot": "Sales"},
        connection="paper",
        arrange=in_groups("Staff", "VPN"),
        effects=done("add_groups"),
        is_undone={"undo": is_in("Staff", "VPN")},
    ),
    "assign_role": Case(
        params={"role": "crm/editor"},
        wrong={"login": "ana@acme.example", "role": ""},
        connection="paper",
        arrange=having(),
        effects=done("assign_role"),
        is_undone={"undo": has("roles")},
    ),
    "unassign_role": Case(
        params={"role": "CRM/Editor"},
        wrong={"login": "ana@acme.example"},
        connection="paper",
        arrange=having(roles=EDITOR),
        effects=done("unassign_role"),
        is_undone={"undo": has("roles", "crm/editor")},
    ),
    "assign_application": Case(
        params={"application": "crm", "role": "editor"},
        wrong={"login": "ana@acme.example", "application": ""},
        connection="paper",
        arrange=having(applications=CRM),
        effects=done("assign_application"),
        is_undone={"undo": has("applications", "CRM")},
    ),
    "unassign_application": Case(
        params={"application": "CRM"},
        wrong={"login": "ana@acme.example"},
        connection="paper",
        arrange=having(applications=Entitlement(id=CRM.id, name="CRM/editor")),
        effects=done("unassign_application"),
        is_undone={"undo": has("applications", "CRM/editor")},
    ),
    "assign_licence": Case(
        params={"licence": "SPE_E3"},
        wrong={"login": "ana@acme.example", "licence": ""},
        connection="paper",
        arrange=having(),
        effects=done("assign_licence"),
        is_undone={"undo": has("licences")},
    ),
    "unassign_licence": Case(
        params={"licence": "sku1"},
        wrong={"login": "ana@acme.example"},
        connection="paper",
        arrange=having(licences=E3),
        effects=done("unassign_licence"),
        is_undone={"undo": has("licences", "SPE_E3")},
    ),
    "configure_application": Case(
        params={
            "name": "CRM",
            "saml": {"entity_id": "https://crm.example/saml", "acs_urls": ["https://crm.example/acs"]},
        },
        wrong={"name": "CRM", "oidc": {"redirect_urls": ["http://crm.example/callback"]}},
        connection="paper",
        arrange=configured,
        effects=done("configure_application"),
        is_undone={
            "undo": lambda world: [each.sso for each in world.paper.applications] in ([SAML], []),
        },
    ),
    "configure_inbound_sso": Case(
        params={
            "name": "Acme sign-on",
            "saml": {"entity_id": "https://id.example", "sign_in_url": "https://id.example/new"},
            "units": ["/staff"],
            "groups": ["Sales"],
        },
        wrong={"name": "Acme sign-on", "units": [""]},
        connection="paper",
        arrange=trusting,
        effects=done("change_trust"),
        is_undone={"undo": lambda world: list(world.paper.trusts.values()) in ([ELSEWHERE], [])},
    ),
}
