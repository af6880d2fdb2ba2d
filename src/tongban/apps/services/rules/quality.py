"""Is an item fit to be published? The rules by which a catalogue is audited, as far as a machine can check them.

What contradicts itself is an error always. What is missing is an error for an item that can be applied for here, a warning for
one that is only announced (an imported item without a form). Nothing is looked up: an item is judged by its content, and together
with its form by whoever has the form at hand (``with_form``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tongban.apps.services.rules.elements import (
    DEPTHS,
    LEGAL_THEMES,
    PERSON_THEMES,
    SERVICE_TYPES,
    TYPES,
)
from tongban.apps.services.rules.flaws import WARNING, Content, Flaw
from tongban.apps.services.rules.together import FAULTS, WithForm, check_with_form
from tongban.base.text import LocalizedText as T

__all__ = ["BLOCKING", "RULES", "UNVERIFIED", "Flaw", "check_item", "days_of", "is_announced"]

UNVERIFIED = "limit-unverified"

BLOCKING = frozenset({"structure", "type-not-a-service", "code-malformed", "limit-malformed"}) | FAULTS
"""Codes of flaws with which an item cannot be stored at all, neither in a demo nor from an import."""

LIMIT = re.compile(r"(\d{1,4})(wd|d|h)")
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.IGNORECASE)
PHONE = re.compile(r"0\d{2,3}-\d[\d ]{5,}|12345")
CLOSINGS = (("批复", "审批办结"), ("证", "出证办结"), ("文", "出文办结"))
STEPS = {"accept": "受理", "review": "审核", "decide": "审批", "deliver": "送达"}


Rule = Callable[[Content], Iterator[Flaw]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    """Add a rule to those that every item is checked by."""
    RULES.append(check)
    return check


def check_item(content: Content, *, is_demo: bool = False, with_form: WithForm | None = None) -> list[Flaw]:
    """Return everything that is wrong with an item, in the order of its elements; then what is wrong between it and its form.

    ``is_demo`` lets limits pass that nobody has verified, with a warning: in production they are an error.
    """
    found = [flaw for check in RULES for flaw in check(content)]
    if with_form is not None:
        found += check_with_form(content, with_form)
    lenient = {UNVERIFIED} if is_demo else set()
    if is_announced(content):
        lenient |= {"element-missing"}
    return [
        Flaw(flaw.code, flaw.path, flaw.message, WARNING) if flaw.code in lenient else flaw for flaw in found
    ]


def is_announced(content: Content) -> bool:
    """Return whether the item is only announced: there is no form, so nobody can apply for it here yet."""
    return not content.get("form")


def days_of(limit: Mapping[str, Any] | None) -> tuple[int, str] | None:
    """Return value and unit ("wd", "d", "h") of a limit, None for one that says nothing readable."""
    found = LIMIT.fullmatch(str((limit or {}).get("limit", "")))
    return (int(found[1]), found[2]) if found else None


def _missing(path: str, zh: str, en: str) -> Flaw:
    return Flaw("element-missing", path, T(f"缺少：{zh}", f"Missing: {en}"))


def _text(value: Any) -> str:
    return T.of(value).zh.strip() if isinstance(value, str | Mapping) else ""


def _map(content: Content, name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, Mapping) else {}


def _list(content: Content, name: str) -> list[Any]:
    found = content.get(name)
    return found if isinstance(found, list) else []


@rule
def has_the_bones(content: Content) -> Iterator[Flaw]:
    """An item has a key, a name, a unit and a kind; a form goes with a process."""
    if not KEY.fullmatch(str(content.get("key", ""))):
        yield Flaw(
            "structure", "key", T("标识只能用字母、数字、连字符", "The key is letters, digits, hyphens")
        )
    if not _text(content.get("name")):
        yield Flaw("structure", "name", T("没有事项名称", "The name is missing"))
    if not content.get("unit"):
        yield Flaw("structure", "unit", T("没有实施主体", "The implementing body is missing"))
    kind = str(content.get("type", ""))
    if kind not in TYPES:
        yield Flaw("structure", "type", T("没有这种事项类型", "There is no such kind of item"))
    elif kind not in SERVICE_TYPES:
        yield Flaw(
            "type-not-a-service",
            "type",
            T(
                "{kind}不是依申请办理的，属于权责清单，不是政务服务事项",
                "{kind} is not applied for: it belongs to the list of powers, not to the services",
            ).format(kind=TYPES[kind]),
        )
    if bool(content.get("form")) != bool(content.get("process")):
        yield Flaw(
            "structure", "form", T("表单和流程要么都有，要么都没有", "A form needs a process and the reverse")
        )
    if not _text(content.get("lead")):
        yield _missing("lead", "一句话说明", "what it is, in a sentence")


@rule
def codes_have_their_structure(content: Content) -> Iterator[Flaw]:
    """GB/T 39554.1: 12 characters basic, 31 implementation (credit code, level, basic), 33 handling item."""
    basic, whole, handling = (
        str(content.get(n) or "") for n in ("basic_code", "implementation_code", "handling_code")
    )
    if not handling and not content.get("local_code"):
        yield Flaw("structure", "handling_code", T("没有事项编码", "The item has no code"))
    if basic and (len(basic) != 12 or basic[2:4] != content.get("type")):
        message = T(
            "基本编码应为 12 位，第 3、4 位是事项类型",
            "The basic code has 12 characters; the 3rd and 4th are the kind",
        )
        yield Flaw("code-malformed", "basic_code", message)
    if whole and (len(whole) != 31 or (basic and not whole.endswith(f"{content.get('level')}{basic}"))):
        message = T(
            "实施编码应为 31 位：信用代码、行使层级、基本编码",
            "The implementation code has 31 characters: credit code, level, basic code",
        )
        yield Flaw("code-malformed", "implementation_code", message)
    if handling and (len(handling) > 40 or (whole and not handling.startswith(whole))):
        message = T(
            "业务办理项编码应以实施编码开头", "The handling-item code begins with the implementation code"
        )
        yield Flaw("code-malformed", "handling_code", message)


@rule
def limits_are_stated_and_verified(content: Content) -> Iterator[Flaw]:
    """Both limits of a decision, each readable, with its source and how sure it is; the promise within the law."""
    limits = _map(content, "limits")
    for role, zh, en in (
        ("statutory", "法定办结时限", "statutory limit"),
        ("promised", "承诺办结时限", "promised limit"),
    ):
        if role not in limits:
            yield _missing(f"limits.{role}", zh, en)
    for role, limit in limits.items():
        path = f"limits.{role}"
        if not isinstance(limit, Mapping) or days_of(limit) is None:
            message = T("时限要写成 10wd、15d 或 24h", "A limit is written 10wd, 15d or 24h")
            yield Flaw("limit-malformed", path, message)
            continue
        if not _text(limit.get("source")):
            yield Flaw("limit-without-source", path, T("时限没有写依据", "The limit names no source"))
        if limit.get("confidence") not in ("S", "M", "L"):
            message = T("时限还没有核对条文", "The limit has not been verified against its source")
            yield Flaw(UNVERIFIED, path, message)
    statutory, promised = days_of(limits.get("statutory")), days_of(limits.get("promised"))
    if statutory and promised:
        if promised[1] != statutory[1] and promised[0] > 0:
            message = T(
                "承诺时限和法定时限单位不同，无法比较", "Promised and statutory limit have different units"
            )
            yield Flaw("limits-not-comparable", "limits.promised", message, WARNING)
        elif promised[0] > statutory[0]:
            message = T("承诺时限比法定时限长", "The promise is longer than the law allows")
            yield Flaw("promise-too-long", "limits.promised", message)


@rule
def on_the_spot_means_on_the_spot(content: Content) -> Iterator[Flaw]:
    """即办件 = 即审即办 = a promise of nought; any other item is 承诺件 with 前审后批."""
    mode = _map(content, "mode")
    case_type, procedure = str(mode.get("case_type") or ""), mode.get("procedure")
    promised = days_of(_map(content, "limits").get("promised"))
    if not case_type:
        yield _missing("mode.case_type", "办件类型", "kind of handling")
        return
    expected = {"即办件": "即审即办", "承诺件": "前审后批"}.get(case_type)
    if expected is None:
        yield Flaw(
            "case-type-unknown", "mode.case_type", T("办件类型是即办件或者承诺件", "It is 即办件 or 承诺件")
        )
        return
    if procedure and procedure != expected:
        message = T(f"{case_type}应当{expected}", f"{case_type} goes with {expected}")
        yield Flaw("case-type-disagrees", "mode.procedure", message)
    if promised and (promised[0] == 0) != (case_type == "即办件"):
        message = T(
            "即办件承诺当场办结，承诺件不能承诺 0 天", "即办件 promises the same day, 承诺件 never 0 days"
        )
        yield Flaw("case-type-disagrees", "limits.promised", message)


@rule
def the_result_closes_as_it_is_called(content: Content) -> Iterator[Flaw]:
    """…证 is closed by issuing it, …文 as a document, …批复 as an approval; a result has a sample."""
    result = _map(content, "result")
    name = _text(result.get("name"))
    if not name:
        yield _missing("result.name", "审批结果", "result")
        return
    expected = next((closing for ending, closing in CLOSINGS if name.endswith(ending)), None)
    if expected and result.get("closing") != expected:
        message = T(f"结果“{name}”应当{expected}", f"The result {name} goes with {expected}")
        yield Flaw("closing-disagrees", "result.closing", message)
    if not _text(result.get("sample")):
        yield Flaw(
            "result-without-sample", "result.sample", T("审批结果没有样本", "The result has no sample")
        )


@rule
def visits_are_explained(content: Content) -> Iterator[Flaw]:
    """Who must come is told why; who need not come can do it online or by post; Ⅳ is wholly online."""
    visits, mode, depth = _map(content, "visits"), _map(content, "mode"), content.get("depth")
    if depth is not None and depth not in DEPTHS:
        yield Flaw("depth-unknown", "depth", T("网办深度是Ⅰ到Ⅳ级", "The depth is Ⅰ to Ⅳ"))
    if not isinstance(visits.get("count"), int):
        yield _missing("visits.count", "到办事现场次数", "number of visits")
        return
    count, reason = visits["count"], _text(visits.get("reason"))
    if count > 0 and not reason:
        message = T("要跑现场，没有写原因", "Visits are needed, but the reason is not given")
        yield Flaw("visits-unexplained", "visits.reason", message)
    if count == 0 and reason:
        message = T("不用跑现场，就不用写原因", "No visit is needed, so there is no reason for one")
        yield Flaw("visits-unexplained", "visits.reason", message)
    if count == 0 and mode and not (mode.get("online") or mode.get("post")):
        message = T(
            "不用跑现场，就要能网上办或者邮寄", "Without a visit it must be possible online or by post"
        )
        yield Flaw("visits-impossible", "mode.online", message)
    if depth == "Ⅳ" and count > 0:
        yield Flaw("depth-disagrees", "depth", T("Ⅳ级要求不跑现场", "Ⅳ means no visit"))


@rule
def fees_have_a_basis(content: Content) -> Iterator[Flaw]:
    """A fee has a basis, names, standards and says whether it can be paid online; what is free is not paid."""
    fee, mode = _map(content, "fee"), _map(content, "mode")
    if "charged" not in fee:
        yield _missing("fee.charged", "是否收费", "whether there is a fee")
        return
    if not fee["charged"]:
        if mode.get("payment_online"):
            message = T("不收费，就没有网上支付", "What is free cannot be paid online")
            yield Flaw("fee-disagrees", "mode.payment_online", message)
        if fee.get("items"):
            yield Flaw(
                "fee-disagrees", "fee.items", T("不收费，就没有收费项目", "What is free has no fee items")
            )
        return
    if not _text(fee.get("basis")):
        yield Flaw("fee-without-basis", "fee.basis", T("收费没有写依据", "The fee has no legal basis"))
    if not fee.get("items"):
        yield Flaw("fee-without-basis", "fee.items", T("收费没有写项目", "The fee has no items"))
    for index, row in enumerate(_list(fee, "items")):
        if not (isinstance(row, Mapping) and _text(row.get("name")) and _text(row.get("standard"))):
            message = T("收费项目要写名称和标准", "A fee item has a name and a standard")
            yield Flaw("fee-without-basis", f"fee.items.{index}", message)
    if not isinstance(mode.get("payment_online"), bool):
        message = T("收费的要写能不能网上支付", "Where there is a fee, say whether it can be paid online")
        yield Flaw("fee-disagrees", "mode.payment_online", message)


@rule
def phones_answer_different_questions(content: Content) -> Iterator[Flaw]:
    """The line for questions is not the line for complaints; both with area code."""
    phones = _map(content, "phones")
    for name, zh, en in (
        ("consult", "咨询电话", "telephone for questions"),
        ("complaint", "投诉电话", "for complaints"),
    ):
        phone = str(phones.get(name) or "")
        if not phone:
            yield _missing(f"phones.{name}", zh, en)
        elif not PHONE.fullmatch(phone):
            message = T(f"{zh}要带区号，例如 0889-6210315", f"The {en} needs its area code")
            yield Flaw("phone-malformed", f"phones.{name}", message)
    if phones.get("consult") and phones.get("consult") == phones.get("complaint"):
        message = T("咨询电话和投诉电话不能相同", "Questions and complaints need different numbers")
        yield Flaw("phones-alike", "phones.complaint", message)


@rule
def themes_fit_whom_it_is_for(content: Content) -> Iterator[Flaw]:
    """For people ⇔ a theme of people's; for businesses ⇔ a theme of theirs."""
    target, themes = {str(each) for each in _list(content, "target")}, _map(content, "themes")
    if not target:
        yield _missing("target", "服务对象", "whom it is for")
        return
    for name, wanted, known, who in (
        ("person", "person" in target, PERSON_THEMES, T("自然人", "people")),
        ("legal", bool(target - {"person"}), LEGAL_THEMES, T("法人", "businesses")),
    ):
        given = _list(themes, name)
        if wanted and not given:
            message = T("面向{who}，没有{who}主题分类", "For {who}, but without a theme of theirs").format(
                who=who
            )
            yield Flaw("theme-disagrees", f"themes.{name}", message)
        if given and not wanted:
            message = T("不面向{who}，却有{who}主题分类", "Not for {who}, but with a theme of theirs").format(
                who=who
            )
            yield Flaw("theme-disagrees", f"themes.{name}", message)
        for theme in given:
            if theme not in known:
                message = T(f"没有“{theme}”这个主题", f"There is no theme {theme}")
                yield Flaw("theme-unknown", f"themes.{name}", message)


