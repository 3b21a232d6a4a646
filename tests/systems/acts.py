"""What each node type of identity is given at a system, and what must be so afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.connectors.families.identity import OidcSettings, SamlIdentityProvider
from tests.nodes.ruled import employ, settle
from tests.systems.stage import KEY, Stage
from tests.systems.system import Seen

Output = Mapping[str, Any]


def nothing(_: Stage) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Act:
    """Ana, whose account is there unless `arrange` does something else, is named by `whose`.

    `is_so` asks the counterpart; `changes` is False for a type that changes nothing, `writes` for one that
    changes nothing there, `shows` for one whose change `There` does not tell. `again` says why an attempt
    after a crash asks for the change once more, where it does.
    """

    params: Callable[[Stage], Mapping[str, Any]] = lambda _: {}
    is_so: Callable[[Stage, Output], bool]
    arrange: Callable[[Stage], None] = nothing
    whose: Callable[[Stage], Mapping[str, Any]] = lambda stage: {"login": stage.ana}
    is_there: bool = True
    changes: bool = True
    writes: bool = True
    shows: bool = True
    again: str = ""


def ana_is(look: Callable[[Stage, Seen], bool]) -> Callable[[Stage, Output], bool]:
    return lambda stage, _: look(stage, stage.there().people[stage.ana])


def in_groups(*places: int) -> Callable[[Stage], None]:
    """Ana is in these of the system's seeds."""

    def arrange(stage: Stage) -> None:
        groups = [stage.system.groups[place] for place in places]
        stage.by_connector(lambda client, ana: client.set_groups(ana, groups, key=KEY))

    return arrange


def only_groups(*places: int) -> Callable[[Stage, Output], bool]:
    """Of the seeds she is in these and no other."""
    return ana_is(
        lambda stage, ana: (
            ana.groups & set(stage.system.groups) == {stage.system.groups[place] for place in places}
        )
    )


def moved_to_sales(stage: Stage) -> None:
    """Ana has what the rules give to engineers, and works in sales now."""
    sales, engineering = stage.system.groups[:2]
    in_groups(1)(stage)
    employ(stage, department="Sales")
    settle(
        stage,
        {"match": {"department": ["Sales"]}, "gives": {"groups": [sales]}},
        {"match": {"department": ["Engineering"]}, "gives": {"groups": [engineering]}},
        connection=stage.system.provider,
    )


def inactive(stage: Stage) -> None:
    stage.by_connector(lambda client, ana: client.set_active(ana, active=False, key=KEY))


def with_role(stage: Stage) -> None:
    stage.by_connector(lambda client, ana: client.assign_role(ana, stage.system.role, key=KEY))


def with_application(stage: Stage) -> None:
    name, role = stage.system.application, stage.system.application_role
    stage.by_connector(lambda client, ana: client.assign_application(ana, name, role=role, key=KEY))


def with_licence(stage: Stage) -> None:
    name = stage.system.licence
    stage.by_connector(lambda client, ana: client.assign_licence(ana, name, key=KEY))


def with_alias(stage: Stage) -> None:
    alias = stage.system.login("ana.lopez")
    stage.by_connector(lambda client, ana: client.add_alias(ana, alias, key=KEY))


def deleted(stage: Stage) -> None:
    stage.by_connector(lambda client, ana: client.delete_account(ana, key=KEY))


def with_portal(stage: Stage) -> None:
    settings = OidcSettings(redirect_urls=("https://portal.example/old",))
    stage.by_connector(lambda client, _: client.create_application("Portal", settings, key=KEY))


def with_sign_on(stage: Stage) -> None:
    elsewhere = SamlIdentityProvider(entity_id="https://id.example", sign_in_url="https://id.example/old")

    def trust(client: Any, _: str) -> None:
        made = client.trust_provider("Acme sign-on", elsewhere, key=KEY)
        client.apply_trust(made.id, units=[], groups=[stage.system.groups[0]], key=KEY)

    stage.by_connector(trust)


