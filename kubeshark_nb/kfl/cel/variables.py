"""The variables of KFL 2: one row each, with its kind, a line about it and how an item gives it (FACTS e).

Most rows name the item members to look at, in order; the first one of the right kind counts, and the kind's default
(`DEFAULTS`) stands in for an absent one. A row with a protocol only looks at items of that protocol. A row that needs
more has a function. What Kubeshark does not write down about an item is empty here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kubeshark_nb.kfl.cel.values import BOOL, BYTES, DEFAULTS, INT, LIST, MAP, STRING, TIMESTAMP, Timestamp
from kubeshark_nb.kfl.lexer import EXACT_DIGITS

Getter = Callable[[Any], Any]
NS_PER_MS = 1_000_000
PAIR = 2


class Variable(NamedTuple):
    """``sources`` are member paths, or one function of the item; ``protocol`` is a `protocol.name`, or empty."""

    name: str
    kind: str
    doc: str
    sources: tuple[str, ...] | Getter
    protocol: str = ""


def getter(variable: Variable) -> Getter:
    """How to read ``variable`` from an item."""
    get = variable.sources if callable(variable.sources) else _first(variable.sources, variable.kind)
    return _only(variable.protocol, get, DEFAULTS[variable.kind]) if variable.protocol else get


def _first(paths: tuple[str, ...], kind: str) -> Getter:
    python, default = type(DEFAULTS[kind]), DEFAULTS[kind]
    getters = [_member(tuple(path.split(".")), python, default) for path in paths]
    if len(getters) == 1:
        return getters[0]

    def get(item: Any) -> Any:
        for each in getters:
            value = each(item)
            if value != default:
                return value
        return default

    return get


def _member(path: tuple[str, ...], python: type, default: Any) -> Getter:
    if len(path) == PAIR:
        return _member_of_member(path[0], path[1], python, default)

    def get(item: Any) -> Any:
        try:
            for name in path:
                item = item[name]
        except (KeyError, TypeError):
            return default
        return item if type(item) is python else default

    return get


def _member_of_member(first: str, second: str, python: type, default: Any) -> Getter:
    def get(item: Any) -> Any:
        try:
            value = item[first][second]
        except (KeyError, TypeError):
            return default
        return value if type(value) is python else default

    return get


def _only(protocol: str, get: Getter, default: Any) -> Getter:
    def found(item: Any) -> Any:
        return get(item) if _protocol(item) == protocol else default

    return found


_protocol = _member_of_member("protocol", "name", str, "")
_abbreviation = _member_of_member("protocol", "abbr", str, "")
_version = _member_of_member("protocol", "version", str, "")
_request = _member(("request",), dict, {})
_response = _member(("response",), dict, {})
_outgoing = _member(("outgoing",), bool, default=False)


# -- functions of single rows ----------------------------------------------------------------------------------------


def _flag(name: str) -> Getter:
    """Whether the item is of a protocol: by its name, or its abbreviation in lower case."""

    def is_so(item: Any) -> bool:
        return bool(_protocol(item) == name or _abbreviation(item).lower() == name)

    return is_so


def _abbreviated(*abbreviations: str, version: str = "") -> Getter:
    def is_so(item: Any) -> bool:
        return _abbreviation(item) in abbreviations and str(_version(item)).startswith(version)

    return is_so


def _port(side: str) -> Getter:
    port = _member_of_member(side, "port", str, "")

    def get(item: Any) -> int:
        digits = port(item)
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= EXACT_DIGITS else 0

    return get


def _total(*paths: str) -> Getter:
    getters = [_member(tuple(path.split(".")), int, 0) for path in paths]
    return lambda item: sum(get(item) for get in getters)


def _distinct(*paths: str) -> Getter:
    getters = [_member(tuple(path.split(".")), str, "") for path in paths]
    return lambda item: list(dict.fromkeys(filter(None, (get(item) for get in getters))))


def _side(member: str, kind: str, *, local: bool) -> Getter:
    """A member of the captured pod's side (``local``: the client when the item is outgoing), or of the other one."""
    default, python = DEFAULTS[kind], type(DEFAULTS[kind])
    ends = {side: _member((side, *member.split(".")), python, default) for side in ("src", "dst")}
    return lambda item: ends["src" if _outgoing(item) is local else "dst"](item)


