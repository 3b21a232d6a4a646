"""An SMTP inbox with a web page and REST (maildump): `python -m counterparts.inbox --smtp-port 1025
--web-port 1080 --folder DIR`.

With `--user`, mails are taken and shown only after signing in; the password is in the environment,
COUNTERPART_SECRET. DIR gets `mail.sqlite`, the mails, and `requests.jsonl`, a line for each mail taken in.
`/messages/` lists the mails as JSON.
"""

# maildump is built on gevent, which has to replace the standard library's sockets before anything imports
# them.
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

from counterparts.inbox.sign_in import Account, demanding
from counterparts.journal import Journal
from counterparts.web import HOST, secret


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
    parser = argparse.ArgumentParser(prog="counterparts.inbox", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--user", help="who may send and read; without it, everybody")
    options = parser.parse_args()
    account = Account(options.user, secret("COUNTERPART_SECRET")) if options.user else None
    if account:
        maildump.smtp.SMTPServer.channel_class = demanding(maildump.smtp.SMTPServer.channel_class, account)
    record_mails(Journal(options.folder / "requests.jsonl"))
    app.config.update(MAILDUMP_HTPASSWD=account, MAILDUMP_NO_QUIT=True)
    on_signal(signal.SIGTERM, lambda *_: maildump.stop())
    with StderrHandler(level="NOTICE").applicationbound():
        maildump.start(HOST, options.web_port, HOST, options.smtp_port, str(options.folder / "mail.sqlite"))
    sys.exit(0)


if __name__ == "__main__":
    main()