@rule
def a_licence_is_explained(content: Content) -> Iterator[Flaw]:
    """A licence has an answered question, a flow of five steps at least and its legal basis."""
    if not _list(content, "basis"):
        yield _missing("basis", "设定依据", "legal basis")
    if not _list(content, "conditions"):
        yield _missing("conditions", "受理条件", "conditions")
    if content.get("type") != "01":
        return
    if not _list(content, "questions"):
        yield _missing("questions", "至少一个常见问题", "an answered question")
    steps = {str(row.get("key")) for row in _list(content, "steps") if isinstance(row, Mapping)}
    absent = [name for key, name in STEPS.items() if key not in steps]
    if len(steps) < 5 or absent:
        yield _missing(
            "steps", "五步以上的办理流程（受理、审核、审批、办结、送达）", "a flow of five steps or more"
        )


@rule
def remedies_are_named(content: Content) -> Iterator[Flaw]:
    """A refusal names where to go against it, or it is void: whoever can apply here, or applies for a licence, is told."""
    if is_announced(content) and content.get("type") != "01":
        return
    for name, zh, en in (("review", "行政复议机关", "body for review"), ("court", "行政诉讼法院", "court")):
        if not _text(_map(_map(content, "remedies"), name).get("body")):
            yield _missing(f"remedies.{name}", zh, en)


