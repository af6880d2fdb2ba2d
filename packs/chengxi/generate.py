"""Make the invented part of the demo county: divisions, units, people, entities, mandates, accounts, past cases.

    python packs/chengxi/generate.py            # writes the files beside this one
    python packs/chengxi/generate.py --check    # says which files differ from what it would write

Everything comes from ``sources/*.yaml`` and one fixed seed, so the same sources always give the same files; the files
are committed, and an installation never runs this script. Nobody here exists: area code 532399 is not assigned to any
county, so the identity numbers pass their check digit and cannot belong to a person.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from pypinyin import Style, lazy_pinyin

sys.path.insert(0, str(Path(__file__).resolve().parent))
from generate_history import make_history

HERE = Path(__file__).resolve().parent
AREA = "532399"
BIRTHS_END = date(2026, 11, 1)
"""Ages are counted to this day, so that the files do not change with the day on which the script runs."""


# --- check digits ---------------------------------------------------------------------------------------------


def citizen_id(birth: date, sequence: int) -> str:
    """A citizen number (GB 11643-1999) of the demo county; an odd sequence is a man's."""
    body = f"{AREA}{birth:%Y%m%d}{sequence:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def organisation_code(stem: str) -> str:
    """Eight characters and their check character (GB 11714)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(c, 36) * w for c, w in zip(stem, weights, strict=True)) % 11
    return stem + {10: "X", 11: "0"}.get(rest, str(rest))


def credit_code(kind: str, stem: str) -> str:
    """A unified social credit code (GB 32100-2015): ``kind`` is the first two characters, e.g. ``"92"``."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"{kind}{AREA}{organisation_code(stem)}"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + alphabet[(31 - total % 31) % 31]


# --- names ----------------------------------------------------------------------------------------------------


def pinyin(text: str) -> str:
    """One capitalised word in pinyin: 石桥 -> Shiqiao."""
    syllables = lazy_pinyin(text, style=Style.NORMAL)
    word = syllables[0] + "".join(("'" if s[0] in "aoe" else "") + s for s in syllables[1:])
    return word.capitalize()


def both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


