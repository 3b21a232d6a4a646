"""Applications on paper, and what is handed over from one account to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from officeflow.connectors.families.identity import (
    Application,
    ConfiguresApplications,
    SamlSettings,
    SsoSettings,
    Transfer,
    TransfersOwnership,
)
from officeflow.errors import Conflict, NotFound, Rejected
from tests.nodes.paper.connectors.paper.base import PaperClient
from tests.nodes.paper.connectors.paper.entitlements import existing
from tests.nodes.paper.directory import Given


class Configuring(PaperClient, ConfiguresApplications):
    def applications_named(self, name: str) -> Sequence[Application]:
        self._reads("applications_named")
        return [each for each in self._directory.applications if each.name.casefold() == name.casefold()]

    def get_application(self, application_id: str) -> Application:
        call = self._reads("get_application")
        for each in self._directory.applications:
            if each.id == application_id:
                return each
        raise call.error(NotFound, f"there is no application {application_id}")

    def create_application(self, name: str, settings: SsoSettings, *, key: str) -> Application:
        call, directory = self._writes("create_application", key), self._directory
        for each in directory.applications:
            same_entity = (
                isinstance(settings, SamlSettings)
                and isinstance(each.sso, SamlSettings)
                and each.sso.entity_id == settings.entity_id
            )
            if same_entity or each.name.casefold() == name.casefold():
                raise call.error(Conflict, f"the application {each.name} is there already")
        made = Application(id=directory.new_id("app"), name=name, sso=settings)
        made = replace(made, metadata_url=f"https://paper.example/{made.id}/metadata")
        directory.write(
            call, lambda: directory.applications.append(made), lambda: made in directory.applications
        )
        return made

    def configure_application(self, application_id: str, settings: SsoSettings, *, key: str) -> Application:
        call, directory = self._writes("configure_application", key), self._directory
        before = existing(directory.applications, application_id, "application", call)
        if before.sso is not None and type(before.sso) is not type(settings):
            raise call.error(Rejected, f"the application {before.name} speaks the other protocol")
        after = replace(before, sso=settings)
        place = directory.applications.index(before)
        if after != before:
            directory.write(
                call,
                lambda: directory.applications.__setitem__(place, after),
                lambda: directory.applications[place] == after,
            )
        return directory.applications[place]


class Transferring(PaperClient, TransfersOwnership):
    def find_transfers(self, account_id: str, to_id: str) -> Sequence[Transfer]:
        self._reads("find_transfers")
        found = [
            each for each in self._directory.transfers if (each.account_id, each.to_id) == (account_id, to_id)
        ]
        return [self._looked_at(each) for each in reversed(found)]

    def begin_transfer(self, account_id: str, to_id: str, what: Sequence[str], *, key: str) -> Transfer:
        call, directory = self._writes("begin_transfer", key), self._directory
        directory.known(account_id, call)
        directory.known(to_id, call)
        if unknown := sorted(set(what) - {"drive", "calendar"}):
            raise call.error(NotFound, f"there is no application {unknown[0]}")
        begun = Transfer(id=directory.new_id("t"), state="running" if directory.transfers_run else "done")
        given = Given(begun, account_id, to_id, tuple(what))
        directory.write(
            call, lambda: directory.transfers.append(given), lambda: given in directory.transfers, account_id
        )
        return given.transfer

    def get_transfer(self, transfer_id: str) -> Transfer:
        call = self._reads("get_transfer")
        for each in self._directory.transfers:
            if each.transfer.id == transfer_id:
                return self._looked_at(each)
        raise call.error(NotFound, f"there is no transfer {transfer_id}")

    def _looked_at(self, given: Given) -> Transfer:
        if given.transfer.state == "running":
            self._directory.transfers_run -= 1
            if self._directory.transfers_run <= 0:
                given.transfer = replace(given.transfer, state="done", told="2 files handed over")
        return given.transfer
