"""Types and codes of ICMP (https://www.iana.org/assignments/icmp-parameters, .../icmpv6-parameters)."""

from __future__ import annotations

NAMES4: dict[int, tuple[str, tuple[str, ...]]] = {
    0: ("EchoReply", ()),
    3: (
        "DestinationUnreachable",
        (
            "Net", "Host", "Protocol", "Port", "FragmentationNeeded", "SourceRoutingFailed", "NetUnknown",
            "HostUnknown", "SourceIsolated", "NetAdminProhibited", "HostAdminProhibited", "NetTOS", "HostTOS",
            "CommAdminProhibited", "HostPrecedence", "PrecedenceCutoff",
        ),
    ),
    4: ("SourceQuench", ()),
    5: ("Redirect", ("Net", "Host", "TOS+Net", "TOS+Host")),
    8: ("EchoRequest", ()),
    9: ("RouterAdvertisement", ()),
    10: ("RouterSolicitation", ()),
    11: ("TimeExceeded", ("TTLExceeded", "FragmentReassemblyTimeExceeded")),
    12: ("ParameterProblem", ("PointerIndicatesError", "MissingOption", "BadLength")),
    13: ("TimestampRequest", ()),
    14: ("TimestampReply", ()),
    15: ("InfoRequest", ()),
    16: ("InfoReply", ()),
    17: ("AddressMaskRequest", ()),
    18: ("AddressMaskReply", ()),
    42: ("ExtendedEchoRequest", ()),
    43: ("ExtendedEchoReply", ()),
}  # fmt: skip
NAMES6: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "DestinationUnreachable",
        (
            "NoRouteToDst", "AdminProhibited", "BeyondScope", "AddressUnreachable", "PortUnreachable",
            "SrcAddressFailedPolicy", "RejectRouteToDst",
        ),
    ),
    2: ("PacketTooBig", ()),
    3: ("TimeExceeded", ("HopLimitExceeded", "FragmentReassemblyTimeExceeded")),
    4: ("ParameterProblem", ("ErroneousHeader", "UnrecognizedNextHeader", "UnrecognizedIPv6Option")),
    128: ("EchoRequest", ()),
    129: ("EchoReply", ()),
    130: ("MulticastListenerQuery", ()),
    131: ("MulticastListenerReport", ()),
    132: ("MulticastListenerDone", ()),
    133: ("RouterSolicitation", ()),
    134: ("RouterAdvertisement", ()),
    135: ("NeighborSolicitation", ()),
    136: ("NeighborAdvertisement", ()),
    137: ("Redirect", ()),
    138: ("RouterRenumbering", ()),
    139: ("NodeInformationQuery", ()),
    140: ("NodeInformationResponse", ()),
    141: ("InverseNeighborSolicitation", ()),
    142: ("InverseNeighborAdvertisement", ()),
    143: ("MulticastListenerReportV2", ()),
    144: ("HomeAgentAddressDiscoveryRequest", ()),
    145: ("HomeAgentAddressDiscoveryReply", ()),
    146: ("MobilePrefixSolicitation", ()),
    147: ("MobilePrefixAdvertisement", ()),
    148: ("CertificationPathSolicitation", ()),
    149: ("CertificationPathAdvertisement", ()),
    151: ("MulticastRouterAdvertisement", ()),
    152: ("MulticastRouterSolicitation", ()),
    153: ("MulticastRouterTermination", ()),
    155: ("RPLControl", ()),
    160: ("ExtendedEchoRequest", ()),
    161: ("ExtendedEchoReply", ()),
}  # fmt: skip


def type_code(names: dict[int, tuple[str, tuple[str, ...]]], kind: int, code: int) -> str:
    """``EchoRequest``, ``DestinationUnreachable(Port)``, ``Type(9)`` where there is no name."""
    name, codes = names.get(kind, (f"Type({kind})", ()))
    if code < len(codes):
        return f"{name}({codes[code]})"
    return f"{name}(Code: {code})" if codes or code else name
