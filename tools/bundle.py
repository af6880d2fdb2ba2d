"""Make one tar with everything that an installation without network needs: wheels, PostgreSQL (a wheel too), fonts, installer.

    python tools/bundle.py [--machine x86_64|aarch64]... [--python 3.11]... [--to dist]

The wheels are those of uv.lock, fetched by pip with their hashes, for both kinds of machines unless one is named; a package
without a wheel for a machine is named and ends the making, and so does a wheel with programs of another machine than it says.
``make bundle`` calls it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools" / "venv" / "bin"
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
ELF = {"x86_64": 0x3E, "aarch64": 0xB7}
"""The kind of machine in the head of a program (``e_machine``)."""
OLDEST_GLIBC = (2, 28)
"""Wheels may want at most this C library: that of Debian 10, RHEL 8, openEuler 20.03 and later."""
FONTS = {
    "noto-sans-sc": ("400Regular", "700Bold"),
    "noto-serif-sc": ("400Regular", "700Bold"),
}


def platforms(machine: str) -> list[str]:
    """Return the platform tags that a machine with the oldest C library takes, best first."""
    major, newest = OLDEST_GLIBC
    found = [f"manylinux_{major}_{minor}_{machine}" for minor in range(newest, 16, -1)]
    found.append(f"manylinux2014_{machine}")
    if machine == "x86_64":
        found += [f"manylinux_2_{minor}_{machine}" for minor in range(16, 4, -1)]
        found += [f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    return found


def tags(python: str, machine: str) -> set[Tag]:
    """Return every tag that fits a CPython on a machine."""
    version = tuple(int(part) for part in python.split("."))
    places = platforms(machine)
    return {*cpython_tags(version, platforms=places), *compatible_tags(version, platforms=places)}


def environment(python: str, machine: str) -> dict[str, str]:
    """Return what markers ask for."""
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": machine,
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def locked(lock: dict, python: str, machine: str) -> dict[str, dict]:
    """Return the packages that the program needs there, by name, from the lock: it and everything under it."""
    packages = {each["name"]: each for each in lock["package"]}
    where = environment(python, machine)
    found: dict[str, dict] = {}
    waiting = [("tongban", ())]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, tuple(extras)) in seen:
            continue
        seen.add((name, tuple(extras)))
        package = found[name] = packages[name]
        wanted = list(package.get("dependencies", []))
        for extra in extras:
            wanted += package.get("optional-dependencies", {}).get(extra, [])
        for each in wanted:
            marker = each.get("marker")
            if marker is None or Requirement(f"x; {marker}").marker.evaluate(where):  # type: ignore[union-attr]
                waiting.append((each["name"], tuple(each.get("extra", ()))))
    del found["tongban"]
    return found


def without_wheel(lock: dict, python: str, machine: str) -> list[str]:
    """Return the locked packages that have no wheel for that Python and machine."""
    fitting = tags(python, machine)
    return sorted(
        f"{name} {package['version']}"
        for name, package in locked(lock, python, machine).items()
        if not any(_tags_of(wheel) & fitting for wheel in package.get("wheels", []))
    )


def missing(wheels: list[str], lock: dict, python: str, machine: str) -> list[str]:
    """Return what a bundle with these wheels lacks for that Python and machine."""
    fitting = tags(python, machine)
    there = set()
    for file in wheels:
        name, version, _, its = parse_wheel_filename(file)
        if its & fitting:
            there.add((name, str(version)))
    return sorted(
        f"{name} {package['version']}"
        for name, package in locked(lock, python, machine).items()
        if (canonicalize_name(name), package["version"]) not in there
    )


def foreign(wheel: Path) -> list[str]:
    """Return the programs and libraries in a wheel that are of no machine that its name says, with what they are of."""
    its = {tag.platform for tag in parse_wheel_filename(wheel.name)[3]}
    right = {code for machine, code in ELF.items() if any(place.endswith(f"_{machine}") for place in its)}
    found = []
    with zipfile.ZipFile(wheel) as content:
        for entry in content.infolist():
            with content.open(entry) as file:
                head = file.read(20)
            if head.startswith(b"\x7fELF"):
                kind = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
                if kind not in right:
                    found.append(f"{entry.filename} ({kind:#x})")
    return found


def _tags_of(wheel: dict) -> frozenset[Tag]:
    return parse_wheel_filename(wheel["url"].rsplit("/", 1)[1])[3]


def requirements(packages: dict[str, dict]) -> Iterator[str]:
    """Yield a pinned line with hashes for each package."""
    for name, package in sorted(packages.items()):
        hashes = " ".join(f"--hash={wheel['hash']}" for wheel in package["wheels"])
        yield f"{name}=={package['version']} {hashes}"


def sums(directory: Path) -> str:
    """Return the sums of all files in the form of ``sha256sum``."""
    return "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(directory)}\n"
        for file in sorted(directory.rglob("*"))
        if file.is_file() and file.name != "SHA256SUMS"
    )


def make(machines: list[str], pythons: list[str], to: Path) -> Path:
    """Make the bundle and return its path."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    targets = [(python, machine) for machine in machines for python in pythons]
    for python, machine in targets:
        if lacking := without_wheel(lock, python, machine):
            raise SystemExit(f"bundle: no wheel for Python {python} on {machine}: {', '.join(lacking)}")
    name = "-".join(("tongban", project["version"], "linux", *(machines if len(machines) == 1 else ())))
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to) as room:
        inside = Path(room) / name
        wheels = inside / "wheels"
        wheels.mkdir(parents=True)
        say(f"the wheel of tongban {project['version']}")
        run(program("uv"), "build", "--quiet", "--wheel", "--out-dir", wheels, ROOT)
        (wheels / ".gitignore").unlink(missing_ok=True)
        for python, machine in targets:
            say(f"wheels for Python {python} on {machine}")
            wanted = Path(room) / "requirements.txt"
            wanted.write_text("\n".join(requirements(locked(lock, python, machine))) + "\n")
            fetch(wheels, python, machine, "--require-hashes", "-r", wanted)
        fetch(wheels, pythons[0], machines[0], "pip")
        check(wheels, lock, targets)
        say("fonts")
        bring_fonts(inside / "fonts")
        shutil.copytree(ROOT / "deploy", inside / "deploy")
        (inside / "deploy" / "install.sh").rename(inside / "install.sh")
        for file in ("LICENSE", "NOTICE", "README.md", "README.zh-CN.md"):
            shutil.copy(ROOT / file, inside)
        about = {"version": project["version"], "machines": machines, "python": pythons}
        (inside / "bundle.json").write_text(json.dumps(about) + "\n")
        (inside / "SHA256SUMS").write_text(sums(inside))
        draft, bundle = to / f"{name}.tar.partial", to / f"{name}.tar"
        with tarfile.open(draft, "w") as archive:
            archive.add(inside, name, filter=_of_nobody)
        draft.replace(bundle)
    say(f"{bundle}: {bundle.stat().st_size / 2**20:.0f} MB")
    return bundle