ACTS: Mapping[str, Act] = {
    "create_account": Act(
        params=lambda stage: {
            "external_id": "1001",
            "given_name": "Ana",
            "family_name": "Pérez",
            "email": "ana@acme.example",
        },
        is_there=False,
        is_so=ana_is(lambda _, ana: (ana.active, ana.number) == (True, "1001")),
    ),
    "find_account": Act(
        is_so=lambda stage, output: output["account_id"] == stage.ana_id, changes=False, shows=False
    ),
    "correlate_account": Act(
        whose=lambda _: {"external_id": "1001"},
        is_so=lambda stage, output: output["account_id"] == stage.ana_id,
        changes=False,
        shows=False,
    ),
    "find_changes": Act(
        whose=lambda _: {}, is_so=lambda _, output: bool(output["cursor"]), changes=False, shows=False
    ),
    "unique_login": Act(
        params=lambda stage: {
            "pattern": stage.system.login("{given}"),
            "given_name": "Ana",
            "family_name": "Pérez",
        },
        whose=lambda _: {},
        is_so=lambda stage, output: output["login"] == stage.system.login("ana2") and stage.kept_names() == 1,
        writes=False,
        shows=False,
    ),
    "update_account": Act(
        params=lambda _: {"title": "Engineer"}, is_so=ana_is(lambda _, ana: ana.title == "Engineer")
    ),
    "rename_account": Act(
        params=lambda stage: {"new_login": stage.system.login("ana.lopez")},
        whose=lambda stage: {"account_id": stage.ana_id},
        is_so=lambda stage, _: set(stage.there().people) == {stage.boss, stage.system.login("ana.lopez")},
    ),
    "move_account": Act(
        params=lambda stage: {"unit": stage.system.unit},
        is_so=ana_is(lambda stage, ana: ana.unit == stage.system.unit),
    ),
    "set_manager": Act(
        params=lambda stage: {"manager": {"login": stage.boss}},
        is_so=ana_is(lambda stage, ana: ana.manager == stage.boss),
    ),
    "suspend_account": Act(is_so=ana_is(lambda _, ana: not ana.active)),
    "reactivate_account": Act(arrange=inactive, is_so=ana_is(lambda _, ana: ana.active)),
    "unlock_account": Act(
        arrange=lambda stage: stage.system.lock(stage.ana), is_so=ana_is(lambda _, ana: not ana.locked)
    ),
    "set_expiry": Act(
        params=lambda _: {"expires_at": "2031-05-06T12:00:00Z"},
        is_so=ana_is(lambda _, ana: ana.expires_at == "2031-05-06"),
    ),
    "add_alias": Act(
        params=lambda stage: {"alias": stage.system.login("ana.lopez")},
        is_so=ana_is(lambda stage, ana: stage.system.login("ana.lopez") in ana.aliases),
    ),
    "remove_alias": Act(
        params=lambda stage: {"alias": stage.system.login("ana.lopez")},
        arrange=with_alias,
        is_so=ana_is(lambda stage, ana: stage.system.login("ana.lopez") not in ana.aliases),
    ),
    "delete_account": Act(is_so=lambda stage, _: set(stage.there().people) == {stage.boss}),
    "restore_account": Act(
        arrange=deleted,
        whose=lambda _: {"external_id": "1001"},
        is_so=ana_is(lambda stage, ana: ana.number == "1001"),
    ),
    "set_groups": Act(
        params=lambda stage: {"groups": [stage.system.groups[0], stage.system.groups[2]]},
        arrange=in_groups(0, 1),
        is_so=only_groups(0, 2),
    ),
    "add_groups": Act(
        params=lambda stage: {"groups": [stage.system.groups[0]]},
        arrange=in_groups(1),
        is_so=only_groups(0, 1),
    ),
    "remove_groups": Act(
        params=lambda stage: {"groups": [stage.system.groups[0]]},
        arrange=in_groups(0, 1),
        is_so=only_groups(1),
    ),
    "strip_groups": Act(
        params=lambda stage: {"stay": [stage.system.groups[1]]},
        arrange=in_groups(0, 1, 2),
        is_so=only_groups(1),
    ),
    "restore_groups": Act(
        params=lambda stage: {"snapshot": [stage.system.groups[0], "Gone"]},
        arrange=in_groups(1),
        is_so=only_groups(0, 1),
    ),
    "apply_access": Act(
        arrange=moved_to_sales,
        is_so=only_groups(0),
    ),
    "assign_role": Act(
        params=lambda stage: {"role": stage.system.role},
        is_so=ana_is(lambda stage, ana: stage.system.role in ana.roles),
    ),
    "unassign_role": Act(
        params=lambda stage: {"role": stage.system.role},
        arrange=with_role,
        is_so=ana_is(lambda stage, ana: stage.system.role not in ana.roles),
    ),
    "assign_application": Act(
        params=lambda stage: {
            "application": stage.system.application,
            "role": stage.system.application_role,
        },
        is_so=ana_is(lambda stage, ana: stage.system.application in ana.applications),
    ),
    "unassign_application": Act(
        params=lambda stage: {"application": stage.system.application},
        arrange=with_application,
        is_so=ana_is(lambda stage, ana: stage.system.application not in ana.applications),
    ),
    "assign_licence": Act(
        params=lambda stage: {"licence": stage.system.licence},
        is_so=ana_is(lambda stage, ana: stage.system.licence in ana.licences),
    ),
    "unassign_licence": Act(
        params=lambda stage: {"licence": stage.system.licence},
        arrange=with_licence,
        is_so=ana_is(lambda stage, ana: stage.system.licence not in ana.licences),
    ),
    "configure_application": Act(
        params=lambda _: {
            "name": "Portal",
            "oidc": {"redirect_urls": ["https://portal.example/new"]},
        },
        arrange=with_portal,
        whose=lambda _: {},
        is_so=lambda stage, _: stage.there().redirects["Portal"] == {"https://portal.example/new"},
    ),
    "configure_inbound_sso": Act(
        params=lambda stage: {
            "name": "Acme sign-on",
            "saml": {"entity_id": "https://id.example", "sign_in_url": "https://id.example/new"},
            "units": ["/", stage.system.unit],
            "groups": [stage.system.groups[1]],
        },
        arrange=with_sign_on,
        whose=lambda _: {},
        is_so=lambda stage, _: (
            stage.there().sign_ons["https://id.example/new"]
            == {"/", stage.system.unit, stage.system.groups[1]}
        ),
    ),
    "reset_password": Act(
        params=lambda _: {"must_change": False},
        is_so=lambda stage, output: stage.system.lets_in(stage.ana, output["password"]),
        shows=False,
        again="the password that the first attempt has set is known to nobody",
    ),
    "give_temporary_access": Act(
        params=lambda _: {"minutes": 60},
        is_so=lambda stage, output: stage.system.lets_in(stage.ana, output["secret"]),
        shows=False,
        again="what the first attempt was given is known to nobody",
    ),
    "end_sessions": Act(
        arrange=lambda stage: stage.system.sign_in(stage.ana),
        is_so=ana_is(lambda _, ana: ana.sessions == 0),
        again="a system that does not tell all of them is asked to end them",
    ),
    "transfer_ownership": Act(
        params=lambda stage: {"to": {"login": stage.boss}},
        is_so=lambda _, output: bool(output["transfer_id"]),
        shows=False,
    ),
    "reset_factors": Act(
        arrange=lambda stage: stage.system.enrol(stage.ana),
        is_so=ana_is(lambda _, ana: ana.factors == 0),
    ),
}
