"""OAuth scopes, and those of the routes: any one of a set is enough.

https://developers.google.com/identity/protocols/oauth2/scopes
"""

from __future__ import annotations

AUTH = "https://www.googleapis.com/auth/"


def _all(*names: str) -> frozenset[str]:
    return frozenset(AUTH + name for name in names)


def _both(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Of what reads and of what writes."""
    return _all(f"admin.directory.{name}", f"admin.directory.{name}.readonly"), _all(
        f"admin.directory.{name}"
    )


USER_READ, USER = _both("user")
USER_LIST = USER_READ | _all("cloud-platform")
ALIAS = USER | _all("admin.directory.user.alias")
ALIAS_READ = USER_READ | _all("admin.directory.user.alias", "admin.directory.user.alias.readonly")
SECURITY = _all("admin.directory.user.security")
GROUP_READ, GROUP = _both("group")
MEMBER = GROUP | _all("admin.directory.group.member")
MEMBER_READ = GROUP_READ | _all("admin.directory.group.member", "admin.directory.group.member.readonly")
ORGUNIT_READ, ORGUNIT = _both("orgunit")
ROLE_READ, ROLE = _both("rolemanagement")
SCHEMA_READ, SCHEMA = _both("userschema")
CUSTOMER_READ = _both("customer")[0]
DOMAIN_READ = _both("domain")[0]
MOBILE_READ, MOBILE = _both("device.mobile")
MOBILE_ACTION = MOBILE | _all("admin.directory.device.mobile.action")
MOBILE_LIST = MOBILE_READ | _all("admin.directory.device.mobile.action")
TRANSFER = _all("admin.datatransfer")
TRANSFER_READ = _all("admin.datatransfer", "admin.datatransfer.readonly")
LICENSING = _all("apps.licensing")
SSO = _all("cloud-identity.inboundsso", "cloud-platform")
SSO_READ = SSO | _all("cloud-identity.inboundsso.readonly")
SETTINGS = _all("apps.groups.settings")

USUAL = sorted(
    USER | SECURITY | GROUP | MEMBER | ORGUNIT | ROLE | SCHEMA | CUSTOMER_READ | DOMAIN_READ
    | MOBILE | MOBILE_ACTION | TRANSFER | LICENSING | SETTINGS | _all("cloud-identity.inboundsso")
    | USER_READ | GROUP_READ | MEMBER_READ | ORGUNIT_READ | ROLE_READ | SCHEMA_READ | ALIAS | ALIAS_READ
    | _all("admin.datatransfer.readonly", "cloud-identity.inboundsso.readonly")
)  # fmt: skip
"""What the seeded service account is granted by domain-wide delegation."""
