"""What keeps an account signed in: sessions, and the tokens and grants of applications."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import EndsSessions, Session
from officeflow.connectors.okta.api import PAGE_SIZE, path_of
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.types import OauthClient, Permit
from officeflow.counts import counted


class Sessions(OktaBase, EndsSessions):
    """Okta ends an account's browser sessions and does not list them."""

    def sessions_of(self, account_id: str) -> Sequence[Session] | None:
        """Refresh tokens and grants, which Okta tells; None where there are none of these, for it does not
        tell whether a browser is signed in.
        """
        call = self.call("sessions_of")
        self._user(account_id, call)
        return self._permits(account_id, call) or None

    def end_sessions(self, account_id: str, *, key: str) -> str:
        call = self.call("end_sessions", writes=True)
        self._user(account_id, call.reading())
        before = self._permits(account_id, call.reading())
        ending = {"oauthTokens": "true"}
        self._api.send("DELETE", path_of("users", account_id, "sessions"), call, params=ending, key=key)
        if before:
            with self._further_step():
                self._api.send("DELETE", path_of("users", account_id, "grants"), call, key=key)
        with after_write():
            left = self._seen(lambda: self._permits(account_id, call), lambda read: not read)
            if left:
                names = ", ".join(sorted({each.name for each in left}))
                raise call.nothing_happened(f"{counted(len(left), 'token')} are left: {names}")
        tokens = f"{counted(len(before), 'token or grant', 'tokens and grants')} of applications"
        return f"Okta ended all browser sessions, which it does not list; {tokens} revoked, none is left"

    def _permits(self, account_id: str, call: Call) -> list[Session]:
        found = [
            _session(each, each.scope or each.client or "")
            for each in self._api.every(
                path_of("users", account_id, "grants"), Permit, call, {"limit": PAGE_SIZE}
            )
        ]
        for client in self._clients(account_id, call):
            path = path_of("users", account_id, "clients", client.id, "tokens")
            found += [
                _session(each, client.name or client.id)
                for each in self._api.every(path, Permit, call, {"limit": PAGE_SIZE})
            ]
        return found

    def _clients(self, account_id: str, call: Call) -> list[OauthClient]:
        return list(self._api.every(path_of("users", account_id, "clients"), OauthClient, call))


def _session(permit: Permit, name: str) -> Session:
    return Session(id=permit.id, kind="token", name=name, since=permit.created)
