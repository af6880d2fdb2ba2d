"""Only what is known to be sound is published; a refusal names the place and tells a run that leads there."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tongban.kernel.processes import service as processes
from tongban.kernel.processes import soundness, telling
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.examination import examine
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.soundness import Sound, Undecided
from tongban.kernel.processes.tests.drawn import chain, end, process, start, user
from tongban.kernel.processes.tests.test_soundness import AND_INTO_XOR, SOUND, UNSOUND, XOR_INTO_AND
from tongban.kernel.processes.tests.world import AT, SYSTEM, World

FILES = sorted((settings.BASE_DIR / "packs").glob("**/*.bpmn"))


def publish(xml: bytes) -> Definition:
    return processes.publish(actor=SYSTEM, key="p", xml=xml, at=AT)


@pytest.mark.parametrize("what", UNSOUND)
def test_an_unsound_process_is_not_published(what: str, world: World) -> None:
    xml, _, place = UNSOUND[what]
    with pytest.raises(DefinitionRefused) as refused:
        publish(xml)
    assert place in {problem["id"] for problem in refused.value.data["problems"]}
    assert not Definition.objects.filter(key="p").exists()


def test_the_refusal_tells_the_run(world: World) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        publish(AND_INTO_XOR)
    (problem,) = refused.value.data["problems"]
    assert (problem["element"], problem["id"], problem["kind"]) == ("userTask", "c", "unsafe")
    assert [step["zh"] for step in problem["run"]] == ["流程开始", "办完任务“a”", "办完任务“b”"]
    assert "c" in str(refused.value.detail)


def test_what_is_undecided_is_not_published(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> Undecided:
        return Undecided(50_000, telling.OUT_OF_TIME)

    monkeypatch.setattr(soundness, "judge", give_up)
    with pytest.raises(DefinitionRefused) as refused:
        publish(SOUND["a timer that leads back"])
    assert [problem["id"] for problem in refused.value.data["problems"]] == ["p"]
    assert "undecided" in refused.value.data["problems"][0]["reason"]["en"]
    assert not Definition.objects.filter(key="p").exists()


def test_the_limits_of_publishing_are_those_of_the_reference() -> None:
    assert (soundness.MAX_STATES, soundness.MAX_SECONDS) == (50_000, 5.0)


def test_words_and_runs_are_judged_together(world: World) -> None:
    """Whoever corrects a file learns everything at once."""
    xml = XOR_INTO_AND.replace(b'holder="duty:', b'holder="nobody:')
    with pytest.raises(DefinitionRefused) as refused:
        publish(xml)
    assert {problem["id"] for problem in refused.value.data["problems"]} == {"a", "b", "join"}


def test_a_place_is_told_once() -> None:
    """What the structure says of a place is not said again by the search."""
    examined = examine(
        process(start(), user("a"), user("b"), end(), chain("start", "a", "end"), chain("b", "end"))
    )
    assert {problem.id for problem in examined.problems} == {"b"}
    assert examined.fault is None


def test_a_file_that_cannot_be_explored_has_no_verdict() -> None:
    assert examine(process(user("a"), end(), chain("a", "end"))).verdict is None
    assert examine(b"<a/>").verdict is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_process_of_the_packs_is_sound(path: Path) -> None:
    assert isinstance(soundness.judge(parse(path.read_bytes())), Sound)
