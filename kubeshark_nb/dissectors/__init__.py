"""Bytes -> messages -> items: one file per protocol, one table that picks.

**To add a protocol over TCP**: write ``kubeshark_nb/dissectors/<protocol>.py`` with a probe and a `Dissector`, and add
one row to ``STREAMS`` in `kubeshark_nb.dissectors.table`.

* ``probe(head: bytes) -> Says`` looks at the first bytes that *one* side sent (up to `conversation.HEAD` of them,
  perhaps cut anywhere) and says who would say so: ``Says.CLIENT``, ``Says.SERVER``, ``Says.MORE`` (cannot tell yet) or
  ``Says.NO``. Protocols are recognised by content, never by port. The rows are asked in the order of the table (the
  descriptors' priority), so a probe must be strict: better ``NO`` than a wrong guess.
* ``class XDissector(Dissector)`` is one conversation. It is made with a `StreamTalk`, which has one `Buffer` per side,
  ``talk.buffers[CLIENT]`` and ``talk.buffers[SERVER]``, and ``talk.emit(entry)``.

  - ``advance()``: new bytes may stand in either buffer: read every complete message, leave the rest. Within one window
    the client's bytes come before the server's answer to them; read whichever buffers you need, in any order.
    ``buffer.data[buffer.at:]`` is what is unread, ``buffer.at += n`` consumes, ``buffer.time_at(offset)`` is when the
    byte at that offset of ``data`` was captured. Offsets into ``data`` are good until you return. Never leave a growing
    buffer: `Conversation` drops a side that leaves more than `conversation.MAX_UNREAD` unread bytes and counts it, so
    keep partly read large messages yourself.
  - ``gap(side, missing)``: ``missing`` bytes were never captured right behind what is in the buffer. What was unread
    before the gap is dropped after this call. Forget the half-read message; the bytes behind the gap come next, and
    ``advance`` has to find the next message boundary by itself. If your protocol cannot do that, ``raise
    Undissected("reason")``: the side is ignored from then on, and counted.
  - ``end(side, why)``: nothing more comes from ``side``. After both sides ended emit what is open as half pairs:
    ``Entry(..., error=talk.half(why))``.
  - ``talk.ends`` are the endpoints (ip, port) of client and server; ``talk.stats.count("reason")`` counts
    anything lost; ``talk.whole``: the beginning was captured.
  - Raise `Undissected` when the bytes are not your protocol after all; any other exception is a bug of ours: it is
    counted the same way, and the replay goes on.

* ``talk.emit(Entry(...))`` makes one item (`kubeshark_nb.items.entry.Entry`): the descriptor, ``request`` and
  ``response`` as JSON bytes (`kubeshark_nb.items.compact`), times in ns, sizes in bytes. Items are numbered in the
  order of these calls. The envelope (ids, names, sizes, verdicts) is written by `kubeshark_nb.items.envelope`,
  never here.
* `Exchanges` (``dissectors/pairs.py``) pairs answers with requests by an identifier. `Numbered` does the same, and
  `Turns` by order, for messages that are complete in themselves; they make the items as well, and heed the times,
  because one side of a window is read before the other. `Frames` cuts messages that say how long they are.
* ``talk.hand_over(dissector)`` gives the rest of both buffers to another dissector (HTTP upgrade);
  ``talk.identify_again()`` looks at the content afresh (a CONNECT tunnel, STARTTLS); ``talk.inner(...)`` opens a
  conversation inside this one with buffers of its own (decrypted TLS), whose items are marked. What
  would not be recognised in there begins with the dissector that was given as ``identify_again(inside)``.

**Over UDP, ICMP or SCTP**: ``probe(head)`` as above, plus ``class YDissector(DatagramDissector)`` with
``datagram(side, Datagram)`` and ``end(side, why)``, and a row in ``DATAGRAMS``.

Tests: every case whole, byte by byte and behind a gap, and garbage (tests/dissectors/told.py has the helpers).
"""
