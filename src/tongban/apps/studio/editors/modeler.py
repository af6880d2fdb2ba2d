"""What the drawing of a process is told: its words in the language of the page, and what can be chosen in its panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from tongban.apps.studio.editors.registry import Editing
from tongban.base.editables import find
from tongban.base.text import LocalizedText
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["ID", "told"]

ID = "modeler-say"
"""The id of the page's JSON."""

WORDS: Mapping[str, LocalizedText] = {
    "hand": T("移动画面", "Move the canvas"),
    "lasso": T("框选", "Select an area"),
    "space": T("拉开或者收拢", "Make or take space"),
    "connect": T("连线", "Connect"),
    "remove": T("删除", "Delete"),
    "append": T("后面加：{}", "Append: {}"),
    "start": T("开始", "Start"),
    "user": T("人办的一步", "Step of a person"),
    "service": T("机器办的一步", "Step of the machine"),
    "rule": T("查决策表", "Decision table"),
    "call": T("套用另一个流程", "Another process"),
    "sub": T("分段", "Sub-process"),
    "exclusive": T("选一条路", "One way"),
    "parallel": T("几条路一起走", "All ways at once"),
    "inclusive": T("选几条路", "Some ways"),
    "timer": T("等时间", "Wait"),
    "end": T("结束", "End"),
    "several": T("选中了几个", "Several are selected"),
    "drawing": T("流程图", "Drawing"),
    "unreadable": T("图画不出来：", "This cannot be drawn:"),
    "faults": T("{} 处要改", "{} to put right"),
    "sound": T(
        "检查过了：从开始走到结束，没有走不通的地方。",
        "Examined: every run comes to an end, every step can be reached.",
    ),
    "kind": T("种类", "Kind"),
    "name_zh": T("名称", "Name (Chinese)"),
    "name_en": T("英文名称", "Name (English)"),
    "process_zh": T("流程名称", "Name of the process (Chinese)"),
    "process_en": T("流程的英文名称", "Name of the process (English)"),
    "pool_zh": T("承办单位", "Who runs it (Chinese)"),
    "id": T("编号", "Id"),
    "id_hint": T(
        "条件里用的名字；字母、数字、下划线", "The name in conditions; letters, digits, underscores"
    ),
    "choose": T("请选择", "Choose"),
    "operation": T("做什么", "Operation"),
    "table": T("哪张表", "Which table"),
    "result": T("结果放在", "Result in"),
    "result_hint": T("变量名，后面的条件里用", "A variable, for the conditions that follow"),
    "called": T("哪个流程", "Which process"),
    "state": T("办件进入的状态", "State of the case"),
    "state_hint": T("如 reviewing；不填就不变", "Such as reviewing; empty leaves it"),
    "terminate": T("到这里全部结束，别的步骤一并取消", "Ends everything, other steps are cancelled"),
    "who": T("谁来办", "Who does it"),
    "holder": T("怎么定", "Chosen by"),
    "by_duty": T("有某项职责的人", "a duty"),
    "by_party": T("当事人", "a party"),
    "by_var": T("变量里的人", "a variable"),
    "duty": T("职责", "Duty"),
    "unit": T("哪个单位", "In which unit"),
    "unit_hint": T("放单位的变量，一般是 unit", "The variable that holds the unit, usually unit"),
    "variable": T("变量", "Variable"),
    "separate_from": T("不能和谁是同一个人", "Not the person of"),
    "separate_hint": T("两个人签字、两名执法人员时用", "For two signatures, two inspectors"),
    "nobody": T("没有这个要求", "No such rule"),
    "limit": T("这一步多久办完", "Time for this step"),
    "length": T("等多久", "How long"),
    "limit_hint": T("5wd 五个工作日，15d 十五天，24h 二十四小时", "5wd working days, 15d days, 24h hours"),
    "since": T("从哪一刻算起", "Counted from"),
    "since_hint": T("变量；不填从到这里那一刻算起", "A variable; empty counts from the arrival here"),
    "interrupts": T("到时间就取消这一步", "Cancels the step when due"),
    "form": T("要填的表", "Form"),
    "no_form": T("不用填表", "None"),
    "form_hint": T("结果自己没有写表的，用这张", "For outcomes that name none"),
    "outcomes": T("办的结果（按钮）", "Outcomes (buttons)"),
    "outcome": T("新的结果", "New outcome"),
    "add_outcome": T("加一个结果", "Add an outcome"),
    "label_zh": T("按钮上的字", "On the button (Chinese)"),
    "label_en": T("按钮上的英文", "On the button (English)"),
    "key": T("代号", "Key"),
    "key_hint": T("条件里写 {} == '代号'", "In conditions: {} == 'key'"),
    "style": T("按钮样子", "Look"),
    "plain": T("普通", "Plain"),
    "opinion": T("意见", "Opinion"),
    "optional": T("可以填", "Optional"),
    "when": T("什么时候能选", "Offered when"),
    "when_hint": T("条件；不填总能选", "A condition; empty is always"),
    "up": T("往前移", "Move up"),
    "default": T("都不符合时走", "Otherwise"),
    "no_default": T("没有", "None"),
    "default_hint": T("别的路都不符合时走的那条", "The way when no other applies"),
    "is_default": T("别的路都不符合时走这条，不写条件。", "Taken when no other applies; needs no condition."),
    "condition": T("什么时候走这条", "Taken when"),
    "condition_hint": T("如 receive == 'accept'", "Such as receive == 'accept'"),
    "repetition": T("重复", "Repetition"),
    "repeat": T("做几次", "How often"),
    "once": T("一次", "Once"),
    "all_at_once": T("每个一次，同时", "Once for each, at the same time"),
    "one_by_one": T("每个一次，一个接一个", "Once for each, one after another"),
    "collection": T("哪个清单", "For each of"),
    "collection_hint": T(
        "变量里清单的位置，如 data.split.units", "The path of a list, such as data.split.units"
    ),
    "element": T("每个叫什么", "Called"),
    "complete": T("什么时候算完", "Complete when"),
    "complete_hint": T("all 全部、any 一个、ratio:2/3 三分之二", "all, any, or ratio:2/3"),
    "counts": T("哪个结果算数", "What counts"),
    "counts_hint": T("结果的代号；不填都算", "The key of an outcome; empty counts all"),
    "office_moves": T("办公室里的动作", "Office moves"),
    "moves": T("允许", "Allowed"),
    "moves_all": T("按上一级", "As the process says; all without a word"),
    "moves_some": T("选几种", "Some"),
    "moves_none": T("都不允许", "None"),
}
TYPES: Mapping[str, LocalizedText] = {
    "Process": T("整个流程", "The process"),
    "Collaboration": T("流程图", "Drawing"),
    "Participant": T("整个流程", "The process"),
    "Lane": T("泳道", "Lane"),
    "StartEvent": WORDS["start"],
    "EndEvent": WORDS["end"],
    "UserTask": WORDS["user"],
    "ServiceTask": WORDS["service"],
    "BusinessRuleTask": WORDS["rule"],
    "CallActivity": WORDS["call"],
    "SubProcess": WORDS["sub"],
    "ExclusiveGateway": WORDS["exclusive"],
    "ParallelGateway": WORDS["parallel"],
    "InclusiveGateway": WORDS["inclusive"],
    "BoundaryEvent": T("到时间", "Timer on a step"),
    "IntermediateCatchEvent": WORDS["timer"],
    "SequenceFlow": T("连线", "Flow"),
    "TextAnnotation": T("注释", "Note"),
}
STYLES = (("primary", T("主要", "Primary")), ("danger", T("慎用", "Danger")))
OPINIONS = (("required", T("必填", "Required")), ("none", T("不填", "None")))
MOVES: Mapping[str, LocalizedText] = {
    "return": T("退回", "Send back"),
    "withdraw": T("撤回", "Take back"),
    "sign": T("加签", "Add a signer"),
    "transfer": T("转办", "Pass on"),
    "urge": T("催办", "Urge"),
    "circulate": T("传阅", "Circulate"),
}
TOOLTIPS: Mapping[str, LocalizedText] = {
    "Toggle hand tool": WORDS["hand"],
    "Remove": WORDS["remove"],
    "Search in diagram": T("在图里找", "Search in diagram"),
}


