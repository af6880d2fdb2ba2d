"""The case kind "licence": what the kernel must know of applications for licences and registrations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from tongban.apps.services.operations import parties, special
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import keeping, signing
from tongban.apps.services.queries import parties as people
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.service import CaseAction, CaseKind, Panel, Stage, State
from tongban.kernel.identity import service as identity

__all__ = ["LICENCE", "register"]

STATES = {
    "draft": State(T("草稿", "Draft"), T("填写中", "Being filled in"), tone=""),
    "submitted": State(
        T("已提交，待收件", "Submitted"), T("已提交，等待受理", "Submitted, awaiting acceptance")
    ),
    "received": State(T("收件审查", "Receipt check"), T("已收件，等待受理", "Received, awaiting acceptance")),
    "choosing": State(
        T("待选到场时间", "Time to be chosen"),
        T("请您选来大厅的时间", "Please choose when to come"),
        tone="amber",
    ),
    "expected": State(
        T("已约好，等到场", "Expected in person"), T("约好了，请按时来", "Booked, please come in time")
    ),
    "correction": State(T("待补正", "To be corrected"), T("请您补正", "Please correct it"), tone="amber"),
    "accepted": State(T("已受理", "Accepted"), T("已受理，正在审查", "Accepted, under review")),
    "under_review": State(T("审查中", "Under review"), T("正在审查", "Under review")),
    "preliminary": State(T("乡镇初审", "Township review"), T("乡镇正在初审", "Under review by the township")),
    "inspection": State(T("现场核查", "Site inspection"), T("正在核查", "Being inspected")),
    "publicity": State(T("公示中", "On public notice"), T("正在公示", "On public notice")),
    "special_procedure": State(
        T("特别程序中", "In a special procedure"),
        T("正在检测或者进行其他特别程序", "Testing or another special procedure"),
        tone="amber",
    ),
    "deciding": State(T("待决定", "To be decided"), T("等待决定", "Awaiting the decision")),
    "granted": State(
        T("准予，制证中", "Granted, certificate in the making"), T("已准予，正在制证", "Granted")
    ),
    "paying": State(T("待缴费", "To be paid"), T("请您缴费", "Please pay"), tone="amber"),
    "certificate_made": State(
        T("已制证", "Certificate made"), T("证照已制作", "Certificate made"), tone="green"
    ),
    "delivered": State(
        T("已办结送达", "Delivered"), T("已办结，结果已送达", "Done, delivered"), True, "green"
    ),
    "refused": State(T("未准予", "Refused"), T("未准予", "Refused"), True, "red-soft"),
    "not_accepted": State(T("不予受理", "Not accepted"), T("不予受理", "Not accepted"), True, "red-soft"),
    "withdrawn": State(T("已撤回", "Withdrawn"), T("您已撤回", "Withdrawn"), True, ""),
}

STAGES = (
    Stage(
        "submitted",
        T("提交申请", "You applied"),
        frozenset({"submitted", "received"}),
        again=T("补正已收到", "Correction received"),
    ),
    Stage(
        "appointment",
        T("约时间、到场", "Appointment"),
        frozenset({"choosing", "expected"}),
        T("要本人到场的事，先约好时间", "Where you must come in person a time is agreed first"),
    ),
    Stage("correction", T("补正材料", "Correction"), frozenset({"correction"})),
    Stage(
        "accepted",
        T("受理", "Accepted"),
        frozenset({"accepted"}),
        T("材料不齐会在 5 个工作日内一次说清", "Within 5 working days we say once what is missing"),
    ),
    Stage("preliminary", T("乡镇初审", "Township review"), frozenset({"preliminary"})),
    Stage(
        "review",
        T("审查", "Review"),
        frozenset({"under_review"}),
        T(
            "要上门看的，两名工作人员会先约时间，时间算在办理时限里",
            "Where a visit is needed two officers agree a time first; it counts within the time limit",
        ),
    ),
    Stage(
        "inspection",
        T("上门核查", "Site inspection"),
        frozenset({"inspection"}),
        T("两名工作人员核查，时间算在办理时限里", "By two officers, within the time limit"),
    ),
    Stage(
        "procedure",
        T("检测等特别程序", "Testing or other special procedure"),
        frozenset({"special_procedure"}),
        T("这段时间不算在办理时限里", "This time does not count within the time limit"),
    ),
    Stage(
        "publicity",
        T("公示", "Public notice"),
        frozenset({"publicity"}),
        T("公示期间算在办理时限里", "The days of the notice count within the time limit"),
    ),
    Stage("deciding", T("决定", "Decision"), frozenset({"deciding"})),
    Stage(
        "paying",
        T("缴费", "Payment"),
        frozenset({"paying"}),
        T("金额和算法写在《缴费通知书》里", "The notice of payment says how much and how it was worked out"),
    ),
    Stage("granted", T("制发证照、文书", "Certificate or paper"), frozenset({"granted", "certificate_made"})),
    Stage("delivered", T("送达办结", "Delivered"), frozenset({"delivered"})),
    Stage("refused", T("未准予", "Refused"), frozenset({"refused"})),
    Stage("not_accepted", T("不予受理", "Not accepted"), frozenset({"not_accepted"})),
    Stage("withdrawn", T("撤回", "Withdrawn"), frozenset({"withdrawn"})),
)

ROAD_ONLY_WHEN_REACHED = frozenset(
    {
        "appointment",
        "correction",
        "preliminary",
        "inspection",
        "procedure",
        "publicity",
        "paying",
        "refused",
        "not_accepted",
        "withdrawn",
    }
)


def materials_panel(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Gather the materials for the case page."""
    item = reading.item_of(case)
    materials = reading.materials_of(case, item, at=at)
    sources = keeping.sources_of(case, item, materials, at=at)
    return {
        "materials": [(m, [(file, sources.get(file.id)) for file in m.files]) for m in materials],
        "is_brought": cases.is_brought(case),
    }


