"""A CalDAV server (Radicale): `python -m counterparts.caldav --port 5232 --folder DIR --user people
--calendar onboarding`.

The user's password is in the environment, COUNTERPART_SECRET. The calendars are at `/<user>/<calendar>/`. DIR
gets `users`, `collections/` and `requests.jsonl`. With `--own-uids` it gives every new event a UID and an
address of its own, as some groupware does.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from radicale import config
from radicale.app import Application

from counterparts import web
from counterparts.journal import Journal


def write_users(path: Path, user: str, password: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{user}:{password}\n")


def make_application(folder: Path) -> Application:
    configuration = config.load()
    configuration.update(
        {
            "auth": {
                "type": "htpasswd",
                "htpasswd_filename": str(folder / "users"),
                "htpasswd_encryption": "plain",
                "delay": "0",
            },
            "storage": {"filesystem_folder": str(folder / "collections")},
            "logging": {"level": "warning"},
        },
        "counterparts.caldav",
    )
    return Application(configuration)


def seed_calendars(application: Application, user: str, names: Sequence[str]) -> None:
    """Create the calendars that are not there yet."""
    storage = application._storage  # noqa: SLF001 - Radicale offers no other way to its storage
    with storage.acquire_lock("w", user):
        for href in (f"/{user}/", *(f"/{user}/{name}/" for name in names)):
            if not next(iter(storage.discover(href)), None):
                props = (
                    {"tag": "VCALENDAR", "D:displayname": href.split("/")[2]} if href.count("/") > 2 else {}
                )
                storage.create_collection(href, props=props)


def with_own_uids(application: WSGIApplication) -> WSGIApplication:
    """New events are stored under another address and UID than they come with, and lose the properties that
    only their maker knows.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT" and environ.get("HTTP_IF_NONE_MATCH") == "*":
            own = str(uuid.uuid4()).encode()
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = re.sub(rb"(?m)^UID:.*(\r?\n[ \t].*)*", b"UID:" + own, body)
            body = re.sub(rb"(?m)^X-.*\r?\n([ \t].*\r?\n)*", b"", body)
            folder = environ["PATH_INFO"].rpartition("/")[0]
            environ |= {
                "wsgi.input": io.BytesIO(body),
                "CONTENT_LENGTH": str(len(body)),
                "PATH_INFO": f"{folder}/{own.decode()}.ics",
            }
        return application(environ, start_response)

    return serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.caldav", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument(
        "--calendar",
        action="append",
        default=[],
        help="a calendar that exists from the start; may be repeated",
    )
    parser.add_argument(
        "--own-uids", action="store_true", help="give new events UIDs and addresses of the server's own"
    )
    options = parser.parse_args()
    journal = Journal(options.folder / "requests.jsonl")
    write_users(options.folder / "users", options.user, web.secret("COUNTERPART_SECRET"))
    application = make_application(options.folder)
    seed_calendars(application, options.user, options.calendar)
    served = with_own_uids(application) if options.own_uids else application
    web.serve(web.journaled(served, journal), options.port)


if __name__ == "__main__":
    main()
