"""The reference names every setting and every command, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.installation import ROOT
from tongban.main import cli

SETTINGS = (ROOT / "docs/reference/settings.md").read_text()
COMMANDS = (ROOT / "docs/reference/commands.md").read_text()
VARIABLE = re.compile(r'["\'](TONGBAN_[A-Z_]+|DATABASE(?:_[A-Z]+)?_URL)["\']')
OWN = {"TONGBAN_COLLECTING"}  # said by one process of ours to the next


def read_in_code() -> set[str]:
    """The variables that the code reads: quoted names in calls that read the environment."""
    found: set[str] = set()
    for file in [*(ROOT / "src/tongban").rglob("*.py"), *(ROOT / "tools").glob("*.py")]:
        if "/tests/" in str(file):
            continue
        for line in file.read_text().splitlines():
            if re.search(r"environ|values|getenv|_number\(", line):
                found.update(VARIABLE.findall(line))
    return found - OWN


def test_every_variable_that_the_code_reads_is_explained() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, re.M))
    assert read_in_code() == named


def test_both_languages_explain_the_same_with_the_same_defaults() -> None:
    chinese = (ROOT / "docs/zh/settings.md").read_text()
    row = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \|", re.M)
    here, there = (dict(row.findall(text)) for text in (SETTINGS, chinese))
    assert set(here) == set(there)
    value = re.compile(r"`[^`]*`")
    assert {k: value.findall(v)[:1] for k, v in here.items()} == {
        k: value.findall(v)[:1] for k, v in there.items()
    }


def test_every_secret_is_marked() -> None:
    chinese = (ROOT / "docs/zh/settings.md").read_text()
    marked = set(re.findall(r"^\| `([A-Z_]+)` \| .*? \| 🔑", chinese, re.M))
    telling = re.compile(r"KEYS?$|SECRET|TOKEN|PASSPHRASE|^DATABASE_([A-Z]+_)?URL$|SMTP")
    assert marked == {
        name for name in re.findall(r"^\| `([A-Z_]+)` \|", chinese, re.M) if telling.search(name)
    }


def test_every_command_is_explained() -> None:
    named = re.findall(r"^### tongban (\w+)$", COMMANDS, re.M)
    assert set(cli.COMMANDS) | {"pack", "storage"} == set(named)


def test_every_target_of_make_is_explained() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(targets) == set(re.findall(r"^\| `make ([a-z]+)` \|", COMMANDS, re.M))


@pytest.mark.parametrize("file", ["settings.md", "commands.md"])
def test_the_reference_names_no_place_of_one_machine(file: str) -> None:
    text = (ROOT / "docs/reference" / file).read_text()
    assert str(Path.home()) not in text
