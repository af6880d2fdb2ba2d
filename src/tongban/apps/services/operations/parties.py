"""People in an application beside its applicant: who applies for another, who applies together, and their consent.

The rule everywhere: whoever is named without having acted himself agrees first. Before that nothing about him is read from
a register; when his consent ends, so does the sight that the filer has of the case.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.services import rules as application_rules
from tongban.apps.services.errors import (
    AgentsNotAllowed,
    BasisRefused,
    ConsentByAccount,
    ConsentNotFound,
    ConsentNotOpen,
    ConsentUnchecked,
    IdentityMismatch,
    NotAnother,
    NotEditable,
    SeveralNotAllowed,
    SignInNeeded,
)
from tongban.apps.services.models import Consent
from tongban.apps.services.operations.begin import begin, fill_in, item_to_apply_for, require_kind
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import parties as people
from tongban.apps.services.rules import parties as rules
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.checks import citizen_id_problem
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = [
    "add_co_applicant",
    "apply_for_another",
    "ask_consent",
    "check_consents",
    "decline_consent",
    "end_agency",
    "end_agency_for",
    "give_consent",
    "identify",
    "put_proof",
    "remove_co_applicant",
    "require_checked",
    "settle",
]

VILLAGE = "village"


def apply_for_another(*, actor: Actor, item_key: str, on_behalf: rules.OnBehalf, at: datetime) -> Any:
    """Begin an application for somebody else and ask for his consent; a draft for the same person is given back.

    Nothing is filled in yet: what the registers hold about a person is read when he agrees. Raises SignInNeeded,
    ItemNotFound, ItemNotOnline, AgentsNotAllowed, ApplicantKindRefused, BasisRefused, IdentityMismatch, NotAnother,
    TownshipUnknown.
    """
    item = item_to_apply_for(item_key)
    _require_basis(actor, on_behalf.basis)
    if not item.allows_agents:
        raise AgentsNotAllowed
    require_kind(item, "person")
    person = identify(actor=actor, name=on_behalf.name, citizen_id=on_behalf.citizen_id, at=at)
    if person.pk == actor.person_id:
        raise NotAnother
    if on_behalf.basis == VILLAGE and not _lives_in_village_of(actor, person):
        raise BasisRefused
    return _begin_agency(actor=actor, item=item, person=person, basis=on_behalf.basis, at=at)


@work.unit()
def _begin_agency(*, actor: Actor, item: Any, person: Any, basis: str, at: datetime) -> Any:
    existing = reading.draft_of(actor, item, None, person_id=person.pk)
    if existing is not None:
        return existing
    case = begin(
        actor=actor,
        item=item,
        person=person,
        entity_id=None,
        parties=[
            cases.NewParty("applicant", person.name, person_id=person.pk, has_access=False),
            cases.NewParty("agent", actor.name, person_id=actor.person_id, has_access=False),
        ],
        is_known=False,
        facts={"consents": True},
        at=at,
    )
    cases.give_access(case=case, holder_id=people.own_holder(actor), right="party", at=at)
    ask_consent(actor=actor, case=case, basis=basis, person=person, at=at)
    return case


def ask_consent(*, actor: Actor, case: Any, basis: str, person: Any, at: datetime) -> Consent:
    """Ask a person for consent: a message with the way to the answer, for who has an account."""
    consent = Consent(
        case_id=case.pk,
        basis=basis,
        person=person,
        by_id=people.own_person(actor),
        by_unit_id=actor.unit_id,
        holder_id=people.own_holder(actor),
        asked_at=at,
    )
    work.add(consent)
    _record(actor, "services.ask_consent", case, consent, at)
    if identity.has_account(person.pk):
        _tell(
            case,
            person.pk,
            "services.consent_asked",
            at=at,
            link=f"/services/consents/{consent.pk}/",
            who=actor.name,
        )
    return consent


@work.unit()
def give_consent(*, actor: Actor, consent_id: UUID, at: datetime) -> Any:
    """Agree: the person sees the case from now on, and for an agency the form is filled in with what registers hold.

    Raises ConsentNotFound, ConsentNotOpen.
    """
    case, consent = _to_answer(actor, consent_id)
    consent.given_at, consent.way = at, "account"
    work.change(consent, "given_at", "way")
    cases.give_access(case=case, holder_id=people.own_holder(actor), right="party", at=at)
    if consent.basis in rules.AGENCIES:
        fill_in(actor=actor, case=case, person_id=consent.person_id, at=at)
    _record(actor, "services.give_consent", case, consent, at)
    _tell(case, consent.by_id, "services.consent_given", at=at, link=_draft(case), who=actor.name)
    return case


@work.unit()
def decline_consent(*, actor: Actor, consent_id: UUID, at: datetime) -> None:
    """Decline: an agent loses the draft; of a common application the first applicant is told. Raises like ``give_consent``."""
    case, consent = _to_answer(actor, consent_id)
    consent.ended_at = at
    work.change(consent, "ended_at")
    if consent.basis in rules.AGENCIES:
        cases.end_access(case=case, holder_id=consent.holder_id, right="party")
    _record(actor, "services.decline_consent", case, consent, at)
    _tell(case, consent.by_id, "services.consent_declined", at=at, link="/my/", who=actor.name)


@work.unit()
def end_agency(*, actor: Actor, consent_id: UUID, at: datetime) -> Any:
    """End an agency: by the person represented or by the agent. The agent sees the case no longer, also not by the code.

    Raises ConsentNotFound, ConsentNotOpen.
    """
    case, consent = _locked(consent_id)
    is_person = people.is_asked(actor, consent)
    if consent.basis not in rules.AGENCIES or not (is_person or consent.holder_id in actor.holders):
        raise ConsentNotFound
    if consent.ended_at is not None:
        raise ConsentNotOpen
    if is_person and consent.given_at is None:
        raise ConsentNotOpen
    _end_agency(actor, case, consent, at)
    other = consent.by_id if is_person else consent.person_id
    _tell(case, other, "services.agency_ended", at=at, link="/my/", who=actor.name)
    return case


def end_agency_for(*, actor: Actor, consent_id: UUID, person_id: UUID, at: datetime) -> Any:
    """End an agency for the person represented, who asked for it at the counter: whoever calls this has identified her.

    Raises ConsentNotFound, ConsentNotOpen.
    """
    with work.unit():
        case, consent = _locked(consent_id)
        if consent.basis not in rules.AGENCIES or consent.person_id != person_id:
            raise ConsentNotFound
        if consent.given_at is None or consent.ended_at is not None:
            raise ConsentNotOpen
        _end_agency(actor, case, consent, at)
        _tell(case, consent.by_id, "services.agency_ended", at=at, link="/my/", who=consent.person.name)
    return case


def _end_agency(actor: Actor, case: Any, consent: Consent, at: datetime) -> None:
    consent.ended_at = at
    work.change(consent, "ended_at")
    cases.end_access(case=case, holder_id=consent.holder_id, right="party")
    cases.void_code(case=case)
    _record(actor, "services.end_agency", case, consent, at)


@work.unit()
def put_proof(*, actor: Actor, case_id: UUID, consent_id: UUID, kind: str, upload: Any, at: datetime) -> Any:
    """Add the proof of a ground ("proof") or the signed form of somebody without an account ("consent").

    The signed form is the consent, until the window has checked it for nothing but submitting. Raises ApplicationNotFound,
    NotEditable, ConsentNotFound, ConsentByAccount, FileTooLarge, FileTypeRefused.
    """
    case = _editable(actor, case_id)
    _, consent = _locked(consent_id)
    if consent.case_id != case.pk or consent.ended_at is not None or kind not in ("proof", "consent"):
        raise ConsentNotFound
    has_account = identity.has_account(consent.person_id)
    if kind == "consent" and has_account:
        raise ConsentByAccount
    stored = files.store_upload(actor=actor, upload=upload, use=case.ref, role=f"{kind}:{consent.pk}", at=at)
    needs = rules.needs_of(consent.basis, has_account=has_account)
    if not has_account and consent.given_at is None and (kind == "consent" or not needs.form):
        consent.given_at, consent.way = at, "form"
        work.change(consent, "given_at", "way")
        _record(actor, "services.put_consent_form", case, consent, at)
    else:
        _record(actor, "services.put_proof", case, consent, at)
    return stored


@work.unit()
def add_co_applicant(*, actor: Actor, case_id: UUID, name: str, citizen_id: str, at: datetime) -> Any:
    """Name somebody who applies together with the applicant, and ask him. At the counter he is present and agrees at once.

    Raises ApplicationNotFound, NotEditable, SeveralNotAllowed, IdentityMismatch, NotAnother.
    """
    case = _editable(actor, case_id)
    item = reading.item_of(case)
    applicants = [p for p in case.parties.all() if p.role in ("applicant", "co-applicant")]
    if (
        not item.allows_several
        or case.submitted_at is not None
        or applicants[0].person_id is None
        or len(applicants) >= rules.MOST_APPLICANTS
    ):
        raise SeveralNotAllowed
    person = identify(actor=actor, name=name, citizen_id=citizen_id, at=at)
    if person.pk in {party.person_id for party in case.parties.all()}:
        raise NotAnother
    if not case.facts.get("consents"):
        case.facts = {**case.facts, "consents": True}
        work.change(case, "facts")
    cases.add_party(
        case=case,
        party=cases.NewParty("co-applicant", person.name, person_id=person.pk, has_access=False),
        at=at,
    )
    consent = ask_consent(actor=actor, case=case, basis="joint", person=person, at=at)
    if actor.is_official and "services.counter" in actor.duties:
        consent.given_at, consent.way = at, "present"
        work.change(consent, "given_at", "way")
        cases.give_access(
            case=case, holder_id=identity.holder_id("person", str(person.pk)), right="party", at=at
        )
        _record(actor, "services.give_consent", case, consent, at)
    return consent


@work.unit()
def remove_co_applicant(*, actor: Actor, case_id: UUID, consent_id: UUID, at: datetime) -> None:
    """Take a co-applicant out of a draft again, whether he has answered or not: by who named him.

    Raises ApplicationNotFound, NotEditable, ConsentNotFound.
    """
    case = _editable(actor, case_id)
    _, consent = _locked(consent_id)
    if consent.case_id != case.pk or consent.basis != "joint" or case.submitted_at is not None:
        raise ConsentNotFound
    if consent.holder_id not in actor.holders:
        raise ConsentNotFound
    if consent.ended_at is None:
        consent.ended_at = at
        work.change(consent, "ended_at")
    case.parties.filter(role="co-applicant", person_id=consent.person_id).delete()
    case.know_parties(list(case.parties.model.objects.filter(case=case).order_by("pk")))
    holder = identity.holder_id("person", str(consent.person_id))
    cases.end_access(case=case, holder_id=holder, right="party")
    _record(actor, "services.remove_co_applicant", case, consent, at)


@work.unit()
def check_consents(*, actor: Actor, case: Any, at: datetime) -> None:
    """Note that the window has checked the signed forms of consent. Only who handles the case may; the caller asked."""
    for consent in people.consents_of(case):
        if consent.way == "form" and consent.ended_at is None and consent.checked_at is None:
            consent.checked_at, consent.checked_by = at, actor.person_id
            work.change(consent, "checked_at", "checked_by")
            _record(actor, "services.check_consent", case, consent, at)


def require_checked(case: Any) -> None:
    """Refuse to accept or grant on a signed consent that nobody has looked at. Raises ConsentUnchecked."""
    if people.is_unchecked(case):
        raise ConsentUnchecked


def settle(*, case: Any, at: datetime) -> None:
    """As the application is handed in: all its people see it, and the counter, done with entering, only sees it.

    Who has no account yet will find it when she has one.
    """
    for consent in people.consents_of(case):
        if consent.given_at is None or consent.ended_at is not None:
            continue
        if consent.basis == "counter":
            _only_look(case, at=at)
        else:
            holder = identity.holder_id("person", str(consent.person_id))
            cases.give_access(case=case, holder_id=holder, right="party", at=at)


def _only_look(case: Any, *, at: datetime) -> None:
    """Let the posts that entered the application at the counter see it, and no longer act as a party."""
    posts = case.facts.get("counter_holders", [])
    for holder in posts:
        cases.end_access(case=case, holder_id=holder, right="party")
        cases.give_access(case=case, holder_id=holder, right="view", at=at)


def identify(*, actor: Actor, name: str, citizen_id: str, at: datetime, seen: bool = False) -> Any:
    """Return the person of this name and ID number; the two must be those on record.

    Somebody of whom no register knows is taken on only when the clerk has ``seen`` the identity card. It is an act in the
    ledger, in a transaction of its own outside others. Raises IdentityMismatch, one answer for all that can be wrong.
    """
    name, citizen_id = name.strip(), citizen_id.strip().upper()
    person = _look_up(actor=actor, name=name, citizen_id=citizen_id, at=at, seen=seen)
    if person is None:
        raise IdentityMismatch(errors=[{"field": "citizen_id", "message": IdentityMismatch.title.as_json()}])
    return person


@work.unit()
def _look_up(*, actor: Actor, name: str, citizen_id: str, at: datetime, seen: bool) -> Any | None:
    if not name or len(name) > 100 or citizen_id_problem(citizen_id) is not None:
        return None
    ledger.record(
        actor=actor,
        verb="services.identify",
        subject=Ref.to("register", "population"),
        about=[citizen_id],
        at=at,
    )
    record = reading.registered(citizen_id)
    known = identity.find_person(citizen_id)
    names = {str(record.values.get("name"))} if record else {known.name} if known else set()
    if names and name not in names:
        return None
    if known is not None:
        return known
    if record is None and not seen:
        return None
    return identity.put_person(actor=Actor.system("services"), name=name, citizen_id=citizen_id, at=at)


def _require_basis(actor: Actor, basis: str) -> None:
    """Return when this actor may act on this ground. Raises SignInNeeded, BasisRefused."""
    if actor.person_id is None:
        raise SignInNeeded
    if basis not in rules.AGENCIES:
        raise BasisRefused
    if basis == VILLAGE:
        if "services.village" not in actor.duties or actor.unit_id is None:
            raise BasisRefused
    elif actor.is_official:
        raise BasisRefused


def _lives_in_village_of(actor: Actor, person: Any) -> bool:
    unit = identity.get_unit(actor.unit_id or 0)
    return unit.kind == VILLAGE and reading.division_of(person) == unit.division_code


def _locked(consent_id: UUID) -> tuple[Any, Consent]:
    """Return a consent and its case, both locked, the case first."""
    case_id = Consent.objects.filter(pk=consent_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise ConsentNotFound
    case = cases.locked_case(Ref.to("case", case_id))
    return case, Consent.objects.select_for_update().get(pk=consent_id)


def _to_answer(actor: Actor, consent_id: UUID) -> tuple[Any, Consent]:
    case, consent = _locked(consent_id)
    if not people.is_asked(actor, consent):
        raise ConsentNotFound
    if consent.given_at is not None or consent.ended_at is not None or case.submitted_at is not None:
        raise ConsentNotOpen
    return case, consent


def _editable(actor: Actor, case_id: UUID) -> Any:
    case = reading.locked_application(actor, case_id)
    if case.state not in application_rules.EDITABLE:
        raise NotEditable(number=case.number)
    return case


def _record(actor: Actor, verb: str, case: Any, consent: Consent, at: datetime) -> None:
    """Write down an act about a consent: the filer or answerer is the actor, the person concerned is kept blind."""
    ledger.record(
        actor=actor,
        verb=verb,
        subject=case.ref,
        case=str(case.ref),
        facts={"basis": consent.basis, **({"way": consent.way} if consent.way else {})},
        about=identity.keys_of(person_id=consent.person_id),
        at=at,
    )


def _tell(case: Any, person_id: UUID, template: str, *, at: datetime, link: str, who: str) -> None:
    for each in identity.contacts_of(people=[person_id], at=at):
        messages.send(
            to_person=each.person_id,
            to_email=each.email,
            template=template,
            context={"item": case.title, "who": who},
            occasion=case.ref,
            at=at,
            link=link,
        )


def _draft(case: Any) -> str:
    return f"/services/applications/{case.pk}/"
