"""The one table: which permission each command needs. A test fails for a command without, and for one that
needs something else than the API's route that does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from officeflow.cli.needs import Instead, Need, Reach, Thing, Without
from officeflow.rights.permissions import Permission


def _whole(routes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.replace("…", "/organizations/{org}") for each in routes)


def _org(permission: Permission, *routes: str, **more: Any) -> Need:
    """In the organization that the parameter `org` names. `…` in a route is the organization's path."""
    return Need(reach=Reach.ORGANIZATION, permission=permission, routes=_whole(routes), **more)


def _slug(permission: Permission, *routes: str, **more: Any) -> Need:
    return _org(permission, *routes, org="slug", **more)


def _in(permission: Permission, *routes: str, **more: Any) -> Need:
    return _org(permission, *routes, org="org_slug", **more)


def _run(permission: Permission, *routes: str, **more: Any) -> Need:
    """In the organization of the run, decided by an Airflow login."""
    return _org(permission, *routes, thing=Thing.RUN, signs_in=True, **more)


def _look(permission: Permission, *routes: str) -> Need:
    return _org(permission, *routes, thing=Thing.NEWEST_RUN)


def _request(permission: Permission, *routes: str) -> Need:
    return _org(permission, *routes, thing=Thing.REQUEST, signs_in=True, people_only=True)


def _desk(permission: Permission, *routes: str) -> Need:
    return _org(permission, *routes, without=Without.ANY, signs_in=True, people_only=True)


def _instead(permission: Permission, *routes: str) -> Instead:
    return Instead(permission, _whole(routes))


def _platform(permission: Permission, *routes: str) -> Need:
    return Need(reach=Reach.PLATFORM, permission=permission, routes=routes)


def _catalog(*routes: str) -> Need:
    return Need(reach=Reach.ANYWHERE, permission=Permission.CATALOG_READ, routes=routes)


MACHINE = Need(reach=Reach.MACHINE)
"""Processes of this machine, and files that come of the code alone."""

_SETTLES = _instead(Permission.ORGANIZATION_SETTLE, "PATCH …/settings")

