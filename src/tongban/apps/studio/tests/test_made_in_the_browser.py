"""A county makes an item of its own in the browser, with form, process and certificate; a citizen applies, an office decides."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.support.county import MAIN_FIRM, County
from tongban.apps.certificates import service as certificates
from tongban.apps.services import service as services
from tongban.apps.services.operations.apply import put_answers
from tongban.apps.studio.models import Change, Draft
from tongban.apps.studio.tests.browsing import fields_of, number_in
from tongban.apps.studio.tests.conftest import Studio

KEY = "tea-house"

STEPS = """
    <bpmn:startEvent id="start" name="提交申请" tongban:label_en="Application"/>
    <bpmn:userTask id="receive" name="收件核对" tongban:label_en="Receive" tongban:holder="duty:services.window@unit"
        tongban:state="received">
      <bpmn:extensionElements><tongban:outcome key="accept" label_zh="受理" label_en="Accept"/></bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:serviceTask id="accept" name="受理" tongban:operation="services.accept" tongban:state="accepted"/>
    <bpmn:userTask id="decide" name="决定" tongban:label_en="Decide" tongban:holder="duty:services.decide@unit"
        tongban:state="deciding">
      <bpmn:extensionElements><tongban:outcome key="grant" label_zh="准予" label_en="Grant"/></bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:serviceTask id="grant" name="准予决定" tongban:operation="services.grant" tongban:state="granted"/>
    <bpmn:serviceTask id="issue" name="制证" tongban:operation="certificates.issue"/>
    <bpmn:serviceTask id="deliver" name="送达" tongban:operation="services.deliver"/>
    <bpmn:endEvent id="end" name="办结" tongban:state="delivered"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="receive"/>
    <bpmn:sequenceFlow id="f2" sourceRef="receive" targetRef="accept"/>
    <bpmn:sequenceFlow id="f3" sourceRef="accept" targetRef="decide"/>
    <bpmn:sequenceFlow id="f4" sourceRef="decide" targetRef="grant"/>
    <bpmn:sequenceFlow id="f5" sourceRef="grant" targetRef="issue"/>
    <bpmn:sequenceFlow id="f6" sourceRef="issue" targetRef="deliver"/>
    <bpmn:sequenceFlow id="f7" sourceRef="deliver" targetRef="end"/>
