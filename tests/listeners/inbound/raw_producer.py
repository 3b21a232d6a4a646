"""Sends what no Python client can: a header whose name is not text.

Through librdkafka's C interface, as it comes with confluent-kafka.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import confluent_kafka

from officeflow.kafka_access import KafkaAccess

TOPIC, VALUE, FLAGS, HEADERS, END = 1, 4, 7, 10, 0
"""`rd_kafka_vtype_t`."""

COPY = 2
PRODUCER = 0


def send_raw(access: KafkaAccess, topic: str, value: bytes, *, header: bytes) -> None:
    library = _library()
    error = ctypes.create_string_buffer(512)
    configuration = ctypes.c_void_p(library.rd_kafka_conf_new())
    for name, text in access.configuration.items():
        library.rd_kafka_conf_set(configuration, name.encode(), str(text).encode(), error, 512)
    handle = ctypes.c_void_p(library.rd_kafka_new(PRODUCER, configuration, error, 512))
    assert handle.value, error.value
    headers = ctypes.c_void_p(library.rd_kafka_headers_new(ctypes.c_size_t(1)))
    library.rd_kafka_header_add(headers, header, ctypes.c_ssize_t(len(header)), b"x", ctypes.c_ssize_t(1))
    number = ctypes.c_int
    refused = library.rd_kafka_producev(
        handle,
        *(number(TOPIC), topic.encode()),
        *(number(VALUE), value, ctypes.c_size_t(len(value))),
        *(number(FLAGS), number(COPY)),
        *(number(HEADERS), headers),
        number(END),
    )
    assert refused == 0
    assert library.rd_kafka_flush(handle, number(30_000)) == 0
    library.rd_kafka_destroy(handle)


def _library() -> ctypes.CDLL:
    (path,) = (Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs").glob("librdkafka*")
    library = ctypes.CDLL(str(path))
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_headers_new"):
        getattr(library, name).restype = ctypes.c_void_p
    return library
