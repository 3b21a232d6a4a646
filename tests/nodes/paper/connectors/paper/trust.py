"""Identity providers that the directory on paper trusts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import SamlIdentityProvider, Trust, TrustsProviders
from officeflow.errors import Conflict, NotFound
from tests.nodes.paper.connectors.paper.base import PaperClient


class Trusting(PaperClient, TrustsProviders):
    def trusts_named(self, name: str) -> Sequence[Trust]:
        self._reads("trusts_named")
        return [each for each in self._directory.trusts.values() if each.name.casefold() == name.casefold()]

    def get_trust(self, trust_id: str) -> Trust:
        return self._trust(trust_id, self._reads("get_trust"))

    def trust_provider(self, name: str, provider: SamlIdentityProvider, *, key: str) -> Trust:
        call, directory = self._writes("trust_provider", key), self._directory
        if any(each.name.casefold() == name.casefold() for each in directory.trusts.values()):
            raise call.error(Conflict, f"the profile {name} is there already", status=409)
        made = Trust(
            id=directory.new_id("sso"),
            name=name,
            provider=replace(provider, certificates=()),
            entity_id="https://paper.example/saml",
            acs_url="https://paper.example/saml/acs",
            certificates=len(provider.certificates),
        )
        self._put(made, call)
        return made

    def change_trust(self, trust_id: str, provider: SamlIdentityProvider, *, key: str) -> Trust:
        call = self._writes("change_trust", key)
        before = self._trust(trust_id, call)
        now = before.provider
        known = len(provider.certificates) or before.certificates
        laid_over = SamlIdentityProvider(
            entity_id=provider.entity_id,
            sign_in_url=provider.sign_in_url,
            sign_out_url=now.sign_out_url if provider.sign_out_url is None else provider.sign_out_url or None,
            password_url=now.password_url if provider.password_url is None else provider.password_url or None,
        )
        after = replace(before, provider=laid_over, certificates=known)
        if after != before or provider.certificates:
            self._put(after, call)
        return after

    def check_targets(self, trust_id: str | None, *, units: Sequence[str], groups: Sequence[str]) -> None:
        self._targets(trust_id, units, groups, self._reads("check_targets"))

    def apply_trust(self, trust_id: str, *, units: Sequence[str], groups: Sequence[str], key: str) -> Trust:
        call = self._writes("apply_trust", key)
        before = self._trust(trust_id, call)
        its_units, its_groups = self._targets(trust_id, units, groups, call)
        after = replace(before, units=its_units, groups=its_groups)
        if after != before:
            self._put(after, call)
        return after

    def remove_trust(self, trust_id: str, *, key: str) -> None:
        call, trusts = self._writes("remove_trust", key), self._directory.trusts
        if trust_id not in trusts:
            return
        if trusts[trust_id].units or trusts[trust_id].groups:
            raise call.error(Conflict, "people sign in by it", status=409)
        self._directory.write(call, lambda: trusts.pop(trust_id), lambda: trust_id not in trusts)

    def _trust(self, trust_id: str, call: Call) -> Trust:
        if trust_id not in self._directory.trusts:
            raise call.error(NotFound, f"there is no profile {trust_id}", status=404)
        return self._directory.trusts[trust_id]

    def _put(self, after: Trust, call: Call) -> None:
        trusts = self._directory.trusts
        self._directory.write(
            call, lambda: trusts.__setitem__(after.id, after), lambda: trusts.get(after.id) == after
        )

    def _targets(
        self, trust_id: str | None, units: Sequence[str], groups: Sequence[str], call: Call
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """As they are written here."""
        directory = self._directory
        others = [each for each in directory.trusts.values() if each.id != trust_id]
        taken = {name for each in others for name in (*each.units, *each.groups)}
        found: list[tuple[str, ...]] = []
        for wanted, there in ((units, directory.units), (groups, [each.name for each in directory.groups])):
            known = {name.casefold(): name for name in there}
            for name in wanted:
                if name.casefold() not in known:
                    raise call.error(NotFound, f"there is no {name}", status=404)
                if known[name.casefold()] in taken:
                    raise call.error(Conflict, f"people of {name} sign in otherwise already", status=409)
            found.append(tuple(sorted({known[name.casefold()] for name in wanted})))
        return found[0], found[1]