def _each(path: str, read: Callable[[dict[str, Any]], str]) -> Getter:
    elements = _member(tuple(path.split(".")), list, [])
    return lambda item: [read(each) for each in elements(item) if type(each) is dict]


def _answer(answer: dict[str, Any]) -> str:
    """What a DNS answer says: the first of its data members that is not empty."""
    members = ("ip", "cname", "ptr", "ns", "mx", "srv", "txts", "soa", "uri", "opt", "name")
    return next((str(answer[member]) for member in members if answer.get(member)), "")


def _has(path: str) -> Getter:
    side = _member(tuple(path.split(".")), dict, {})
    return lambda item: bool(side(item))


def _grpc_method(item: Any) -> str:
    path = _request(item).get("path")
    return path.rsplit("/", 1)[-1] if _abbreviation(item) == "gRPC" and type(path) is str else ""


def _grpc_status(item: Any) -> int:
    """-1 off gRPC, 0 for gRPC without a status."""
    if _abbreviation(item) != "gRPC":
        return -1
    for place in ("trailers", "headers"):
        members = _response(item).get(place)
        for name, value in members.items() if type(members) is dict else ():
            if name.lower() == "grpc-status" and type(value) is str and value.isdigit():
                return int(value[:9])
    return 0


def _payload(item: Any) -> bytes:
    data = item.get("data") if type(item) is dict else None
    payload = data.get("payload") if type(data) is dict else None
    return payload.encode("utf-8", "surrogatepass") if type(payload) is str else b""


def _timestamp(item: Any) -> Timestamp:
    return Timestamp(_milliseconds(item) * NS_PER_MS)


_milliseconds = _member(("timestamp",), int, 0)
_elapsed = _member(("elapsedTime",), int, 0)


def _first_of(path: str, default: Any) -> Getter:
    elements = _member(tuple(path.split(".")), list, [])

    def get(item: Any) -> Any:
        values = elements(item)
        return values[0] if values and type(values[0]) is type(default) else default

    return get


# -- the table -------------------------------------------------------------------------------------------------------


def _flags() -> Iterator[Variable]:
    names = (
        "dns tcp udp sctp icmp radius diameter redis kafka amqp ldap ws mongodb mysql postgresql"
        " conn flow tcp_conn udp_conn tcp_flow udp_flow"
    )
    for name in names.split():
        yield Variable(name, BOOL, f"the item is {name.upper().replace('_', ' ')}", _flag(name))
    yield Variable("http", BOOL, "the item is HTTP, any version, gRPC and GraphQL included", _flag("http"))
    yield Variable("grpc", BOOL, "the item is gRPC", _abbreviated("gRPC"))
    yield Variable("gql", BOOL, "the item is GraphQL", _abbreviated("GQL"))
    yield Variable("gqlv1", BOOL, "the item is GraphQL over HTTP/1", _abbreviated("GQL", version="1"))
    yield Variable("gqlv2", BOOL, "the item is GraphQL over HTTP/2", _abbreviated("GQL", version="2"))
    yield Variable("tlsx", BOOL, "the item is a TLS hello", _abbreviated("TLS", "TLSX"))
    yield Variable("tls", BOOL, "captured from decrypted TLS", ("tls",))


def _peers() -> Iterator[Variable]:
    for side, who in (("src", "the client"), ("dst", "the server")):
        yield Variable(f"{side}.ip", STRING, f"address of {who}", (f"{side}.ip",))
        yield Variable(f"{side}.port", INT, f"port of {who}", _port(side))
        yield Variable(f"{side}.name", STRING, f"resolved name of {who}", (f"{side}.name",))
        yield Variable(f"{side}.namespace", STRING, f"namespace of {who}", (f"{side}.namespace",))
        yield Variable(f"{side}.dns", STRING, f"DNS name of {who}", (f"{side}.dns",))
        for member in ("name", "namespace"):
            of_service = (f"{side}.service.{member}", *((f"{side}.service",) if member == "name" else ()))
            of_pod = (f"{side}.pod.{member}", *of_service)
            yield Variable(f"{side}.pod.{member}", STRING, f"{member} of {who}'s pod, else of its service", of_pod)
            yield Variable(f"{side}.service.{member}", STRING, f"{member} of {who}'s service", of_service)
    for where, local in (("local", True), ("remote", False)):
        whose = "the captured pod" if local else "the other end"
        yield Variable(f"{where}_node_name", STRING, f"node of {whose}", _side("pod.node", STRING, local=local))
        yield Variable(f"{where}_labels", MAP, f"labels of {whose}", _side("pod.labels", MAP, local=local))
        yield Variable(
            f"{where}_annotations", MAP, f"annotations of {whose}", _side("pod.annotations", MAP, local=local)
        )
        yield Variable(
            f"{where}_process_name", STRING, f"process of {whose}", _side("processName", STRING, local=local)
        )
        status = _side("resolutionStatus", STRING, local=local)
        yield Variable(f"{where}_resolution_status", STRING, f"why {whose} has no name, empty when it has", status)


