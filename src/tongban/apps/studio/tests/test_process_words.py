"""What changed in a drawing is said in words: which step, which word of it, what stood and stands there."""

from __future__ import annotations

from pathlib import Path

from tongban.apps.studio.process_words import ONLY_DRAWN, UNREADABLE, process_differences
from tongban.apps.studio.readable import readable
from tongban.apps.studio.rules import Difference

FILE = Path(__file__).parents[1] / "definitions" / "change.bpmn"
XML = FILE.read_text(encoding="utf-8")


def said(before: str, after: str) -> list[str]:
    """Return the differences as lines: where, what, before, after."""
    lines = []
    for each in readable("process", [Difference("xml", "changed", before, after)]):
        sides = ["".join(text for _, text in side) for side in (each.before, each.after)]
        lines.append(f"{' › '.join(map(str, each.where))} | {each.what} | {' → '.join(filter(None, sides))}")
    return lines


def test_a_renamed_step_with_another_holder_and_a_time() -> None:
    changed = XML.replace('name="审核" tongban:label_en="Review" tongban:holder="duty:studio.review@reviewing"',
        'name="复审" tongban:label_en="Review" tongban:limit="3wd" tongban:holder="duty:studio.edit@unit"')  # fmt: skip
    assert said(XML, changed) == [
        "复审 › 名称 | 改动 | 审核 → 复审",
        "复审 › 谁来办 | 改动 | reviewing 里有“审核内容”职责的人 → unit 里有“编辑内容”职责的人",
        "复审 › 时限 | 增加 | 3 个工作日",
    ]


def test_a_condition_an_outcome_and_an_operation() -> None:
    changed = XML.replace("review == 'send_back'", "review == 'no'").replace(
        'key="send_back" label_zh="退回修改"', 'key="no" label_zh="不同意"'
    )
    lines = said(XML, changed.replace('operation="studio.submit"', 'operation="studio.approve"'))
    assert "送审前检查 › 做什么 | 改动 | studio.submit → studio.approve" in lines
    assert "审核 › 结果 no | 增加 | 不同意，意见必填" in lines
    assert "审核 › 结果 send_back | 删去 | 退回修改，意见必填" in lines
    assert "同意？ → 告诉编辑的人 › 什么时候走这条 | 改动 | review == 'send_back' → review == 'no'" in lines


def test_a_step_that_is_gone_and_one_that_is_new() -> None:
    changed = XML.replace('id="approve" name="确认审核"', 'id="confirm" name="再看一遍"')
    for attribute in ("targetRef", "sourceRef", "bpmnElement"):
        changed = changed.replace(f'{attribute}="approve"', f'{attribute}="confirm"')
    lines = said(XML, changed)
    assert any(line.startswith("再看一遍 | 增加 | 是什么：机器办的一步") for line in lines)
    assert any(line.startswith("确认审核 | 删去 |") for line in lines)


def test_moving_a_box_changes_nothing() -> None:
    ((_, only),) = process_differences(XML, XML.replace('x="40" y="142"', 'x="44" y="150"'))
    assert only.after == ONLY_DRAWN


def test_a_new_process_is_told_step_by_step() -> None:
    assert any(line.startswith("审核 | 增加 |") for line in said("", XML))


def test_what_cannot_be_read_is_said_to_be_so() -> None:
    ((_, only),) = process_differences(XML, "<nonsense")
    assert only.after == UNREADABLE
