"""Copy the front-end files named under ``vendor`` in package.json from node_modules to the design system's static files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src/tongban/design/static/vendor"


def main() -> None:
    """Make the target anew, so that a file no longer named does not stay."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for source, name in json.loads((ROOT / "package.json").read_text())["vendor"].items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, TARGET / name)


if __name__ == "__main__":
    main()
