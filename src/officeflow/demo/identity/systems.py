"""The systems that a person gets an account in."""

from __future__ import annotations

from dataclasses import dataclass

from officeflow.stack.counterparts import Counterpart, discover

DEMO = "identity"
"""What the counterparts of this demonstration declare."""


@dataclass(frozen=True, slots=True)
class System:
    """`key` begins the ids of its nodes in the workflows, `counterpart` is its server's folder."""

    key: str
    title: str
    counterpart: str
    connection: str

    @property
    def declared(self) -> Counterpart:
        return discover()[self.counterpart]


SYSTEMS = (
    System("scim", "SCIM directory", "scim", "directory"),
    System("okta", "Okta", "okta", "okta"),
    System("entra", "Entra", "entra", "entra"),
    System("google", "Google Workspace", "google", "workspace"),
    System("keycloak", "Keycloak", "keycloak", "keycloak"),
    System("ad", "Active Directory", "samba", "ad"),
    System("ldap", "LDAP", "ldap", "people"),
)
