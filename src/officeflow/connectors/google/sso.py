"""Identity providers by which people sign in to Google, and whose people do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import SamlIdentityProvider, Trust, TrustsProviders
from officeflow.connectors.google.asking import OURS
from officeflow.connectors.google.profiles import (
    ASSIGNMENTS,
    PROFILES,
    Profiles,
    config,
    differences,
)
from officeflow.connectors.google.types import Profile, SsoAssignment, valid
from officeflow.errors import Conflict, ConnectorError, NotFound

GROUP = "groups/"
UNIT = "orgUnits/"


class InboundSso(Profiles, TrustsProviders):
    def trusts_named(self, name: str) -> Sequence[Trust]:
        call = self.call("trusts_named")
        found = [each for each in self._profiles(call) if _is_called(each, name)]
        return [self._trust(each, call) for each in found]

    def get_trust(self, trust_id: str) -> Trust:
        call = self.call("get_trust")
        return self._trust(self._profile(trust_id, call), call)

    def trust_provider(self, name: str, provider: SamlIdentityProvider, *, key: str) -> Trust:
        call = self.call("trust_provider", writes=True)
        if any(_is_called(each, name) for each in self._profiles(call.reading())):
            raise call.error(Conflict, f"there is an SSO profile {name!r} already", status=409)
        admin = self._user_at(self._admin, call.reading())
        body = {
            "customer": f"customers/{admin.customerId if admin else ''}",
            "displayName": name,
            "idpConfig": config(provider),
        }
        made = self._operate(PROFILES, "create", call, key=key, body=body)
        with after_write():
            profile = valid(Profile, made, call).name
            self._replace_certificates(profile, provider.certificates, call, key=key)
            return self._trust_read_back(profile, provider, call)

    def change_trust(self, trust_id: str, provider: SamlIdentityProvider, *, key: str) -> Trust:
        call = self.call("change_trust", writes=True)
        profile = self._profile(trust_id, call.reading())
        mask = ",".join(f"idpConfig.{name}" for name in config(provider))
        body = {"idpConfig": config(provider)}
        if list(differences(profile, provider)):
            self._operate(PROFILES, "patch", call, key=key, name=trust_id, updateMask=mask, body=body)
        with after_write():
            if provider.certificates:
                self._replace_certificates(trust_id, provider.certificates, call, key=key)
            return self._trust_read_back(trust_id, provider, call)

    def check_targets(self, trust_id: str | None, *, units: Sequence[str], groups: Sequence[str]) -> None:
        call = self.call("check_targets")
        self._free_targets(trust_id, units, groups, self._sso_assignments(call), call)

    def apply_trust(self, trust_id: str, *, units: Sequence[str], groups: Sequence[str], key: str) -> Trust:
        call = self.call("apply_trust", writes=True)
        reading = call.reading()
        profile = self._profile(trust_id, reading)
        known = self._sso_assignments(reading)
        wanted = self._free_targets(trust_id, units, groups, known, reading)
        there = {each.target: each for each in known if each.profile == trust_id}
        rank = max((each.rank or 0 for each in known), default=0)
        changes: list[tuple[str, SsoAssignment | None]]
        changes = [(target, None) for target in wanted if target not in there]
        changes += [(target, each) for target, each in there.items() if target not in wanted]
        for done, (target, gone) in enumerate(changes):
            try:
                self._assign_sso(trust_id, target, gone, rank + done + 1, call, key=key)
            except ConnectorError as error:
                error.maybe_done = error.maybe_done or done > 0
                raise
        with after_write():

            def look() -> tuple[set[str], bool]:
                found = {each.target for each in self._sso_assignments(call) if each.profile == trust_id}
                return found, found == set(wanted)

            if self._settled(look) != set(wanted):
                raise call.nothing_happened(f"the SSO profile {profile.displayName} is not assigned so")
            return self._trust(profile, call)

    def remove_trust(self, trust_id: str, *, key: str) -> None:
        call = self.call("remove_trust", writes=True)
        reading = call.reading()
        try:
            profile = self._profile(trust_id, reading)
        except NotFound:
            return
        if any(each.profile == trust_id for each in self._sso_assignments(reading)):
            raise call.error(Conflict, f"people sign in by the SSO profile {profile.displayName}", status=409)
        self._operate(PROFILES, "delete", call, key=key, name=trust_id)
        with after_write():
            if self._settled(lambda: self._is_listed(trust_id, reading)):
                raise call.nothing_happened(f"the SSO profile {profile.displayName} is there still")

    def _is_listed(self, trust_id: str, call: Call) -> tuple[bool, bool]:
        listed = any(each.name == trust_id for each in self._profiles(call))
        return listed, not listed

    def _assign_sso(
        self, profile: str, target: str, gone: SsoAssignment | None, rank: int, call: Call, *, key: str
    ) -> None:
        """Without an assignment what is inherited holds."""
        if gone is not None:
            self._operate(ASSIGNMENTS, "delete", call, key=key, name=gone.name)
            return
        body: dict[str, Any] = {"ssoMode": "SAML_SSO", "samlSsoInfo": {"inboundSamlSsoProfile": profile}}
        body |= {} if self._customer == OURS else {"customer": f"customers/{self._customer}"}
        body |= (
            {"targetGroup": target, "rank": rank} if target.startswith(GROUP) else {"targetOrgUnit": target}
        )
        self._operate(ASSIGNMENTS, "create", call, key=key, body=body)

    def _free_targets(
        self,
        profile: str | None,
        units: Sequence[str],
        groups: Sequence[str],
        known: Sequence[SsoAssignment],
        call: Call,
    ) -> dict[str, str]:
        """As `_targets`; `Conflict` where something else than the profile is assigned to one of them: another
        one, none, or another way to sign in.
        """
        wanted = self._targets(units, groups, call)
        others = {each.target for each in known if each.profile is None or each.profile != profile}
        if taken := [name for target, name in wanted.items() if target in others]:
            raise call.error(Conflict, f"people of {taken[0]} sign in otherwise already", status=409)
        return wanted

    def _targets(self, units: Sequence[str], groups: Sequence[str], call: Call) -> dict[str, str]:
        """What Google calls them: the name that they were given by."""
        found = {}
        for name in groups:
            group = self._named(name, call)
            if group is None:
                raise call.error(NotFound, f"there is no group {name!r}", status=404)
            found[f"{GROUP}{group.id}"] = name
        for path in units:
            unit = self._unit(path, call) if path.strip("/") else self._top_unit(call)
            if unit is None:
                raise call.error(NotFound, f"there is no unit {path}", status=404)
            found[f"{UNIT}{unit.orgUnitId.removeprefix('id:')}"] = path
        return found

    def _trust_read_back(self, profile: str, provider: SamlIdentityProvider, call: Call) -> Trust:
        def look() -> tuple[tuple[Profile, int], bool]:
            found, known = self._profile(profile, call), len(self._certificates(profile, call))
            right = not list(differences(found, provider))
            return (found, known), right and (
                not provider.certificates or known == len(provider.certificates)
            )

        found, known = self._settled(look)
        wrong = list(differences(found, provider))
        if provider.certificates and known != len(provider.certificates):
            wrong.append(f"{known} certificates")
        if wrong:
            raise call.nothing_happened(f"the SSO profile reads back: {', '.join(wrong)}")
        return self._trust(found, call)

    def _trust(self, profile: Profile, call: Call) -> Trust:
        targets = [each.target for each in self._sso_assignments(call) if each.profile == profile.name]
        units = [self._unit(f"id:{t.removeprefix(UNIT)}", call) for t in targets if t.startswith(UNIT)]
        groups = [self._group(t.removeprefix(GROUP), call) for t in targets if t.startswith(GROUP)]
        idp, own = profile.idpConfig, profile.spConfig
        return Trust(
            id=profile.name,
            name=profile.displayName or "",
            provider=SamlIdentityProvider(
                entity_id=idp.entityId,
                sign_in_url=idp.singleSignOnServiceUri,
                sign_out_url=idp.logoutRedirectUri,
                password_url=idp.changePasswordUri,
            ),
            entity_id=(own.entityId if own else None) or "",
            acs_url=(own.assertionConsumerServiceUri if own else None) or "",
            certificates=len(self._certificates(profile.name, call)),
            units=tuple(sorted(unit.orgUnitPath for unit in units if unit)),
            groups=tuple(sorted(group.name for group in groups if group)),
        )


def _is_called(profile: Profile, name: str) -> bool:
    return (profile.displayName or "").casefold() == name.casefold()
