"""Where the Chinese fonts for paper are: the system's Noto CJK, else those of the npm packages. Standard library only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["directories", "system_directories"]

PLACES = [
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/Library/Fonts"),
    Path.home() / "Library/Fonts",
]
SANS = ("NotoSansCJK*", "NotoSansSC*", "NotoSansCJKsc*", "SourceHanSans*")
SERIF = ("NotoSerifCJK*", "NotoSerifSC*", "NotoSerifCJKsc*", "SourceHanSerif*")
PACKAGES = (
    "noto-sans-sc/400Regular",
    "noto-sans-sc/700Bold",
    "noto-serif-sc/400Regular",
    "noto-serif-sc/700Bold",
)


def directories(root: Path) -> list[Path]:
    """Return the typesetter's directories: TONGBAN_FONT_DIRS, else the system's, the bundle's, or the packages under ``root``."""
    named = os.environ.get("TONGBAN_FONT_DIRS", "")
    if named:
        return [Path(part) for part in named.split(os.pathsep) if part]
    found = system_directories()
    if found:
        return found
    brought = Path(sys.prefix) / "share/tongban/fonts"  # by the bundle's installer
    if brought.is_dir():
        return [brought]
    packages = root / "node_modules/@expo-google-fonts"
    return [packages / name for name in PACKAGES if (packages / name).is_dir()]


def system_directories(places: list[Path] | None = None) -> list[Path]:
    """Return the directories with a Chinese sans and a Chinese serif; none unless the system has both."""
    sans = _holding(SANS, PLACES if places is None else places)
    serif = _holding(SERIF, PLACES if places is None else places)
    return sorted(sans | serif) if sans and serif else []


def _holding(patterns: tuple[str, ...], places: list[Path]) -> set[Path]:
    return {
        file.parent for place in places if place.is_dir() for name in patterns for file in place.rglob(name)
    }
