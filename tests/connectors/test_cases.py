"""Every connector keeps the contract."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from officeflow.connectors import tokens
from officeflow.connectors.declaration import Provider
from officeflow.connectors.families import Family
from officeflow.connectors.providers import providers
from tests.connectors.contract import ConnectorContract
from tests.connectors.http_contract import HttpContract
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.token_contract import TokenContract

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"
HEAD = "| case | whatever it speaks | over HTTP | over LDAP |"


def cases(kind: type[Any] = ConnectorContract) -> Iterator[Any]:
    """The contract's cases that stand in this folder."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.connectors.{path.stem}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, kind):
                yield from [value] if not inspect.isabstract(value) else []


def keep_accounts() -> set[str]:
    return {name for name, each in providers().items() if Family.IDENTITY in each.families}


def fetches_tokens(declared: Provider) -> bool:
    """Whether a module beside one of its clients imports what does."""
    folders = {origin_of(service.client.partition(":")[0]).parent for service in declared.services}
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == tokens.__name__
        and tokens.TokenAuth.__name__ in {alias.name for alias in node.names}
        for folder in folders
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
    )


def origin_of(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def those_of(provider: str) -> set[str]:
    """Those that run for it, and those of something that it cannot do by its declaration."""
    mine = [each for kind in (ConnectorContract, TokenContract) for each in cases(kind)]
    return {
        name
        for case in mine
        if getattr(case, "provider", None) == provider
        for name in dir(case)
        if name.startswith("test_")
        and (getattr(case, name) is not None or hasattr(getattr(IdentityContract, name, None), "needs"))
    }


def rows() -> Iterator[tuple[str, list[set[str]]]]:
    """The table's cases, and for each column the tests that it names."""
    lines = PAGE.read_text().partition(f"{HEAD}\n")[2].splitlines()[1:]
    for line in lines[: lines.index("")]:
        case, *columns = line.strip("|").split("|")
        yield case.strip(), [{f"test_{name}" for name in re.findall("`([a-z_]+)`", each)} for each in columns]


def test_every_provider_has_a_case_for_each_family_that_it_serves() -> None:
    """Inherit `ConnectorContract`, or one of its kinds, in `test_<system>.py` for a new one."""
    known = {(name, family) for name, provider in providers().items() for family in provider.families}
    assert {(case.provider, case.family) for case in cases()} == known


def test_every_provider_that_keeps_accounts_keeps_the_contract_of_accounts() -> None:
    assert {case.provider for case in cases(IdentityContract)} == keep_accounts()


def test_every_provider_that_fetches_tokens_keeps_the_contract_of_tokens() -> None:
    fetching = {name for name, declared in providers().items() if fetches_tokens(declared)}
    assert {case.provider for case in cases(TokenContract)} & providers().keys() == fetching
    assert fetching


def test_every_case_that_the_page_names_is_one_of_every_provider_that_keeps_accounts() -> None:
    over_http = {case.provider for case in cases(HttpContract)}
    of_tokens = {name for name in dir(TokenContract) if name.startswith("test_")}
    table = list(rows())
    assert len(table) == 18
    for provider in keep_accounts():
        mine = those_of(provider)
        spared = set() if fetches_tokens(providers()[provider]) else of_tokens
        for case, (whatever, http, ldap) in table:
            wanted = whatever | (http - spared if provider in over_http else ldap)
            assert wanted <= mine, (provider, case)
