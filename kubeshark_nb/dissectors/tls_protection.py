"""Which keys protect the records of each side, from hello to hello and step to step (RFC 8446, 7; RFC 5246, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.tls_hello import EARLY_DATA, ENCRYPT_THEN_MAC, TLS13
from kubeshark_nb.dissectors.tls_keys import next_secret
from kubeshark_nb.dissectors.tls_openers import Opened, Terms, Tls13Opener, openers_before_13
from kubeshark_nb.dissectors.tls_records import APPLICATION_DATA, CHANGE_CIPHER_SPEC
from kubeshark_nb.dissectors.tls_suites import SUITES
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.keylog import KeyLog
    from kubeshark_nb.dissectors.tls_hello import Hello
    from kubeshark_nb.dissectors.tls_openers import Opener
    from kubeshark_nb.dissectors.tls_records import Record
    from kubeshark_nb.dissectors.tls_suites import Suite
    from kubeshark_nb.traffic import Side

NO_KEY = "TLS connections not decrypted: the key log has no key for them"
NO_SUITE = "TLS connections not decrypted: of a cipher suite that is not supported"
BROKEN = "TLS connections not decrypted any further: a record does not fit the keys"
BEFORE_13 = range(0x0301, TLS13)
SEEK = 256  # records that may have been lost in a gap
EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
LABELS = (
    ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"),
    ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"),
)


class Keys:
    """The keys of one side: those in use, and those that follow at the next step."""

    def __init__(self) -> None:
        self.opener: Opener | None = None
        self.number = 0  # of the next record
        self.following: list[Opener] = []
        self.secret = b""  # of TLS 1.3's application data
        self.uncertain = False  # records were lost: the number may be higher, the step a later one

    def step(self) -> bool:
        """Take the next keys; whether there are any."""
        if not self.following:
            return False
        self.opener, self.number = self.following.pop(0), 0
        return True

    def open(self, record: Record) -> Opened | None:
        """The content of a record. Behind a gap its number is looked for, then the keys after these."""
        if self.opener is None:
            return None
        for number in range(self.number, self.number + (SEEK if self.uncertain else 1)):
            opened = self.opener.open(record, number)
            if opened is not None:
                self.number = number + (record.kind != CHANGE_CIPHER_SPEC)  # TLS 1.3 sends that one unprotected
                self.uncertain = False
                return opened
        return self.open(record) if self.uncertain and self.step() else None


class Protection:
    """The keys of a connection.

    Attributes:
        reason: why records cannot be read, in words.
    """

    def __init__(self, log: KeyLog) -> None:
        self.reason = NO_KEY
        self._log = log
        self._hellos: list[Hello | None] = [None, None]
        self._keys = (Keys(), Keys())

    def hello(self, side: Side, hello: Hello) -> None:
        """A hello of one side; the server's decides."""
        self._hellos[side] = hello
        client = self._hellos[CLIENT]
        if side == CLIENT or hello.is_retry or client is None:
            return
        suite = SUITES.get(hello.suites[0])
        if suite is None:
            self.reason = NO_SUITE
        elif hello.speaks_13:
            self._begin_13(client, suite)
        elif hello.spoken in BEFORE_13:
            self._begin_before_13(client, hello, suite)

    def open(self, side: Side, record: Record) -> Opened | None:
        """The content of a record; ``None`` when it cannot be read."""
        keys = self._keys[side]
        if keys.opener is None and record.kind == APPLICATION_DATA and keys.uncertain:
            keys.step()  # what changed the keys was lost
        if keys.opener is None:
            readable = record.kind != APPLICATION_DATA or self._refuses_early_data
            return (
                Opened(record.kind, b"" if record.kind == APPLICATION_DATA else record.fragment) if readable else None
            )
        opened = keys.open(record)
        if opened is None and len(keys.following) > 1:
            keys.step()  # early data was refused: the client went on without saying so
            opened = keys.open(record)
        if opened is None and side == CLIENT and keys.number == 0 and self._is_13 and self._offers_early_data:
            return Opened(APPLICATION_DATA, b"")  # early data whose key is not in the log
        if opened is None:
            self.reason = BROKEN
        return opened

    def change(self, side: Side) -> bool:
        """ChangeCipherSpec: before TLS 1.3 the next keys; whether what follows can be read."""
        return self._is_13 or self._keys[side].step()

    def step(self, side: Side, *, ends_early_data: bool) -> None:
        """TLS 1.3: Finished (or the end of early data) is the last message under these keys."""
        keys = self._keys[side]
        if self._is_13 and (ends_early_data or len(keys.following) == 1):
            keys.step()

    def update(self, side: Side) -> None:
        """TLS 1.3: KeyUpdate."""
        keys, suite = self._keys[side], self._suite
        if self._is_13 and suite is not None and keys.secret:
            keys.secret = next_secret(suite.prf, keys.secret)
            keys.opener, keys.number = Tls13Opener(suite, keys.secret), 0

    def uncertain(self, side: Side) -> None:
        """Records of one side were lost."""
        self._keys[side].uncertain = True

    @property
    def _is_13(self) -> bool:
        server = self._hellos[SERVER]
        return server is not None and server.speaks_13

    @property
    def _suite(self) -> Suite | None:
        server = self._hellos[SERVER]
        return None if server is None else SUITES.get(server.suites[0])

    @property
    def _refuses_early_data(self) -> bool:
        server = self._hellos[SERVER]
        return server is not None and server.is_retry

    @property
    def _offers_early_data(self) -> bool:
        client = self._hellos[CLIENT]
        return client is not None and EARLY_DATA in client.contents

    def _begin_13(self, client: Hello, suite: Suite) -> None:
        for side in (CLIENT, SERVER):
            secrets = [self._log.secret(label, client.random) for label in LABELS[side]]
            keys = self._keys[side]
            keys.following = [Tls13Opener(suite, secret) for secret in secrets if secret]
            keys.secret = secrets[1] or b""
        early = self._log.secret(EARLY, client.random) if EARLY_DATA in client.contents else None
        if early is not None and self._keys[CLIENT].following:
            self._keys[CLIENT].following.insert(0, Tls13Opener(suite, early))
        for keys in self._keys:
            keys.step()

    def _begin_before_13(self, client: Hello, server: Hello, suite: Suite) -> None:
        master = self._log.secret("CLIENT_RANDOM", client.random)
        if master is None:
            return
        terms = Terms(suite, server.spoken, outside=suite.mode == "CBC" and ENCRYPT_THEN_MAC in server.contents)
        openers = openers_before_13(master, terms, server.random + client.random)
        for keys, opener in zip(self._keys, openers, strict=True):
            keys.following = [opener]
