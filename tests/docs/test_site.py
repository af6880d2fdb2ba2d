"""The documentation builds, asks no other host for anything, and what it names is there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.installation import ROOT

PAGES = sorted((ROOT / "docs").rglob("*.md"))
WRITTEN = [*PAGES, *ROOT.glob("*.md")]


@pytest.mark.slow
def test_it_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    loads = re.compile(
        r'<(?:script|img|iframe)[^>]+src="https?://|<link[^>]+rel="stylesheet"[^>]+href="https?://'
    )
    assert [page.name for page in tmp_path.rglob("*.html") if loads.search(page.read_text("utf-8"))] == []
    index = json.loads((tmp_path / "search" / "search_index.json").read_text("utf-8"))
    chinese = "".join(entry["text"] for entry in index["docs"] if entry["location"].startswith("zh/"))
    assert "\u200b备份\u200b" in chinese, "the search finds no Chinese word, only whole sentences"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:src|tests|tools|packs|docs)/[\w./-]+)(?:::\w+)?`", page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_page_can_be_reached_from_the_menu() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert {str(page.relative_to(ROOT / "docs")) for page in PAGES} == set(_leaves(menu))


def _leaves(entry: object) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [leaf for part in parts for leaf in _leaves(part)]  # type: ignore[attr-defined]


def test_pictures_are_few_and_small_and_all_are_shown() -> None:
    pictures = list((ROOT / "docs").rglob("*.png"))
    assert len(pictures) <= 44
    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []
    shown = "".join(page.read_text("utf-8") for page in WRITTEN)
    assert [picture.name for picture in pictures if f"pictures/{picture.name})" not in shown] == []


def test_publiccode_says_what_the_standard_demands() -> None:
    about = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    assert about["publiccodeYmlVersion"] == "0.4"
    assert {"name", "url", "platforms", "categories", "developmentStatus", "softwareType"} <= set(about)
    assert about["legal"]["license"] == "Apache-2.0"
    assert about["maintenance"]["contacts"]
    assert about["localisation"] == {"localisationReady": True, "availableLanguages": ["zh-Hans", "en"]}
    for words in about["description"].values():
        assert len(words["shortDescription"]) <= 150
        assert 150 <= len(words["longDescription"]) <= 10_000
        assert words["features"]
