"""The demo county keeps its promises: counts, check digits, both languages, the rules of a service catalogue."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tongban.base.checks import is_citizen_id, is_uscc
from tongban.kernel.calendars.service import Limit
from tongban.kernel.decisions import service as decisions

PACK = Path(__file__).resolve().parents[2] / "packs" / "chengxi"
ITEMS = sorted(PACK.glob("items/*/item.yaml"))
ROOT = PACK.parents[1]
HAND_WRITTEN = sorted(
    p
    for p in (*PACK.glob("**/*.yaml"), *ROOT.glob("src/tongban/*/*/builtin/**/*.yaml"))
    if "sources" not in p.parts and p.name != "history.yaml"
)
"""The content of the pack, and that which the program brings itself."""


SERVING_WITH_PASSWORD = set(
    yaml.safe_load((PACK / "sources" / "accounts.yaml").read_text(encoding="utf-8"))["serving_can_sign_in"]
)


def rows(name: str) -> list[dict[str, str]]:
    with (PACK / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(name: str | Path) -> Any:
    return yaml.safe_load((PACK / name).read_text(encoding="utf-8"))


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from walk(child, f"{path}/{key}")


# --- divisions, units, people ---------------------------------------------------------------------------------


def test_there_are_eleven_townships_and_136_villages_with_codes_of_the_right_class() -> None:
    divisions = rows("divisions.csv")
    townships = [d for d in divisions if d["level"] == "township"]
    villages = [d for d in divisions if d["level"] == "village"]
    assert (len(townships), len(villages)) == (11, 136)
    assert len({d["code"] for d in divisions}) == len({d["name"] for d in divisions}) == len(divisions)
    for row in townships:
        assert re.fullmatch(r"532399[12]\d\d000", row["code"])
        assert row["name"].endswith("镇") == (row["code"][6] == "1")
    for row in villages:
        assert row["code"].startswith(row["parent"][:9])
        assert row["name"].endswith("社区居民委员会" if row["code"][9] == "0" else "村民委员会")
        assert row["name_en"].isascii()
    assert "城关镇" in {d["name"] for d in townships}


def test_units_are_complete_and_their_codes_valid() -> None:
    units = load("units.yaml")["units"]
    townships = [u for u in units if u["kind"] == "township"]
    assert len(townships) == 11
    assert len(units) - len(townships) >= 31
    divisions = {d["code"] for d in rows("divisions.csv")}
    for unit in units:
        assert is_uscc(unit["uscc"]), unit["code"]
        assert unit["uscc"][2:8] == "532399"
        assert unit["division_code"] in divisions
        assert unit["phone"] != unit["complaint_phone"]
    for field in ("code", "uscc", "prefix", "phone"):
        assert len({u[field] for u in units}) == len(units), field


def test_people_have_valid_numbers_that_fit_birth_and_sex() -> None:
    people = rows("people.csv")
    assert len(people) >= 330
    assert len({p["citizen_id"] for p in people}) == len(people)
    villages = {d["code"] for d in rows("divisions.csv") if d["level"] == "village"}
    for person in people:
        number = person["citizen_id"]
        assert is_citizen_id(number), number
        assert number[:6] == "532399"
        assert number[6:14] == person["birth_on"].replace("-", "")
        assert (int(number[16]) % 2 == 1) == (person["sex"] == "男")
        assert person["division_code"] in villages
        assert re.fullmatch(r"(19900\d{6})?", person["phone"])
    ages = {2026 - int(p["birth_on"][:4]) for p in people}
    assert min(ages) <= 2
    assert max(ages) >= 85
    phones = Counter(p["phone"] for p in people if p["phone"])
    assert max(phones.values()) == 1


def test_names_include_long_minority_names_compound_surnames_and_rare_characters() -> None:
    names = [p["name"] for p in rows("people.csv")]
    assert sum("·" in n for n in names) >= 15
    assert any(n.startswith(("欧阳", "司马", "上官", "诸葛", "东方")) for n in names)
    assert any(ord(c) > 0xFFFF for n in names for c in n)


def test_entities_have_valid_codes_of_their_kind_and_known_representatives() -> None:
    entities = rows("entities.csv")
    people = {p["citizen_id"]: p for p in rows("people.csv")}
    assert len(entities) >= 64
    assert len({e["uscc"] for e in entities}) == len({e["name"] for e in entities}) == len(entities)
    prefix = {"individual": "92", "enterprise": "91", "cooperative": "93", "institution": "12"}
    for entity in entities:
        assert is_uscc(entity["uscc"]), entity["name"]
        assert entity["uscc"].startswith(prefix[entity["kind"]] + "532399")
        assert people[entity["legal_representative_id"]]["name"] == entity["legal_representative"]
    assert set(Counter(e["kind"] for e in entities)) == set(prefix)


def test_one_mandate_has_ended_and_every_entity_has_a_representative() -> None:
    mandates = rows("mandates.csv")
    assert any(m["valid_to"] and m["valid_to"] < "2026-06-01" for m in mandates)
    assert {m["uscc"] for m in mandates} == {e["uscc"] for e in rows("entities.csv")}


def test_accounts_stand_on_people_and_posts_and_no_administrator_holds_two_posts() -> None:
    accounts = load("accounts.yaml")["accounts"]
    posts = {p["code"]: p for p in load("posts.yaml")["posts"]}
    people = {p["citizen_id"] for p in rows("people.csv")}
    listed = [a["username"] for a in sorted(accounts, key=lambda a: a.get("order", 0)) if a["listed"]]
    assert listed == [
        "citizen", "rep", "elder", "villager", "window", "officer1", "officer2", "chief",
        "health1", "health2", "healthchief", "lab", "mailbox", "bureau", "bureau2",
        "studio1", "studio2", "finance1", "finance2", "hall", "village", "oversight", "countyhead",
        "sysadmin", "secadmin", "auditadmin",
    ]  # fmt: skip
    assert len({a["username"] for a in accounts}) == len(accounts)
    assert len({(a["person"], a["kind"]) for a in accounts}) == len(accounts)
    for account in accounts:
        assert account["person"] in people
        assert set(account["posts"]) <= set(posts)
        serves = any(post.split("-")[0] in SERVING_WITH_PASSWORD for post in account["posts"])
        assert account["password"] == "demo" if account["listed"] else account["password"] in ("", "demo")
        assert account["listed"] or serves or not account["password"]
    for admin in ("sysadmin", "secadmin", "auditadmin"):
        held = next(a["posts"] for a in accounts if a["username"] == admin)
        assert len(held) == 1
        assert posts[held[0]]["duties"][0].startswith("admin.")


def test_the_generated_files_are_what_the_sources_make() -> None:
    done = subprocess.run(
        [sys.executable, str(PACK / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


# --- both languages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_text_has_both_languages(path: Path) -> None:
    for place, value in walk(load(path)):
        if isinstance(value, dict) and {"zh", "en"} & set(value):
            assert set(value) == {"zh", "en"}, place
            if isinstance(value["zh"], str):
                assert value["zh"].strip(), place
                assert value["en"].strip(), place
                assert not re.search(r"[\u4e00-\u9fff]", value["en"]), place
            else:
                assert value["zh"], place
                assert value["en"], place


# --- service items --------------------------------------------------------------------------------------------


@pytest.fixture(params=ITEMS, ids=lambda p: p.parent.name)
def item(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


def test_codes_have_the_structure_12_31_33(item: dict[str, Any]) -> None:
    unit = next(u for u in load("units.yaml")["units"] if u["code"] == item["unit"])
    basic, implementation, handling = item["basic_code"], item["implementation_code"], item["handling_code"]
    assert (len(basic), len(implementation), len(handling)) == (12, 31, 33)
    assert basic[2:4] == item["type"]
    assert implementation == f"{unit['uscc']}{item['level']}{basic}"
    assert handling.startswith(implementation)


def test_the_promise_is_not_longer_than_the_law(item: dict[str, Any]) -> None:
    limits = {name: Limit.parse(limit["limit"]) for name, limit in item["limits"].items()}
    assert limits["promised"].unit == limits["statutory"].unit
    assert limits["promised"].value <= limits["statutory"].value
    for limit in item["limits"].values():
        assert limit["confidence"] in ("S", "M", "m", "L")
        assert limit["source"]["zh"]


def test_case_type_procedure_result_and_visits_agree(item: dict[str, Any]) -> None:
    mode = item["mode"]
    on_the_spot = Limit.parse(item["limits"]["promised"]["limit"]).value == 0
    assert (mode["case_type"], mode["procedure"]) == (
        ("即办件", "即审即办") if on_the_spot else ("承诺件", "前审后批")
    )
    result = item["result"]
    closing = {"证": "出证办结", "照": "出证办结", "文": "出文办结", "书": "出文办结", "复": "审批办结"}
    assert closing[result["name"]["zh"][-1]] == result["closing"]
    assert (result["closing"] == "出证办结") == bool(item.get("certificate"))
    assert result["sample"]["zh"]
    assert (item["visits"]["count"] > 0) == bool(item["visits"]["reason"])
    assert item["visits"]["count"] > 0 or mode["online"] or mode["post"]
    assert item["depth"] != "Ⅳ" or item["visits"]["count"] == 0


def test_fees_phones_themes_questions_and_steps_follow_the_catalogue_rules(item: dict[str, Any]) -> None:
    fee = item["fee"]
    assert fee["basis"]["zh"]
    assert bool(fee["items"]) == fee["charged"]
    assert fee["charged"] or not item["mode"]["payment_online"]
    consult, complaint = item["phones"]["consult"], item["phones"]["complaint"]
    assert consult != complaint
    assert all(re.match(r"0\d{2,3}-", phone) for phone in (consult, complaint))
    assert ("person" in item["target"]) == bool(item["themes"]["person"])
    assert bool(set(item["target"]) - {"person"}) == bool(item["themes"]["legal"])
    assert len(item["questions"]) >= 3
    assert len(item["steps"]) >= 5
    assert {"accept", "review", "decide", "deliver"} <= {s["key"] for s in item["steps"]}
    assert all(s["when"]["zh"] for s in item["steps"])
    assert item["remedies"]["review"]["body"]["zh"]
    assert item["remedies"]["court"]["body"]["zh"]


def test_materials_say_where_they_come_from_and_their_conditions_speak_of_the_form(
    item: dict[str, Any],
) -> None:
    form = load(f"items/{item['key']}/form.yaml")
    fields = {f["key"] for p in form["pages"] for f in p["fields"]}
    keys = [m["key"] for m in item["materials"]]
    assert len(set(keys)) == len(keys)
    for material in item["materials"]:
        assert material["action"] in ("upload", "held", "generated")
        assert material["source"]["text"]["zh"]
        assert material["acceptance"]["zh"]
        if "when" in material:
            decisions.check_expression(material["when"])
            assert any(field in material["when"] for field in fields)


def load_table(item: dict[str, Any], element: str) -> Any:
    """Return the decision table that an element of an item names, None where it names none."""
    named = (item.get(element) or {}).get("table")
    tables = (load(path) for path in PACK.glob(f"items/{item['key']}/tables/*.yaml"))
    return next((table for table in tables if table["key"] == named), None)


def test_certificates_take_their_face_from_the_form(item: dict[str, Any]) -> None:
    if not item.get("certificate"):
        return
    certificate = load(f"items/{item['key']}/certificate.yaml")
    form = load(f"items/{item['key']}/form.yaml")
    fields = {f["key"] for p in form["pages"] for f in p["fields"]}
    calculation = load_table(item, "calculation")
    worked_out = {f"calculation.{o['key']}" for o in calculation["outputs"]} if calculation else set()
    assert {f["from"] for f in certificate["fields"]} <= fields | {"holder"} | worked_out
    assert certificate["validity"]["years"] == item["result"]["validity_years"]
    assert certificate["key"] == item["certificate"]


# --- the past -------------------------------------------------------------------------------------------------


def test_the_past_has_enough_cases_and_letters_that_are_all_different() -> None:
    past = load("history.yaml")
    applications, letters = past["applications"], past["letters"]
    assert len(applications) + len(letters) >= 210
    assert len({x["body"] for x in letters}) == len(letters) >= 40
    assert len({x["key"] for x in (*applications, *letters)}) == len(applications) + len(letters)
    assert max(a["ago"] for a in applications) > 200
    assert sum("text" in s and bool(s["text"]) for a in applications for s in a["steps"] if "rate" in s) >= 10
    outcomes = Counter(s.get("outcome") or s.get("action") for a in applications for s in a["steps"])
    for outcome in ("accept", "request_correction", "not_accept", "grant", "refuse", "withdraw", "extend"):
        assert outcomes[outcome] >= 3, outcome
    roads = Counter(s["outcome"] for x in letters for s in x["steps"])
    for outcome in (
        "assign",
        "decline",
        "return_once",
        "answer",
        "publish",
        "keep_private",
        "reopen",
        "satisfied",
    ):
        assert roads[outcome] >= 2, outcome


def test_everybody_in_the_past_has_an_account_and_a_mandate() -> None:
    past = load("history.yaml")
    accounts = {a["username"]: a for a in load("accounts.yaml")["accounts"]}
    citizens = {a["person"] for a in accounts.values() if a["kind"] == "citizen"}
    mandates = {(m["citizen_id"], m["uscc"]) for m in rows("mandates.csv")}
    for application in past["applications"]:
        assert application["person"] in citizens
        assert (application["person"], application["entity"]) in mandates
    for letter in past["letters"]:
        assert not letter["signed_in"] or letter["person"] in citizens
    for case in (*past["applications"], *past["letters"]):
        for step in case["steps"]:
            assert step["by"] in ("applicant", "writer") or step["by"] in accounts, step["by"]