"""


class Desk:
    """The editor at her browser, in one change."""

    def __init__(self, client: Client, number: str) -> None:
        self.client, self.change = client, f"/desk/studio/changes/{number}/"

    def add(self, kind: str, key: str) -> None:
        assert self.client.post(f"{self.change}add/", {"what": f"{kind}:", "new": key}).status_code == 302

    def save(self, kind: str, key: str, query: str, **typed: Any) -> str:
        """Open a page of the editor, type, save; return where it leads. ``__`` stands for the dot, ``do`` is the button."""
        editor = f"{self.change}{kind}/{key}/"
        fields = fields_of(self.client, editor + query)
        fields |= {name.replace("__", "."): value for name, value in typed.items()}
        answer = self.client.post(editor, fields)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])


def test_from_nothing_to_a_certificate(desk: Studio, county: County) -> None:
    client = desk.client("studio1")
    answer = client.post(
        "/desk/studio/item/new/", {"key": KEY, "zh": "茶馆备案", "en": "Tea house registration"}
    )
    number = number_in(answer["Location"])
    at = Desk(client, number)
    at.add("form", "tea-house-form")
    at.add("certificate", "tea-house-certificate")
    at.add("process", "tea-house-process")

    at.save("form", "tea-house-form", "?tab=about", name__zh="茶馆备案申请", name__en="Tea house form")
    at.save(
        "form",
        "tea-house-form",
        "?at=pages.0.fields.0",
        **{
            "pages.0.fields.0.label.zh": "茶馆叫什么",
            "pages.0.fields.0.label.en": "Name",
            "pages.0.fields.0.key": "shop_name",
            "pages.0.fields.0.required:how": "always",
        },
    )
    at.save(
        "certificate",
        "tea-house-certificate",
        "?tab=about",
        name__zh="茶馆备案证",
        name__en="Tea house certificate",
        unit="scjg",
        holder="entity",
        type_code="11100000MB0143028R777",
        **{"number.format": "CG{year}{n:04d}"},
    )
    at.save("certificate", "tea-house-certificate", "?tab=face", do="add:fields")
    at.save(
        "certificate",
        "tea-house-certificate",
        "?tab=face",
        **{
            "fields.0.label.zh": "名称",
            "fields.0.label.en": "Name",
            "fields.0.key": "name",
            "fields.0.from": "shop_name",
        },
    )
    draft = f"{at.change}process/tea-house-process/content/"
    loaded = client.get(draft).json()
    xml = loaded["content"]["xml"]
    begin, end = xml.index("    <bpmn:startEvent"), xml.index("  </bpmn:process>")
    diagram = xml.index("  <bpmndi:BPMNDiagram"), xml.index("</bpmn:definitions>")
    drawn = xml[:begin] + STEPS + xml[end : diagram[0]] + xml[diagram[1] :]
    body = {"content": {**loaded["content"], "xml": drawn}, "revision": loaded["revision"]}
    saved = client.post(draft, body, content_type="application/json")
    assert saved.json()["faults"] == []

    item = ("item", KEY)
    at.save(
        *item,
        "?tab=about",
        lead__zh="开茶馆的，开业后来备案。",
        lead__en="Tea houses register after opening.",
        unit="scjg",
        type="20",
        handling_code="TEA-HOUSE-1",
    )
    at.save(
        *item, "?tab=who", target="enterprise", **{"applicant.kinds": "entity", "themes.legal": "准营准办"}
    )
    at.save(
        *item,
        "?tab=how",
        form="tea-house-form",
        process="tea-house-process",
        certificate="tea-house-certificate",
        depth="Ⅳ",
        **{
            "mode.case_type": "承诺件",
            "mode.procedure": "前审后批",
            "phones.consult": "0889-6210315",
            "phones.complaint": "0889-6210300",
        },
    )
    limits = {
        f"limits.{role}.{word}": value
        for role in ("statutory", "promised", "delivery")
        for word, value in {
            "limit": "5wd",
            "text.zh": "5 个工作日",
            "source.zh": "本县规定",
            "confidence": "L",
        }.items()
    }
    at.save(*item, "?tab=limits", **limits)
    at.save(*item, "?tab=law", do="add:conditions")
    remedies = {"remedies.review.body.zh": "县政府", "remedies.court.body.zh": "县法院"}
    at.save(*item, "?tab=law", **{"conditions.0.zh": "有营业执照。"}, **remedies)
    at.save(*item, "?tab=law", do="add:basis")
    at.save(*item, "?at=basis.0", **{"basis.0.law.zh": "本县茶馆管理办法", "basis.0.article.zh": "第三条"})
    at.save(
        *item,
        "?tab=fee",
        **{
            "result.name.zh": "茶馆备案证",
            "result.kind": "certificate",
            "result.closing": "出证办结",
            "result.sample.zh": "样张",
        },
    )
    faults = {
        (d.kind, f["path"]): f["message"]["zh"]
        for d in Draft.objects.all()
        for f in d.faults
        if f["level"] == "error"
    }
    assert faults == {}
    client.post(f"{at.change}do/", {"do": "submit", "opinion": "新事项"})
    answer = desk.client("studio2").post(f"{at.change}do/", {"do": "approve"})
    assert answer.status_code == 302, answer.content.decode()
    assert Change.objects.get(case__number=number).published_at is not None

    page = Client().get("/services/?q=茶馆").content.decode()
    assert f"/services/items/{KEY}/" in page
    citizen, firm = county.actor("citizen"), county.entity(MAIN_FIRM)
    case = services.create_application(actor=citizen, item_key=KEY, entity_id=firm.pk, at=county.now)
    put_answers(actor=citizen, case_id=case.pk, values={"shop_name": "文昌茶馆"}, at=county.now)
    case, _ = services.submit_application(actor=citizen, case_id=case.pk, at=county.now)
    county.do("window", case, "receive", "accept")
    county.do("chief", case, "decide", "grant")
    county.drain()
    assert county.again(case).state == "delivered"
    assert any("茶馆备案证" in each.type.name.zh for each in certificates.list_certificates_of(citizen))
