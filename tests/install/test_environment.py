"""The variables of an installation, and the database that they describe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongban.main import database, environment, fonts, secrets


def test_the_defaults_are_a_demo_on_this_machine() -> None:
    read = environment.read({})
    assert (read.env, read.host, read.port) == ("demo", "127.0.0.1", 8000)
    assert read.public_url == "http://127.0.0.1:8000"
    assert read.home == environment.ROOT / ".tongban"


def test_the_address_follows_host_and_port_unless_it_is_given() -> None:
    assert environment.read({"TONGBAN_HOST": "::1", "TONGBAN_PORT": "81"}).public_url == "http://[::1]:81"
    assert environment.read({"TONGBAN_PUBLIC_URL": "https://a.example/"}).public_url == "https://a.example"


@pytest.mark.parametrize(
    "values", [{"TONGBAN_PORT": "eighty"}, {"TONGBAN_ENV": "test"}, {"TONGBAN_WEB_WORKERS": "-1"}]
)
def test_a_wrong_value_is_refused_by_the_variable_s_name(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        environment.read(values)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("[::1]", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("county.example", False)],
)  # fmt: skip
def test_loopback_is_told_from_the_network(host: str, loopback: bool) -> None:
    assert environment.is_loopback(host) is loopback


def test_the_application_takes_its_role_in_an_external_database(tmp_path: Path) -> None:
    def described(role: str, app: str = "") -> dict:
        url = "postgresql://me:p%40ss@db.example:5433/county?sslmode=require"
        return database.settings_for(home=tmp_path, external=url, external_app=app, role=role)

    owner = described("owner")
    assert (owner["HOST"], owner["PORT"], owner["NAME"], owner["USER"]) == (
        "db.example",
        "5433",
        "county",
        "me",
    )
    assert owner["PASSWORD"] == "p@ss"
    assert owner["OPTIONS"] == {"sslmode": "require", "prepare_threshold": 5}
    assert described("app")["OPTIONS"] == {
        "sslmode": "require",
        "prepare_threshold": 5,
        "options": "-c role=tongban_app",
    }
    separate = described("app", app="postgresql://app@db.example/county")
    assert (separate["USER"], separate["OPTIONS"]) == ("app", {"prepare_threshold": 5})
    assert described("owner", app="postgresql://app@db.example/county")["USER"] == "me"


def test_only_postgresql_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        database.settings_for(home=tmp_path, external="sqlite:///x", external_app="", role="owner")


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = secrets.obtain(tmp_path, "key")
    assert len(first) >= 48
    assert secrets.obtain(tmp_path, "key") == first
    assert secrets.obtain(tmp_path, "other") != first
    assert (tmp_path / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in (tmp_path / "secrets").iterdir()) == ["key", "other"]


def test_fonts_are_the_system_s_only_when_it_has_both_faces(tmp_path: Path) -> None:
    sans = tmp_path / "system" / "noto"
    sans.mkdir(parents=True)
    (sans / "NotoSansCJK-Regular.ttc").touch()
    assert fonts.system_directories([tmp_path / "system"]) == []
    (sans / "NotoSerifCJK-Regular.ttc").touch()
    assert fonts.system_directories([tmp_path / "system"]) == [sans]


def test_fonts_come_from_the_packages_where_the_system_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "PLACES", [])
    monkeypatch.delenv("TONGBAN_FONT_DIRS", raising=False)
    package = tmp_path / "node_modules/@expo-google-fonts/noto-serif-sc/400Regular"
    package.mkdir(parents=True)
    assert fonts.directories(tmp_path) == [package]
    monkeypatch.setenv("TONGBAN_FONT_DIRS", "/one:/two")
    assert fonts.directories(tmp_path) == [Path("/one"), Path("/two")]


def test_data_keys_are_made_once_numbered_on_and_shared_where_the_environment_gives_keys(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    made = secrets.data_keys(here)
    assert list(made) == [1] and secrets.data_keys(here) == made
    assert secrets.add_data_key(here) == 2 and sorted(secrets.data_keys(here)) == [1, 2]
    derived = secrets.data_keys(there, blind_key="b" * 40)
    assert derived == secrets.data_keys(tmp_path / "third", blind_key="b" * 40) and not there.exists()
    assert derived != secrets.data_keys(there, blind_key="c" * 40)
    given = {2: "d" * 40}
    assert secrets.data_keys(there, given=given) == given
    assert secrets.data_keys(there, given=given, blind_key="b" * 40) == {**derived, **given}
    assert secrets.data_keys(here, given=given)[2] == "d" * 40


@pytest.mark.parametrize(
    "variables",
    [{"TONGBAN_CIPHER": "rot13"}, {"TONGBAN_DATA_KEYS": "1:short"}, {"TONGBAN_DATA_KEYS": "x" * 40}],
)
def test_a_wrong_cipher_or_data_key_is_refused_by_name(variables: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(variables))):
        environment.read(variables)
