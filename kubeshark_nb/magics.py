"""What the user types. Each magic parses its line, calls the session, and returns something that displays itself."""

from __future__ import annotations

import atexit
from shlex import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from kubeshark_nb.errors import KubesharkError
from kubeshark_nb.items.escape import visible
from kubeshark_nb.widgets.completion import add_completion
from kubeshark_nb.widgets.inspection import add_inspection

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kubeshark_nb.companion import Companion
    from kubeshark_nb.session import Session
    from kubeshark_nb.vendors.policy import VendorPolicy

_sessions: list[Session] = []
_companions: list[Companion] = []


def current_session() -> Session:
    """The session behind the magics; it is made when first asked for."""
    if not _sessions:
        from kubeshark_nb.session import Session

        _sessions.append(Session())
    return _sessions[0]


def forget_session() -> None:
    """Close the session behind the magics, if there is one; the next use makes a new one."""
    while _sessions:
        _sessions.pop().close()


def register(shell: InteractiveShell) -> None:
    """Add the magics to ``shell``, and show our errors as one line."""
    shell.register_magics(KubesharkMagics)
    add_completion(shell)
    add_inspection(shell)
    accompany(shell)
    shell.set_custom_exc((KubesharkError,), _one_line)
    atexit.unregister(forget_session)  # %reload_ext comes here again
    atexit.register(forget_session)


def accompany(shell: InteractiveShell) -> None:
    """Open the way for JupyterLab's extension; where no kernel is around ``shell``, there is no page either."""
    if getattr(shell, "kernel", None) is None or _companions:
        return
    import comm

    from kubeshark_nb.companion import Companion

    _companions.append(Companion(lambda: next(iter(_sessions), None), lambda name: comm.create_comm(target_name=name)))


def unregister(shell: InteractiveShell) -> None:
    """End the session, and show errors as Python does again. The magics stay: IPython cannot take them away."""
    forget_session()
    while _companions:
        _companions.pop().close()
    shell.set_custom_exc((), None)


def _one_line(shell: Any, kind: type[BaseException], error: BaseException, _traceback: Any, **_: Any) -> list[str]:
    lines = [f"\x1b[31m{kind.__name__}\x1b[0m: {visible(str(error))}"]
    shell._showtraceback(kind, error, lines)  # noqa: SLF001 - the only way to show a text of one's own
    return lines


def pairs(words: list[str]) -> dict[str, str]:
    """``["K=V", ...]`` as a dict. Raises UsageError for a word without ``=``."""
    for word in words:
        if "=" not in word:
            raise UsageError(f"{word!r} is not of the form NAME=VALUE")
    return dict(word.split("=", 1) for word in words)