def told(editing: Editing) -> dict[str, Any]:
    """Return what ``modeler.js`` reads: words, choices, the faults found at the last saving. All in the page's language."""
    verbs = ledger.verbs()
    return {
        "language": "en" if (get_language() or "").startswith("en") else "zh",
        "content": {"key": editing.key},
        "faults": [fault.as_json() for fault in editing.faults],
        "words": {
            **{name: str(word) for name, word in WORDS.items()},
            "types": {name: str(word) for name, word in TYPES.items()},
            "styles": _choices(STYLES),
            "opinions": _choices(OPINIONS),
            "bpmn": {name: str(word) for name, word in TOOLTIPS.items()},
        },
        "duties": [[duty.key, str(duty.label)] for duty in identity.duties_for_choice()],
        "operations": [[name, str(verbs.get(name, T(name)))] for name in processes.operation_names()],
        "forms": _things("form", editing),
        "tables": _things("table", editing),
        "processes": [row for row in _things("process", editing) if row[0] != editing.key],
        "moves": _choices((key, MOVES[key]) for key in processes.MOVES if key in MOVES),
    }


def _choices(rows: Any) -> list[list[str]]:
    return [[key, str(label)] for key, label in rows]


def _things(kind: str, editing: Editing) -> list[list[str]]:
    """Return what is published of a kind, with the drafts of the same change."""
    entry = find(kind)
    published = {row.key: str(row.title) for row in entry.rows()} if entry else {}
    drafts = {key: str(title) for k, key, title in editing.beside if k == kind}
    return sorted([key, title] for key, title in (published | drafts).items())
