"""Every route that is played, under the description's template, with the scopes that let one in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from wsgiref.types import WSGIApplication

from counterparts.google import (
    batch,
    customer,
    group_settings,
    groups,
    licensing,
    members,
    mobile,
    orgunits,
    roles,
    schemas,
    scopes,
    security,
    sso,
    sso_assignments,
    token,
    transfers,
    users,
)  # fmt: skip
from counterparts.vendors.routes import Handler, Route, Undescribed

DIRECTORY = "/admin/directory/v1"
TRANSFER = "/admin/datatransfer/v1"
LICENSING = "/apps/licensing/v1/product/{productId}"
OF_USER = f"{DIRECTORY}/users/{{userKey}}"
OF_GROUP = f"{DIRECTORY}/groups/{{groupKey}}"
OF_CUSTOMER = f"{DIRECTORY}/customer/{{customer}}"
OF_CUSTOMER_ID = f"{DIRECTORY}/customer/{{customerId}}"
PROFILE = "/v1/inboundSamlSsoProfiles/{inboundSamlSsoProfilesId}"
ASSIGNMENT = "/v1/inboundSsoAssignments/{inboundSsoAssignmentsId}"

Row = tuple[str, str, Handler, frozenset[str]]

USERS: list[Row] = [
    ("POST", f"{DIRECTORY}/users", users.insert, scopes.USER),
    ("GET", f"{DIRECTORY}/users", users.list_, scopes.USER_LIST),
    ("GET", OF_USER, users.get, scopes.USER_READ),
    ("PUT", OF_USER, users.update, scopes.USER),
    ("PATCH", OF_USER, users.patch, scopes.USER),
    ("DELETE", OF_USER, users.delete, scopes.USER),
    ("POST", f"{OF_USER}/undelete", users.undelete, scopes.USER),
    ("POST", f"{OF_USER}/makeAdmin", users.make_admin, scopes.USER),
    ("POST", f"{OF_USER}/signOut", users.sign_out, scopes.SECURITY),
    ("GET", f"{OF_USER}/aliases", users.list_aliases, scopes.ALIAS_READ),
    ("POST", f"{OF_USER}/aliases", users.insert_alias, scopes.ALIAS),
    ("DELETE", f"{OF_USER}/aliases/{{alias}}", users.delete_alias, scopes.ALIAS),
    ("GET", f"{OF_USER}/tokens", security.list_tokens, scopes.SECURITY),
    ("GET", f"{OF_USER}/tokens/{{clientId}}", security.get_token, scopes.SECURITY),
    ("DELETE", f"{OF_USER}/tokens/{{clientId}}", security.delete_token, scopes.SECURITY),
    ("GET", f"{OF_USER}/asps", security.list_asps, scopes.SECURITY),
    ("GET", f"{OF_USER}/asps/{{codeId}}", security.get_asp, scopes.SECURITY),
    ("DELETE", f"{OF_USER}/asps/{{codeId}}", security.delete_asp, scopes.SECURITY),
    ("GET", f"{OF_USER}/verificationCodes", security.list_codes, scopes.SECURITY),
    ("POST", f"{OF_USER}/verificationCodes/generate", security.generate_codes, scopes.SECURITY),
    ("POST", f"{OF_USER}/verificationCodes/invalidate", security.invalidate_codes, scopes.SECURITY),
    ("POST", f"{OF_USER}/twoStepVerification/turnOff", security.turn_off, scopes.SECURITY),
]
GROUPS: list[Row] = [
    ("POST", f"{DIRECTORY}/groups", groups.insert, scopes.GROUP),
    ("GET", f"{DIRECTORY}/groups", groups.list_, scopes.GROUP_READ),
    ("GET", OF_GROUP, groups.get, scopes.GROUP_READ),
    ("PUT", OF_GROUP, groups.update, scopes.GROUP),
    ("PATCH", OF_GROUP, groups.patch, scopes.GROUP),
    ("DELETE", OF_GROUP, groups.delete, scopes.GROUP),
    ("GET", f"{OF_GROUP}/aliases", groups.list_aliases, scopes.GROUP_READ),
    ("POST", f"{OF_GROUP}/aliases", groups.insert_alias, scopes.GROUP),
    ("DELETE", f"{OF_GROUP}/aliases/{{alias}}", groups.delete_alias, scopes.GROUP),
    ("GET", f"{OF_GROUP}/members", members.list_, scopes.MEMBER_READ),
    ("POST", f"{OF_GROUP}/members", members.insert, scopes.MEMBER),
    ("GET", f"{OF_GROUP}/members/{{memberKey}}", members.get, scopes.MEMBER_READ),
    ("PUT", f"{OF_GROUP}/members/{{memberKey}}", members.update, scopes.MEMBER),
    ("PATCH", f"{OF_GROUP}/members/{{memberKey}}", members.patch, scopes.MEMBER),
    ("DELETE", f"{OF_GROUP}/members/{{memberKey}}", members.delete, scopes.MEMBER),
    ("GET", f"{OF_GROUP}/hasMember/{{memberKey}}", members.has_member, scopes.MEMBER_READ),
    ("GET", "/groups/v1/groups/{groupUniqueId}", group_settings.get, scopes.SETTINGS),
    ("PUT", "/groups/v1/groups/{groupUniqueId}", group_settings.change, scopes.SETTINGS),
    ("PATCH", "/groups/v1/groups/{groupUniqueId}", group_settings.change, scopes.SETTINGS),
]
CUSTOMER: list[Row] = [
    ("GET", f"{DIRECTORY}/customers/{{customerKey}}", customer.get, scopes.CUSTOMER_READ),
    ("GET", f"{OF_CUSTOMER}/domains", customer.list_domains, scopes.DOMAIN_READ),
    ("GET", f"{OF_CUSTOMER}/domains/{{domainName}}", customer.get_domain, scopes.DOMAIN_READ),
    ("GET", f"{OF_CUSTOMER}/roles", roles.list_, scopes.ROLE_READ),
    ("POST", f"{OF_CUSTOMER}/roles", roles.insert, scopes.ROLE),
    ("GET", f"{OF_CUSTOMER}/roles/{{roleId}}", roles.get, scopes.ROLE_READ),
    ("PUT", f"{OF_CUSTOMER}/roles/{{roleId}}", roles.update, scopes.ROLE),
    ("PATCH", f"{OF_CUSTOMER}/roles/{{roleId}}", roles.patch, scopes.ROLE),
    ("DELETE", f"{OF_CUSTOMER}/roles/{{roleId}}", roles.delete, scopes.ROLE),
    ("GET", f"{OF_CUSTOMER}/roleassignments", roles.list_assignments, scopes.ROLE_READ),
    ("POST", f"{OF_CUSTOMER}/roleassignments", roles.insert_assignment, scopes.ROLE),
    ("GET", f"{OF_CUSTOMER}/roleassignments/{{roleAssignmentId}}", roles.get_assignment, scopes.ROLE_READ),
    ("DELETE", f"{OF_CUSTOMER}/roleassignments/{{roleAssignmentId}}", roles.delete_assignment, scopes.ROLE),
    ("GET", f"{OF_CUSTOMER_ID}/orgunits", orgunits.list_, scopes.ORGUNIT_READ),
    ("POST", f"{OF_CUSTOMER_ID}/orgunits", orgunits.insert, scopes.ORGUNIT),
    ("GET", f"{OF_CUSTOMER_ID}/orgunits/{{orgunitsId}}", orgunits.get, scopes.ORGUNIT_READ),
    ("PUT", f"{OF_CUSTOMER_ID}/orgunits/{{orgunitsId}}", orgunits.patch, scopes.ORGUNIT),
    ("PATCH", f"{OF_CUSTOMER_ID}/orgunits/{{orgunitsId}}", orgunits.patch, scopes.ORGUNIT),
    ("DELETE", f"{OF_CUSTOMER_ID}/orgunits/{{orgunitsId}}", orgunits.delete, scopes.ORGUNIT),
    ("GET", f"{OF_CUSTOMER_ID}/schemas", schemas.list_, scopes.SCHEMA_READ),
    ("POST", f"{OF_CUSTOMER_ID}/schemas", schemas.insert, scopes.SCHEMA),
    ("GET", f"{OF_CUSTOMER_ID}/schemas/{{schemaKey}}", schemas.get, scopes.SCHEMA_READ),
    ("PUT", f"{OF_CUSTOMER_ID}/schemas/{{schemaKey}}", schemas.update, scopes.SCHEMA),
    ("PATCH", f"{OF_CUSTOMER_ID}/schemas/{{schemaKey}}", schemas.update, scopes.SCHEMA),
    ("DELETE", f"{OF_CUSTOMER_ID}/schemas/{{schemaKey}}", schemas.delete, scopes.SCHEMA),
    ("GET", f"{OF_CUSTOMER_ID}/devices/mobile", mobile.list_, scopes.MOBILE_LIST),
    ("GET", f"{OF_CUSTOMER_ID}/devices/mobile/{{resourceId}}", mobile.get, scopes.MOBILE_LIST),
    ("POST", f"{OF_CUSTOMER_ID}/devices/mobile/{{resourceId}}/action", mobile.act, scopes.MOBILE_ACTION),
    ("DELETE", f"{OF_CUSTOMER_ID}/devices/mobile/{{resourceId}}", mobile.delete, scopes.MOBILE),
]
OTHERS: list[Row] = [
    ("GET", f"{TRANSFER}/applications", transfers.list_applications, scopes.TRANSFER_READ),
    ("GET", f"{TRANSFER}/applications/{{applicationId}}", transfers.get_application, scopes.TRANSFER_READ),
    ("POST", f"{TRANSFER}/transfers", transfers.insert, scopes.TRANSFER),
    ("GET", f"{TRANSFER}/transfers", transfers.list_, scopes.TRANSFER_READ),
    ("GET", f"{TRANSFER}/transfers/{{dataTransferId}}", transfers.get, scopes.TRANSFER_READ),
    ("GET", f"{LICENSING}/users", licensing.list_, scopes.LICENSING),
    ("GET", f"{LICENSING}/sku/{{skuId}}/users", licensing.list_, scopes.LICENSING),
    ("POST", f"{LICENSING}/sku/{{skuId}}/user", licensing.insert, scopes.LICENSING),
    ("GET", f"{LICENSING}/sku/{{skuId}}/user/{{userId}}", licensing.get, scopes.LICENSING),
    ("PUT", f"{LICENSING}/sku/{{skuId}}/user/{{userId}}", licensing.reassign, scopes.LICENSING),
    ("PATCH", f"{LICENSING}/sku/{{skuId}}/user/{{userId}}", licensing.reassign, scopes.LICENSING),
    ("DELETE", f"{LICENSING}/sku/{{skuId}}/user/{{userId}}", licensing.delete, scopes.LICENSING),
    ("GET", "/v1/inboundSamlSsoProfiles", sso.list_profiles, scopes.SSO_READ),
    ("POST", "/v1/inboundSamlSsoProfiles", sso.create_profile, scopes.SSO),
    ("GET", PROFILE, sso.get_profile, scopes.SSO_READ),
    ("PATCH", PROFILE, sso.patch_profile, scopes.SSO),
    ("DELETE", PROFILE, sso.delete_profile, scopes.SSO),
    ("GET", f"{PROFILE}/idpCredentials", sso.list_credentials, scopes.SSO_READ),
    ("POST", f"{PROFILE}/idpCredentials:add", sso.add_credential, scopes.SSO),
    ("GET", f"{PROFILE}/idpCredentials/{{idpCredentialsId}}", sso.get_credential, scopes.SSO_READ),
    ("DELETE", f"{PROFILE}/idpCredentials/{{idpCredentialsId}}", sso.delete_credential, scopes.SSO),
    ("GET", "/v1/inboundSsoAssignments", sso_assignments.list_, scopes.SSO_READ),
    ("POST", "/v1/inboundSsoAssignments", sso_assignments.create, scopes.SSO),
    ("GET", ASSIGNMENT, sso_assignments.get, scopes.SSO_READ),
    ("PATCH", ASSIGNMENT, sso_assignments.patch, scopes.SSO),
    ("DELETE", ASSIGNMENT, sso_assignments.delete, scopes.SSO),
]

UNDESCRIBED = {
    "/token": Undescribed(
        "https://developers.google.com/identity/protocols/oauth2/service-account#httprest",
        body={"type": "string"},
        body_required=True,
        media_type="application/x-www-form-urlencoded",
    ),
    "/batch": Undescribed(
        batch.PAGE, body={"type": "string"}, body_required=True, media_type="multipart/mixed"
    ),
}


def _rule(template: str) -> str:
    """With places in the names of our parameters; what names a unit by its path has several segments."""

    def place(match: re.Match[str]) -> str:
        name = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", match[1])
        return f"<path:{name}>" if name == "orgunits_id" else f"<{name}>"

    return re.sub(r"{(\w+)}", place, template)


def routes(application: Callable[[], WSGIApplication]) -> Iterator[Route]:
    """`application` gives the one that has them: a batch's parts are for it."""
    for method, template, handler, needs in [*USERS, *GROUPS, *CUSTOMER, *OTHERS]:
        yield Route(method, template, handler, needs, rule=_rule(template))
    yield Route(
        "POST", "/token", token.endpoint, public=True, writes=False, undescribed=UNDESCRIBED["/token"]
    )
    several = batch.handler(application)
    for template, rule in (("/batch", "/batch"), ("/batch/{api}", "/batch/<path:api>")):
        yield Route(
            "POST",
            template,
            several,
            public=True,
            writes=False,
            inward=True,
            rule=rule,
            undescribed=UNDESCRIBED["/batch"],
        )
