"""Every route of the fake, with the scopes of which one is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from counterparts.okta import (
    apps,
    assignments,
    factors,
    groups,
    lifecycle,
    log,
    roles,
    rules,
    schema,
    sessions,
    users,
)
from counterparts.okta.token_endpoint import TokenEndpoint
from counterparts.okta.undescribed import UNDESCRIBED
from counterparts.vendors.routes import Handler, Response, Route
from counterparts.vendors.tokens import Tokens

USER = "/api/v1/users/{id}"
USER_ID = "/api/v1/users/{userId}"
GROUP = "/api/v1/groups/{groupId}"
RULE = "/api/v1/groups/rules/{groupRuleId}"
APP = "/api/v1/apps/{appId}"
TOKEN = "/oauth2/v1/token"  # noqa: S105 - an address
Row = tuple[str, str, Handler]
NAMES = {
    "id": "identity",
    "userId": "user_id",
    "groupId": "group_id",
    "groupRuleId": "rule_id",
    "appId": "app_id",
    "roleAssignmentId": "role_id",
    "roleIdOrLabel": "name",
    "resourceSetIdOrLabel": "name",
    "factorId": "factor_id",
    "clientId": "client_id",
    "grantId": "grant_id",
}
"""The parameters of the handlers, by those of the templates."""

USERS: list[Row] = [
    ("GET", "/api/v1/users", users.list_users),
    ("POST", "/api/v1/users", users.create),
    ("GET", USER, users.read),
    ("POST", USER, users.update),
    ("PUT", USER, users.replace),
    ("DELETE", USER, users.delete),
    ("GET", f"{USER}/appLinks", users.app_links),
    ("GET", f"{USER}/groups", groups.list_of_user),
    ("POST", f"{USER}/lifecycle/activate", lifecycle.step(lifecycle.activate)),
    ("POST", f"{USER}/lifecycle/reactivate", lifecycle.step(lifecycle.reactivate)),
    ("POST", f"{USER}/lifecycle/deactivate", lifecycle.step(lifecycle.deactivate)),
    ("POST", f"{USER}/lifecycle/suspend", lifecycle.step(lifecycle.suspend)),
    ("POST", f"{USER}/lifecycle/unsuspend", lifecycle.step(lifecycle.unsuspend)),
    ("POST", f"{USER}/lifecycle/unlock", lifecycle.step(lifecycle.unlock)),
    ("POST", f"{USER}/lifecycle/expire_password", lifecycle.step(lifecycle.expire_password)),
    (
        "POST",
        f"{USER}/lifecycle/expire_password_with_temp_password",
        lifecycle.step(lifecycle.expire_with_temporary),
    ),
    ("POST", f"{USER}/lifecycle/reset_password", lifecycle.step(lifecycle.reset_password)),
    ("POST", f"{USER}/lifecycle/reset_factors", lifecycle.step(lifecycle.reset_factors)),
    ("POST", f"{USER_ID}/credentials/change_password", lifecycle.step(lifecycle.change_password)),
    ("POST", f"{USER_ID}/credentials/forgot_password", lifecycle.step(lifecycle.forgot_password)),
    ("DELETE", f"{USER_ID}/sessions", sessions.clear),
    ("GET", f"{USER_ID}/grants", sessions.list_grants),
    ("DELETE", f"{USER_ID}/grants", sessions.revoke_grants),
    ("DELETE", f"{USER_ID}/grants/{{grantId}}", sessions.revoke_grant),
    ("GET", f"{USER_ID}/clients", sessions.list_clients),
    ("GET", f"{USER_ID}/clients/{{clientId}}/grants", sessions.list_grants),
    ("DELETE", f"{USER_ID}/clients/{{clientId}}/grants", sessions.revoke_grants),
    ("GET", f"{USER_ID}/clients/{{clientId}}/tokens", sessions.list_tokens),
    ("DELETE", f"{USER_ID}/clients/{{clientId}}/tokens", sessions.revoke_tokens),
    ("GET", f"{USER_ID}/factors", factors.list_factors),
    ("POST", f"{USER_ID}/factors", factors.enroll),
    ("GET", f"{USER_ID}/factors/{{factorId}}", factors.read),
    ("DELETE", f"{USER_ID}/factors/{{factorId}}", factors.delete),
]
GROUPS: list[Row] = [
    ("GET", "/api/v1/groups", groups.list_groups),
    ("POST", "/api/v1/groups", groups.create),
    ("GET", GROUP, groups.read),
    ("PUT", GROUP, groups.replace),
    ("DELETE", GROUP, groups.delete),
    ("GET", f"{GROUP}/users", groups.list_members),
    ("PUT", f"{GROUP}/users/{{userId}}", groups.add_member),
    ("DELETE", f"{GROUP}/users/{{userId}}", groups.remove_member),
    ("GET", f"{GROUP}/apps", apps.list_of_group),
    ("GET", f"{GROUP}/owners", groups.list_owners),
    ("POST", f"{GROUP}/owners", groups.add_owner),
    ("GET", "/api/v1/groups/rules", rules.list_rules),
    ("POST", "/api/v1/groups/rules", rules.create),
    ("GET", RULE, rules.read),
    ("PUT", RULE, rules.replace),
    ("DELETE", RULE, rules.delete),
    ("POST", f"{RULE}/lifecycle/activate", rules.activate),
    ("POST", f"{RULE}/lifecycle/deactivate", rules.deactivate),
]
APPS: list[Row] = [
    ("GET", "/api/v1/apps", apps.list_apps),
    ("POST", "/api/v1/apps", apps.create),
    ("GET", APP, apps.read),
    ("PUT", APP, apps.replace),
    ("DELETE", APP, apps.delete),
    ("POST", f"{APP}/lifecycle/activate", apps.activate),
    ("POST", f"{APP}/lifecycle/deactivate", apps.deactivate),
    ("GET", f"{APP}/users", assignments.list_users),
    ("POST", f"{APP}/users", assignments.assign),
    ("GET", f"{APP}/users/{{userId}}", assignments.read_user),
    ("POST", f"{APP}/users/{{userId}}", assignments.update_user),
    ("DELETE", f"{APP}/users/{{userId}}", assignments.unassign),
    ("GET", f"{APP}/groups", assignments.list_groups),
    ("GET", f"{APP}/groups/{{groupId}}", assignments.read_group),
    ("PUT", f"{APP}/groups/{{groupId}}", assignments.assign_group),
    ("PATCH", f"{APP}/groups/{{groupId}}", assignments.patch_group),
    ("DELETE", f"{APP}/groups/{{groupId}}", assignments.unassign_group),
]
ROLES: list[Row] = [
    ("GET", f"{USER_ID}/roles", roles.list_roles),
    ("POST", f"{USER_ID}/roles", roles.assign),
    ("GET", f"{USER_ID}/roles/{{roleAssignmentId}}", roles.read),
    ("DELETE", f"{USER_ID}/roles/{{roleAssignmentId}}", roles.unassign),
    ("GET", "/api/v1/iam/roles/{roleIdOrLabel}", roles.read_custom),
    ("GET", "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}", roles.read_resource_set),
]
LOGS: list[Row] = [("GET", "/api/v1/logs", log.list_events)]
SCHEMAS: list[Row] = [("GET", "/api/v1/meta/schemas/user/default", schema.show)]
FAMILIES = {"users": USERS, "groups": GROUPS, "apps": APPS, "roles": ROLES, "logs": LOGS, "schemas": SCHEMAS}


def routes(tokens: Tokens) -> list[Route]:
    found = [
        Route(
            method,
            template,
            _named(handler),
            needs=_scopes(family, method),
            undescribed=UNDESCRIBED.get((method, template)),
        )
        for family, rows in FAMILIES.items()
        for method, template, handler in rows
    ]
    endpoint = TokenEndpoint(tokens)
    described = UNDESCRIBED["POST", TOKEN]
    return [*found, Route("POST", TOKEN, endpoint, public=True, writes=False, undescribed=described)]


def _scopes(family: str, method: str) -> frozenset[str]:
    """Who may manage may read, too."""
    manage = f"okta.{family}.manage"
    return frozenset({manage, f"okta.{family}.read"} if method == "GET" else {manage})


def _named(handler: Handler) -> Callable[..., Response]:
    def called(request: Any, store: Any, **path: str) -> Response:
        names = {NAMES[name]: value for name, value in path.items()}
        return handler(request, store, **names)

    return called
