"""Every name of the filter languages with one line about it: what completion, help and the editor show."""

from __future__ import annotations

MACROS: dict[str, str] = {
    "http": 'protocol.abbr == "HTTP"',
    "http2": 'protocol.abbr == "HTTP/2"',
    "grpc": 'protocol.abbr == "gRPC"',
    "gql": 'protocol.abbr == "GQL"',
    "dns": 'protocol.abbr == "DNS"',
    "amqp": 'protocol.name == "amqp"',
    "kafka": 'protocol.name == "kafka"',
    "redis": 'protocol.name == "redis"',
    "tcp": 'protocol.name == "tcp"',
    "udp": 'protocol.name == "udp"',
    "icmp": 'protocol.name == "icmp"',
    "tls": "tls == true",
    "error": 'error.type != ""',
    "https": "tls and (http or http2)",
}
"""Macro -> the KFL 1 condition it stands for. `https` is Kubeshark's default custom macro."""
