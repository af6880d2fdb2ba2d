"""The pages that are looked at: one list for the pictures (``make screens``) and for the tests of every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.stage import Stage, set_stage

__all__ = ["PAGES", "LookedAt", "Stage", "set_stage"]


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One page: its name, whose it is ("" for everybody) and where."""

    name: str
    who: str
    address: Callable[[Stage], str]
    status: int = 200
    has_picture: bool = True


def page(name: str, who: str, address: str, status: int = 200, has_picture: bool = True) -> LookedAt:
    """Describe a page; the address may name things of the stage in braces."""

    def fill(stage: Stage) -> str:
        return address.format(**{key: getattr(stage, key) for key in Stage.__slots__})

    return LookedAt(name, who, fill, status, has_picture)


PAGES = (
    page("home", "", "/"),
    page("senior", "", "/display/senior/?next=/"),
    page("search", "", "/services/?q=小吃店"),
    page("search-nothing", "", "/services/?q=zzzz", has_picture=False),
    page("services", "", "/services/"),
    page("catalogue", "", "/services/catalogue/?event=open"),
    page("departments", "", "/services/departments/", has_picture=False),
    page("limits", "", "/services/limits/"),
    page("import-items", "studio1", "/desk/catalogue/", has_picture=False),
    page("guidance", "", "/services/find/open-snack-bar/?area=80"),
    page("guide", "", "/services/items/food-licence/"),
    page("guide-small", "", "/services/items/small-catering/", has_picture=False),
    page("notices", "", "/services/notices/", has_picture=False),
    page("sign-in", "", "/sign-in/"),
    page("apply", "citizen", "/services/items/food-licence/apply/", has_picture=False),
    page("form-known", "citizen", "/services/applications/{draft}/page/applicant/"),
    page("form", "citizen", "/services/applications/{draft}/page/business/"),
    page(
        "form-wrong", "citizen", "/services/applications/{draft}/wrong/applicant_address/", has_picture=False
    ),
    page("materials", "citizen", "/services/applications/{draft}/materials/"),
    page("check-answers", "citizen", "/services/applications/{draft}/check/"),
    page("sign", "rep", "/services/applications/{unsigned}/sign/"),
    page("sign-first", "rep", "/services/applications/{unsigned}/check/", has_picture=False),
    page("apply-for", "villager", "/services/items/senior-allowance/apply-for/"),
    page("people-asked", "village", "/services/applications/{lent}/people/", has_picture=False),
    page("people-together", "villager", "/services/applications/{together}/people/"),
    page("consent", "elder", "/services/consents/{asked}/"),
    page("my-space-asked", "elder", "/my/", has_picture=False),
    page("helping", "village", "/desk/helping/", has_picture=False),
    page("submitted", "citizen", "/my/cases/{running}/", has_picture=False),
    page("my-space", "citizen", "/my/"),
    page("messages", "citizen", "/my/messages/"),
    page("my-certificates", "citizen", "/my/certificates/"),
    page("my-certificate", "citizen", "/my/certificates/{certificate_id}/"),
    page("certificate-copy", "citizen", "/my/certificates/{certificate_id}/copy/"),
    page("certificate-offline", "", "/certificates/verify/offline/"),
    page("desk-certificates", "officer1", "/desk/certificates/"),
    page("desk-certificate", "officer1", "/desk/certificates/{certificate_id}/"),
    page(
        "desk-certificate-act", "officer1", "/desk/certificates/{certificate_id}/revoke/", has_picture=False
    ),
    page("my-materials", "citizen", "/my/materials/"),
    page("my-materials-add", "citizen", "/my/materials/add/"),
    page("my-reads", "citizen", "/my/reads/"),
    page("progress", "citizen", "/progress/{running}/"),
    page("progress-done", "citizen", "/progress/{done}/"),
    page("progress-search", "", "/progress/"),
    page("withdraw", "citizen", "/progress/{running}/actions/withdraw/", has_picture=False),
    page("rate", "citizen", "/services/rate/{done}/"),
    page("certificate", "", "/certificates/verify/{certificate}/"),
    page("certificate-check", "", "/certificates/verify/", has_picture=False),
    page("paper", "", "/papers/verify/{paper}/"),
    page("paper-check", "", "/papers/verify/", has_picture=False),
    page("desk", "window", "/desk/"),
    page("desk-done", "window", "/desk/list/done/"),
    page("desk-doing", "health1", "/desk/list/doing/", has_picture=False),
    page("desk-copied", "officer1", "/desk/list/copied/", has_picture=False),
    page("rules", "window", "/desk/rules/", has_picture=False),
    page("rule", "window", "/desk/rules/small-catering-eligibility/"),
    page("expression", "window", "/desk/rules/expression/", has_picture=False),
    page("desk-letters", "mailbox", "/desk/", has_picture=False),
    page("desk-search", "window", "/desk/search/?q={running}", has_picture=False),
    page("case", "officer1", "/desk/cases/{running}/"),
    page("case-waiting", "window", "/desk/cases/{waiting}/"),
    page("case-done", "chief", "/desk/cases/{done}/", has_picture=False),
    page("correction", "window", "/desk/tasks/{waiting_task}/request_correction/"),
    page("case-testing", "health1", "/desk/cases/{testing}/"),
    page("case-laboratory", "lab", "/desk/cases/{testing}/", has_picture=False),
    page("return", "chief", "/desk/cases/{deciding}/moves/return/?task={deciding_task}"),
    page(
        "take-back",
        "officer2",
        "/desk/cases/{deciding}/moves/withdraw/?task={signed_task}",
        has_picture=False,
    ),
    page("signer", "chief", "/desk/cases/{deciding}/moves/sign/?task={deciding_task}"),
    page(
        "pass-on", "officer1", "/desk/cases/{running}/moves/transfer/?task={running_task}", has_picture=False
    ),
    page("urge", "officer1", "/desk/cases/{deciding}/moves/urge/?task={deciding_task}", has_picture=False),
    page("circulate", "chief", "/desk/cases/{deciding}/moves/circulate/"),
    page("standing-in", "officer1", "/desk/delegations/"),
    page("hand-over", "chief", "/desk/hand-over/?person={leaver}&to={heir}"),
    page("calendar", "window", "/desk/calendar/"),
    page("calendar-kept", "sysadmin", "/desk/calendar/", has_picture=False),
    page("calendar-import", "sysadmin", "/desk/calendar/import/", has_picture=False),
    page("calendar-day", "sysadmin", "/desk/calendar/days/2026-10-10/", has_picture=False),
    page("calendar-change", "sysadmin", "/desk/calendar/changes/{change}/", has_picture=False),
    page("incidents", "sysadmin", "/desk/incidents/"),
    page("incidents-past", "sysadmin", "/desk/incidents/history/", has_picture=False),
    page("processes", "sysadmin", "/desk/processes/"),
    page("process", "sysadmin", "/desk/processes/hygiene-licence-new/"),
    page("audit", "auditadmin", "/desk/audit/"),
    page("figures", "", "/figures/"),
    page("overview", "countyhead", "/desk/overview/?period=year"),
    page("overview-list", "countyhead", "/desk/overview/list/open/"),
    page("oversight-extract", "", "/oversight/"),
    page("oversight-cards", "oversight", "/desk/oversight/"),
    page("oversight-rules", "oversight", "/desk/oversight/rules/"),
    page("oversight-late", "oversight", "/desk/oversight/late/"),
    page("oversight-inspect", "oversight", "/desk/oversight/inspect/", has_picture=False),
    page("ledger", "", "/ledger/"),
    page("ledger-proof", "auditadmin", "/ledger/proof/{act}/"),
    page("extend", "chief", "/desk/cases/{running}/actions/extend/", has_picture=False),
    page("letters", "", "/letters/"),
    page("letter", "", "/letters/{answered}/"),
    page("letter-write", "", "/letters/write/"),
    page("letter-progress", "citizen", "/progress/{answered}/"),
    page("letter-case", "mailbox", "/desk/cases/{letter}/"),
    page("letter-assign", "mailbox", "/desk/tasks/{letter_task}/assign/", has_picture=False),
    page("appointments", "citizen", "/appointments/"),
    page("appointment-times", "citizen", "/appointments/county-hall/marriage/"),
    page("appointment", "citizen", "/appointments/mine/{appointment}/"),
    page("appointment-move", "citizen", "/appointments/mine/{appointment}/move/", has_picture=False),
    page("queues", "citizen", "/queue/county-hall/", has_picture=False),
    page("screen", "", "/hall/county-hall/screen/", has_picture=False),
    page("kiosk", "", "/kiosk/county-hall/"),
    page("kiosk-items", "", "/kiosk/county-hall/items/?q=结婚", has_picture=False),
    page("kiosk-progress", "", "/kiosk/county-hall/progress/", has_picture=False),
    page("kiosk-number", "", "/kiosk/county-hall/number/", has_picture=False),
    page("kiosk-item", "", "/kiosk/county-hall/items/marriage-registration/", has_picture=False),
    page("kiosk-arrive", "", "/kiosk/county-hall/arrive/", has_picture=False),
    page("desk-appointments", "hall", "/desk/appointments/", has_picture=False),
    page("desk-queue", "hall", "/desk/queue/", has_picture=False),
    page("desk-halls", "hall", "/desk/halls/", has_picture=False),
    page("counter", "window", "/desk/counter/"),
    page("counter-form", "window", "/services/applications/{entered_draft}/check/", has_picture=False),
    page("counter-receipt", "window", "/desk/counter/{entered}/"),
    page("counter-hand-over", "window", "/desk/counter/hand-over/{done}/"),
    page("desk-hall", "hall", "/desk/halls/county-hall/"),
    page("docking", "sysadmin", "/desk/docking/"),
    page("docking-records", "sysadmin", "/desk/docking/province/"),
    page("docking-days", "sysadmin", "/desk/docking/province/days/", has_picture=False),
    page("docking-new", "sysadmin", "/desk/docking/new/", has_picture=False),
    page("my-fees", "citizen", "/my/fees/", has_picture=False),
    page("fee-owed", "citizen", "/fees/{owed}/"),
    page("fee-paid", "citizen", "/fees/{paid}/", has_picture=False),
    page("fee-bank", "citizen", "/demo-bank/{payment}/"),
    page("fee-payment", "citizen", "/fees/payments/{paid_payment}/"),
    page("desk-charge", "finance1", "/desk/fees/charges/{paid}/"),
    page("fees", "finance1", "/desk/fees/"),
    page("fees-refunds", "finance2", "/desk/fees/refunds/", has_picture=False),
    page("fees-days", "finance1", "/desk/fees/days/", has_picture=False),
    page("studio", "studio1", "/desk/studio/"),
    page("studio-items", "studio1", "/desk/studio/item/", has_picture=False),
    page("studio-item", "studio1", "/desk/studio/item/of/food-licence/"),
    page("studio-copy", "studio1", "/desk/studio/item/of/food-licence/copy/"),
    page("studio-change", "studio1", "/desk/studio/changes/{edited}/"),
    page("studio-edit", "studio1", "/desk/studio/changes/{edited}/item/tree-felling/", has_picture=False),
    page("studio-guide", "studio1", "/desk/studio/changes/{edited}/item/tree-felling/page/guide/"),
    page("units", "sysadmin", "/desk/admin/"),
    page("unit", "sysadmin", "/desk/admin/units/scjg/"),
    page("people", "sysadmin", "/desk/admin/people/", has_picture=False),
    page("administrators", "auditadmin", "/desk/admin/administrators/", has_picture=False),
    page("sign-in-rules", "secadmin", "/desk/admin/sign-in/"),
    page("systems", "sysadmin", "/desk/admin/systems/", has_picture=False),
    page("system", "sysadmin", "/desk/admin/systems/{system}/", has_picture=False),
    page("system-consent", "citizen", "/oidc/authorize?{authorize}"),
    page("my-systems", "citizen", "/account/systems/", has_picture=False),
    page("provinces", "sysadmin", "/desk/admin/systems/in/", has_picture=False),
    page("province-new", "sysadmin", "/desk/admin/systems/in/new/", has_picture=False),
    page("programs", "secadmin", "/desk/admin/systems/programs/", has_picture=False),
    page("program-new", "sysadmin", "/desk/admin/systems/programs/new/", has_picture=False),
    page("identity-check", "window", "/desk/identity-check/", has_picture=False),
    page("system-new", "sysadmin", "/desk/admin/systems/new/"),
    page("account", "officer1", "/account/"),
    page("second-factor", "officer1", "/account/factors/", has_picture=False),
    page("not-found", "", "/services/items/nothing-here/", status=404),
)
"""Names are those of the pictures: ``screens/<name>-<width>-<language>.png``."""
