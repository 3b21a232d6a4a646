"""Whom a connection over TLS trusts."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from officeflow.connectors.connection import Connection
from officeflow.connectors.tls import Spoken, tls_context
from officeflow.errors import InvalidInput


def connection(ca_file: Path | None) -> Connection:
    return Connection(id="acme.people", provider="ldap", extra={"ca_file": str(ca_file)} if ca_file else {})


def authority(name: str) -> bytes:
    """A certificate of one that signs others, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def trusted(context: ssl.SSLContext) -> set[str]:
    """The names of the authorities."""
    subjects: list[Any] = [each["subject"] for each in context.get_ca_certs()]
    return {value for subject in subjects for part in subject for name, value in part if name == "commonName"}


def test_the_authorities_are_read_once_for_all_who_speak_the_protocol() -> None:
    assert tls_context(connection(None), Spoken.HTTP) is tls_context(connection(None), Spoken.HTTP)


def test_protocols_share_no_context_since_libraries_set_it_to_theirs() -> None:
    assert tls_context(connection(None), Spoken.HTTP) is not tls_context(connection(None), Spoken.LDAP)


def test_servers_are_verified() -> None:
    context = tls_context(connection(None), Spoken.HTTP)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_connection_trusts_its_own_authority_and_no_other_connection_does(tmp_path: Path) -> None:
    theirs = tmp_path / "ca.pem"
    theirs.write_bytes(authority("Acme CA"))
    assert "Acme CA" in trusted(tls_context(connection(theirs), Spoken.LDAP))
    assert "Acme CA" not in trusted(tls_context(connection(None), Spoken.LDAP))


def test_an_authority_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    theirs = tmp_path / "ca.pem"
    theirs.write_bytes(authority("Old CA"))
    tls_context(connection(theirs), Spoken.LDAP)
    theirs.write_bytes(authority("The new CA"))
    found = trusted(tls_context(connection(theirs), Spoken.LDAP))
    assert "The new CA" in found
    assert "Old CA" not in found


def test_authorities_of_the_machine_that_change_are_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "authorities.pem"
    machine.write_bytes(authority("Machine CA"))
    monkeypatch.setenv("SSL_CERT_FILE", str(machine))
    assert trusted(tls_context(connection(None), Spoken.HTTP)) == {"Machine CA"}
    machine.write_bytes(authority("Another CA of the machine"))
    assert trusted(tls_context(connection(None), Spoken.HTTP)) == {"Another CA of the machine"}


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_what_cannot_be_read_is_told_with_the_connection_and_the_file(
    tmp_path: Path, content: bytes | None
) -> None:
    theirs = tmp_path / "ca.pem"
    if content is not None:
        theirs.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"acme\.people: extra ca_file cannot be read: .*ca\.pem"):
        tls_context(connection(theirs), Spoken.HTTP)
