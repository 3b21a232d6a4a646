"""What the customer's systems of the demonstration say of themselves: `counterparts/<name>/counterpart.toml`.

Whatever folder has such a file is started by the stack, gets ports, and is what the demonstration connects
to. Texts may name `{login}`, `{url}` and each of the system's ports by its kind (`{http}`); those of
connections `{secret}` and `{folder}` too, the folder of the system's data. What a system itself writes there
is named by its file.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from officeflow.errors import InvalidInput
from officeflow.layout import ROOT

FOLDER = ROOT / "counterparts"
FILE = "counterpart.toml"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Port(_Declared):
    """`name` is the stack's name for it, `default` where it is unless another program is there."""

    name: str
    default: int = Field(ge=1024, le=65535)


class Connection(_Declared):
    """An organization's connection to the system: its name, its provider and that one's fields. `files` are
    fields too, whose values the system itself writes into its folder: the file of each.
    """

    name: str
    provider: str
    fields: Mapping[str, str]
    files: Mapping[str, str] = {}


class Counterpart(_Declared):
    """`name` is the folder's, the service's, and the module's below `counterparts`."""

    name: str
    secret: str
    """Its name among the stack's secrets; the process has it in COUNTERPART_SECRET."""
    url: str
    arguments: tuple[str, ...]
    ports: Mapping[str, Port] = Field(min_length=1)
    """By kind: `http`, `smtp`."""
    login: str = ""
    forgetful: tuple[str, ...] = ()
    """Further arguments, with which it loses the identities that it is given."""
    ready: str = ""
    """An address that answers whoever signs in, once it serves; without one, it serves when its ports listen.
    """
    page: str = ""
    """What people call the page at `url`; empty where there is none for them."""
    connections: tuple[Connection, ...] = ()
    demo: str = ""
    """The demonstration that starts it; empty where `up` does."""
    check: str = ""
    """A module below its own that ends with 0 where it can run on this machine, and otherwise says why not;
    empty where it can anywhere.
    """

    def connected(self, places: Mapping[str, str], folder: Path) -> list[Connection]:
        """The connections to it, with what their texts name. `folder` is where the system keeps its data."""
        known = {**places, "folder": str(folder)}
        return [
            declared.model_copy(
                update={
                    "fields": {field: text.format_map(known) for field, text in declared.fields.items()}
                    | {field: (folder / name).read_text() for field, name in declared.files.items()},
                    "files": {},
                }
            )
            for declared in self.connections
        ]

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        """A secret is for connections alone: other users of the machine can read arguments and addresses."""
        places = {"login", *self.ports}
        fields = [text for connection in self.connections for text in connection.fields.values()]
        _demand([self.url, *self.arguments, *self.forgetful], places)
        _demand([self.ready], places | {"url"})
        _demand(fields, places | {"url", "secret", "folder"})
        return self

    def places(self, ports: Mapping[str, int]) -> dict[str, str]:
        """What its texts may name, apart from the secret. `ports` are the stack's."""
        known = {kind: str(ports[port.name]) for kind, port in self.ports.items()} | {"login": self.login}
        return known | {"url": self.url.format_map(known)}


def started_by_up() -> Mapping[str, Counterpart]:
    """Those that the stack has from its start, by name."""
    return {name: each for name, each in discover().items() if not each.demo}


def of_demo(demo: str) -> Mapping[str, Counterpart]:
    """Those that a demonstration starts, by name."""
    return {name: each for name, each in discover().items() if each.demo == demo}


@cache
def discover(folder: Path = FOLDER) -> Mapping[str, Counterpart]:
    """All, by name. `InvalidInput` says which file is wrong, and where."""
    return {path.parent.name: _read(path) for path in sorted(folder.glob(f"*/{FILE}"))}


def with_further(names: Iterable[str]) -> Mapping[str, Counterpart]:
    """Those that the stack has when a demonstration has started these too; names of none are left out."""
    wanted = set(names)
    return {name: each for name, each in discover().items() if not each.demo or name in wanted}


def default_ports(further: Iterable[str] = ()) -> dict[str, int]:
    """Of what `up` starts and of these beside it, by the stack's names for them."""
    found = with_further(further).values()
    return {port.name: port.default for each in found for port in each.ports.values()}


def _read(path: Path) -> Counterpart:
    try:
        return Counterpart.model_validate({**tomllib.loads(path.read_text()), "name": path.parent.name})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidInput(f"{path} describes no counterpart: {error}") from error


def _demand(texts: Iterable[str], known: set[str]) -> None:
    for text in texts:
        if unknown := sorted(set(_named(text)) - known):
            raise ValueError(f"{text!r} names {', '.join(unknown)}; it may name {', '.join(sorted(known))}")


def _named(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