NEEDS: Mapping[str, Need] = MappingProxyType(
    {
        "whoami": Need(reach=Reach.SIGNED_IN, routes=("GET /me",)),
        # ── the installation ──
        "up": MACHINE,
        "down": MACHINE,
        "test": MACHINE,
        "bench": MACHINE,
        "api serve": MACHINE,
        "gateway serve": MACHINE,
        "api openapi": MACHINE,
        "api rights": MACHINE,
        "connection docs": MACHINE,
        "event schemas": MACHINE,
        "node docs": MACHINE,
        "workflow schema": MACHINE,
        "status": _platform(Permission.PLATFORM_READ),
        "logs": _platform(Permission.PLATFORM_READ),
        "doctor": _platform(Permission.PLATFORM_READ),
        "settings": _platform(Permission.PLATFORM_READ),
        "keys status": _platform(Permission.PLATFORM_READ),
        "keys rotate": _platform(Permission.PLATFORM_MANAGE),
        "reset": _platform(Permission.PLATFORM_MANAGE),
        "demo approval": _platform(Permission.PLATFORM_MANAGE),
        "demo env": _platform(Permission.PLATFORM_MANAGE),
        "demo exit": _platform(Permission.PLATFORM_MANAGE),
        "demo identity": _platform(Permission.PLATFORM_MANAGE),
        "db current": _platform(Permission.PLATFORM_READ),
        "db upgrade": _platform(Permission.PLATFORM_MANAGE),
        "db downgrade": _platform(Permission.PLATFORM_MANAGE),
        "db grant-parking": _platform(Permission.PLATFORM_MANAGE),
        "node install": _platform(Permission.PLATFORM_MANAGE),
        # ── what the code has ──
        "node list": _catalog("GET /node-types"),
        "node show": _catalog("GET /node-types/{node_type}"),
        "connection providers": _catalog("GET /providers"),
        "source presets": _catalog(),
        # ── organizations and who works for them ──
        "org create": _platform(Permission.ORGANIZATION_CREATE, "POST /organizations"),
        "org topics": _platform(Permission.ORGANIZATION_CREATE),
        "org list": Need(reach=Reach.SIGNED_IN, routes=("GET /organizations",)),
        "org show": _slug(Permission.ORGANIZATION_READ, "GET …", "GET …/settings"),
        "org events": _slug(
            Permission.ORGANIZATION_READ,
            "GET …/settings",
            instead={"show": _SETTLES, "hide": _SETTLES, "why": _SETTLES},
        ),
        "org privacy": _slug(
            Permission.ORGANIZATION_READ, instead={"why": _instead(Permission.ORGANIZATION_SETTLE)}
        ),
        "org retention": _slug(
            Permission.ORGANIZATION_READ,
            instead={
                "kept": _instead(Permission.ORGANIZATION_SETTLE),
                "apply": _instead(Permission.ORGANIZATION_SETTLE),
            },
        ),
        "org time-zone": _slug(Permission.ORGANIZATION_READ, "GET …/settings", instead={"zone": _SETTLES}),
        "user create": _org(Permission.USER_MANAGE, "POST …/users"),
        "user create-login": _org(Permission.USER_MANAGE),
        "user list": _org(Permission.USER_READ, "GET …/users"),
        "user show": _org(Permission.USER_READ, "GET …/users/{user}"),
        "user set-role": _org(Permission.USER_MANAGE, "PUT …/users/{user}/role"),
        "user deactivate": _org(Permission.USER_MANAGE, "POST …/users/{user}/deactivate"),
        "user activate": _org(Permission.USER_MANAGE, "POST …/users/{user}/activate"),
        "user group add": _org(Permission.USER_MANAGE, "PUT …/groups/{group}/members/{user}"),
        "user group remove": _org(Permission.USER_MANAGE, "DELETE …/groups/{group}/members/{user}"),
        "user group role": _org(Permission.USER_MANAGE),
        "user group list": _org(Permission.USER_READ, "GET …/groups", "GET …/groups/{group}/members"),
        "service-account create": _org(Permission.SERVICE_ACCOUNT_MANAGE, "POST …/service-accounts"),
        "service-account list": _org(Permission.SERVICE_ACCOUNT_READ, "GET …/service-accounts"),
        "service-account show": _org(Permission.SERVICE_ACCOUNT_READ, "GET …/service-accounts/{account}"),
        "service-account activate": _org(
            Permission.SERVICE_ACCOUNT_MANAGE, "POST …/service-accounts/{account}/activate"
        ),
        "service-account deactivate": _org(
            Permission.SERVICE_ACCOUNT_MANAGE, "POST …/service-accounts/{account}/deactivate"
        ),
        "token create": _org(Permission.SERVICE_ACCOUNT_MANAGE, "POST …/service-accounts/{account}/tokens"),
        "token list": _org(Permission.SERVICE_ACCOUNT_READ, "GET …/tokens"),
        "token revoke": _org(Permission.SERVICE_ACCOUNT_MANAGE, "DELETE …/tokens/{prefix}"),
        "token rotate": _org(Permission.SERVICE_ACCOUNT_MANAGE, "POST …/tokens/{prefix}/rotate"),
        # ── people ──
        "employee create": _org(Permission.EMPLOYEE_WRITE, "POST …/employees"),
        "employee list": _org(Permission.EMPLOYEE_READ, "GET …/employees"),
        "employee show": _org(
            Permission.EMPLOYEE_READ,
            "GET …/employees/{employee}",
            instead={"reveal": _instead(Permission.EMPLOYEE_REVEAL, "GET …/employees/{employee}/revealed")},
        ),
        "person export": _org(Permission.PERSON_EXPORT),
        "person erase": _org(Permission.PERSON_ERASE),
        "person report": _org(Permission.EMPLOYEE_READ),
        "person erasures": _org(Permission.EMPLOYEE_READ),
        "person hold": _org(Permission.PERSON_ERASE),
        "person release": _org(Permission.PERSON_ERASE),
        "person holds": _org(Permission.EMPLOYEE_READ),
        # ── systems ──
        "connection add": _org(Permission.CONNECTION_MANAGE, "POST …/connections"),
        "connection check": _org(Permission.CONNECTION_MANAGE, "POST …/connections/{connection}/check"),
        "connection test": _org(Permission.CONNECTION_MANAGE, "POST …/connections/{connection}/test"),
        "connection edit": _org(Permission.CONNECTION_MANAGE, "PATCH …/connections/{connection}"),
        "connection rotate": _org(Permission.CONNECTION_MANAGE, "POST …/connections/{connection}/rotate"),
        "connection remove": _org(Permission.CONNECTION_MANAGE, "DELETE …/connections/{connection}"),
        "connection list": _org(Permission.CONNECTION_READ, "GET …/connections"),
        "connection show": _org(Permission.CONNECTION_READ, "GET …/connections/{connection}"),
        "access rules show": _org(Permission.ORGANIZATION_READ, "GET …/access-rules"),
        "access rules set": _org(Permission.ORGANIZATION_SETTLE, "PUT …/access-rules"),
        "access rules protect": _org(Permission.RELEASE_APPROVE, "POST …/access-rules/protect"),
        "access rules unprotect": _org(Permission.RELEASE_APPROVE, "POST …/access-rules/unprotect"),
        "access rules check": _org(Permission.CONNECTION_READ, "POST …/access-rules/check"),
        "access rules schema": MACHINE,
        "access of": _org(Permission.EMPLOYEE_READ, "GET …/employees/{employee}/access"),
        "drift": _org(
            Permission.EMPLOYEE_READ,
            "POST …/drift",
            "GET …/drift/{comparison}",
            "DELETE …/drift/{comparison}",
        ),
        "source create": _org(Permission.SOURCE_MANAGE),
        "source change": _org(Permission.SOURCE_MANAGE),
        "source rotate": _org(Permission.SOURCE_MANAGE),
        "source delete": _org(Permission.SOURCE_MANAGE),
        "source test": _org(Permission.SOURCE_MANAGE),
        "source list": _org(Permission.SOURCE_READ),
        "source show": _org(Permission.SOURCE_READ),
        # ── workflows ──
        "workflow validate": _in(
            Permission.WORKFLOW_EDIT, "POST …/workflows/validate", without=Without.NOTHING
        ),
        "workflow publish": _in(Permission.WORKFLOW_PUBLISH, "POST …/workflows"),
        "workflow deactivate": _in(Permission.WORKFLOW_PUBLISH, "POST …/workflows/{slug}/deactivate"),
        "workflow list": _in(Permission.WORKFLOW_READ, "GET …/workflows"),
        "workflow show": _in(
            Permission.WORKFLOW_READ, "GET …/workflows/{slug}", "GET …/workflows/{slug}/versions/{version}"
        ),
        "workflow versions": _in(Permission.WORKFLOW_READ, "GET …/workflows/{slug}/versions"),
        "workflow diff": _in(Permission.WORKFLOW_READ, "GET …/workflows/{slug}/diff"),
        "workflow render": _in(Permission.WORKFLOW_READ, "GET …/workflows/{slug}", without=Without.NOTHING),
        "workflow plan": _in(Permission.WORKFLOW_EDIT, "POST …/workflows/plan"),
        "workflow draft list": _in(Permission.WORKFLOW_EDIT, "GET …/drafts"),
        "workflow draft show": _in(Permission.WORKFLOW_EDIT, "GET …/drafts/{draft}"),
        "workflow draft delete": _in(Permission.WORKFLOW_EDIT, "DELETE …/drafts/{draft}"),
        "workflow protect": _in(Permission.RELEASE_APPROVE, "POST …/workflows/{slug}/protect"),
        "workflow unprotect": _in(Permission.RELEASE_APPROVE, "POST …/workflows/{slug}/unprotect"),
        "release list": _in(Permission.RELEASE_READ, "GET …/releases"),
        "release show": _in(Permission.RELEASE_READ, "GET …/releases/{release}"),
        "release limits": _in(
            Permission.ORGANIZATION_READ,
            "GET …/releases/limits",
            instead={"kind": _instead(Permission.ORGANIZATION_SETTLE, "PATCH …/releases/limits")},
        ),
        "release approve": _in(
            Permission.RELEASE_APPROVE, "POST …/releases/{release}/approve", signs_in=True, people_only=True
        ),
        "release refuse": _in(
            Permission.RELEASE_APPROVE, "POST …/releases/{release}/refuse", signs_in=True, people_only=True
        ),
        "release override": _in(
            Permission.RELEASE_OVERRIDE, "POST …/releases/{release}/override", signs_in=True, people_only=True
        ),
        # ── runs ──
        "run list": _org(Permission.RUN_READ, "GET …/runs"),
        "run show": _look(Permission.RUN_READ, "GET …/runs/{run_id}"),
        "run watch": _look(Permission.RUN_READ, "GET …/runs/{run_id}"),
        "run start": _org(Permission.RUN_START, "POST …/runs", signs_in=True),
        "run pause": _run(Permission.RUN_STEER, "POST …/runs/{run_id}/pause"),
        "run resume": _run(Permission.RUN_STEER, "POST …/runs/{run_id}/resume"),
        "run cancel": _run(Permission.RUN_STEER, "POST …/runs/{run_id}/cancel"),
        "run retry": _run(Permission.RUN_STEER, "POST …/runs/{run_id}/nodes/{node}/retry"),
        "run skip": _run(
            Permission.RUN_STEER,
            "POST …/runs/{run_id}/nodes/{node}/skip",
            "GET …/runs/{run_id}/nodes/{node}/skip",
        ),
        "run compensate": _run(
            Permission.RUN_READ,
            "GET …/runs/{run_id}/compensation",
            instead={"why": _instead(Permission.RUN_STEER, "POST …/runs/{run_id}/compensation")},
        ),
        "run plan": _look(Permission.EMPLOYEE_READ, "POST …/runs/{run_id}/plan"),
        "ledger show": _look(Permission.LEDGER_READ, "GET …/runs/{run_id}/acts"),
        "ledger redo": _run(Permission.LEDGER_CORRECT, "POST …/runs/{run_id}/nodes/{node}/redo"),
        "ledger resolve": _run(Permission.LEDGER_CORRECT, "POST …/runs/{run_id}/nodes/{node}/resolve"),
        "approval list": _desk(Permission.REQUEST_READ, "GET …/requests"),
        "approval show": _request(Permission.REQUEST_READ, "GET …/requests/{request_id}"),
        "approval approve": _request(Permission.REQUEST_ANSWER, "POST …/requests/{request_id}/answer"),
        "approval reject": _request(Permission.REQUEST_ANSWER, "POST …/requests/{request_id}/answer"),
        "approval fill": _request(Permission.REQUEST_ANSWER, "POST …/requests/{request_id}/answer"),
        "approval done": _request(Permission.REQUEST_ANSWER, "POST …/requests/{request_id}/answer"),
        "approval reassign": _request(Permission.REQUEST_ANSWER, "POST …/requests/{request_id}/reassign"),
        "approval delegate": _desk(Permission.REQUEST_ANSWER, "POST …/delegations"),
        "approval delegations": _desk(Permission.REQUEST_READ, "GET …/delegations"),
        "approval undelegate": _desk(Permission.REQUEST_ANSWER, "DELETE …/delegations/{delegation_id}"),
        # ── events, and what is told of them ──
        "event send": _org(
            Permission.EVENT_SEND, "POST …/events", instead={"force": _instead(Permission.PLATFORM_MANAGE)}
        ),
        "inbox list": _org(Permission.EVENT_READ, "GET …/inbox", "GET …/quarantine"),
        "inbox show": _org(
            Permission.EVENT_READ,
            "GET …/inbox/{event}",
            "GET …/quarantine/{letter}",
            thing=Thing.EVENT,
            instead={"body": _instead(Permission.EVENT_CORRECT, "GET …/quarantine/{letter}/body")},
        ),
        "inbox replay": _org(
            Permission.EVENT_CORRECT,
            "POST …/inbox/{event}/replay",
            "POST …/quarantine/{letter}/replay",
            thing=Thing.EVENT,
        ),
        "inbox discard": _org(
            Permission.EVENT_CORRECT, "POST …/quarantine/{letter}/discard", thing=Thing.EVENT
        ),
        "outbox list": _org(Permission.OUTBOX_READ, "GET …/outbox"),
        "outbox retry": _org(Permission.OUTBOX_CORRECT, "POST …/outbox/{message}/retry", thing=Thing.MESSAGE),
        "outbox discard": _org(
            Permission.OUTBOX_CORRECT, "POST …/outbox/{message}/discard", thing=Thing.MESSAGE
        ),
        "audit list": _org(Permission.AUDIT_READ, "GET …/audit/records"),
        "audit verify": _org(Permission.AUDIT_READ, "POST …/audit/verifications"),
    }
)
"""By the words that are typed."""
