"""Where a secret can be read that nobody may read: in every table, and in what was told, in whatever form."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping

import psycopg
from psycopg import sql

SHORTEST = 8
"""Characters of a secret that is looked for; fewer stand everywhere."""
PIECE = 40
"""Characters of a long one of which each piece is one."""
TEXTS_OF = """
    SELECT c.table_schema, c.table_name, c.column_name, c.data_type
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
"""


def forms(secret: str) -> set[str]:
    """As it is, in addresses, in JSON, as bytes in hexadecimal and in Base64, whatever stands before it."""
    assert len(secret) >= SHORTEST
    found = {
        secret,
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1],
        secret.encode().hex(),
    }
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + secret.encode()).decode().rstrip("=")
        whole = packed[(shift * 8 + 5) // 6 : -1]
        found |= {whole, whole.replace("+", "-").replace("/", "_")}
    return found


def pieces(secret: str) -> Iterator[str]:
    """Every line, and of a long one pieces that each tell enough."""
    for line in secret.splitlines():
        if len(line) >= SHORTEST and not line.startswith("-----"):
            yield from (line[at : at + PIECE] for at in range(0, max(1, len(line) - SHORTEST), PIECE))


def read_in(text: str, secrets: Mapping[str, str]) -> set[str]:
    """The names of those that the text holds."""
    return {
        name
        for name, secret in secrets.items()
        if any(form in text for piece in pieces(secret) for form in forms(piece))
    }


def read_in_tables(url: str, secrets: Mapping[str, str]) -> dict[str, set[str]]:
    """By `table.column`; every column of every table that the database has."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(url) as connection:
        for schema, table, column, kind in connection.execute(TEXTS_OF).fetchall():
            told = "\n".join(_values(connection, (schema, table), column, kind))
            if names := read_in(told, secrets):
                found[f"{table}.{column}"] = names
    return found


def _values(connection: psycopg.Connection, place: Iterable[str], column: str, kind: str) -> Iterator[str]:
    """As text; bytes in hexadecimal, and as the text that they may be."""
    asked = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(*place))
    if kind != "bytea":
        asked = sql.SQL("SELECT {}::text FROM {}").format(sql.Identifier(column), sql.Identifier(*place))
    for (value,) in connection.execute(asked):
        if isinstance(value, bytes):
            yield f"{value.hex()} {value.decode(errors='replace')}"
        elif value is not None:
            yield value
