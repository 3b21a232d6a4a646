"""Applications that accounts may use: assigned to themselves, or by their groups."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import AssignsApplications, Entitlement
from officeflow.connectors.okta.api import PAGE_SIZE, path_of
from officeflow.connectors.okta.base import ID, OktaBase
from officeflow.connectors.okta.types import App, AppUser, last_of, quoted
from officeflow.errors import Conflict, NotFound, Rejected


class Applications(OktaBase, AssignsApplications):
    def applications_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("applications_of")
        self._user(account_id, call)
        return self._apps_of(account_id, call)

    def find_application(self, application: str) -> Entitlement | None:
        app = self._app(application, self.call("find_application"))
        return Entitlement(id=app.id, name=app.label) if app else None

    def assign_application(
        self, account_id: str, application: str, *, role: str | None = None, key: str
    ) -> Sequence[Entitlement]:
        call = self.call("assign_application", writes=True)
        reading = call.reading()
        user = self._there(account_id, call)
        app = self._demanded_app(application, reading)
        if role is not None:
            text = f"the application {app.label!r} has no role {role!r}: in Okta, none has roles of its own"
            raise call.error(NotFound, text)
        if self._assignment(app.id, account_id, reading) is None:
            body = {"id": account_id, "scope": "USER"}
            self._api.send("POST", path_of("apps", app.id, "users"), call, body=body, key=key)
            with after_write():
                found = self._seen(
                    lambda: self._assignment(app.id, account_id, call), lambda read: read is not None
                )
                if found is None:
                    text = f"{user.login} does not have the application {app.label} when read back"
                    raise call.nothing_happened(text)
                return self._apps_of(account_id, call)
        return self._apps_of(account_id, reading)

    def unassign_application(self, account_id: str, application: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_application", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        app = self._demanded_app(application, reading)
        found = self._assignment(app.id, account_id, reading)
        if found is None:
            return self._apps_of(account_id, reading)
        if found.scope == "GROUP":
            group = self._giving(found, reading, {})
            raise call.error(Rejected, f"the application {app.label!r} comes from {group}")
        self._api.send("DELETE", path_of("apps", app.id, "users", account_id), call, key=key)
        with after_write():
            left = self._seen(lambda: self._assignment(app.id, account_id, call), lambda read: read is None)
            if left is not None:
                text = f"{user.login} still has the application {app.label} when read back"
                raise call.nothing_happened(text)
            return self._apps_of(account_id, call)

    def _assignment(self, app_id: str, account_id: str, call: Call) -> AppUser | None:
        try:
            found = self._api.one(path_of("apps", app_id, "users", account_id), AppUser, call)
        except NotFound:
            return None
        if found.id != account_id:
            raise call.contradiction(f"asked for the user {account_id}, it gives {found.id}")
        return found

    def _apps_of(self, account_id: str, call: Call) -> list[Entitlement]:
        """Okta gives an application with how the user has it (`expand`)."""
        asked = {
            "filter": f"user.id eq {quoted(account_id)}",
            "expand": f"user/{account_id}",
            "limit": PAGE_SIZE,
        }
        found: list[Entitlement] = []
        groups: dict[str, str] = {}
        for app in self._api.every("apps", App, call, asked):
            user = app.embedded.user if app.embedded else None
            if user is None:
                user = self._assignment(app.id, account_id, call)
            if user is None or user.id != account_id:
                raise call.contradiction(f"the application {app.id} is none of the user {account_id}")
            by_group = self._giving(user, call, groups) if user.scope == "GROUP" else None
            found.append(Entitlement(id=app.id, name=app.label, by_group=by_group))
        return found

    def _giving(self, user: AppUser, call: Call, known: dict[str, str]) -> str:
        """The name of the group that gives it; `known` has and gets the names by their ids."""
        group_id = last_of(user.links.group if user.links else None)
        if group_id not in known:
            known[group_id] = self._group_name(group_id, call)
        return known[group_id]

    def _demanded_app(self, application: str, call: Call) -> App:
        app = self._app(application, call)
        if app is None:
            raise call.error(NotFound, f"there is no application {application!r}")
        return app

    def _app(self, application: str, call: Call) -> App | None:
        """By what people call it, or by its id."""
        found = self._apps_called(application, call)
        if len(found) > 1:
            raise call.error(
                Conflict, f"{len(found)} applications are called {application!r}", hint="name it by its id"
            )
        if found or not ID.fullmatch(application):
            return found[0] if found else None
        try:
            return self._app_by_id(application, call)
        except NotFound:
            return None

    def _apps_called(self, name: str, call: Call) -> list[App]:
        """Okta looks for what begins so."""
        listed = self._api.every("apps", App, call, {"q": name, "limit": PAGE_SIZE})
        return [app for app in listed if app.label.casefold() == name.casefold()]

    def _app_by_id(self, application_id: str, call: Call) -> App:
        app = (
            self._api.one(path_of("apps", application_id), App, call)
            if ID.fullmatch(application_id)
            else None
        )
        if app is None or app.id != application_id:
            raise call.error(NotFound, f"there is no application {application_id}")
        return app