def _general() -> Iterator[Variable]:
    yield Variable("protocol", STRING, "name of the protocol, such as http", ("protocol.name", "protocol"))
    yield Variable("namespaces", LIST, "namespaces of both ends", _distinct("src.namespace", "dst.namespace"))
    yield Variable("pods", LIST, "pods of both ends", _distinct("src.pod.name", "dst.pod.name"))
    yield Variable(
        "services",
        LIST,
        "services of both ends",
        _distinct("src.service", "src.service.name", "dst.service", "dst.service.name"),
    )
    yield Variable("dns_resolutions", LIST, "DNS names the addresses were resolved from", ("dnsResolutions",))
    yield Variable("node", MAP, "the node that captured the item", ("node",))
    yield Variable("node_name", STRING, "name of the node that captured the item", ("node.name",))
    yield Variable("node_ip", STRING, "address of the node that captured the item", ("node.ip",))
    yield Variable("node_id", STRING, "id of the node that captured the item", ("nodeId", "node.id"))
    yield Variable("id", INT, "number of the item", ("id",))
    yield Variable("index", INT, "position in the stream, from 0", ("index",))
    yield Variable("stream", STRING, "the stream's pcap file", ("stream",))
    yield Variable("worker", STRING, "address and port of the worker", ("worker",))
    yield Variable("timestamp", TIMESTAMP, "time of the request", _timestamp)
    yield Variable("elapsed_time", INT, "time until the response in µs", lambda item: _elapsed(item) * 1000)
    yield Variable("has_pcap", BOOL, "packets were kept", ("hasPcap",))
    yield Variable("capture", MAP, "how it was captured", ("capture",))
    yield Variable("capture_source", STRING, "what it was captured from", ("capture.source",))
    yield Variable("capture_backend", STRING, "what captured it", ("capture.backend",))
    yield Variable("capture_source_code", INT, "number of the capture source", ("capture.sourceCode",))


def _http() -> Iterator[Variable]:
    yield Variable("method", STRING, "HTTP method", ("request.method",))
    yield Variable("url", STRING, "request target with its query", ("request.url",))
    yield Variable("path", STRING, "path without the query", ("request.path",))
    yield Variable("http_version", STRING, "HTTP version", ("request.httpVersion", "response.httpVersion"))
    yield Variable("status_code", INT, "HTTP status", ("response.status",))
    yield Variable("query_string", MAP, "parameters of the URL", ("request.queryString",))
    for side in ("request", "response"):
        yield Variable(f"{side}.headers", MAP, f"headers of the {side}; names in any case", (f"{side}.headers",))
        yield Variable(f"{side}.cookies", MAP, f"cookies of the {side}", (f"{side}.cookies",))
        yield Variable(
            f"{side}_headers_size", INT, f"bytes of the {side}'s headers, -1 unknown", (f"{side}.headersSize",)
        )
        yield Variable(f"{side}_body_size", INT, f"bytes of the {side}'s body", (f"{side}.bodySize",))
    yield Variable("grpc_method", STRING, "last element of a gRPC path", _grpc_method)
    yield Variable("grpc_status", INT, "gRPC status, -1 when it is not gRPC", _grpc_status)


