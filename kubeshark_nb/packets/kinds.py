"""What a header can be: one number per kind, for a column.

Kinds below `FIRST_STEP` are where decoding stops (`kubeshark_nb.traffic` lists them); these have a row in
`steps.STEPS`.
"""

from __future__ import annotations

from kubeshark_nb.traffic import ICMP4, ICMP6

FIRST_STEP = 16
ETHERNET = 16
LOOP_HOST = 17  # DLT_NULL: the address family in the byte order of whoever wrote it
LOOP_NETWORK = 18
COOKED = 19
COOKED2 = 20
RAW = 21
ETHERTYPE = 22  # two bytes of ethertype are next (after a tag)
IPV4 = 23
IPV6 = 24
EXTENSION = 25  # an IPv6 extension header; its kind is in `Cursor.next_header`
MPLS = 29
PPPOE = 30
PPP = 31
GRE = 32
VXLAN = 33
GENEVE = 34
BELOW_MPLS = 35
NFLOG = 36
NFLOG_FIELD = 37
ERSPAN = 38
RADIOTAP = 39
WIRELESS = 40
SNAP = 41
ERSPAN3 = 42
SERVICE = 43  # the network service header
GTP = 44
GTP_NEXT = 45
TEREDO = 46
SECURITY = 47
TRANSPORT_TCP = 26
TRANSPORT_UDP = 27
TRANSPORT_SCTP = 28

# https://www.tcpdump.org/linktypes.html
LINKS = {
    0: LOOP_HOST,
    1: ETHERNET,
    12: RAW,
    14: RAW,
    101: RAW,
    108: LOOP_NETWORK,
    9: PPP,
    105: WIRELESS,
    113: COOKED,
    127: RADIOTAP,
    228: IPV4,
    229: IPV6,
    239: NFLOG,
    276: COOKED2,
}

# https://www.iana.org/assignments/ieee-802-numbers
ETHERTYPES = {
    0x0800: IPV4,
    0x86DD: IPV6,
    0x8100: ETHERTYPE,
    0x88A8: ETHERTYPE,
    0x9100: ETHERTYPE,
    0x6558: ETHERNET,
    0x8847: MPLS,
    0x8848: MPLS,
    0x8864: PPPOE,
    0x88BE: ERSPAN,
    0x22EB: ERSPAN3,
    0x894F: SERVICE,
    0x8909: SECURITY,
    0x880B: PPP,
}

# https://www.iana.org/assignments/protocol-numbers
PROTOCOLS = {
    0: EXTENSION,
    1: ICMP4,
    4: IPV4,
    6: TRANSPORT_TCP,
    17: TRANSPORT_UDP,
    41: IPV6,
    43: EXTENSION,
    47: GRE,
    44: EXTENSION,
    51: EXTENSION,
    58: ICMP6,
    60: EXTENSION,
    132: TRANSPORT_SCTP,
    135: EXTENSION,
}

# https://www.iana.org/assignments/ppp-numbers
PPP_PROTOCOLS = {0x21: IPV4, 0x57: IPV6}

# https://www.iana.org/assignments/nsh
SERVICE_PROTOCOLS = {1: IPV4, 2: IPV6, 3: ETHERNET, 4: SERVICE, 5: MPLS}

IP_VERSIONS = {4: IPV4, 6: IPV6}

# tunnels over UDP have no number of their own: a port, and a header that fits
TUNNEL_PORTS = {2152: GTP, 3544: TEREDO, 4789: VXLAN, 4790: VXLAN, 8472: VXLAN, 6081: GENEVE}