@magics_class
class KubesharkMagics(Magics):
    """The magics of kubeshark_nb; ``%kubeshark_capture?`` and so on print their help."""

    @no_var_expand
    @magic_arguments()
    @argument(
        "files",
        nargs="*",
        help="pcap, pcapng (also packed), snapshots, folders, patterns, s3://...; several are a node each",
    )
    @argument("--live", metavar="IFACE", default="", help="capture on a network interface instead")
    @argument("--bpf", metavar="EXPR", default="", help="a capture filter such as 'tcp port 80'")
    @argument("--duration", type=float, metavar="S", help="stop a live capture after S seconds")
    @argument("--count", type=int, metavar="N", help="stop a live capture after N packets")
    @argument("--ring", type=int, metavar="MB", default=64, help="buffer of a live capture")
    @argument("--keep", type=int, metavar="MB", default=1024, help="packets of a live capture kept on disk; 0: none")
    @argument("--pipe", metavar="CMD", default="", help="a command that writes pcap to its standard output")
    @argument("--hub", metavar="URL", default="", help="the item stream of a running Kubeshark hub")
    @argument(
        "--node",
        action="append",
        default=[],
        metavar="NAME[=FILE]",
        help="the node's name, as scripts and items see it; NAME=FILE, repeatable, is one node of several",
    )
    @argument("--names", metavar="FILE", default="", help="names of addresses: JSON, YAML, hosts or kubectl output")
    @argument("--keylog", metavar="FILE", default="", help="TLS key log, to decrypt")
    @argument("--shards", type=int, metavar="N", help="processes that dissect one capture; the result is the same")
    @argument("--cache", type=int, metavar="MB", help="disk for items that need not be dissected again (0: none)")
    @argument("--speed", default="max", help="max (default), 1x, 10x ...: how fast a replay runs")
    @line_magic
    def kubeshark_capture(self, line: str) -> None:
        """Bind a capture: files to replay, or something live. Nothing runs until a script or a view asks for it."""
        args = dict(vars(parsed(self.kubeshark_capture, line)))
        session = current_session()
        spec = session.capture(*args.pop("files"), **named_nodes(args.pop("node")), **args)
        nodes = f" ({len(session.nodes)} nodes)" if len(session.nodes) > 1 else ""
        print(f"bound: {spec.label}{nodes}")  # noqa: T201 - the cell's answer

    @no_var_expand
    @magic_arguments()
    @argument("name", nargs="?", default="script", help="running a cell of the same name replaces the script")
    @argument("--load-only", action="store_true", help="load it, but do not replay the capture")
    @argument("--env", action="append", default=[], metavar="K=V", help="an entry of the script's env; repeatable")
    @argument("--node", metavar="NAME", help="the node to load it on")
    @argument("--limit", type=float, metavar="SECONDS", help="how long one hook call may take, from now on")
    @cell_magic
    def kubeshark_script(self, line: str, cell: str) -> Any:
        """Load the cell's JavaScript as a traffic script, then run all loaded scripts over the bound capture."""
        args = parsed(self.kubeshark_script, line)
        from kubeshark_nb.display import run_script

        session, env = current_session(), pairs(args.env)
        if args.node is not None:
            session.globals.node(args.node)  # scripts run on every node; a name of none is a mistake
        if args.limit is not None:
            session.limit = args.limit
        source = f"\n{cell}"  # in place of the magic's own line: errors name the lines of the cell
        return run_script(session, source, args.name, env, load_only=args.load_only)

    @no_var_expand
    @magic_arguments()
    @argument("--df", action="store_true", help="a pandas DataFrame instead of the table")
    @argument("kfl", nargs="*", help="a query in KFL; everything after the options is taken as it is")
    @line_magic
    def kubeshark_items(self, line: str) -> Any:
        """The items, as a table or with ``--df`` as a DataFrame; a KFL query limits them."""
        frame, query = option(line, "--df")
        session = current_session()
        from kubeshark_nb.display import checked, finished, item_table

        if not frame:
            return item_table(session, query)
        checked(query)
        finished(session)
        return session.query(query).to_pandas()

    @line_magic
    def kubeshark_console(self, _line: str) -> Any:
        """What the scripts printed, as it comes."""
        from kubeshark_nb.display import console

        return console(current_session())

    @line_magic
    def kubeshark_jobs(self, _line: str) -> Any:
        """The scheduled jobs: runs, failures, history; run, stop, start and remove them."""
        from kubeshark_nb.display import jobs

        return jobs(current_session())

    @no_var_expand
    @line_magic
    def kubeshark_map(self, line: str) -> Any:
        """Who talks to whom, over which protocol, how often and how well; a KFL query limits it."""
        from kubeshark_nb.display import service_map

        return service_map(current_session(), line.strip())

    @no_var_expand
    @line_magic
    def kubeshark_dashboard(self, line: str) -> Any:
        """Everything on one page: figures, timeline, map, items, console, jobs and effects."""
        from kubeshark_nb.display import dashboard

        return dashboard(current_session(), line.strip())

    @line_magic
    def kubeshark_effects(self, _line: str) -> Any:
        """Vendor calls that scripts made: recorded, sent, refused."""
        from kubeshark_nb.display import effects

        return effects(current_session())

    @magic_arguments()
    @argument("mode", nargs="?", choices=["record", "live", "off"], help="record: nothing is sent; none: how it is")
    @argument("services", nargs="*", help="webhook, slack, influxdb, elastic, s3, kinesis, gcs, azure, chatgpt; or all")
    @argument("--replay", action="store_true", help="send during a replay, too")
    @argument("--max", type=int, default=0, metavar="N", help="send at most N calls")
    @argument("--allow-clear", action="store_true", help="let s3.clear and gcs.clear delete")
    @line_magic
    def kubeshark_vendor(self, line: str) -> None:
        """What vendor.* and chatgpt.* calls do: recorded (default), sent, or nothing."""
        args = parsed(self.kubeshark_vendor, line)
        vendor = current_session().vendor
        if args.mode:
            vendor.switch(args.mode, *args.services, replay=args.replay, maximum=args.max, allow_clear=args.allow_clear)
        print(banner(vendor.policy))  # noqa: T201 - the cell's answer

    @no_var_expand
    @magic_arguments()
    @argument("entries", nargs="*", help="a kubeshark.yaml, or K=V pairs; nothing lists the names that are set")
    @line_magic
    def kubeshark_env(self, line: str) -> None:
        """Set entries of ``env`` for scripts loaded from now on; values are never shown."""
        session = current_session()
        for entry in parsed(self.kubeshark_env, line).entries:
            session.env.update(pairs([entry]) if "=" in entry else session.use_config(entry).env)
        print("env:", ", ".join(f"{name}=•••" for name in session.env) or "empty")  # noqa: T201 - the cell's answer

    @line_magic
    def kubeshark_help(self, line: str) -> Any:
        """The reference page of a hook, a helper, a field or a name of KFL; without one, the list of all."""
        from kubeshark_nb.widgets.inspection import help_on

        try:
            return help_on(line.strip().removesuffix("()"))
        except LookupError as error:
            raise UsageError(str(error.args[0])) from None

    @line_magic
    def kubeshark_status(self, _line: str) -> None:
        """What is bound, what is loaded, what came in and what was lost."""
        print(current_session().status())  # noqa: T201 - the cell's answer

    @line_magic
    def kubeshark_stop(self, _line: str) -> None:
        """Stop the run that goes on, and say what it brought; that is kept."""
        print(current_session().stop() or "nothing is running")  # noqa: T201 - the cell's answer

    @line_magic
    def kubeshark_reset(self, _line: str) -> None:
        """End the session: node, scripts, items and files are gone, as if the kernel had just started."""
        forget_session()