def _sizes(name: str, protocol: str, word: str) -> Iterator[Variable]:
    """`<name>_request_<word>` and its kin: captured bytes."""
    title = name.upper()
    yield Variable(f"{name}_request_{word}", INT, f"bytes of the {title} request", ("requestSize",), protocol)
    yield Variable(f"{name}_response_{word}", INT, f"bytes of the {title} response", ("responseSize",), protocol)
    total = _total("requestSize", "responseSize")
    yield Variable(f"{name}_total_size", INT, f"bytes of the {title} request and response", total, protocol)


def _directions(name: str) -> Iterator[Variable]:
    yield Variable(f"{name}_request", BOOL, f"the item has a {name.upper()} request", _has("request"), name)
    yield Variable(f"{name}_response", BOOL, f"the item has a {name.upper()} response", _has("response"), name)


def _protocols() -> Iterator[Variable]:
    yield Variable(
        "dns_questions",
        LIST,
        "names asked for",
        _each("request.questions", lambda each: str(each.get("name", ""))),
        "dns",
    )
    yield Variable(
        "dns_question_types",
        LIST,
        "record types asked for",
        _each("request.questions", lambda each: str(each.get("type", ""))),
        "dns",
    )
    yield Variable(
        "dns_answers", LIST, "what was answered: addresses, names", _each("response.answers", _answer), "dns"
    )
    yield from _directions("dns")
    yield from _sizes("dns", "dns", "length")
    yield Variable("tls_summary", STRING, "the server name asked for", ("data.sni",), "tls")
    yield Variable("tls_info", STRING, "kind of TLS message", ("data.type",), "tls")
    yield from _sizes("tls", "tls", "size")
    yield Variable("tlsx_sni", STRING, "server name of a TLS hello", ("data.sni",))
    yield Variable("tlsx_alpn", STRING, "first protocol offered or chosen by a TLS hello", _first_of("data.alpns", ""))
    yield Variable("tlsx_summary", STRING, "summary of a TLS hello", ("data.sni",))
    yield Variable("tlsx_info", STRING, "kind of TLS hello", ("data.type",))
    yield Variable("tlsx_cipher_suite", INT, "chosen or first cipher suite", _first_of("data.cipherSuites", 0))
    yield Variable("tlsx_cipher_suites", LIST, "cipher suites of a TLS hello", ("data.cipherSuites",))
    yield Variable("tlsx_version", INT, "TLS version number", ("data.version",))
    yield Variable("tcp_method", STRING, "TCP flags", ("data.flags", "request.method"), "tcp")
    yield Variable("tcp_error_type", STRING, "why a connection has no item", ("error.type",))
    yield Variable("tcp_error_message", STRING, "text of the error", ("error.msg",))
    yield Variable("tcp_payload", BYTES, "bytes of a TCP item", _payload, "tcp")
    yield Variable("udp_payload", BYTES, "bytes of a UDP item", _payload, "udp")
    for name in ("udp", "sctp"):
        yield Variable(f"{name}_length", INT, f"{name.upper()} length", ("data.length", "request.length"), name)
        yield Variable(f"{name}_checksum", INT, f"{name.upper()} checksum", ("data.checksum", "request.checksum"), name)
    yield Variable("sctp_chunk_type", STRING, "SCTP chunk type", ("data.chunkType", "request.chunkType"), "sctp")
    yield Variable("icmp_type", STRING, "ICMP type and code", ("request.typeCode", "data.typeCode"), "icmp")
    yield Variable("icmp_version", INT, "4 or 6", ("request.version", "data.version"), "icmp")
    yield Variable("icmp_length", INT, "bytes of the ICMP message", ("requestSize",), "icmp")
    yield from _websocket()
    yield from _brokers()
    yield from _databases()
    yield from _connections()


def _websocket() -> Iterator[Variable]:
    yield Variable("ws_opcode", STRING, "text, binary, close, ping or pong", ("request.opcode", "response.opcode"))
    yield Variable("ws_request", BOOL, "a message of the client", _has("request"), "ws")
    yield Variable("ws_response", BOOL, "a message of the server", _has("response"), "ws")
    yield Variable("ws_request_payload_data", STRING, "text of a client's message", ("request.payloadData",))
    for side in ("request", "response"):
        yield Variable(f"ws_{side}_payload_length", INT, f"bytes of the {side} message", (f"{side}.payloadLength",))


