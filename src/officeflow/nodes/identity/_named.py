"""What a node means by an id, by a name, or by both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from officeflow.errors import Conflict, NotFound


class Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


Found = TypeVar("Found", bound=Named)


def meant(
    what: str,
    *,
    named: str | None,
    id_: str | None,
    get: Callable[[str], Found],
    search: Callable[[str], Sequence[Found]],
    give: str,
) -> Found | None:
    """The one that has this id, or else this name; None where nothing is called so.

    `NotFound` where what has the id is called otherwise, `Conflict` where several have the name: the
    parameter `give` then tells which. `what` is what it is, for people ("application").
    """
    if id_ is not None:
        there = get(id_)
        if named is not None and named.casefold() != there.name.casefold():
            raise NotFound(f"the {what} {id_} is called {there.name}, not {named}", operation=get.__name__)
        return there
    found = search(named or "")
    exact = [each for each in found if each.name == named] or list(found)
    if len(exact) > 1:
        ids = ", ".join(each.id for each in exact)
        raise Conflict(
            f"{len(exact)} {what}s are called {named}: {ids}",
            operation=search.__name__,
            hint=f"give {give}",
        )
    return exact[0] if exact else None
