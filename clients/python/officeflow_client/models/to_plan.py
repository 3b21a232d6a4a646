from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.to_plan_event_type_0 import ToPlanEventType0





T = TypeVar("T", bound="ToPlan")



@_attrs_define
class ToPlan:
    """ Of a published workflow (`slug`, by default its newest version) or of a `definition`; for an `event`,
    as it would be sent, or for an `employee`.

        Attributes:
            definition (Any | Unset):
            employee (None | str | Unset): The HR system's identifier.
            event (None | ToPlanEventType0 | Unset):
            look (bool | Unset): Also look into the systems, which changes nothing there and takes some seconds. Default:
                False.
            slug (None | str | Unset):
            version (int | None | Unset):
     """

    definition: Any | Unset = UNSET
    employee: None | str | Unset = UNSET
    event: None | ToPlanEventType0 | Unset = UNSET
    look: bool | Unset = False
    slug: None | str | Unset = UNSET
    version: int | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.to_plan_event_type_0 import ToPlanEventType0 # noqa: PLC0415
        definition = self.definition

        employee: None | str | Unset
        if isinstance(self.employee, Unset):
            employee = UNSET
        else:
            employee = self.employee

        event: dict[str, Any] | None | Unset
        if isinstance(self.event, Unset):
            event = UNSET
        elif isinstance(self.event, ToPlanEventType0):
            event = self.event.to_dict()
        else:
            event = self.event

        look = self.look

        slug: None | str | Unset
        if isinstance(self.slug, Unset):
            slug = UNSET
        else:
            slug = self.slug

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if definition is not UNSET:
            field_dict["definition"] = definition
        if employee is not UNSET:
            field_dict["employee"] = employee
        if event is not UNSET:
            field_dict["event"] = event
        if look is not UNSET:
            field_dict["look"] = look
        if slug is not UNSET:
            field_dict["slug"] = slug
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.to_plan_event_type_0 import ToPlanEventType0 # noqa: PLC0415
        d = dict(src_dict)
        definition = d.pop("definition", UNSET)

        def _parse_employee(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        employee = _parse_employee(d.pop("employee", UNSET))


        def _parse_event(data: object) -> None | ToPlanEventType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                event_type_0 = ToPlanEventType0.from_dict(data)



                return event_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToPlanEventType0 | Unset, data)

        event = _parse_event(d.pop("event", UNSET))


        look = d.pop("look", UNSET)

        def _parse_slug(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        slug = _parse_slug(d.pop("slug", UNSET))


        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))


        to_plan = cls(
            definition=definition,
            employee=employee,
            event=event,
            look=look,
            slug=slug,
            version=version,
        )

        return to_plan