def _brokers() -> Iterator[Variable]:
    for member in ("type", "command", "key"):
        sources = (f"request.{member}", f"response.{member}")
        yield Variable(f"redis_{member}", STRING, f"Redis {member}", sources, "redis")
    yield from _sizes("redis", "redis", "size")
    yield Variable("kafka_api_key", INT, "number of the Kafka request", ("request.apiKey",), "kafka")
    yield Variable("kafka_api_key_name", STRING, "name of the Kafka request", ("request.apiKeyName",), "kafka")
    yield Variable("kafka_client_id", STRING, "Kafka client", ("request.clientID",), "kafka")
    yield Variable("kafka_request_summary", STRING, "what the request is about", ("request.apiKeyName",), "kafka")
    yield Variable("kafka_size", INT, "size member of the request", ("request.size",), "kafka")
    yield Variable("kafka_request_size", INT, "bytes of the Kafka request", ("requestSize",), "kafka")
    yield Variable("kafka_response_size", INT, "bytes of the Kafka response", ("responseSize",), "kafka")
    yield from _directions("kafka")
    summary = ("request.exchange", "request.queue", "request.virtualHost", "request.consumerTag", "request.replyText")
    yield Variable("amqp_summary", STRING, "exchange, queue or tag", summary, "amqp")
    yield Variable(
        "amqp_method", STRING, "AMQP method; basic.publish and basic publish are the same", ("request.method",), "amqp"
    )
    yield Variable("ldap_summary", STRING, "distinguished name", ("request.dn",), "ldap")
    yield Variable("ldap_type", STRING, "LDAP operation", ("request.type", "response.type"), "ldap")
    yield Variable("diameter_summary", STRING, "result", ("response.result",), "diameter")
    yield Variable("diameter_method", STRING, "Diameter command", ("request.command",), "diameter")
    yield Variable("radius_code", INT, "RADIUS code", ("request.code",), "radius")
    yield Variable("radius_code_name", STRING, "name of the RADIUS code", ("request.codeName",), "radius")
    yield Variable(
        "radius_request_authenticator", STRING, "authenticator of the request", ("request.authenticator",), "radius"
    )
    for name in ("amqp", "ldap", "diameter", "radius"):
        yield from _directions(name)
        yield from _sizes(name, name, "length")


def _databases() -> Iterator[Variable]:
    texts = {
        "mongodb": "command database collection opcode error_message error_code_name",
        "mysql": "command query database error_message",
        "postgresql": "command query database user error_code error_message",
    }
    integers = {"mongodb": "error_code", "mysql": "statement_id error_code", "postgresql": ""}
    for name, text_members in texts.items():
        for kind, members in ((STRING, text_members), (INT, integers[name])):
            for member in members.split():
                camel = member.split("_")[0] + "".join(part.title() for part in member.split("_")[1:])
                sources = (f"request.{camel}", f"response.{camel}")
                yield Variable(f"{name}_{member}", kind, f"{name} {member.replace('_', ' ')}", sources, name)
        yield Variable(f"{name}_success", BOOL, f"the {name} command succeeded", ("response.success",), name)
        yield from _sizes(name, name, "size")


def _connections() -> Iterator[Variable]:
    counters = "local_pkts local_bytes remote_pkts remote_bytes group_id"
    rates = " local_pps local_bps remote_pps remote_bps"
    for name, members in (("conn", counters), ("flow", counters + rates)):
        yield Variable(f"{name}_id", INT, f"number of the {name}", (f"{name}.id", f"{name}Id"))
        yield Variable(f"{name}_state", STRING, "open, in_progress or closed", (f"{name}.state",))
        yield Variable(f"{name}_l7_detected", LIST, "protocols seen inside", (f"{name}.l7Detected",))
        for member in members.split():
            camel = member.split("_")[0] + member.split("_")[1].title()
            yield Variable(f"{name}_{member}", INT, f"{member.replace('_', ' ')} of the {name}", (f"{name}.{camel}",))


VARIABLES: dict[str, Variable] = {
    variable.name: variable for group in (_flags, _peers, _general, _http, _protocols) for variable in group()
}
"""Name -> row; names with dots are one name."""

CASELESS = ("request.headers", "response.headers")
"""Maps whose keys do not mind their case."""
