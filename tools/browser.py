"""Find Chromium for the browser tests; install Debian's when it is absent and we may. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

__all__ = ["find"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WANTED = ("chromium", "fonts-noto-cjk")
"""Debian's packages: the browser, and characters for it to show."""


def find() -> str | None:
    """Return the path of a Chromium: ``TONGBAN_CHROMIUM``, else the first one on the path."""
    named = os.environ.get("TONGBAN_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def install() -> bool:
    """Try to install Debian's package; only root can, and only where there is apt-get."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return False
    sys.stdout.write("browser: installing Debian's chromium\n")
    sys.stdout.flush()
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *WANTED],
    )
    return all(
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode == 0 for command in commands
    )


def main() -> int:
    """Make sure that there is one; otherwise say what to do."""
    if find() or (install() and find()):
        return 0
    sys.stderr.write(
        "The browser tests need Chromium and there is none. Install it (Debian: apt-get install chromium fonts-noto-cjk), "
        "or name one in TONGBAN_CHROMIUM.\n"
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
