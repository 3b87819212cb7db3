"""The way to a node that is a task of a dask cluster."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from kubeshark_nb.cluster.task import Errand, Outcome, run_node
from kubeshark_nb.errors import NodeError
from kubeshark_nb.kfl import compile as compile_kfl
from kubeshark_nb.model import Stats
from kubeshark_nb.node.process import TICK, NodeProcess
from kubeshark_nb.node.report import Progress, Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distributed import Client, Future

    from kubeshark_nb.cluster.query import Found
    from kubeshark_nb.node.process import Link
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec

FIXED = ("pause", "resume", "pace")  # what a task that has begun cannot be told
PATIENCE = 10.0  # seconds without a scheduler after which a run is given up
GRACE = 5.0  # seconds after Stop for which a session that closes waits for its tasks
GONE = "the cluster's scheduler does not answer any more; make a session with a new client"
LOST = "the cluster's scheduler does not answer any more; what this node had is lost: run again"
GIVEN_UP = "the cluster gave this node up ({why}); run again, perhaps with more memory for each worker"


class Cluster:
    """A dask cluster and where its workers leave items.

    Args:
        where: a `distributed.Client`, or the address of a scheduler.
        store: a folder or address all workers can write and this process can read; the session's own when empty. Every
            run has a folder of its own in it.

    Attributes:
        manifests: of the items of the latest run, by node.

    Raises:
        NodeError: nobody answers at that address.
    """

    def __init__(self, where: Client | str, store: str = "") -> None:
        from distributed import Client

        try:
            self.client = where if isinstance(where, Client) else Client(where, timeout=PATIENCE)
        except (OSError, TimeoutError, TypeError, ValueError) as error:
            raise NodeError(f"{where}: no dask scheduler answers there ({error}); give its address") from None
        self._own = isinstance(where, str)
        self.store = store
        self.manifests: dict[str, dict[str, Any]] = {}
        self.run = ""
        self._stopped = 0.0
        self._ears: dict[str, Callable[[Report], None]] = {}

    def begin(self) -> None:
        """A run begins. Raises NodeError: the scheduler is gone."""
        from distributed import Event

        self._must_answer()
        self.end()
        self.manifests = {}
        self.run = f"kubeshark-{uuid4().hex}"
        self._event = Event(self.run, client=self.client)
        self.client.subscribe_topic(self.run, self._heard)

    def end(self) -> None:
        """The run is over: nobody listens any more."""
        if self.run and self.client.status == "running":
            self.client.unsubscribe_topic(self.run)
        self.run = ""

    def stop(self) -> None:
        """Let every task of the run stop, and keep what it has."""
        if self.run and self.client.status == "running":
            self._event.set()
            self._stopped = time.monotonic()

    def settle(self, future: Future[Outcome]) -> None:
        """Wait until a task that was to stop has stopped, as long as one may after `stop`: it writes until then."""
        from distributed import wait

        with suppress(TimeoutError):
            wait(future, timeout=max(self._stopped + GRACE - time.monotonic(), 0))

    def node(self, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None]) -> Link:
        """A node of this cluster."""
        return ClusterNode(self, spec, enter, died)

    def query(self, kfl: str = "") -> Found:
        """The items that match, searched for by the workers.

        Raises:
            KFLError: the query is wrong.
            NodeError: the scheduler is gone.
        """
        from kubeshark_nb.cluster.query import Found

        compile_kfl(kfl)
        self._must_answer()
        return Found(self.client, dict(self.manifests), kfl)

    def bring(self, items: Path) -> None:
        """Fetch all items of the latest run to the store folder ``items``; what is there is not fetched again."""
        from kubeshark_nb.cluster.parquet import bring

        for manifest in list(self.manifests.values()):
            bring(manifest, items)

    def listen(self, node: str, enter: Callable[[Report], None]) -> None:
        """Who hears how far a node is."""
        self._ears[node] = enter

    def close(self) -> None:
        """Let go of the cluster, which goes on."""
        self.stop()
        self.end()
        if self._own:
            self.client.close()

    def _must_answer(self) -> None:
        if self.client.status != "running":
            raise NodeError(GONE)

    def _heard(self, event: tuple[float, Any]) -> None:
        node, progress, stats = event[1]["node"], event[1]["progress"], event[1]["stats"]
        if node in self._ears and progress and stats:
            self._ears[node](Report(node=node, progress=Progress(*progress), stats=Stats(**stats)))


class ClusterNode:
    """A node on the cluster. What is asked of it besides a run is answered by a process of this machine."""

    def __init__(
        self, cluster: Cluster, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None]
    ) -> None:
        self._cluster = cluster
        self._local: NodeProcess | None = None
        self.become(spec, enter, died)

    @property
    def alive(self) -> bool:
        """See `Link`."""
        return self._local is None or self._local.alive

    def become(self, spec: NodeSpec, enter: Callable[[Report], None], _died: Callable[[str], None]) -> None:
        """See `Link`."""
        if self._local is not None:  # it answers for the node that was
            self._local.close()
            self._local = None
        self._spec, self._enter = spec, enter
        self._future: Future[Outcome] | None = None
        self._variables: dict[str, Any] = {}
        self._killed = False

    def call(self, method: str, *arguments: Any) -> Any:
        """See `Link`."""
        if method == "start":
            return self._start(*arguments)
        if method in FIXED:
            raise NodeError(f"a run on a cluster knows no {method}: it can be stopped, or run on this machine")
        if method == "rehearse":
            return self._rehearse(*arguments)
        if method == "use_policy":
            self._spec = replace(self._spec, policy=arguments[0])
        if method == "stop":
            return self._cluster.stop()
        if method == "variables":
            return self._variables
        return self._here().call(method, *arguments)

    def tell(self, method: str, *arguments: Any) -> None:
        """See `Link`; a task begins when it can, and nobody has anything to say to it before."""

    def wait(self, tick: Callable[[], object]) -> None:
        """See `Link`: until the task is done, was given up, or the scheduler is gone."""
        if self._future is None:
            return
        seen = time.monotonic()
        while not self._future.done():
            tick()
            time.sleep(TICK)
            if self._cluster.client.status == "running":
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE or self._cluster.client.status == "closed":
                self._finish(LOST)
                return
        self._take(self._future)

    def interrupt(self) -> None:
        """See `Link`."""
        self._cluster.stop()

    def kill(self) -> None:
        """See `Link`."""
        self._killed = True
        if self._future is not None:
            self._future.cancel(force=True)

    def close(self) -> None:
        """See `Link`."""
        if self._future is not None and not self._future.done() and self._cluster.client.status == "running":
            self.interrupt()
            self._cluster.settle(self._future)
            self.kill()
        if self._local is not None:
            self._local.close()

    def _rehearse(self, scripts: list[ScriptSpec]) -> None:
        """Find out on this machine, before anything is sent, whether all scripts load. Raises ScriptError."""
        here = self._here()
        here.call("become", self._spec)
        for script in scripts:
            here.call("load", script)

    def _start(self, capture: CaptureSpec, scripts: list[ScriptSpec], items: Path) -> int:
        run, store = self._cluster.run, self._cluster.store
        place = f"{store.rstrip('/')}/{run}" if store else str(items / "parquet")
        errand = Errand(self._spec, capture, scripts, place, run)
        self._cluster.listen(self._spec.info.name, self._enter)
        self._future = self._cluster.client.submit(
            run_node, errand, key=f"{self._spec.info.name}-{self._cluster.run}", pure=False
        )
        return 0

    def _take(self, future: Future[Outcome]) -> None:
        if future.status == "cancelled" and not self._killed:  # nobody but a scheduler that goes does that
            self._finish(LOST)
            return
        if future.status != "finished":
            why = future.exception() if future.status == "error" else future.status
            self._finish(GIVEN_UP.format(why=str(why).partition("\n")[0] or type(why).__name__))
            return
        outcome = future.result()
        self._future = None  # the scheduler need not keep it
        self._variables = outcome.variables
        if outcome.manifest:
            self._cluster.manifests[self._spec.info.name] = outcome.manifest
        self._enter(outcome.report)

    def _finish(self, how: str) -> None:
        self._enter(Report(node=self._spec.info.name, finished=how))

    def _here(self) -> NodeProcess:
        if self._local is None:
            self._local = NodeProcess(self._spec, lambda _report: None)  # its top level has spoken on the cluster
        return self._local
