"""Every protocol, in the order they are tried (the descriptors' priority: the strictest and most frequent first)."""

from __future__ import annotations

from kubeshark_nb.dissectors import (
    amqp,
    carried,
    diameter,
    dns,
    http1,
    http1_message,
    http2,
    http2_probe,
    icmp,
    kafka,
    ldap,
    mongodb,
    mysql,
    mysql_probe,
    postgresql,
    postgresql_wire,
    radius,
    redis,
    tls,
)
from kubeshark_nb.dissectors.dissector import DatagramRow, StreamRow
from kubeshark_nb.traffic import ICMP4, ICMP6, SCTP, UDP

STREAMS = (
    StreamRow("http", http1_message.probe, http1.Http1),
    StreamRow("redis", redis.probe, redis.Redis),
    StreamRow("tls", tls.probe, tls.Tls),
    StreamRow("http2", http2_probe.probe, http2.Http2),
    StreamRow("amqp", amqp.probe, amqp.Amqp),
    StreamRow("kafka", kafka.probe, kafka.Kafka),
    StreamRow("postgresql", postgresql_wire.probe, postgresql.Postgresql),
    StreamRow("mongodb", mongodb.probe, mongodb.Mongodb),
    StreamRow("mysql", mysql_probe.probe, mysql.Mysql),
    StreamRow("ldap", ldap.probe, ldap.Ldap),
    StreamRow("diameter", diameter.probe, diameter.Diameter),
    StreamRow("dns", dns.probe_stream, dns.DnsStream),
)

DATAGRAMS = (
    DatagramRow("dns", UDP, dns.probe_datagram, dns.DnsDatagrams),
    DatagramRow("radius", UDP, radius.probe, radius.Radius),
    DatagramRow("ldap", UDP, carried.probe_ldap, carried.ldap_datagrams),
    DatagramRow("diameter", SCTP, carried.probe_diameter, carried.diameter_packets),
    DatagramRow("icmp", ICMP4, icmp.probe4, icmp.icmp4),
    DatagramRow("icmp", ICMP6, icmp.probe6, icmp.icmp6),
)
