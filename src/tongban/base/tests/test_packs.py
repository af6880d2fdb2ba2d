"""Packs are read in order, inside their directory, each section in its own transaction."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from tongban.base import packs
from tongban.base.models import Counter
from tongban.base.packs import Pack, PackError

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.yaml").write_text("key: test\nname: {zh: 试验, en: Test}\n", encoding="utf-8")
    return folder


@pytest.fixture
def sections(monkeypatch):
    """No sections but the test's own."""
    monkeypatch.setattr(packs.sections, "_entries", {})
    return packs.section


def test_a_directory_without_pack_yaml_is_no_pack(tmp_path):
    with pytest.raises(PackError, match=r"pack\.yaml"):
        Pack(tmp_path)


def test_a_pack_knows_its_name_and_reads_its_files(pack):
    (pack / "things.yaml").write_text("things:\n- {key: a}\n", encoding="utf-8")
    (pack / "rows.csv").write_text("\ufeffkey,name\n1,米线\n", encoding="utf-8")
    read = Pack(pack)

    assert (read.key, read.name.en) == ("test", "Test")
    assert read.yaml("things.yaml", "things") == [{"key": "a"}]
    assert read.yaml("nothing.yaml", "things") == []
    assert list(read.csv("rows.csv")) == [{"key": "1", "name": "米线"}]
    assert list(read.csv("nothing.csv")) == []
    assert [path.name for path in read.files("*.csv")] == ["rows.csv"]


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "a/../../secret.txt"])
def test_reading_never_leaves_the_pack(pack, name):
    (pack.parent / "secret.txt").write_text("secret", encoding="utf-8")

    with pytest.raises(PackError, match="outside"):
        Pack(pack).text(name)


@pytest.mark.parametrize(
    ("content", "says"),
    [("a: [", "broken.yaml"), ("things: 3", "list under 'things'"), ("- a", "list under")],
)
def test_a_file_that_cannot_be_read_is_named(pack, content, says):
    (pack / "broken.yaml").write_text(content, encoding="utf-8")

    with pytest.raises(PackError, match=says):
        Pack(pack).yaml("broken.yaml", "things")


def test_a_line_with_too_few_columns_is_named(pack):
    (pack / "rows.csv").write_text("a,b\n1,2\n3\n", encoding="utf-8")

    with pytest.raises(PackError, match="line 3"):
        list(Pack(pack).csv("rows.csv"))


@pytest.mark.django_db
def test_sections_run_by_number_as_the_product_itself(pack, sections):
    seen = []

    @sections("later", order=20)
    def later(pack, *, actor, at):
        seen.append(("later", actor.is_system, at))

    @sections("first", order=10)
    def first(pack, *, actor, at):
        seen.append(("first", actor.name, at))

    packs.install(pack, at=AT)
    packs.install(pack, at=AT, only="later")

    assert seen == [("first", "pack test", AT), ("later", True, AT), ("later", True, AT)]
    with pytest.raises(PackError, match="no section"):
        packs.install(pack, at=AT, only="missing")


@pytest.mark.django_db
def test_a_section_that_fails_leaves_nothing_and_the_command_names_it(pack, sections):
    @sections("good", order=10)
    def good(pack, *, actor, at):
        Counter.objects.create(key="good", last=1)

    @sections("bad", order=20)
    def bad(pack, *, actor, at):
        Counter.objects.create(key="bad", last=1)
        raise PackError("bad.yaml: nonsense")

    with pytest.raises(CommandError, match=r"section bad: .*bad\.yaml"):
        call_command("pack", "install", str(pack))

    assert list(Counter.objects.values_list("key", flat=True)) == ["good"]


def test_a_section_has_one_loader(sections):
    def load(pack, *, actor, at):
        """Nothing."""

    sections("one", order=1)(load)
    sections("one", order=1)(load)
    with pytest.raises(ValueError, match="registered already"):
        sections("one", order=2)(load)
