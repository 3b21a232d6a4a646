"""Inbound single sign-on as it was before an act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from officeflow.connectors.families.identity import SamlIdentityProvider, Trust, TrustsProviders
from officeflow.errors import ConnectorError, NotUndoable
from officeflow.nodes.identity._inbound_sso import CERTIFICATES, SETTINGS, TARGETS, State, different, state_of
from officeflow.sdk import Act


@contextmanager
def behind_a_write(wrote: bool) -> Iterator[None]:
    """What fails in here leaves the act done in part, where the write before it was one of its own."""
    try:
        yield
    except ConnectorError as error:
        error.maybe_done = error.maybe_done or wrote
        raise


def take_away(there: Trust, left: State, provider: TrustsProviders, act: Act) -> None:
    """A profile of the act's own, as the act has left it."""
    if others := [each.field for each in different(state_of(there), left)]:
        raise NotUndoable(
            f"somebody has changed {', '.join(others)} of the SSO profile {there.name} since: it is left"
        )
    if there.units or there.groups:
        provider.apply_trust(there.id, units=(), groups=(), key=act.key)
    provider.remove_trust(there.id, key=act.key)
    act.changed(f"removed the SSO profile {there.name}")
    act.read_back(f"there is no SSO profile with id {there.id}")


def put_back(
    there: Trust,
    before: State,
    left: State,
    *,
    fields: Sequence[str],
    provider: TrustsProviders,
    act: Act,
) -> None:
    """One that was there before, as far as the act has changed it: `fields`."""
    changed = [name for name in fields if name != CERTIFICATES]
    now = state_of(there)
    if wrong := {each.field for each in different(now, before)} & set(changed):
        since = {each.field for each in different(now, left)} & set(changed)
        if since:
            raise NotUndoable(
                f"somebody has changed {', '.join(sorted(since))} of the SSO profile {there.name} since: it"
                " is left"
            )
        _set_to(there, before, wrong, provider, act)
        act.changed(f"{', '.join(sorted(wrong))} of the SSO profile {there.name} as before again")
        stayed = {each.field for each in different(state_of(provider.get_trust(there.id)), before)}
        if stayed & wrong:
            names = ", ".join(sorted(stayed & wrong))
            raise NotUndoable(f"the system keeps {names} of the SSO profile {there.name}")
        act.read_back(f"the SSO profile {there.name} is as it was")
    elif changed:
        act.note("it is as before already")
    if CERTIFICATES in fields:
        raise NotUndoable(f"the SSO profile {there.name} keeps the certificates that it has now")


def _set_to(there: Trust, before: State, wrong: set[str], provider: TrustsProviders, act: Act) -> None:
    """Whose people sign in by it first: as long as it leads to where they do."""
    entity_id, sign_in_url, sign_out_url, password_url = (before.get(name) or "" for name in SETTINGS)
    settings = SamlIdentityProvider(
        entity_id=entity_id, sign_in_url=sign_in_url, sign_out_url=sign_out_url, password_url=password_url
    )
    wrote = False
    if wrong & set(TARGETS):
        provider.apply_trust(there.id, units=before["units"], groups=before["groups"], key=act.key)
        wrote = True
    if wrong & set(SETTINGS):
        with behind_a_write(wrote):
            provider.change_trust(there.id, settings, key=act.key)
