"""What the kernel refuses of the kinds that applications bring."""

from __future__ import annotations

import pytest

from tongban.base.registry import UnknownEntry
from tongban.base.text import LocalizedText
from tongban.kernel.cases.kinds import CaseKind, kinds
from tongban.kernel.cases.rules import stages_reached


def test_every_kind_leads_its_states_to_an_end_and_names_them_in_both_languages() -> None:
    assert {kind.key for kind in kinds} >= {"licence", "letter"}
    for kind in kinds:
        assert any(state.is_final for state in kind.states.values()), kind.key
        for state in kind.states.values():
            assert all(text.zh and text.en for text in (state.label, state.public)), kind.key


def test_stages_speak_of_states_that_exist_and_share_none() -> None:
    for kind in kinds:
        spoken = [state for stage in kind.stages for state in stage.states]
        assert len(spoken) == len(set(spoken)), kind.key
        assert set(spoken) <= kind.states.keys(), kind.key
        assert kind.optional_stages <= {stage.key for stage in kind.stages}, kind.key
        assert stages_reached(kind.stages, [], is_final=False, optional=kind.optional_stages) is not None


def test_prefixes_of_numbers_tell_the_kinds_apart() -> None:
    prefixes = [kind.number_prefix for kind in kinds]
    assert len(prefixes) == len(set(prefixes))


def test_a_second_kind_of_the_same_name_and_an_unknown_one_are_refused() -> None:
    other = CaseKind(
        key="licence", label=LocalizedText("x"), number_prefix="X", icon="", states={}, stages=()
    )
    with pytest.raises(ValueError, match="registered already"):
        kinds.register(other.key, other)
    with pytest.raises(UnknownEntry):
        kinds.get("permit")


def test_a_state_of_an_older_version_is_shown_by_its_key() -> None:
    state = kinds.get("licence").state("archived")
    assert (state.label.zh, state.is_final) == ("archived", False)