def signature_panel(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Verify the applicant's signature for the case page, where the item demands one."""
    item = reading.item_of(case)
    if not item.needs_signature:
        return None
    verdict = signing.verdict_of(case, item, at=at)
    return {"verdict": verdict} if verdict is not None else None


def calculation_panel(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Gather what decision tables worked out for the case: the amount of a benefit, the fee."""
    found = [case.facts[key] for key in ("calculation", "charge") if case.facts.get(key)]
    return {"calculations": found} if found else None


def people_panel(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Gather who applies for whom and with whom, with their consents, and how the result was handed over."""
    views = [view for view in people.views_of(case) if view.standing != "declined"]
    handed = people.get_hand_over(case) if case.closed_at is not None else None
    return {"consents": views, "handed": handed} if views or handed else None


def party_context(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Gather for the progress page what is to be corrected, and who applies for whom with the way to an agency to end."""
    views = [view for view in people.views_of(case) if view.basis != "counter" and view.standing == "given"]
    mine = {view.id for view in views if people.may_end(actor, view)}
    return {"asked": reading.corrections_of(case), "consents": views, "mine": mine}


def refusal_to_check(actor: Actor, case: Any) -> T | bool | None:
    """Say why this actor may not note a signed consent as checked: False when there is none, or it isn't his to check."""
    if not actor.is_official or not people.is_unchecked(case) or not CHECKERS & actor.duties:
        return False
    return None if cases.may_see_inside(actor, case) else False


def run_check(*, actor: Actor, case_id: UUID, data: Mapping[str, Any], at: datetime) -> None:
    """Note the signed consents of the case as checked."""
    parties.check_consents(actor=actor, case=cases.locked_case(Ref.to("case", case_id)), at=at)


CHECKERS = frozenset({"services.window", "services.review", "services.preliminary", "services.approve"})


def party_links(case: Any, actor: Actor) -> list[tuple[T, str]]:
    """Return what the applicant can do next on the progress page."""
    if case.state == "correction":
        return [(T("现在去补正", "Correct it now"), reverse("services:check", args=[case.pk]))]
    if case.closed_at is not None:
        if actor.is_official:
            return []
        return [(T("评价这次服务", "Rate this service"), reverse("services:rate", args=[case.number]))]
    return []


def supervisors(case: Any, at: datetime) -> list[UUID]:
    """Return who decides in the unit in charge: the head of the organ answers for the time limit (art. 42)."""
    return identity.people_with_duty(case.unit_id, "services.decide", at)


LICENCE = CaseKind(
    key="licence",
    label=T("审批办件", "Approvals"),
    number_prefix="CX",
    icon="stamp",
    states=STATES,
    stages=STAGES,
    optional_stages=ROAD_ONLY_WHEN_REACHED,
    named_by_applicant=True,
    actions=(
        CaseAction(
            key="withdraw",
            label=T("撤回申请", "Withdraw the application"),
            refusal=special.refusal_to_withdraw,
            run=special.withdraw_application,
            form="withdraw-application",
            style="danger",
            for_party=True,
        ),
        CaseAction(
            key="check-consent",
            label=T("同意书已核对", "Signed consent checked"),
            refusal=refusal_to_check,
            run=run_check,
            hint=T(
                "先看签名、身份证号和代办的事对不对；核对以前不能受理",
                "Look at signature, number and matter first; without this it cannot be accepted",
            ),
        ),
        CaseAction(
            key="extend",
            label=T("延长办理时限", "Extend the time limit"),
            refusal=special.refusal_to_extend,
            run=special.extend_limit,
            form="extend-limit",
            hint=T(
                "只能延长一次，批准后书面告知申请人理由",
                "Once only; the applicant is told the reason in writing",
            ),
        ),
    ),
    panels=(
        Panel("people", "services/panels/people.html", people_panel),
        Panel("materials", "services/panels/materials.html", materials_panel),
        Panel("signature", "services/panels/signature.html", signature_panel),
        Panel("calculation", "services/panels/calculation.html", calculation_panel),
    ),
    party_links=party_links,
    supervisors=supervisors,
    extra={
        "draft_url": "services:resume",
        "party_template": "services/parts/party.html",
        "party_context": party_context,
    },
)


def register() -> None:
    """Make the kind known to the kernel."""
    cases.register_kind(LICENCE)