class County:
    """Everything that is invented, made in one order from one seed."""

    def __init__(self, sources: Path = HERE / "sources") -> None:
        self.sources = sources
        self.random = random.Random(5323992026)  # noqa: S311 - invented data, not a secret
        self.divisions = self.make_divisions()
        self.units = self.make_units()
        self.people = self.make_people()
        self.by_id = {person["citizen_id"]: person for person in self.people}
        self.entities = self.make_entities()
        self.mandates = self.make_mandates()
        self.accounts = self.make_accounts()
        self.history = make_history(self)

    def source(self, name: str) -> Any:
        return yaml.safe_load((self.sources / name).read_text(encoding="utf-8"))

    # divisions ------------------------------------------------------------------------------------------------

    def make_divisions(self) -> list[dict[str, str]]:
        """The county, its townships (class 1xx town, 2xx township) and their communities (0xx) and villages (2xx)."""
        source = self.source("divisions.yaml")
        county = f"{AREA}000000"
        rows = [
            {"code": county, "parent": "", "level": "county", "name": "澄溪县", "name_en": "Chengxi County"}
        ]
        for township in source["townships"]:
            stem = f"{AREA}{township['code']}"
            rows.append(
                {
                    "code": f"{stem}000",
                    "parent": county,
                    "level": "township",
                    "name": township["name"],
                    "name_en": township["en"],
                }
            )
            kinds = (
                ("communities", 1, "社区居民委员会", "Community"),
                ("villages", 201, "村民委员会", "Village"),
            )
            for key, first, suffix, suffix_en in kinds:
                for number, name in enumerate(township.get(key, []), first):
                    rows.append(
                        {
                            "code": f"{stem}{number:03d}",
                            "parent": f"{stem}000",
                            "level": "village",
                            "name": name + suffix,
                            "name_en": f"{pinyin(name)} {suffix_en}",
                        }
                    )
        return rows

    @property
    def villages(self) -> list[dict[str, str]]:
        return [row for row in self.divisions if row["level"] == "village"]

    def township_of(self, code: str) -> dict[str, str]:
        return next(row for row in self.divisions if row["code"] == code[:9] + "000")

    # units ----------------------------------------------------------------------------------------------------

    def make_units(self) -> list[dict[str, Any]]:
        """The county government, its departments (from the source) and one government per township."""
        source = self.source("departments.yaml")
        units = []
        for number, unit in enumerate(source["units"], 1):
            kind = unit.get("uscc_kind", "11")
            units.append(
                {
                    "code": unit["code"],
                    "parent": unit.get("parent", "" if unit["code"] == "xzf" else "xzf"),
                    "kind": unit.get("kind", "department"),
                    "level": 4,
                    "name": both(unit["name"], unit["en"]),
                    "short_name": both(unit["short"], unit["short_en"]),
                    "division_code": f"{AREA}000000",
                    "uscc": credit_code(kind, f"MB0C{number:04d}"),
                    "prefix": unit["prefix"],
                    "phone": unit["phone"],
                    "complaint_phone": unit.get("complaint_phone", "0889-621 0800"),
                    "address": both(unit["address"], unit["address_en"]),
                    "answers_letters": unit.get("letters", True),
                }
            )
        townships = [row for row in self.divisions if row["level"] == "township"]
        for number, row in enumerate(townships, 1):
            name, stem = row["name"], row["name_en"].rsplit(" ", 1)[0].removesuffix(" Yi Ethnic")
            short = name.removesuffix("彝族乡").removesuffix("镇").removesuffix("乡")
            first = next(v for v in self.villages if v["parent"] == row["code"])
            units.append(
                {
                    "code": f"x{number:02d}",
                    "parent": "xzf",
                    "kind": "township",
                    "level": 5,
                    "name": both(f"{name}人民政府", f"{row['name_en']} People's Government"),
                    "short_name": both(f"{name}政府", row["name_en"]),
                    "division_code": row["code"],
                    "uscc": credit_code("11", f"MB0D{number:04d}"),
                    "prefix": f"澄{short[:1]}政" if short not in ("云岭", "清溪", "青松") else f"澄{short}政",
                    "phone": f"0889-62{number + 20:02d} 010",
                    "complaint_phone": f"0889-62{number + 20:02d} 119",
                    "address": both(
                        f"澄溪县{name}{first['name'].removesuffix('村民委员会').removesuffix('社区居民委员会')}"
                        f"街{number * 3}号",
                        f"{number * 3} {stem} Street, {row['name_en']}, Chengxi County",
                    ),
                    "answers_letters": True,
                }
            )
        for number, row in enumerate(source["villages"], 1):
            units.append(
                {
                    "code": row["code"],
                    "parent": row["parent"],
                    "kind": "village",
                    "level": 6,
                    "name": both(row["name"], row["en"]),
                    "short_name": both(row["short"], row["short_en"]),
                    "division_code": row["division"],
                    "uscc": credit_code("19", f"MB0E{number:04d}"),
                    "prefix": row["prefix"],
                    "phone": row["phone"],
                    "complaint_phone": row["complaint_phone"],
                    "address": both(row["address"], row["address_en"]),
                    "answers_letters": False,
                }
            )
        return units

    # people ---------------------------------------------------------------------------------------------------

    def birth_for(self, age: int) -> date:
        birthday = BIRTHS_END.replace(year=BIRTHS_END.year - age)
        return birthday - timedelta(days=self.random.randrange(364))

    def new_person(
        self, *, sex: str, age: int, surname: str, household: dict[str, Any], relation: str
    ) -> dict[str, Any]:
        """One row of the population register; the number, the name and the phone are used by nobody else."""
        names, rng = self.names, self.random
        birth = self.birth_for(age)
        while True:
            number = citizen_id(
                birth,
                rng.randrange(10, 99) * 10 + rng.choice((1, 3, 5, 7, 9) if sex == "男" else (0, 2, 4, 6, 8)),
            )
            if number not in self.used:
                break
        while True:
            whole = names["whole_names"].get(household["ethnicity"], {}).get(sex, [])
            if surname == "*" and all(n in self.used for n in whole):
                surname = rng.choice(("沙", "普", "余", "马"))
            if surname == "*":
                name = rng.choice(whole)
            else:
                era = "young" if age < 26 else "middle" if age < 56 else "old"
                given = names["given"][sex][era]
                name = surname + rng.choice(given)
                if rng.random() < 0.03:
                    name = surname + rng.choice(names["rare_given"])
            if name not in self.used:
                break
        phone = ""
        if 15 <= age <= 88:
            phone = f"19900{70000 + self.phones:06d}"
            self.phones += 7
        self.used |= {number, name}
        return {
            "citizen_id": number,
            "name": name,
            "sex": sex,
            "birth_on": birth.isoformat(),
            "ethnicity": household["ethnicity"],
            "household_no": household["no"],
            "household_relation": relation,
            "household_address": household["address"],
            "division_code": household["division"],
            "phone": phone,
            "status": "正常",
        }

    def make_people(self) -> list[dict[str, Any]]:
        """Households in every township: a few people by name from the source (the demo accounts), the rest drawn."""
        self.names = self.source("names.yaml")
        self.used: set[str] = set()
        self.phones = 11
        rng, people = self.random, []
        named = {p["name"] for p in self.source("people.yaml")["people"]}
        self.used |= named
        for number, person in enumerate(self.source("people.yaml")["people"], 1):
            village = next(v for v in self.villages if v["name"].startswith(person["village"]))
            birth = date.fromisoformat(person["born"])
            people.append(
                {
                    "citizen_id": citizen_id(birth, person["sequence"]),
                    "name": person["name"],
                    "sex": "男" if person["sequence"] % 2 else "女",
                    "birth_on": birth.isoformat(),
                    "ethnicity": person.get("ethnicity", "汉族"),
                    "household_no": f"{village['code'][6:]}{900 + number:04d}",
                    "household_relation": "户主",
                    "household_address": f"澄溪县{self.township_of(village['code'])['name']}{person['address']}",
                    "division_code": village["code"],
                    "phone": f"1990000{number:04d}",
                    "status": "正常",
                }
            )
            self.used.add(people[-1]["citizen_id"])
        surnames, weights = zip(*self.names["surnames"].items(), strict=True)
        villages = self.villages
        for number in range(1, 181):
            village = villages[(number * 37) % len(villages)] if number % 3 else rng.choice(villages[:12])
            township = self.township_of(village["code"])["name"]
            place = village["name"]
            minority = rng.random() < (0.55 if "彝族" in township else 0.16)
            ethnicity = rng.choice(self.names["ethnicities"]) if minority else "汉族"
            surname = "*" if minority and rng.random() < 0.45 else rng.choices(surnames, weights)[0]
            household = {
                "no": f"{village['code'][6:]}{number:04d}",
                "ethnicity": ethnicity,
                "division": village["code"],
                "address": f"澄溪县{township}{place}"
                + (
                    f"{rng.choice(self.names['streets'])}{rng.randrange(1, 120)}号"
                    if "社区" in place
                    else f"{rng.randrange(1, 12)}组{rng.randrange(1, 90)}号"
                ),
            }
            people += self.make_household(household, surname, surnames, weights)
        for position, status in ((26, "迁出"), (136, "注销"), (219, "注销")):
            people[len(named) + position]["status"] = status
        return people

    def make_household(
        self, household: dict[str, Any], surname: str, surnames: Any, weights: Any
    ) -> list[dict[str, Any]]:
        """A head, mostly a spouse, some children and sometimes a parent."""
        rng = self.random
        age = rng.choice((rng.randrange(22, 40), rng.randrange(30, 60), rng.randrange(45, 75)))
        head_sex = rng.choice(("男", "男", "女"))
        members = [
            self.new_person(sex=head_sex, age=age, surname=surname, household=household, relation="户主")
        ]
        other = "女" if head_sex == "男" else "男"
        if age > 24 and rng.random() < 0.8:
            family = "*" if surname == "*" and rng.random() < 0.6 else rng.choices(surnames, weights)[0]
            members.append(
                self.new_person(
                    sex=other,
                    age=max(22, age + rng.randrange(-4, 5)),
                    surname=family,
                    household=household,
                    relation="配偶",
                )
            )
            child_surname = surname if head_sex == "男" or surname == "*" else family
            for _ in range(rng.choice((0, 1, 1, 2))):
                child = age - rng.randrange(22, 32)
                if child >= 0:
                    sex = rng.choice(("男", "女"))
                    members.append(
                        self.new_person(
                            sex=sex,
                            age=child,
                            surname=child_surname,
                            household=household,
                            relation="子" if sex == "男" else "女",
                        )
                    )
        if age < 66 and rng.random() < 0.3:
            sex = rng.choice(("男", "女"))
            family = surname if sex == head_sex == "男" else rng.choices(surnames, weights)[0]
            members.append(
                self.new_person(
                    sex=sex,
                    age=min(95, age + rng.randrange(22, 30)),
                    surname=family,
                    household=household,
                    relation="父亲" if sex == "男" else "母亲",
                )
            )
        return members

    # entities and mandates ------------------------------------------------------------------------------------

    def named(self, key: str) -> dict[str, Any]:
        """The person of ``sources/people.yaml`` with that key."""
        for row, person in zip(self.source("people.yaml")["people"], self.people, strict=False):
            if row["key"] == key:
                return person
        raise KeyError(key)

    def make_entities(self) -> list[dict[str, Any]]:
        """Named entities, institutions, enterprises and cooperatives, then one shop for each of many adults."""
        source, rng = self.source("entities.yaml"), self.random
        self.shops: list[dict[str, Any]] = []
        """Shop facts that registers do not hold (kind, area): the past applications are made from them."""
        adults = [
            p
            for p in self.people[len(self.source("people.yaml")["people"]) :]
            if 24 <= BIRTHS_END.year - int(p["birth_on"][:4]) <= 62 and p["status"] == "正常"
        ]
        rng.shuffle(adults)
        self.letter_writers = adults[170:210]
        self.staff = adults[210:]
        owners = iter(adults)
        entities: list[dict[str, Any]] = []

        def add(
            kind: str,
            name: str,
            owner: dict[str, Any],
            division: str,
            address: str,
            scope: str,
            established: str,
        ) -> dict[str, Any]:
            prefix = {"individual": "92", "enterprise": "91", "cooperative": "93", "institution": "12"}[kind]
            stem = f"{'MB' if kind == 'institution' else 'MA'}{100000 + len(entities) * 613:06d}"
            entities.append(
                {
                    "uscc": credit_code(prefix, stem),
                    "name": name,
                    "kind": kind,
                    "legal_representative": owner["name"],
                    "legal_representative_id": owner["citizen_id"],
                    "address": f"澄溪县{self.township_of(division)['name']}{address}",
                    "business_scope": scope,
                    "established_on": established,
                    "status": "存续" if kind != "institution" else "正常",
                    "division_code": division,
                }
            )
            return entities[-1]

        def village(start: str) -> str:
            return next(v["code"] for v in self.villages if v["name"].startswith(start))

        def day() -> str:
            return (date(2012, 1, 1) + timedelta(days=rng.randrange(4700))).isoformat()

        for row in source["entities"]:
            add(
                row["kind"],
                row["name"],
                self.named(row["owner"]),
                village(row["village"]),
                row["address"],
                row["scope"],
                row["established"],
            )
        for row in source["institutions"]:
            add(
                "institution",
                row["name"],
                next(owners),
                village(row["village"]),
                row["address"],
                "依照登记的业务范围开展活动；单位食堂。",
                day(),
            )
        for name in source["enterprises"]:
            place = rng.choice(self.villages[:9])
            add(
                "enterprise",
                name,
                next(owners),
                place["code"],
                f"{rng.choice(self.names['streets'])}{rng.randrange(1, 200)}号",
                "食品销售；餐饮服务；日用百货销售。",
                day(),
            )
        for name in source["cooperatives"]:
            owner = next(owners)
            add(
                "cooperative",
                name,
                owner,
                owner["division_code"],
                owner["household_address"].split(self.township_of(owner["division_code"])["name"])[1],
                "组织成员种植、养殖，销售成员的产品，提供技术和信息服务。",
                day(),
            )
        self.add_shops(source, owners, add)
        entities[-3]["status"] = "注销"
        self.places = [
            {
                **row,
                "entity": add(
                    row["kind"],
                    row["name"],
                    self.named(row["owner"]) if "owner" in row else next(owners),
                    village(row["village"]),
                    row["address"],
                    row["scope"],
                    row["established"],
                ),
            }
            for row in source["places"]
        ]
        """Public places with what registers do not hold (kind, area)."""
        return entities

    def add_shops(self, source: dict[str, Any], owners: Any, add: Any) -> None:
        """A hundred and ten small businesses named after their owner or by a pleasant word."""
        rng, taken = self.random, set()
        for number in range(110):
            owner = next(owners)
            shop = source["shops"][number % len(source["shops"])]
            township = self.township_of(owner["division_code"])
            while True:
                surname = owner["name"].split("·")[0] if "·" in owner["name"] else owner["name"][:1]
                words = (
                    f"{surname}记",
                    f"{rng.choice(('老', '小', '阿'))}{surname}",
                    rng.choice(source["shop_names"]),
                )
                name = f"澄溪县{township['name']}{rng.choice(words)}{shop['kind']}"
                if name not in taken:
                    break
            taken.add(name)
            central = next(v for v in self.villages if v["parent"] == township["code"])
            street = (
                rng.choice(self.names["streets"])
                if township["code"].startswith(f"{AREA}101")
                else f"{township['name'].removesuffix('彝族乡').removesuffix('镇').removesuffix('乡')}街"
            )
            scope = "食品销售；餐饮服务。" if shop.get("format", "catering") != "catering" else "餐饮服务。"
            day = (date(2014, 1, 1) + timedelta(days=rng.randrange(4300))).isoformat()
            entity = add(
                "individual", name, owner, central["code"], f"{street}{rng.randrange(1, 160)}号", scope, day
            )
            area = (
                rng.choice((18, 22.5, 26, 30, 32.4, 36, 38, 42, 45.5, 48, 50))
                if shop["small"]
                else rng.choice((56, 62, 68.5, 75, 82, 96, 110, 128, 150.5, 186, 240))
            )
            self.shops.append(
                {
                    "entity": entity,
                    "owner": owner,
                    "shop": shop,
                    "area": area,
                    "sign": name.split(township["name"])[1],
                }
            )

    def make_mandates(self) -> list[dict[str, str]]:
        """Who may act for whom: every legal representative, some agents, and one authority that has ended."""
        rows = [
            {
                "uscc": e["uscc"],
                "citizen_id": e["legal_representative_id"],
                "role": "legal_representative",
                "valid_from": e["established_on"],
                "valid_to": "",
            }
            for e in self.entities
        ]
        huimin = next(e for e in self.entities if "惠民商贸" in e["name"])
        yunling = next(e for e in self.entities if "云岭食品" in e["name"])
        rows.append(
            {
                "uscc": huimin["uscc"],
                "citizen_id": self.named("zhaojianguo")["citizen_id"],
                "role": "agent",
                "valid_from": "2024-03-01",
                "valid_to": "2026-02-28",
            }
        )
        rows.append(
            {
                "uscc": yunling["uscc"],
                "citizen_id": self.named("shamaaguo")["citizen_id"],
                "role": "agent",
                "valid_from": "2025-01-01",
                "valid_to": "2030-12-31",
            }
        )
        return rows

    # posts and accounts --------------------------------------------------------------------------------------

    def make_posts(self) -> list[dict[str, Any]]:
        """The posts of the source, those that every serving unit has, and one that answers letters where any are received."""
        source = self.source("posts.yaml")
        posts = source["posts"] + [self.serving_post(unit, role) for unit, role in self.serving()]
        return posts + [
            {
                "code": f"{unit['code']}-letters",
                "unit": unit["code"],
                "name": both(
                    f"{unit['short_name']['zh']}来信办理人员", f"{unit['short_name']['en']}: letters clerk"
                ),
                "duties": ["voice.answer"],
            }
            for unit in self.units
            if unit["answers_letters"]
        ]

    def serving(self) -> list[tuple[str, str]]:
        """Unit and role of every post that handles applications and is made alike in all units: the townships after the
        departments, and last who was added later."""
        source = self.source("posts.yaml")["serving"]
        rows = [(unit, role) for unit, roles in source["units"].items() for role in roles]
        townships = [unit["code"] for unit in self.units if unit["kind"] == "township"]
        rows += [(unit, role) for unit in townships for role in source["township"]]
        return rows + [(unit, role) for unit, roles in source["later"].items() for role in roles]

    def serving_post(self, unit: str, role: str) -> dict[str, Any]:
        """A post of the unit in this role: ``zjj-chief`` is 县住建局分管领导."""
        words = self.source("posts.yaml")["serving"]["roles"][role]
        short = next(u["short_name"] for u in self.units if u["code"] == unit)
        return {
            "code": f"{unit}-{role}",
            "unit": unit,
            "name": both(short["zh"] + words["name"], f"{short['en']}: {words['en']}"),
            "duties": words["duties"],
        }

    def make_accounts(self) -> list[dict[str, Any]]:
        """The listed demo accounts, letter clerks of other units, the citizens who acted in the past, and who serves."""
        source = self.source("accounts.yaml")
        names = {e["name"]: e["uscc"] for e in self.entities}
        accounts = []
        late = []
        """Of people who were added later: the usernames of the drawn citizens stay what they were."""
        for order, row in enumerate(source["accounts"], 1):
            account = {
                "username": row["username"],
                "kind": "official" if row.get("posts") else "citizen",
                "password": "demo",
                "listed": True,
                "order": order,
                "person": self.named(row["person"])["citizen_id"],
                "email": row.get("email", ""),
                "language": "zh-hans",
                "posts": row.get("posts", []),
                "role": row["role"],
                "note": row["note"],
            }
            if "acts_for" in row:
                account["acts_for"] = next(code for name, code in names.items() if row["acts_for"] in name)
            (late if row.get("late") else accounts).append(account)
        staff = iter(self.staff)
        for unit in source["answering"]:
            if unit != "scjg":
                accounts.append(self.silent(f"{unit}.letters", next(staff), [f"{unit}-letters"]))
        seen: set[str] = {a["person"] for a in accounts}
        citizens = [e["legal_representative_id"] for e in self.entities] + [
            p["citizen_id"] for p in self.letter_writers
        ]
        for number in citizens:
            if number not in seen:
                seen.add(number)
                accounts.append(self.silent(f"c{len(seen):04d}", self.by_id[number], []))
        for unit, role in self.serving():
            serving = self.silent(f"{unit}.{role}", next(staff), [f"{unit}-{role}"])
            accounts.append(serving | {"password": "demo" if unit in source["serving_can_sign_in"] else ""})
        return accounts + late

    def silent(self, username: str, person: dict[str, Any], posts: list[str]) -> dict[str, Any]:
        """An account that took part in the past but cannot be signed in to: it has no password."""
        return {
            "username": username,
            "kind": "official" if posts else "citizen",
            "password": "",
            "listed": False,
            "person": person["citizen_id"],
            "email": "",
            "language": "zh-hans",
            "posts": posts,
        }

    # files ---------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """Every generated file by name, with its text."""
        return {
            "divisions.csv": table(self.divisions),
            "units.yaml": document("units", self.units),
            "posts.yaml": document("posts", self.make_posts()),
            "people.csv": table(self.people),
            "entities.csv": table(self.entities),
            "mandates.csv": table(self.mandates),
            "accounts.yaml": document("accounts", self.accounts),
            "history.yaml": history(self.history),
        }


