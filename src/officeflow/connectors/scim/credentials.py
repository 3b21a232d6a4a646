"""Passwords, which a SCIM server takes and never shows (RFC 7643 section 4.1.1)."""

from __future__ import annotations

import json

from officeflow.connectors.call import after_write
from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import Account, PasswordRules, SetsPasswords
from officeflow.connectors.scim.base import ScimClient
from officeflow.connectors.scim.edits import Edit
from officeflow.errors import ConnectorError, Rejected


class Credentials(ScimClient, SetsPasswords):
    def password_rules(self) -> PasswordRules:
        """SCIM tells none."""
        return PasswordRules()

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        """That the account has it cannot be read: the server's yes is all there is."""
        call = self.call("set_password", writes=True)
        if must_change:
            raise call.error(
                Rejected,
                "SCIM has no way to let its person choose another password at the next sign-in",
                hint="set must_change to false",
            )
        read = self._read(account_id, call, Capability.SET_PASSWORDS)
        try:
            self._writer.change_user(read, [[Edit(("password",), password)]], call, key=key)
        except ConnectorError as error:
            _without(password, error)
            raise
        with after_write():
            return self._read_back(account_id, call)


def _without(secret: str, error: ConnectorError) -> None:
    """A server's reason may repeat what it was sent."""
    for written in (secret, json.dumps(secret)[1:-1]):
        error.message = error.message.replace(written, "(the password)")
    error.args = (error.message,)
