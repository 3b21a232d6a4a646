"""SCIM servers that depart from the RFC: `python -m counterparts.scim_odd --port 8092 --folder DIR`.

Each dialect of the table (`dialects.py`) is a server of its own under `/<dialect>/v2`. The bearer token is in
the environment, COUNTERPART_SECRET. DIR gets `requests.jsonl`; nothing else is kept. With the same token,
`POST /__control/reset` empties all, and `GET /__control/<dialect>` shows what one has.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from counterparts import web
from counterparts.journal import Journal
from counterparts.scim_odd.dialects import DIALECTS
from counterparts.scim_odd.resources import Refused
from counterparts.scim_odd.server import Answer, Asked, Server

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MEDIA_TYPES = ("application/scim+json", "application/json")


def application(token: str, journal: Journal, port: int) -> WSGIApplication:
    servers = {
        name: Server(behaviour, f"http://{web.HOST}:{port}/{name}/v2") for name, behaviour in DIALECTS.items()
    }

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        parts = tuple(part for part in path.split("/") if part)
        problems = None
        try:
            answer = _answered(environ, parts, servers, token)
        except Refused as error:
            shape = servers[parts[0]].behaviour.errors if parts and parts[0] in servers else "rfc"
            answer = _refusal(error, shape)
            problems = [error.detail] if error.scim_type == "invalidSyntax" else None
        if parts[:1] != ("__control",):
            journal.write(
                method=environ["REQUEST_METHOD"],
                path=path,
                query=environ.get("QUERY_STRING") or None,
                status=answer.status,
                correlation_id=environ.get("HTTP_X_CORRELATION_ID"),
                problems=problems,
            )
        is_page = isinstance(answer.body, str)
        kind = "text/html" if is_page else MEDIA_TYPES[0]
        body = answer.body.encode() if is_page else json.dumps(answer.body).encode()
        body = b"" if answer.body is None else body
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *answer.headers.items()]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [body]

    return serve


def _answered(
    environ: WSGIEnvironment, parts: tuple[str, ...], servers: dict[str, Server], token: str
) -> Answer:
    if environ.get("HTTP_AUTHORIZATION") != f"Bearer {token}":
        raise Refused(401, "", "who are you?")
    if parts[:1] == ("__control",):
        return _control(parts[1:], servers)
    if len(parts) > 2 and parts[0] in servers and parts[1] == "v2":
        return servers[parts[0]].answer(_asked(environ, parts[2:]))
    raise Refused(404, "", "there is no such server")


def _asked(environ: WSGIEnvironment, path: tuple[str, ...]) -> Asked:
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if raw and environ.get("CONTENT_TYPE", "").partition(";")[0] not in MEDIA_TYPES:
        raise Refused(415, "invalidSyntax", "that is no JSON by its Content-Type")
    try:
        body = json.loads(raw) if raw else None
    except ValueError as error:
        raise Refused(400, "invalidSyntax", "that is no JSON") from error
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    return Asked(environ["REQUEST_METHOD"], path, query, body, environ.get("HTTP_IF_MATCH"))


def _control(parts: tuple[str, ...], servers: dict[str, Server]) -> Answer:
    if parts == ("reset",):
        for server in servers.values():
            server.reset()
        return Answer(204)
    if len(parts) == 1 and parts[0] in servers:
        server = servers[parts[0]]
        return Answer(200, {**server.kept, "passwords": server.passwords})
    raise Refused(404, "", "there is nothing to control")


def _refusal(error: Refused, shape: str) -> Answer:
    told: dict[str, Any] = {"schemas": [ERROR], "status": str(error.status), "detail": error.detail}
    told |= {"scimType": error.scim_type} if error.scim_type else {}
    if shape == "wrapped":
        return Answer(error.status, {"Errors": {"description": error.detail, "code": error.status}})
    if shape == "list":
        return Answer(error.status, [{"error": {"message": error.detail}}])
    if shape == "page":
        return Answer(error.status, f"<html><h1>{error.status}</h1></html>")
    return Answer(200 if shape == "in_success" and error.status != 401 else error.status, told)


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.scim_odd", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    journal = Journal(options.folder / "requests.jsonl", synced=False)
    web.serve(application(web.secret("COUNTERPART_SECRET"), journal, options.port), options.port)


if __name__ == "__main__":
    main()
