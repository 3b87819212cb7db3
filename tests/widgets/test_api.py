"""The description of the API says everything the runtime has, and nothing it has not."""

from __future__ import annotations

import json

import pytest

from kubeshark_nb import kfl
from kubeshark_nb.runtime.hooks import HOOKS
from kubeshark_nb.widgets.api import kfl_api, lookup, script_api
from kubeshark_nb.widgets.reference import described, pages
from tests.captures import goldens
from tests.runtime.stage import run
from tests.widgets.examples import stage_of, told
from tests.write_reference import NAMES, PAGES, names

SPACES = (
    "console",
    "test",
    "kfl",
    "jobs",
    "file",
    "pcap",
    "vendor",
    "chatgpt",
    "wrapper",
    "hub",
    "prometheus",
    "utils",
)
FUNCTIONS = """
function walk(path, value) {
  if (typeof value === "function") { console.log(path); return; }
  Object.keys(value).forEach(function (name) { walk(path + "." + name, value[name]); });
}
"""
THROWS = {"onJobFailed"}  # that is what it is about


def paths(value, path=""):
    """Every dotted path in a document."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from (f"{path}.{name}", *paths(member, f"{path}.{name}"))


def test_every_hook_is_described():
    assert [entry.name for entry in script_api() if entry.kind == "hook"] == list(HOOKS)


def test_every_helper_of_the_runtime_is_described_and_no_other():
    own = {entry.name for entry in script_api() if entry.kind == "helper"}
    found = set(run(FUNCTIONS + "\n".join(f'walk("{space}", {space});' for space in SPACES)))
    assert own == found | {"setTimeout", "clearTimeout", "env", "CONSTS"}


def test_every_field_is_in_a_recorded_item():
    found = {
        path
        for name in goldens.names()
        for item in json.loads(goldens.golden(name).read_text())
        for path in paths(item)
    }
    fields = [entry.name.removeprefix("data") for entry in script_api() if entry.name.startswith("data.")]
    of_dns = {f".{side}.{member}" for side, members in DNS.items() for member in members}  # no recording of it here
    assert {field for field in fields if not field.startswith(".protocol.")} - found - of_dns == set()


DNS = {"request": ["opCode", "questions"], "response": ["answers", "authorities", "additionals"]}


@pytest.mark.parametrize("entry", described(), ids=lambda entry: entry.name)
def test_example_runs_and_brings_what_its_page_says(entry):
    stage = stage_of(entry)
    assert bool(stage.kept.errors) == (entry.name in THROWS)
    assert told(stage.kept) == list(entry.brings)
    assert entry.name.rpartition(".")[2] in entry.source


def test_signatures_name_the_parameters():
    for entry in described():
        inside = entry.signature.partition("(")[2].rstrip(")")
        signed = [name.strip("? ") for name in inside.split(",") if name]
        listed = [
            parameter.name.partition(".")[0] if parameter.name[0] != "." else parameter.name
            for parameter in entry.parameters
        ]
        assert [*dict.fromkeys(listed)] == signed, entry.name


def test_names_are_unique_and_every_one_has_help():
    for entries in (script_api(), kfl_api()):
        assert len({entry.name for entry in entries}) == len(entries)
        assert all(entry.text for entry in entries)
    assert lookup("test.pass", script_api()).kind == "helper"


def test_fields_are_queries():
    assert all(
        kfl.validate(entry.name, language="kfl1") for entry in kfl_api() if "." in entry.name and entry.kind == "field"
    )


def test_what_is_made_from_the_description_is_up_to_date():
    assert NAMES.read_text() == names(), "run: make reference"
    assert {path.name: path.read_text() for path in PAGES.glob("*.md")} == pages(), "run: make reference"