def check(wheels: Path, lock: dict, targets: list[tuple[str, str]]) -> None:
    """End when a wheel is lacking for a Python on a machine, or holds programs of another machine."""
    names = [file.name for file in wheels.iterdir()]
    lacking = {each for python, machine in targets for each in missing(names, lock, python, machine)}
    if lacking:
        raise SystemExit(f"bundle: incomplete: {', '.join(sorted(lacking))}")
    for wheel in sorted(wheels.glob("*.whl")):
        if strange := foreign(wheel):
            raise SystemExit(f"bundle: of another machine, in {wheel.name}: {', '.join(strange[:5])}")


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mode |= 0o444 | (0o111 if entry.isdir() else 0)
    return entry


def fetch(wheels: Path, python: str, machine: str, *what: str | Path) -> None:
    """Fetch wheels with pip for another Python or machine than this."""
    places = [part for each in platforms(machine) for part in ("--platform", each)]
    abi = "cp" + python.replace(".", "")
    run(
        program("python"), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", "--dest", wheels, "--python-version", python, "--implementation", "cp",
        "--abi", abi, "--abi", "abi3", "--abi", "none", *places, *what,
    )  # fmt: skip


def bring_fonts(target: Path) -> None:
    """Copy the Chinese fonts of the npm packages; install those when they are not there."""
    packages = ROOT / "node_modules" / "@expo-google-fonts"
    if not all((packages / name).is_dir() for name in FONTS):
        from tools import setup

        setup.frontend_packages(with_fonts=True)()
    target.mkdir()
    for name, weights in FONTS.items():
        for weight in weights:
            for file in (packages / name / weight).glob("*.ttf"):
                shutil.copy(file, target)
        for licence in packages.glob(f"{name}/*LICEN*"):
            shutil.copy(licence, target / f"{name}-{licence.name}")


def program(name: str) -> str:
    """Return a program of ``.tools``, else the machine's."""
    own = TOOLS / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        raise SystemExit(f"bundle: no {name}; run make setup")
    return found


def run(*command: str | Path) -> None:
    """Run a command; end when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT)
    if done.returncode:
        raise SystemExit(
            f"bundle: failed ({done.returncode}): {' '.join(str(part) for part in command[:4])} ..."
        )


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"bundle: {text}\n")
    sys.stdout.flush()


def main() -> None:
    """Make it."""
    parser = argparse.ArgumentParser("bundle", description=__doc__)
    parser.add_argument("--machine", action="append", choices=MACHINES)
    parser.add_argument("--python", action="append", choices=PYTHONS)
    parser.add_argument("--to", type=Path, default=ROOT / "dist")
    wanted = parser.parse_args()
    make(wanted.machine or list(MACHINES), wanted.python or list(PYTHONS), wanted.to.absolute())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
