"""Protocol descriptors: the item member ``protocol``, one row per protocol (FACTS c.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson


@dataclass(frozen=True, slots=True)
class Protocol:
    """A descriptor. ``json`` is the member as it stands in every item, serialised once."""

    name: str
    version: str
    abbr: str
    long_name: str
    macro: str
    color: str
    font: int
    link: str
    ports: tuple[str, ...]
    layer4: str
    priority: int
    json: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "json", orjson.dumps(self._document()))

    def _document(self) -> dict[str, object]:
        return {
            "name": self.name,
            "version": self.version,
            "abbr": self.abbr,
            "longName": self.long_name,
            "macro": self.macro,
            "backgroundColor": self.color,
            "foregroundColor": "#ffffff",
            "fontSize": self.font,
            "referenceLink": self.link,
            "ports": self.ports,
            "layer4": self.layer4,
            "priority": self.priority,
        }


RFC = "https://datatracker.ietf.org/doc/html/"
HTTP_NAME = "Hypertext Transfer Protocol"
WEB = ("80", "443", "8080")
WEB_GRPC = (*WEB, "50051")
GRAPHQL = "https://graphql.org/learn/serving-over-http/"
GRPC_LINK = "https://grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html"

HTTP10 = Protocol(
    "http", "1.0", "HTTP", f"{HTTP_NAME} -- HTTP/1.0", "http", "#326de6", 12, RFC + "rfc1945", WEB, "tcp", 0
)
HTTP11 = Protocol(
    "http", "1.1", "HTTP", f"{HTTP_NAME} -- HTTP/1.1", "http", "#326de6", 12, RFC + "rfc2616", WEB, "tcp", 0
)
HTTP2 = Protocol(
    "http", "2.0", "HTTP/2", f"{HTTP_NAME} Version 2 (HTTP/2)", "http2", "#244c5a", 11, RFC + "rfc7540", WEB, "tcp", 0
)
GRPC = Protocol(
    "http",
    "2.0",
    "gRPC",
    f"{HTTP_NAME} Version 2 (HTTP/2) [ gRPC over HTTP/2 ]",
    "grpc",
    "#244c5a",
    11,
    GRPC_LINK,
    WEB_GRPC,
    "tcp",
    0,
)
GRAPHQL1 = Protocol(
    "http",
    "1.1",
    "GQL",
    f"{HTTP_NAME} -- HTTP/1.1 [ GraphQL over HTTP/1.1 ]",
    "gql",
    "#e10098",
    12,
    GRAPHQL,
    WEB,
    "tcp",
    0,
)
GRAPHQL2 = Protocol(
    "http",
    "2.0",
    "GQL",
    f"{HTTP_NAME} Version 2 (HTTP/2) [ GraphQL over HTTP/2 ]",
    "gql",
    "#e10098",
    12,
    GRAPHQL,
    WEB_GRPC,
    "tcp",
    0,
)
AMQP = Protocol(
    "amqp",
    "0-9-1",
    "AMQP",
    "Advanced Message Queuing Protocol 0-9-1",
    "amqp",
    "#ff6600",
    12,
    "https://www.rabbitmq.com/amqp-0-9-1-reference.html",
    ("5671", "5672"),
    "tcp",
    1,
)
KAFKA = Protocol(
    "kafka",
    "12",
    "KAFKA",
    "Apache Kafka Protocol",
    "kafka",
    "#000000",
    11,
    "https://kafka.apache.org/protocol",
    ("9092",),
    "tcp",
    2,
)
REDIS = Protocol(
    "redis",
    "3.x",
    "REDIS",
    "Redis Serialization Protocol",
    "redis",
    "#a41e11",
    11,
    "https://redis.io/topics/protocol",
    ("6379",),
    "tcp",
    3,
)
DNS_LINK = "https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml"
DNS = Protocol("dns", "0", "DNS", "Domain Name System", "dns", "#606060", 12, DNS_LINK, (), "udp", 4)
WS = Protocol("ws", "13", "WS", "WebSocket Protocol", "ws", "#8a2be2", 12, RFC + "rfc6455", WEB, "tcp", 0)
TLS_PORTS = ("443", "8443")
TLS_NAME = "Transport Layer Security"
TLS = Protocol("tls", "1.3", "TLS", TLS_NAME, "tls", "#2f7d5b", 12, RFC + "rfc8446", TLS_PORTS, "tcp", 0)
TCP = Protocol("tcp", "1", "TCP", "Transmission Control Protocol", "tcp", "#5a5a5a", 12, RFC + "rfc9293", (), "tcp", 5)
UDP = Protocol("udp", "1", "UDP", "User Datagram Protocol", "udp", "#6b6b6b", 12, RFC + "rfc768", (), "udp", 5)
SCTP = Protocol(
    "sctp", "1", "SCTP", "Stream Control Transmission Protocol", "sctp", "#7c7c7c", 12, RFC + "rfc9260", (), "sctp", 5
)
ICMP4 = Protocol(
    "icmp", "4", "ICMPv4", "Internet Control Message Protocol", "icmp", "#4b6b6b", 12, RFC + "rfc792", (), "icmp", 5
)
ICMP6 = Protocol(
    "icmp",
    "6",
    "ICMPv6",
    "Internet Control Message Protocol for IPv6",
    "icmp",
    "#4b6b6b",
    12,
    RFC + "rfc4443",
    (),
    "icmp",
    5,
)
POSTGRESQL_LINK = "https://www.postgresql.org/docs/current/protocol.html"
POSTGRESQL = Protocol(
    "postgresql",
    "3.0",
    "PostgreSQL",
    "PostgreSQL Frontend/Backend Protocol",
    "postgresql",
    "#336791",
    11,
    POSTGRESQL_LINK,
    ("5432",),
    "tcp",
    4,
)
MYSQL_LINK = "https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html"
MYSQL = Protocol(
    "mysql", "4.1", "MySQL", "MySQL Client/Server Protocol", "mysql", "#00758f", 12, MYSQL_LINK, ("3306",), "tcp", 4
)
MONGODB_LINK = "https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/"
MONGODB = Protocol(
    "mongodb", "1", "MongoDB", "MongoDB Wire Protocol", "mongodb", "#13aa52", 11, MONGODB_LINK, ("27017",), "tcp", 4
)
LDAP = Protocol(
    "ldap",
    "3",
    "LDAP",
    "Lightweight Directory Access Protocol",
    "ldap",
    "#8a6d3b",
    12,
    RFC + "rfc4511",
    ("389", "3268"),
    "tcp",
    4,
)
RADIUS = Protocol(
    "radius",
    "1",
    "RADIUS",
    "Remote Authentication Dial-In User Service",
    "radius",
    "#9b4f96",
    12,
    RFC + "rfc2865",
    ("1812", "1813"),
    "udp",
    4,
)
DIAMETER = Protocol(
    "diameter",
    "1",
    "DIAMETER",
    "Diameter Base Protocol",
    "diameter",
    "#b0413e",
    11,
    RFC + "rfc6733",
    ("3868",),
    "tcp",
    4,
)
