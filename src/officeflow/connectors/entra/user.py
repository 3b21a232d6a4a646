"""A user of Microsoft Graph as it comes, and in our terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import ConfigDict

from officeflow.connectors.entra import attributes
from officeflow.connectors.entra.lenient import Described, Flag, Id, Moment, Text, Texts
from officeflow.connectors.entra.settings import EXTENSION_ATTRIBUTE, Settings
from officeflow.connectors.entra.types import Group, Reference, Resource
from officeflow.connectors.families.identity import Account


class LicenceState(Resource):
    """Where a licence of a user comes from: `assigned_by_group` is the group's id."""

    sku_id: Id
    assigned_by_group: Text = None
    state: Text = None


class PasswordProfile(Resource):
    force_change_password_next_sign_in: Annotated[Flag, Described] = None


class User(Resource):
    """Directory extensions are further ones, by their names."""

    model_config = ConfigDict(extra="allow")

    id: Id
    user_principal_name: Id
    account_enabled: Flag = None
    display_name: Text = None
    given_name: Text = None
    surname: Text = None
    mail: Text = None
    other_mails: Texts = None
    proxy_addresses: Texts = None
    job_title: Text = None
    department: Text = None
    office_location: Text = None
    business_phones: Texts = None
    employee_id: Text = None
    on_premises_sync_enabled: Annotated[Flag, Described] = None
    on_premises_extension_attributes: Annotated[dict[str, Any] | None, Described] = None
    created_date_time: Moment = None
    deleted_date_time: Moment = None
    last_password_change_date_time: Moment = None
    sign_in_sessions_valid_from_date_time: Moment = None
    password_profile: Annotated[PasswordProfile | None, Described] = None
    license_assignment_states: list[LicenceState] | None = None
    manager: Annotated[Reference | None, Described] = None

    def get(self, name: str) -> Any:
        """The property of this name in Graph, or of the fifteen; None where there is none."""
        if EXTENSION_ATTRIBUTE.fullmatch(name):
            return (self.on_premises_extension_attributes or {}).get(name)
        field = _FIELDS.get(name)
        return getattr(self, field) if field else (self.model_extra or {}).get(name)

    def addresses(self) -> tuple[str, ...]:
        """All that mail reaches it at, the main one first."""
        smtp = [each.partition(":") for each in self.proxy_addresses or () if each[:5].casefold() == "smtp:"]
        ordered = sorted(smtp, key=lambda each: each[0] != "SMTP")
        found = [self.mail, *(address for _, _, address in ordered)]
        return tuple({each.casefold(): each for each in reversed(found) if each}.values())[::-1]

    def account(
        self,
        settings: Settings,
        groups: Iterable[Group] | None = None,
    ) -> Account:
        """`groups` None: they were not asked for, or may not be read."""
        login = self._login()
        addresses = self.addresses()
        given, foreign = _own(self.get(settings.identity), settings.mark)
        phones = self.business_phones or []
        known = list(groups or ())
        return Account(
            id=self.id,
            login=login,
            active=self.account_enabled is not False and self.deleted_date_time is None,
            active_told=self.account_enabled is not None,
            external_id=given,
            foreign=foreign,
            employee_number=self.employee_id or None,
            given_name=self.given_name or None,
            family_name=self.surname or None,
            display_name=self.display_name or None,
            email=self.mail or None,
            emails=tuple(dict.fromkeys((*addresses, *(self.other_mails or ())))),
            aliases=tuple(each for each in addresses if each.casefold() != (self.mail or "").casefold()),
            title=self.job_title or None,
            department=self.department or None,
            location=self.office_location or None,
            phone=phones[0] if phones else None,
            manager_id=self.manager.id if self.manager else None,
            mastered_elsewhere=bool(self.on_premises_sync_enabled),
            attributes=self._attributes(settings),
            groups=tuple(sorted(group.name for group in known)),
            ruled_groups=tuple(sorted(group.name for group in known if group.fixed)),
            groups_known=groups is not None,
            created_at=self.created_date_time,
            deleted_at=self.deleted_date_time,
        )

    def _login(self) -> str:
        """A deleted one's has its id in front of it."""
        prefix = self.id.replace("-", "")
        name = self.user_principal_name
        is_moved = self.deleted_date_time is not None and name.casefold().startswith(prefix.casefold())
        return name[len(prefix) :] if is_moved and len(name) > len(prefix) else name

    def _attributes(self, settings: Settings) -> Mapping[str, str]:
        names = [*attributes.PLAIN, *attributes.FIFTEEN, *attributes.extensions(settings)]
        found = {name: self.get(name) for name in dict.fromkeys(names)}
        return {name: str(value) for name, value in found.items() if value not in {None, ""}}


_FIELDS = {info.alias or name: name for name, info in User.model_fields.items()}


def _own(given: object, mark: str) -> tuple[str | None, bool]:
    """The identity without our mark, and whether it is another organization's."""
    text = str(given) if given not in {None, ""} else None
    if text is None or not mark:
        return text, False
    if not text.startswith(f"{mark}:"):
        return text, True
    return text.removeprefix(f"{mark}:"), False
