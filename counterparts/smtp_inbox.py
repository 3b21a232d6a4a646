"""An SMTP inbox with a web page and REST (maildump): `python -m counterparts.smtp_inbox --smtp-port 1025 --web-port 1080 --folder DIR`.

DIR gets `mail.sqlite`, the mails, and `requests.jsonl`, a line for each mail taken in. `/messages/` lists the mails as JSON.
"""

# maildump is built on gevent, which has to replace the standard library's sockets before anything imports them.
# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import argparse
import signal
import sys
from email.message import Message
from pathlib import Path
from typing import Any

import maildump
import maildump.db
import maildump.smtp
from gevent.signal import signal as on_signal
from logbook import StderrHandler
from maildump.web import app

from counterparts.journal import Journal
from counterparts.web import HOST


def record_mails(journal: Journal) -> None:
    """Have every mail written to the journal once it is committed to the database."""
    keep = maildump.db.add_message

    def add_message(sender: str, recipients: list[str], body: bytes, message: Message) -> Any:
        number = keep(sender, recipients, body, message)
        journal.write(
            method="DATA",
            message_id=str(message["Message-ID"]),
            sender=sender,
            recipients=recipients,
            subject=str(message["Subject"]),
            correlation_id=message["X-Correlation-Id"],
        )
        return number

    maildump.smtp.add_message = add_message


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.smtp_inbox", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    record_mails(Journal(options.folder / "requests.jsonl"))
    app.config.update(MAILDUMP_HTPASSWD=None, MAILDUMP_NO_QUIT=True)
    on_signal(signal.SIGTERM, lambda *_: maildump.stop())
    with StderrHandler(level="NOTICE").applicationbound():
        maildump.start(HOST, options.web_port, HOST, options.smtp_port, str(options.folder / "mail.sqlite"))
    sys.exit(0)


if __name__ == "__main__":
    main()
