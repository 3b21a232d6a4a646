"""What an account may do: groups, roles, applications and licences."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from officeflow.connectors.families.identity.accounts import Account
from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`fixed` says in a few words why nobody's membership can be changed here (a rule, another system), or is
    empty.
    """

    id: str
    name: str
    fixed: str = ""


class KeepsGroups(Opened, Protocol):
    @abstractmethod
    def find_groups(self, names: Sequence[str]) -> Sequence[Group]:
        """Those of the groups that exist, by display name, whose case only counts where it tells two apart.

        `Conflict` where two have one name.
        """
        ...

    @abstractmethod
    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """Make the account a direct member of exactly these groups, by display name, whose case only counts
        where it tells two apart. It stays in its `ruled_groups`, whether they are named or not.

        A group that does not exist is `NotFound` naming it, one that is fixed `Rejected` naming it.
        """
        ...

    @abstractmethod
    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """Make the account a direct member of these groups too, by display name as in `set_groups`, and leave
        it in all others, also in those that it joins at the same moment. One that it is in is left as it is.

        A group that does not exist is `NotFound` naming it, one that is fixed `Rejected` naming it; then it
        is in none that it was not in before.
        """
        ...

    @abstractmethod
    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """End the account's membership in these groups, by display name as in `set_groups`, and in no other;
        one that it is not in is left alone. `Rejected` names a group that a rule keeps it in.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """A role, an application or a licence that an account has.

    `name` is what people call it, as it is given back to assign or unassign it; a role within something says
    that first: `crm/editor`. `by_group` names the group that gives it, where it does not come from the
    account itself and cannot be taken from that.
    """

    id: str
    name: str
    by_group: str | None = None


class KeepsRoles(Opened, Protocol):
    """Roles by name or id; `NotFound` names one that there is not, `Conflict` a name of several."""

    @abstractmethod
    def roles_of(self, account_id: str) -> Sequence[Entitlement]: ...

    @abstractmethod
    def find_role(self, role: str) -> Entitlement | None: ...

    @abstractmethod
    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        """The account's roles afterwards. One that it has already is left as it is."""
        ...

    @abstractmethod
    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        """The account's roles afterwards. One that it has not is left alone; `Rejected` where only a
        group gives it.
        """
        ...


class AssignsApplications(Opened, Protocol):
    """Applications by name or id; `NotFound` names one that there is not, `Conflict` a name of several."""

    @abstractmethod
    def applications_of(self, account_id: str) -> Sequence[Entitlement]: ...

    @abstractmethod
    def find_application(self, application: str) -> Entitlement | None: ...

    @abstractmethod
    def assign_application(
        self, account_id: str, application: str, *, role: str | None = None, key: str
    ) -> Sequence[Entitlement]:
        """The account's applications afterwards. `role` is one of the application's own, where it has them;
        `NotFound` names it where it has not.
        """
        ...

    @abstractmethod
    def unassign_application(self, account_id: str, application: str, *, key: str) -> Sequence[Entitlement]:
        """The account's applications afterwards. Named as an entitlement with a role is (`crm/editor`), that
        role alone is taken; otherwise all that the account itself has of the application. One that it has not
        is left alone; `Rejected` where only a group gives it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """How many of a licence there are and are used; None where that is not told."""

    licence: Entitlement
    total: int | None = None
    used: int | None = None

    @property
    def free(self) -> int | None:
        """None where that is not told."""
        return None if self.total is None or self.used is None else max(0, self.total - self.used)


class KeepsLicences(Opened, Protocol):
    """Licences by name (a SKU's part number, such as `SPE_E3`) or id; `NotFound` names one that there is
    not.
    """

    @abstractmethod
    def licences_of(self, account_id: str) -> Sequence[Entitlement]: ...

    @abstractmethod
    def find_licence(self, licence: str) -> Seats | None: ...

    @abstractmethod
    def assign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        """The account's licences afterwards. `Rejected` where none is left, or the account lacks what the
        system wants first, naming it.
        """
        ...

    @abstractmethod
    def unassign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        """The account's licences afterwards. One that it has not is left alone; `Rejected` where only
        a group gives it.
        """
        ...
