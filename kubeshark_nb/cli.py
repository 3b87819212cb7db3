"""``kubeshark-nb``: the same runs with no notebook, for a terminal or CI.

Exit codes: 0 all well; 1 an item failed (``--fail-on-failed``) or a hook threw (``--fail-on-error``); 2 not everything
could be done: the script does not load, a capture cannot be read, the query is wrong, there is no room for the output;
128 and the signal's number when one ended it: 130 for Ctrl-C.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import traceback
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kubeshark_nb import terminal
from kubeshark_nb.errors import KFLError, KubesharkError, ScriptError, StoreError
from kubeshark_nb.items.escape import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubeshark_nb.handles import Run
    from kubeshark_nb.model import HookError
    from kubeshark_nb.session import Session
    from kubeshark_nb.store.items import Items

FAILED, BROKEN = 1, 2
STDIN = ["-"]


class QueryError(KubesharkError):
    """``--kfl`` is no query."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse ``arguments`` (``sys.argv`` when not given), do it, return the exit code."""
    terminal.prepare()
    args = parser().parse_args(arguments)
    code, word = BROKEN, ""
    with terminal.Signals() as signals:
        code, word = done(args)
    if signals.latest is not None:  # whatever the interrupted made of it
        code, word = 128 + signals.latest, f"stopped ({signals.latest.name})"
    if word:
        terminal.tell(f"kubeshark-nb: {word}")
    return code


def done(args: argparse.Namespace) -> tuple[int, str]:
    """Do it: the exit code, and what is to be said of it."""
    try:
        query_of(args.kfl)
        return int(args.do(args)), ""
    except (KubesharkError, OSError) as error:  # OSError: no room for a temporary folder, say
        return BROKEN, str(error)
    except Exception:  # noqa: BLE001 - a bug of ours; Python's own exit code would say that an item failed
        return BROKEN, f"internal error\n{traceback.format_exc()}"


def parser() -> argparse.ArgumentParser:
    """The command line, as ``--help`` shows it."""
    top = argparse.ArgumentParser(prog="kubeshark-nb", description="Run Kubeshark traffic scripts over captures.")
    commands = top.add_subparsers(required=True, metavar="run|items")
    run = commands.add_parser("run", help="run a script over a capture")
    run.add_argument("script", type=Path, help="a JavaScript file")
    run.add_argument("--json", metavar="OUT", help="write a report; - for standard output")
    run.add_argument("--fail-on-failed", action="store_true", help="exit with 1 when an item failed")
    run.add_argument("--fail-on-error", action="store_true", help="exit with 1 when a hook or job threw")
    run.add_argument(
        "--env", type=entry, action="append", default=[], metavar="K=V", help="an entry of env; repeatable"
    )
    run.set_defaults(do=run_script)
    items = commands.add_parser("items", help="turn a capture into items")
    items.add_argument("--format", choices=sorted(WRITERS), default="jsonl")
    items.add_argument("-o", "--out", default="-", metavar="OUT", help="a file; - (default) for standard output")
    items.set_defaults(do=write_items)
    for command in (run, items):
        command.add_argument("capture", nargs="+", help="pcap or pcapng files")
        command.add_argument("--kfl", default="", metavar="Q", help="only items that match")
        command.add_argument("--names", default="", metavar="FILE", help="names of addresses")
    return top


def query_of(text: str) -> None:
    """Whether ``text`` is a query. Raises QueryError, which shows where it is not."""
    from kubeshark_nb import kfl

    try:
        kfl.compile(text)
    except KFLError as error:
        line = text.split("\n")[error.line - 1]
        raise QueryError(f"--kfl: {error.message}\n    {line}\n    {' ' * (error.column - 1)}^") from None


