"""Licences. Google tells who has a SKU, not what an account has: each SKU is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Entitlement, KeepsLicences, Seats
from officeflow.connectors.google import services, skus
from officeflow.connectors.google.skus import Sku
from officeflow.connectors.google.types import Licence, User, valid
from officeflow.connectors.google.workspace import Workspace
from officeflow.errors import NotFound, Rejected

ASSIGNMENTS = "licenseAssignments"
NO_SUCH_SKU = 400
"""What Google answers where it sells no such SKU (any more)."""


class Licences(Workspace, KeepsLicences):
    def licences_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("licences_of")
        return self._held(self._user(account_id, call), self._sold(), call)

    def find_licence(self, licence: str) -> Seats | None:
        """How many there are Google does not tell."""
        call = self.call("find_licence")
        sku = self._sku(licence)
        if sku is None:
            return None
        try:
            self._ask(
                services.LICENSING,
                ASSIGNMENTS,
                "listForProductAndSku",
                call,
                productId=sku.product,
                skuId=sku.id,
                customerId=self._customer,
                maxResults=1,
            )
        except NotFound:
            return None
        except Rejected as error:
            if error.status == NO_SUCH_SKU:
                return None
            raise
        return Seats(licence=_entitlement(sku))

    def assign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("assign_licence", writes=True)
        reading = call.reading()
        sku = self._demanded_sku(licence, reading)
        user = self._user(account_id, reading)
        others = [each for each in self._sold() if each.product == sku.product and each != sku]
        if not self._has_licence(user, sku, reading):
            if other := self._held(user, others, reading):
                raise call.error(
                    Rejected,
                    f"{user.primaryEmail} has {other[0].name}, and {sku.name} is of the same product",
                    hint=f"unassign {other[0].name} first",
                )
            self._insert(user, sku, call, key=key)
            with after_write():

                def look() -> tuple[bool, bool]:
                    there = self._has_licence(user, sku, call)
                    return there, there

                if not self._settled(look):
                    raise call.nothing_happened(f"{user.primaryEmail} has no licence of {sku.name}")
        with after_write():
            return self._held(user, self._sold(sku), reading)

    def unassign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_licence", writes=True)
        reading = call.reading()
        sku = self._demanded_sku(licence, reading)
        user = self._user(account_id, reading)
        if self._has_licence(user, sku, reading):
            self._delete(user, sku, call, key=key)
        with after_write():

            def look() -> tuple[bool, bool]:
                there = self._has_licence(user, sku, call)
                return there, not there

            if self._settled(look):
                raise call.nothing_happened(f"{user.primaryEmail} still has a licence of {sku.name}")
            return self._held(user, self._sold(), reading)

    def _insert(self, user: User, sku: Sku, call: Call, *, key: str) -> None:
        try:
            self._do(
                services.LICENSING,
                ASSIGNMENTS,
                "insert",
                call,
                key=key,
                productId=sku.product,
                skuId=sku.id,
                body={"userId": user.primaryEmail},
            )
        except Rejected as error:
            if error.status == 412:
                error.hint = f"mostly there is no seat of {sku.name} left: the reason is Google's"
            raise

    def _delete(self, user: User, sku: Sku, call: Call, *, key: str) -> None:
        try:
            self._do(
                services.LICENSING,
                ASSIGNMENTS,
                "delete",
                call,
                key=key,
                productId=sku.product,
                skuId=sku.id,
                userId=user.primaryEmail,
            )
        except NotFound:
            return

    def _has_licence(self, user: User, sku: Sku, call: Call) -> bool:
        try:
            found = self._ask(
                services.LICENSING,
                ASSIGNMENTS,
                "get",
                call,
                productId=sku.product,
                skuId=sku.id,
                userId=user.primaryEmail,
            )
        except NotFound:
            return False
        read = valid(Licence, found, call)
        if (read.productId, read.skuId) != (sku.product, sku.id):
            raise call.contradiction(f"asked for {sku.path}, it gives {read.productId}/{read.skuId}")
        return True

    def _held(self, user: User, among: Sequence[Sku], call: Call) -> list[Entitlement]:
        return [_entitlement(sku) for sku in among if self._has_sold(user, sku, call)]

    def _has_sold(self, user: User, sku: Sku, call: Call) -> bool:
        """One that Google does not sell nobody has."""
        try:
            return self._has_licence(user, sku, call)
        except Rejected as error:
            if error.status != NO_SUCH_SKU:
                raise
            return False

    def _sold(self, *more: Sku) -> list[Sku]:
        """Those that the connection names, else all that are known."""
        return list(dict.fromkeys([*(self._licences or skus.KNOWN), *more]))

    def _sku(self, text: str) -> Sku | None:
        named = [each for each in self._sold() if each.is_called(text)]
        return named[0] if named else skus.named(text)

    def _demanded_sku(self, text: str, call: Call) -> Sku:
        found = self._sku(text)
        if found is None:
            raise call.error(NotFound, f"there is no licence {text!r}", status=404)
        return found


def _entitlement(sku: Sku) -> Entitlement:
    return Entitlement(id=sku.path, name=sku.name)