def table(rows: list[dict[str, Any]]) -> str:
    """CSV with a header line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Plain(yaml.SafeDumper):
    """Blocks for what is long, one line for {zh, en} and for short lists; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def represent_mapping(dumper: Plain, data: dict[str, Any]) -> yaml.Node:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", data.items())
    node.flow_style = (
        bool(data) and all(isinstance(v, str | int | float | bool) for v in data.values()) and len(data) < 6
    )
    return node


def represent_list(dumper: Plain, data: list[Any]) -> yaml.Node:
    simple = all(isinstance(v, str | int | float) for v in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=simple)


Plain.add_representer(dict, represent_mapping)
Plain.add_representer(list, represent_list)


def document(key: str, rows: list[Any]) -> str:
    head = "# Made by generate.py from sources/; edit those instead.\n"
    return head + yaml.dump({key: rows}, Dumper=Plain, allow_unicode=True, sort_keys=False, width=1000)


def history(past: dict[str, list[Any]]) -> str:
    """The past cases, one document of two lists."""
    head = "# Made by generate.py from sources/; edit those instead. Times are in working days, see generate_history.py.\n"
    return head + yaml.dump(past, Dumper=Plain, allow_unicode=True, sort_keys=False, width=1000)


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with ``--check`` name those that differ and return 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    differing = []
    for name, text in County().files().items():
        path = HERE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        differing.append(name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
    sys.stdout.write(
        "".join(f"{name} differs\n" if options.check else f"wrote {name}\n" for name in differing)
    )
    return 1 if options.check and differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
