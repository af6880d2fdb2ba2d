"""The demo county's own papers: each can be made from what the applications give, fits its page and says what the law asks."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from tongban.base import builtin
from tongban.base.actor import Actor
from tongban.base.packs import Pack
from tongban.kernel.files.service import qr_svg, render_typst
from tongban.kernel.instruments import service
from tongban.kernel.instruments.errors import PaperDataMissing
from tongban.kernel.instruments.models import PaperTemplate
from tongban.kernel.instruments.packs import load_papers
from tongban.kernel.instruments.tests.conftest import AT

PACK = Path(__file__).parents[5] / "packs" / "chengxi"
BUILTIN = Path(__file__).parents[3] / "apps" / "services" / "builtin"
REMEDIES = {
    "zh": "如不服本决定，可以自收到之日起60日内向澄溪县人民政府申请行政复议，"
    "或者自收到之日起6个月内依法向澄溪县人民法院提起行政诉讼。",
    "en": "",
}
APPLICATION = {
    "case_number": "CX-2026-0210-0042",
    "applicant": "澄溪县老街米线店",
    "item": {"zh": "食品经营许可（新办）", "en": "Food business licence"},
    "submitted_on": "2026-02-10T02:21:00+00:00",
}
PAPERS = {
    "receipt": (
        {"materials": [{"name": {"zh": "平面布局图"}, "files": 2, "upload": True}]},
        ["平面布局图", "2份", "五个工作日", "不表示已经受理"],
    ),
    "correction-notice": (
        {"corrections": [{"zh": "布局图缺尺寸。"}, {"zh": "缺健康证明"}]},
        ["1.布局图缺尺寸；", "2.缺健康证明。", "第三十二条第一款第四项"],
    ),
    "acceptance-notice": (
        {
            "accepted_on": "2026-02-11T01:00:00+00:00",
            "automatic": False,
            "due": {"statutory": "2026-03-05", "promised": "2026-02-26"},
        },
        ["自2026年2月11日起予以受理", "2026年3月5日前", "2026年2月26日前", "另行书面告知"],
    ),
    "non-acceptance-notice": (
        {"reason": "不在本县。", "where_to_go": "请到大理市办。", "remedies": REMEDIES},
        ["不在本县。", "请到大理市办。", "60日", "6个月"],
    ),
    "approval-decision": (
        {
            "decided_on": "2026-03-05T01:00:00+00:00",
            "law": {"zh": "《中华人民共和国老年人权益保障法》第三十三条", "en": ""},
            "lines": [{"label": {"zh": "每月发放"}, "value": {"zh": "60 元"}}],
        },
        ["予以确认", "第三十三条", "每月发放", "60元"],
    ),
    "decline-decision": (
        {
            "decided_on": "2026-03-05T01:00:00+00:00",
            "reasons": "经核实，户籍不在本县。",
            "legal_basis": "《澄溪县高龄津贴发放办法》第三条",
            "remedies": REMEDIES,
        },
        ["不予确认", "户籍不在本县", "第三条", "60日", "6个月"],
    ),
    "payment-notice": (
        {
            "due": "90.00",
            "lines": [{"label": {"zh": "面积"}, "value": {"zh": "15 平方米"}}],
            "because": {"zh": "人行道每平方米每天 0.3 元", "en": ""},
            "law": {"zh": "《城市道路管理条例》第三十七条", "en": ""},
            "how": {"zh": "持本通知书到银行缴款", "en": ""},
        },
        ["90.00", "15平方米", "第三十七条", "财政票据"],
    ),
    "extension-notice": (
        {"reason": "等待核查。", "extension": "5wd", "due": {"statutory": "2026-03-12"}},
        ["延长5个工作日", "2026年3月12日", "第四十二条"],
    ),
    "special-procedure-notice": (
        {
            "reason": {"zh": "检测", "en": "testing"},
            "article": {"zh": "《行政许可法》第四十五条", "en": "art. 45"},
            "subjects": {"zh": "空气质量、公共用品用具", "en": "air, articles"},
            "by": {"zh": "澄溪县疾病预防控制中心", "en": "CDC"},
            "expected": "8wd",
            "paused_from": "2026-02-12",
            "remarks": "采样时请有人在场。",
            "note": {"zh": "检测由本机关委托，不向您收取费用。", "en": "free of charge"},
        },
        [
            "依法需要检测",
            "检测内容：空气质量、公共用品用具。",
            "澄溪县疾病预防控制中心",
            "8个工作日",
            "自2026年2月12日起暂停",
            "次日起继续计算",
            "不向你（单位）收取费用",
            "第四十五条",
        ],
    ),
    "grant-decision": (
        {"decided_on": "2026-02-25T07:00:00+00:00"},
        ["准予食品经营许可（新办）。", "2026年2月25日", "十个工作日", "第四十四条"],
    ),
    "refusal-decision": (
        {
            "decided_on": "2026-02-25T07:00:00+00:00",
            "reasons": "没有隔断。\n没有冷藏。",
            "legal_basis": "《食品安全法》第三十三条",
            "remedies": REMEDIES,
        },
        [
            "没有隔断。",
            "没有冷藏。",
            "《食品安全法》第三十三条",
            "60日",
            "行政复议",
            "6个月",
            "行政诉讼",
            "第三十八条第二款",
        ],
    ),
    "withdrawal-confirmation": (
        {"withdrawn_on": "2026-02-13T08:05:00+00:00", "reason": ""},
        ["2026年2月13日16时05分", "程序终止"],
    ),
    "service-record": (
        {"delivered_on": "2026-02-26T02:02:00+00:00", "certificate_number": "JY253239900042"},
        ["JY253239900042", "2026年2月26日10时02分", "电子送达", "第十一条"],
    ),
    "letter-answer": (
        {
            "letter_number": "XJ-1",
            "letter_title": "路灯不亮",
            "received_on": "2026-03-01",
            "answer": "已经修好。\n谢谢。",
            "reopen_days": 15,
        },
        ["XJ-1", "路灯不亮", "已经修好。", "15日"],
    ),
}


@pytest.fixture
def county(db):
    builtin.bring(at=AT)
    load_papers(Pack(PACK), actor=Actor.system("pack"), at=AT)


def made(paper) -> tuple[str, int]:
    """Return the words of the PDF without spaces, and its pages."""
    template = paper.template
    pdf = render_typst(
        template.source,
        {
            "addressee": paper.recipient,
            **paper.data,
            "heading": template.name.zh,
            "organ": paper.organ.zh,
            "number": paper.number,
            "date": "2026-03-05",
            "verify_url": "https://chengxi.example/papers/verify/X/",
            "verify_code": "K7QF-M2XW-9TRC-4HNB",
        },
        title=template.name.zh,
        assets={"qr": qr_svg("https://chengxi.example/papers/verify/X/")},
    )
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages), len(pages)


@pytest.mark.parametrize("key", PAPERS)
def test_each_paper_says_what_it_must_on_one_page(county, issue, key):
    data, expected = PAPERS[key]
    base = {} if key == "letter-answer" else APPLICATION
    paper = issue(template=key, data=base | data)
    words, pages = made(paper)
    for each in [
        paper.number,
        paper.title.zh,
        "澄溪县市场监督管理局",
        "2026年3月5日",
        "K7QF-M2XW-9TRC-4HNB",
        *expected,
    ]:
        assert each in words, each
    assert pages == 1


def test_these_are_all_the_papers_of_the_county(county):
    assert {path.stem for folder in (PACK, BUILTIN) for path in folder.glob("papers/*.yaml")} == set(PAPERS)
    assert set(PAPERS) <= set(PaperTemplate.objects.values_list("key", flat=True))


def test_installing_again_changes_nothing(county):
    before = PaperTemplate.objects.count()
    load_papers(Pack(PACK), actor=Actor.system("pack"), at=AT)
    assert PaperTemplate.objects.count() == before


def test_acceptance_by_silence_says_so_and_counts_from_receipt(county, issue):
    data, _ = PAPERS["acceptance-notice"]
    words, _ = made(issue(template="acceptance-notice", data=APPLICATION | data | {"automatic": True}))
    assert "没有发出补正告知书" in words
    assert "即2026年2月11日起视为受理" in words


def test_a_moment_is_written_in_the_countys_time(county, issue):
    late = APPLICATION | PAPERS["receipt"][0] | {"submitted_on": datetime(2026, 2, 10, 17, 30, tzinfo=UTC)}
    paper = issue(template="receipt", data=late)
    assert paper.data["submitted_on"] == "2026-02-11T01:30+08:00"
    assert "2026年2月11日1时30分" in made(paper)[0]


@pytest.mark.parametrize("key", ["refusal-decision", "decline-decision", "non-acceptance-notice"])
def test_a_refusal_without_remedies_is_not_issued(county, issue, key):
    data, _ = PAPERS[key]
    with pytest.raises(PaperDataMissing) as refusal:
        issue(template=key, data=APPLICATION | data | {"remedies": None})
    assert refusal.value.data["fields"] == ["remedies"]


def test_a_second_answer_does_not_offer_what_is_no_longer_possible(county, issue):
    data, _ = PAPERS["letter-answer"]
    words, _ = made(issue(template="letter-answer", data=data | {"reopen_days": None}))
    assert "重新办理" not in words


@pytest.mark.parametrize("paragraphs", [10, 13, 16, 25, 40])
def test_organ_date_and_seal_never_stand_alone_on_a_page(county, issue, paragraphs):
    answer = "\n".join(
        f"第{n}点，经现场查看，有关情况已经核实，处理结果已经当面告知来信人。" for n in range(paragraphs)
    )
    data, _ = PAPERS["letter-answer"]
    paper = issue(template="letter-answer", data=data | {"answer": answer})
    template = paper.template
    pdf = render_typst(
        template.source,
        paper.data | {"heading": "信件答复函", "organ": "澄溪县住建局", "number": "1", "date": "2026-03-05"},
        title="t",
    )
    last = "".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[-1].extract_text().split())
    assert "要求重新办理一次" in last
    assert "2026年3月5日" in last


@pytest.mark.parametrize("key", ["food-licence", "small-catering", "hygiene-licence"])
def test_the_certificates_fit_one_landscape_page_however_long_their_fields(key):
    source = (PACK / "papers" / f"certificate-{key}.typ").read_text()
    long = "热食类食品制售（含火锅、烧烤）、冷食类食品制售（含凉拌菜）、生食类食品制售、糕点类食品制售、自制饮品制售"
    for value in ("李秀英", long):
        fields = [{"label": {"zh": f"项目{n}"}, "value": value} for n in range(8)]
        data = {
            "heading": "食品经营许可证",
            "number": "JY1",
            "fields": fields,
            "organ": "澄溪县市场监督管理局",
        }
        dates = {"issued_on": "2026-02-26", "valid_from": "2026-02-26", "valid_to": "2031-02-25"}
        qr = {"qr": qr_svg("https://chengxi.example/")}
        (page,) = pypdf.PdfReader(io.BytesIO(render_typst(source, data | dates, title="t", assets=qr))).pages
        words = "".join(page.extract_text().split())
        assert page.mediabox.width > page.mediabox.height
        assert "2026年2月26日至2031年2月25日" in words
        assert words.count(value) == 8


def test_no_number_format_is_used_for_two_kinds_of_paper(county):
    words = list(PaperTemplate.objects.values_list("kind_word", flat=True))
    assert len(words) == len(set(words))
    assert service.papers_by_subject([]) == {}
