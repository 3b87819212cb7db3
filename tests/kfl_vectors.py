"""Compare with reference vectors: `python tests/kfl_vectors.py VECTORS_DIR`.

Runs the single-document kinds of `kfl_vectors_public.jsonl` and every probe of `kfl_probes_public.jsonl`, prints the
agreement and each difference. The exit status is 1 when a vector or a core probe disagrees; quirks are only listed.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from kubeshark_nb import kfl

KINDS = ("eval", "eval_xml", "redact", "time", "parse", "validate")


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def error_of(query, macros):
    try:
        kfl.compile(query, language="kfl1", macros=macros)
    except kfl.KFLError as error:
        return str(error)
    return None


def at(document, path):
    for name in path.split("."):
        document = document[name]
    return document


def same_record(got, case):
    wanted = case.get("record")
    if wanted is None:
        return True
    if case.get("nested_path"):
        got = at(got, case["nested_path"])
        if case["compare"] == "text":
            return got == wanted
        return json.loads(got) == json.loads(wanted)
    return normal(got) == normal(json.loads(wanted))


def normal(value):
    """JSON texts inside a record are compared parsed: their member order is not part of the result."""
    if isinstance(value, dict):
        return {name: normal(member) for name, member in value.items()}
    if isinstance(value, list):
        return [normal(element) for element in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def run(query, document, macros, case):  # noqa: PLR0911 - the first difference counts
    """Differences between what ``case`` expects and what happens."""
    recommended = case.get("recommended")
    error = error_of(query, macros)
    valid = kfl.validate(query, language="kfl1", macros=macros)
    if recommended is None:
        if "valid" in case and case["valid"] != valid:
            return f"valid: {valid}"
        if case.get("error") and error != case["error"]:
            return f"error: {error!r} instead of {case['error']!r}"
    wanted = case.get("truth") if recommended is None else recommended
    if wanted is None:
        return None
    if error:
        return f"error: {error}"
    compiled = kfl.compile(query, language="kfl1", macros=macros, now_ns=time.time_ns())
    before = json.dumps(document)
    truth, record = compiled.apply(document)
    if json.dumps(document) != before:
        return "the document was changed"
    if truth != wanted:
        return f"truth: {truth}"
    if case.get("limit") and compiled.limit != case["limit"]:
        return f"limit: {compiled.limit}"
    return None if same_record(record, case) else f"record: {json.dumps(record)}"


def document_of(case):
    now = int(time.time() * 1000)
    return json.loads(case["json"].replace('"@now-2000ms"', str(now - 2000))) if "json" in case else {}


def vectors(folder):
    for case in lines(folder / "kfl_vectors_public.jsonl"):
        if case["kind"] in KINDS:
            yield "vectors", case, run(case["query"], document_of(case), {}, case)


def probes(folder):
    stored = json.loads((folder / "kfl_probe_docs.json").read_text())
    for case in lines(folder / "kfl_probes_public.jsonl"):
        macros = stored["macros"].get(case["macros"], {})
        yield case["level"], case, run(case["query"], stored["docs"][case["doc"]], macros, case)


def main(folder):
    counts, differing = Counter(), Counter()
    for level, case, difference in [*vectors(folder), *probes(folder)]:
        counts[level] += 1
        if difference:
            differing[level] += 1
            print(f"{level:8} {case['id']:22} {case['query']!r}: {difference}")
    for level, count in counts.items():
        print(f"{level}: {count - differing[level]} of {count} agree")
    return 1 if differing["vectors"] or differing["core"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