def named_nodes(names: list[str]) -> dict[str, Any]:
    """What ``--node`` says: ``["a"]`` names the only node, ``["a=x.pcap", "a=y.pcap", "b=z.pcap"]`` two with files.

    Raises:
        UsageError: some name a file and others do not.
    """
    if not any("=" in name for name in names):
        if len(names) > 1:
            raise UsageError("several --node need a file each: --node NAME=FILE")
        return {"node": names[0] if names else None}
    nodes: dict[str, list[str]] = {}
    for name, file in (name.partition("=")[::2] for name in names):
        if not file:
            raise UsageError(f"--node {name}: write NAME=FILE when there are several nodes")
        nodes.setdefault(name, []).append(file)
    return {"nodes": nodes}


def parsed(magic: Any, line: str) -> Any:
    """The arguments of ``magic`` in ``line``, as argparse's namespace. Raises UsageError."""
    return magic.parser.parse_args(words(line))


def words(line: str) -> list[str]:
    """The words of ``line``; quotes keep blanks inside a word (``K='a b'``), a backslash is a letter like any other.

    Raises:
        UsageError: a quotation has no end.
    """
    lexer = shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        return list(lexer)
    except ValueError:
        raise UsageError("a quotation in this line has no end") from None


def banner(policy: VendorPolicy) -> str:
    """What the policy sends, and when."""
    if not policy.live:
        return "nothing is sent"
    when = "in replays, too" if policy.replay else "on live captures; replays only record them, unless with --replay"
    return f"LIVE, calls are really sent {when}: {', '.join(policy.live)}"


def option(line: str, name: str) -> tuple[bool, str]:
    """Whether ``line`` begins with option ``name``, and the rest of it, stripped."""
    head, _, rest = line.strip().partition(" ")
    return (True, rest.strip()) if head == name else (False, line.strip())
