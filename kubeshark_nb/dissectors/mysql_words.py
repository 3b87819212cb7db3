"""Commands of MySQL, and the query attributes in front of a statement (dev.mysql.com: PAGE_PROTOCOL)."""

from __future__ import annotations

from kubeshark_nb.dissectors.mysql_answer import length_encoded

COMMANDS = dict(
    enumerate(
        """
SLEEP QUIT INIT_DB QUERY FIELD_LIST CREATE_DB DROP_DB REFRESH SHUTDOWN STATISTICS PROCESS_INFO CONNECT PROCESS_KILL
DEBUG PING TIME DELAYED_INSERT CHANGE_USER BINLOG_DUMP TABLE_DUMP CONNECT_OUT REGISTER_SLAVE STMT_PREPARE STMT_EXECUTE
STMT_SEND_LONG_DATA STMT_CLOSE STMT_RESET SET_OPTION STMT_FETCH DAEMON BINLOG_DUMP_GTID RESET_CONNECTION
""".split()  # noqa: SIM905 - thirty quotes would hide the names
    )
)
QUIT, INIT_DB, QUERY, PING, CHANGE_USER, BINLOG_DUMP = 1, 2, 3, 14, 17, 18
PREPARE, EXECUTE, LONG_DATA, CLOSE, BINLOG_GTID = 22, 23, 24, 25, 30
UNANSWERED = frozenset((QUIT, LONG_DATA, CLOSE))
WITH_TEXT = frozenset((QUERY, PREPARE, INIT_DB, 5, 6))
WITH_STATEMENT = frozenset((EXECUTE, LONG_DATA, CLOSE, 26, 28))
# bytes of a value, by type; of other types the value says how long it is
SIZES = {1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 6: 0, 8: 8, 9: 4, 13: 2}


def without_attributes(payload: bytes) -> bytes:
    """The statement of a COM_QUERY behind its attributes (CLIENT_QUERY_ATTRIBUTES)."""
    count, at = length_encoded(payload, 1)
    _, at = length_encoded(payload, at)
    if count:
        nulls = payload[at : at + (count + 7) // 8]
        at += len(nulls) + 1
        kinds = []
        for _ in range(min(count, len(payload))):
            kinds.append(int.from_bytes(payload[at : at + 2], "little") & 0xFF)
            size, at = length_encoded(payload, at + 2)
            at += size
        for number, kind in enumerate(kinds):
            if number // 8 < len(nulls) and not nulls[number // 8] >> number % 8 & 1:
                at = _behind(payload, at, kind)
    return payload[at:]


def _behind(payload: bytes, at: int, kind: int) -> int:
    if kind in SIZES:
        return at + SIZES[kind]
    size, at = length_encoded(payload, at)
    return at + size