@rule
def agents_and_several_are_for_people(content: Content) -> Iterator[Flaw]:
    """An agent acts for a person, and people apply together; an entity has its representatives."""
    applicant = _map(content, "applicant")
    for name in ("agents", "several"):
        if applicant.get(name) and "person" not in _list(applicant, "kinds"):
            message = T("只有自然人可以申请时才能代办、一起申请", "This is for items for which people apply")
            yield Flaw("applicant-disagrees", f"applicant.{name}", message)


@rule
def materials_say_where_they_come_from(content: Content) -> Iterator[Flaw]:
    """Each material once, with a name, a source, what the applicant does, and how it is judged."""
    seen: set[str] = set()
    for index, row in enumerate(_list(content, "materials")):
        path = f"materials.{index}"
        if not isinstance(row, Mapping) or not row.get("key") or not _text(row.get("name")):
            yield Flaw("structure", path, T("材料没有标识或者名称", "A material has a key and a name"))
            continue
        if str(row["key"]) in seen:
            yield Flaw("structure", path, T("材料标识重复", "Two materials have the same key"))
        seen.add(str(row["key"]))
        if row.get("action", "upload") not in ("upload", "held", "generated"):
            message = T("材料是上传、免交或者自动生成", "A material is uploaded, held or generated")
            yield Flaw("structure", f"{path}.action", message)
        if not _text(_map(row, "source").get("text")):
            yield _missing(f"{path}.source", "来源渠道", "where it comes from")
        if not _text(row.get("acceptance")):
            yield _missing(f"{path}.acceptance", "受理标准", "how it is judged")
    if not is_announced(content) and "materials" not in content:
        yield _missing("materials", "材料清单", "the list of materials")


@rule
def situations_ask_and_lead(content: Content) -> Iterator[Flaw]:
    """A situation is a question with answers; one that sends to another item does not send to this one."""
    for index, row in enumerate(_list(content, "situations")):
        path = f"situations.{index}"
        if not isinstance(row, Mapping) or not _text(row.get("question")) or not _list(row, "answers"):
            message = T("情形没有问题或者没有答案", "A situation has a question and answers")
            yield Flaw("situation-asks-nothing", path, message)
        elif row.get("item") and row["item"] == content.get("key"):
            message = T("情形指向的就是这个事项", "The situation leads to this very item")
            yield Flaw("situation-leads-nowhere", f"{path}.item", message)


@rule
def both_languages(content: Content) -> Iterator[Flaw]:
    """A name without English is shown in Chinese to everybody."""
    for path in ("name", "lead"):
        text = T.of(content.get(path)) if isinstance(content.get(path), str | Mapping) else T("")
        if text.zh and not text.en:
            yield Flaw("not-translated", path, T("没有英文", "There is no English"), WARNING)
