"""Start ``make run`` once as a newcomer would, wait until /healthz says that all is well, stop it. Standard library only."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 900


def main() -> int:
    """Return 0 when it came up, answered and went away."""
    home = Path(tempfile.mkdtemp(prefix="tongban-smoke-"))
    home.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TONGBAN_") and name != "DATABASE_URL"
    }
    environment = {**given, "TONGBAN_HOME": str(home), "TONGBAN_PORT": str(port)}
    began = time.monotonic()
    process = subprocess.Popen(["make", f"PYTHON={sys.executable}", "run"], cwd=ROOT, env=environment)
    try:
        well = wait(process, f"http://127.0.0.1:{port}/healthz")
        sys.stdout.write(f"smoke: {'well' if well else 'NOT well'} after {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    if not well:
        for log in sorted((home / "logs").glob("*.log")):
            sys.stdout.write(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}\n")
    shutil.rmtree(home, ignore_errors=True)
    return 0 if well else 1


def wait(process: subprocess.Popen[bytes], address: str) -> bool:
    """Ask until the answer is 200, the program ended, or patience did."""
    direct = build_opener(ProxyHandler({}))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with direct.open(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.3)
    return False


if __name__ == "__main__":
    raise SystemExit(main())
