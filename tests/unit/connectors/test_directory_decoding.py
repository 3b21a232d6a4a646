"""Entries with their values as bytes alone, of what `ldap3` reads of a message."""

from __future__ import annotations

from typing import Any

import pytest
from ldap3.utils import asn1

from officeflow.connectors.directory.decoding import with_bytes_alone

Message = dict[str, Any]


def message(dn: bytes, attributes: dict[str, list[bytes]]) -> Message:
    """As it goes over the wire, read by `ldap3`."""
    from ldap3.protocol.rfc4511 import (
        LDAPDN,
        AttributeDescription,
        AttributeValue,
        LDAPMessage,
        MessageID,
        PartialAttribute,
        PartialAttributeList,
        ProtocolOp,
        SearchResultEntry,
        Vals,
    )

    listed = PartialAttributeList()
    for place, (name, values) in enumerate(attributes.items()):
        kept = Vals()
        for number, value in enumerate(values):
            kept[number] = AttributeValue(value)
        attribute = PartialAttribute()
        attribute["type"], attribute["vals"] = AttributeDescription(name), kept
        listed[place] = attribute
    entry = SearchResultEntry()
    entry["object"], entry["attributes"] = LDAPDN(dn), listed
    whole = LDAPMessage()
    whole["messageID"] = MessageID(7)
    whole["protocolOp"] = ProtocolOp().setComponentByName("searchResEntry", entry)
    read: Message = asn1.decode_message_fast(asn1.encode(whole))  # type: ignore[attr-defined]
    return read


def by_ldap3(read: Message) -> Message:
    return {"type": "by ldap3", "message": read}


DECODED = with_bytes_alone(by_ldap3)


def test_an_entry_is_its_name_and_its_values_as_bytes() -> None:
    """Also a name that is no UTF-8, which `ldap3` reads as Latin-1."""
    attributes = {"mail": [b"ana@acme.example", b"\xff"], "objectGUID": [bytes(16)], "title": []}
    found = DECODED(message("uid=ana,ou=Español".encode(), attributes))
    assert (found["type"], found["dn"]) == ("searchResEntry", "uid=ana,ou=Español")
    assert found["raw_attributes"] == attributes
    assert DECODED(message(b"uid=\xe9", {}))["dn"] == "uid=é"


def test_what_ldap3_goes_on_with_is_left_to_it() -> None:
    ranged = message(b"cn=all", {"member;range=0-1": [b"uid=ana", b"uid=bea"]})
    controlled = message(b"cn=all", {}) | {"controls": [object()]}
    done = {"protocolOp": 5, "payload": [], "controls": None}
    assert [DECODED(each)["type"] for each in (ranged, controlled, done)] == ["by ldap3"] * 3


def test_a_value_that_is_no_bytes_is_no_entry() -> None:
    broken = message(b"uid=ana", {"uid": [b"ana"]})
    number = (0, False, 2, 10**9)
    broken["payload"][1][3][0][3][1] = (0, True, 17, [number])
    with pytest.raises(TypeError):
        DECODED(broken)