def entry(text: str) -> tuple[str, str]:
    """``K=V`` as a pair. Raises ArgumentTypeError, without the text: it may be a secret."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError("write K=V")
    return name, value


def run_script(args: argparse.Namespace) -> int:
    """``kubeshark-nb run``."""
    from kubeshark_nb.session import Session

    terminal.needed()
    source = source_of(args.script)
    with Session() as session:
        session.capture(*args.capture, names=args.names)
        with progress(session) as tick:
            run = session.replay_script(source, args.script.name, dict(args.env), tick)
        unless_stopped(args, run)
        if args.json != "-":
            write_console(session)
            terminal.tell(str(run))
        judged = session.items.query(args.kfl) if args.kfl else session.items
        if args.json:
            write(args.json, report(session, run, judged))
        return whole(run) or verdict(args, run, judged)


def write_console(session: Session) -> None:
    """What the script printed; its errors, and what hooks threw, go to standard error."""
    from kubeshark_nb.handles import shown

    with suppress(BrokenPipeError), terminal.standard_output():
        for line in session.console.lines:
            terminal.tell(shown(line)) if line.level == "error" else print(visible(shown(line)))
    for error in session.errors:
        terminal.tell(told(error))


def unless_stopped(args: argparse.Namespace, run: Run) -> None:
    """What came from standard input was stopped at some time: it counts. Of a file, nobody wants half the items.

    Raises:
        KeyboardInterrupt: the run was stopped.
    """
    if run.ended == "stopped" and args.capture != STDIN:
        raise KeyboardInterrupt


def whole(run: Run) -> int:
    """The exit code of a run, as far as it depends on whether all captures were read; it is said when they were not."""
    if not run.broken:
        return 0
    lost = "; ".join(f"node {node!r}: {why}" for node, why in run.broken)
    terminal.tell(f"kubeshark-nb: not all captures were read: {lost}")
    return BROKEN


def told(error: HookError) -> str:
    """Where and how often something threw, with the line of the script."""
    place = ":".join(str(part) for part in (error.script, error.line, error.column) if part)
    often = f" ({error.count:,} times, first at {error.first_item or 'no item'})" if error.count > 1 else ""
    caret = (
        f"\n    {error.source_line.expandtabs(1)}\n    {' ' * max(error.column - 1, 0)}^" if error.source_line else ""
    )
    return f"{place}: {error.hook}: {error.message}{often}{caret}"


@contextmanager
def progress(session: Session) -> Iterator[Callable[[], None]]:
    """A bar on standard error while a run goes on; nothing where that is no terminal."""
    from tqdm import tqdm

    with tqdm(unit="B", unit_scale=True, disable=None, leave=False) as bar:

        def tick() -> None:
            now = session.ledger.progress
            bar.total, bar.n = now.total or None, now.done
            bar.set_postfix_str(f"{session.stats.items:,} items", refresh=True)

        yield tick


def source_of(script: Path) -> str:
    """The text of a script file. Raises ScriptError when it cannot be read."""
    try:
        return script.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text in UTF-8"
        raise ScriptError(str(script), None, None, f"cannot be read ({reason})") from None


def verdict(args: argparse.Namespace, run: Run, judged: Items) -> int:
    """The exit code that the options ask for; of the items only those that ``--kfl`` left are ``judged``."""
    failed = (args.fail_on_failed and len(judged.query("failed == true"))) or (args.fail_on_error and run.errors)
    return FAILED if failed else 0


def report(session: Session, run: Run, judged: Items) -> dict[str, Any]:
    """What ``--json`` writes: the run, its console, errors, jobs and effects, and the judged items' ids."""
    return {
        "run": asdict(run),
        "console": [asdict(line) for line in session.console.lines],
        "errors": [asdict(error) for error in session.errors],
        "jobs": [asdict(job) for job in session.jobs],
        "effects": [asdict(effect) for effect in session.effects],
        "failed": [item["id"] for item in judged.query("failed == true")],
        "passed": [item["id"] for item in judged.query("passed == true")],
    }


def write(out: str, document: dict[str, Any]) -> None:
    """``document`` as JSON to file ``out``, or to standard output for ``-``."""
    import orjson

    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if out == "-":
        with suppress(BrokenPipeError), terminal.standard_output() as output:
            output.write(content)
    else:
        try:
            Path(out).write_bytes(content)
        except OSError as error:
            raise StoreError(f"{out}: {error.strerror}; give a path that can be written") from None


def write_items(args: argparse.Namespace) -> int:
    """``kubeshark-nb items``."""
    from kubeshark_nb.session import Session

    if args.out == "-":
        terminal.needed()
    with Session() as session:
        session.capture(*args.capture, names=args.names)
        run = session.run()
        unless_stopped(args, run)
        items = session.items.query(args.kfl) if args.kfl else session.items
        with suppress(BrokenPipeError):  # who reads has enough, and wants no summary
            WRITERS[args.format](items, args.out)
            terminal.tell(str(run))
        return whole(run)


def _jsonl(items: Items, out: str) -> None:
    if out != "-":
        items.to_jsonl(out)
        return
    with terminal.standard_output() as output:
        for document in items.documents():
            output.write(document + b"\n")


def _exported(export: Callable[[Items, str], object]) -> Callable[[Items, str], object]:
    """``export`` that can also write to standard output, by way of a file."""

    def to(items: Items, out: str) -> None:
        if out != "-":
            export(items, out)
            return
        with TemporaryDirectory() as folder:
            export(items, f"{folder}/export")
            with Path(folder, "export").open("rb") as made, terminal.standard_output() as output:
                shutil.copyfileobj(made, output)

    return to


WRITERS: dict[str, Callable[[Items, str], object]] = {
    "jsonl": _jsonl,
    "parquet": _exported(lambda items, out: items.to_parquet(out)),
    "har": _exported(lambda items, out: items.to_har(out)),
    "pcap": _exported(lambda items, out: items.to_pcap(out)),
}


if __name__ == "__main__":
    sys.exit(main())
