"""A mail server that does as it is told: refuses, falls silent, asks for credentials, encrypts."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Script:
    """Replies by moment.

    `silent_after_data`: the mail is taken, and nothing is said. `silent_at_mail`: nothing is said at MAIL
    FROM.
    """

    mail: str = ""
    recipients: dict[str, str] = field(default_factory=dict)
    data: str = ""
    silent_at_mail: bool = False
    silent_after_data: bool = False
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.silent_at_mail:
            await asyncio.sleep(60)
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append((envelope.mail_from or "", list(envelope.rcpt_tos), content))
        if self.silent_after_data:
            await asyncio.sleep(60)
        return "250 taken"


@contextmanager
def mail_server(script: Script, port: int, **options: Any) -> Iterator[None]:
    controller = Controller(script, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@dataclass
class Talk:
    """What a raw mail server was told: the commands, and the mails that were handed over whole."""

    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)


@contextmanager
def raw_mail_server(port: int, word: bytes, *, hang_up: bool = True, **replies: bytes) -> Iterator[Talk]:
    """A mail server that answers in bytes: `word` after a mail, `replies` to the commands that they name;
    then, mostly, it hangs up.
    """
    talk = Talk()
    usual = {
        "EHLO": b"250 me\r\n",
        "MAIL": b"250 ok\r\n",
        "RCPT": b"250 ok\r\n",
        "DATA": b"354 go on\r\n",
        "QUIT": b"221 bye\r\n",
    }

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 me\r\n")
            while line := self.rfile.readline():
                command = line[:4].decode("ascii", "replace").upper()
                talk.commands.append(line.decode("ascii", "replace").strip())
                self.wfile.write(replies.get(command, usual.get(command, b"500 what\r\n")))
                if command in replies and hang_up:
                    return
                if command == "DATA":
                    lines = list(iter(self.rfile.readline, b".\r\n" if command not in replies else b""))
                    talk.mails.extend([b"".join(lines)] if lines else [])
                    self.wfile.write(word)
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield talk
        finally:
            server.shutdown()
            thread.join()


def users(login: str, password: str) -> dict[str, Any]:
    """Options of a server that takes mail from one user only."""

    def authenticate(
        server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            login.encode(),
            password.encode(),
        )
        return AuthResult(success=good, handled=False)

    return {"authenticator": authenticate, "auth_required": True}


def certificate(folder: Path, address: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for the address: its file, to be trusted, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
