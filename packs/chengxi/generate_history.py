"""The past of the demo county: every case with its answers and the road it takes, told in working days.

A case starts ``ago`` working days before the day of installation; each step comes ``after`` that many further working days
at a time of day. The loader plays the steps in the order of time and leaves out what would lie in the future, so the
same file gives a believable past on whatever day it is installed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

__all__ = ["make_history"]

CHECKS = ("c_place", "c_layout", "c_water", "c_washing", "c_cold", "c_pest", "c_waste", "c_staff", "c_rules")
STAFF = {"zjj": "bureau", "cgj": "bureau2", "scjg": "officer1"}

ROADS = {
    # road: how many of the food licences and of the registrations take it
    "granted": (0, 0),  # everybody else
    "corrected": (15, 12),
    "extended": (4, 0),
    "automatic": (2, 2),
    "late": (2, 1),
    "refused": (5, 3),
    "not_accepted": (4, 3),
    "withdrawn": (3, 2),
    "withdrawn_later": (1, 1),
}
"""What became of closed cases."""

OPEN = {
    # state: licences (working days ago, how many), registrations (the same)
    "waiting": ((0, 3), (0, 4)),
    "waiting_long": ((3, 1), (3, 1)),
    "correction": ((4, 3), (4, 2)),
    "accepted": ((3, 3), (2, 2)),
    "second_officer": ((3, 2), (3, 2)),
    "to_decide": ((4, 3), (3, 2)),
    "extended_open": ((8, 1), (0, 0)),
    "overdue_open": ((9, 2), (6, 1)),
}
"""Where cases stand that are not closed yet."""


OLDER = 5
"""So many shops of each kind were licensed before the twelve months began."""


class Road:
    """Steps in time: ``to`` moves on by working days to a time of day that is never before the last one."""

    def __init__(self, random: Any, minute: int) -> None:
        self.random, self.minute, self.steps = random, minute, []  # type: Any, int, list[dict[str, Any]]

    def to(self, after: int, by: str, *, gap: int = 0, **what: Any) -> Road:
        """Add a step ``after`` working days later (0: the same day, at least ``gap`` minutes later)."""
        if after:
            self.minute = self.random.randrange(9 * 60, 17 * 60)
        else:
            self.minute = min(self.minute + max(gap, self.random.randrange(8, 70)), 23 * 60)
        self.steps.append({"after": after, "time": clock(self.minute), "by": by, **what})
        return self


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def make_history(county: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the past applications and letters."""
    words = county.source("applications.yaml")
    applications = [*named_applications(county, words), *Applications(county, words).make()]
    for number, row in enumerate(sorted(applications, key=lambda r: -r["ago"]), 1):
        row["key"] = f"licence-{number:03d}"
    return {
        "applications": [*sorted(applications, key=lambda r: r["key"]), *hygiene_applications(county, words)],
        "letters": list(letters(county)),
    }


# --- applications ---------------------------------------------------------------------------------------------


class Applications:
    """Hands out roads to shops: open ones first, then the rare ends, everybody else is granted."""

    def __init__(self, county: Any, words: dict[str, Any]) -> None:
        self.county, self.words, self.random = county, words, county.random

    def make(self) -> Iterator[dict[str, Any]]:
        named = {"澄溪县城关镇李记米线店", "澄溪云岭食品有限公司", "澄溪县云岩彝族乡阿果彝家饭庄"}
        shops = {s["entity"]["uscc"]: s for s in self.county.shops}
        named |= {place["entity"]["name"] for place in self.county.places}
        places = [e for e in self.county.entities if e["name"] not in named and e["status"] != "注销"]
        small = [e for e in places if e["uscc"] in shops and shops[e["uscc"]]["shop"]["small"]]
        large = [e for e in places if e not in small]
        for item, entities, column in (("food-licence", large, 0), ("small-catering", small, 1)):
            self.random.shuffle(entities)
            waiting = iter(entities)
            for state, columns in OPEN.items():
                ago, count = columns[column]
                for _ in range(count):
                    yield self.application(item, self.facts(item, next(waiting), shops), state, ago)
            for road, counts in ROADS.items():
                for _ in range(counts[column]):
                    yield from self.with_sequel(item, self.facts(item, next(waiting), shops), road)
            for entity in list(waiting)[OLDER:]:
                yield self.application(
                    item, self.facts(item, entity, shops), "granted", self.random.randrange(18, 240)
                )

    def with_sequel(self, item: str, fact: dict[str, Any], road: str) -> Iterator[dict[str, Any]]:
        """A closed case; who was refused or withdrew mostly comes back a few weeks later and is granted."""
        ago = self.random.randrange(45, 240)
        yield self.application(item, fact, road, ago)
        if road in ("refused", "withdrawn", "withdrawn_later", "not_accepted") and self.random.random() < 0.8:
            if road == "not_accepted" and item == "small-catering":
                return
            yield self.application(item, fact, "granted", ago - self.random.randrange(18, 25))

    def facts(self, item: str, entity: dict[str, Any], shops: dict[str, Any]) -> dict[str, Any]:
        """What the applicant answers beside the registers, and the uploads these answers require."""
        rng, shop = self.random, shops.get(entity["uscc"])
        if shop is None:
            canteen = entity["kind"] == "institution"
            trade = {
                "format": "canteen" if canteen else rng.choice(("catering", "retail")),
                "projects": ["hot"],
            }
            if trade["format"] == "retail":
                trade["projects"] = ["bulk"]
            area = rng.choice((120, 180, 260, 320, 450, 88.5))
        else:
            trade = {
                "format": shop["shop"].get("format", "catering"),
                "projects": shop["shop"].get("projects", []),
            }
            if trade["format"] == "retail_catering":
                trade["format"] = "catering"
            area = shop["area"]
        if item == "small-catering":
            return {"entity": entity, **small_answers(shop, area, rng)}
        return {"entity": entity, **large_answers(trade, area, entity, rng)}

    def application(self, item: str, fact: dict[str, Any], road: str, ago: int) -> dict[str, Any]:
        """One application and its road."""
        minute = self.random.choice(
            (self.random.randrange(8 * 60, 12 * 60), self.random.randrange(13 * 60, 22 * 60))
        )
        if ago == 0:
            minute = self.random.randrange(
                30, 8 * 60
            )  # before office hours: already there whenever it is installed
        path = Road(self.random, minute)
        getattr(self, f"road_{road}")(path, item, fact)
        row = {
            "key": "",
            "item": item,
            "ago": ago,
            "time": clock(minute),
            "person": fact["entity"]["legal_representative_id"],
            "entity": fact["entity"]["uscc"],
            "answers": fact["answers"],
            "materials": fact["materials"],
            "steps": path.steps,
        }
        if (
            road in ("granted", "corrected", "extended", "late", "automatic", "refused")
            and self.random.random() < 0.45
        ):
            path.steps.append(self.rating(road))
        return row

    def rating(self, road: str) -> dict[str, Any]:
        """A rating a day or two after the end; who waited too long or was refused is less pleased."""
        levels = (2, 3, 4, 5) if road in ("late", "refused") else (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
        level = self.random.choice(levels)
        return {
            "after": self.random.choice((0, 1, 2)),
            "time": clock(self.random.randrange(18 * 60, 22 * 60)),
            "by": "applicant",
            "rate": level,
            "text": self.random.choice(self.words["ratings"][level]),
        }

    # the parts of a road

    def accept(self, path: Road, after: int) -> Road:
        checked = ["competence", "applicant", "complete", "form"]
        return path.to(
            after,
            "window",
            task="receive",
            outcome="accept",
            opinion="材料齐全，予以受理。",
            data={"checked": checked},
        )

    def correct(self, path: Road, item: str, after: int = 1) -> Road:
        data = dict(self.random.choice(self.words["corrections"][item]))
        return path.to(after, "window", task="receive", outcome="request_correction", data=data)

    def examine(
        self, path: Road, fact: dict[str, Any], *, fails: tuple[str, ...] = (), days: tuple[int, int] = (1, 1)
    ) -> Road:
        """The review of the papers and the visit of the first officer."""
        pick, rng = self.random.choice, self.random
        verdict = "fails" if fails else "meets"
        review = {
            "complete": True,
            "consistent": True,
            "layout_ok": "c_layout" not in fails,
            "advice": "meets",
        }
        path.to(
            days[0],
            pick(("officer1", "officer2")),
            task="document_review",
            outcome="submit",
            opinion=pick(self.words["review"]),
            data=review,
        )
        record = {
            "inspected_on": "{today}",
            **{check: "fail" if check in fails else "pass" for check in CHECKS},
            "measured_area": round(fact["answers"]["area"] - rng.choice((0, 0.2, 0.4, 0.6)), 1),
            "photos": pick(self.words["photos"]),
            "present": fact["entity"]["legal_representative"],
            "advice": verdict,
        }
        opinion = pick(self.words["inspection"])
        if fails:
            record["failures"] = opinion = "现场有不合格的项目，已当场告知并拍照。"
        return path.to(days[1], "officer1", task="inspect", outcome="submit", opinion=opinion, data=record)

    def sign(self, path: Road, after: int = 0) -> Road:
        return path.to(
            after,
            "officer2",
            gap=15,
            task="inspect_sign",
            outcome="sign",
            opinion=self.random.choice(self.words["sign"]),
            data={"agrees": True},
        )

    def grant(self, path: Road, after: int) -> Road:
        return path.to(
            after,
            "chief",
            task="decide",
            outcome="grant",
            opinion=self.random.choice(self.words["grant"]),
            data={"conditions_met": True},
        )

    # whole roads; a registration is promised within 2 working days, a licence within 5

    def quick(self, item: str) -> bool:
        return item == "small-catering"

    def finish(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        """From acceptance to the grant within the promised limit."""
        if self.quick(item):
            self.examine(path, fact, days=(0, 1))
            self.sign(path)
            self.grant(path, self.random.choice((0, 0, 1)))
        else:
            self.examine(path, fact, days=(1, self.random.choice((0, 1))))
            self.sign(path)
            self.grant(path, self.random.choice((1, 1, 2)))

    def road_granted(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, self.random.choice((1, 1, 1, 2)))
        self.finish(path, item, fact)

    def road_corrected(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.correct(path, item)
        path.to(self.random.choice((0, 1, 2, 4)), "applicant", resubmit=True)
        self.accept(path, 1)
        self.finish(path, item, fact)

    def road_automatic(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        """Nobody said anything for five working days, so the application is accepted from the day it came."""
        self.examine(path, fact, days=(6, 0))
        self.sign(path)
        self.grant(path, 1)

    def road_extended(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.to_extension(path, fact)
        self.grant(path, 4)

    def to_extension(self, path: Road, fact: dict[str, Any]) -> None:
        """The chief has the case before him and gives it more time before the promised limit is over."""
        self.accept(path, 1)
        self.examine(path, fact, days=(1, 1))
        self.sign(path)
        reason = self.random.choice(self.words["extensions"])
        path.to(1, "chief", action="extend", data={"reason": reason})

    def road_late(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, 1)
        self.examine(path, fact, days=(2, 2))
        self.sign(path, 1)
        self.grant(path, 3)

    def road_refused(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        refusal = self.random.choice(self.words["refusals"])
        self.accept(path, 1)
        self.examine(path, fact, fails=tuple(refusal["fails"]), days=(0, 1))
        self.sign(path)
        path.to(
            1,
            "chief",
            task="decide",
            outcome="refuse",
            opinion="不符合法定条件，不予许可。",
            data={k: refusal[k] for k in ("reasons", "legal_basis")},
        )

    def road_not_accepted(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        row = self.words["non_acceptance"][2 if self.quick(item) else self.random.choice((0, 1))]
        path.to(1, "window", task="receive", outcome="not_accept", opinion="不予受理。", data=dict(row))

    def road_withdrawn(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        path.to(
            1, "applicant", action="withdraw", data={"reason": self.random.choice(self.words["withdrawals"])}
        )

    def road_withdrawn_later(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, 1)
        path.to(
            1, "applicant", action="withdraw", data={"reason": self.random.choice(self.words["withdrawals"])}
        )

    def road_waiting(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        """Nothing happened so far: the case waits at the window."""

    road_waiting_long = road_waiting

    def road_correction(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.correct(path, item)

    def road_accepted(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, 1)

    def road_second_officer(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, 1)
        self.examine(path, fact, days=(0, 1))

    def road_to_decide(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, 1)
        self.examine(path, fact, days=(0 if self.quick(item) else 1, 1))
        self.sign(path)

    def road_extended_open(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.to_extension(path, fact)

    def road_overdue_open(self, path: Road, item: str, fact: dict[str, Any]) -> None:
        self.accept(path, 1)
        self.examine(path, fact, days=(2, 2))
        self.sign(path)


# --- public places --------------------------------------------------------------------------------------------

HYGIENE_CHECKS = ("c_place", "c_layout", "c_air", "c_water", "c_washing", "c_pest", "c_staff", "c_rules")

HYGIENE = (
    # place, working days ago, road, has a report of its own
    ("guibin", 96, "granted", True),
    ("dazhong", 74, "failed", False),
    ("jianyi", 52, "tested", False),
    ("shuizhilan", 13, "resumed", False),
    ("shanju", 8, "testing", False),
    ("yuerong", 3, "reviewed", True),
)
"""Hygiene licences: some brought a test report, for the others the test was commissioned; one waits for its report now."""


def hygiene_applications(county: Any, words: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The past of the hygiene licences, drawn from a seed of its own so that other cases stay what they are."""
    made = HygieneApplications(county, words)
    for number, (key, ago, road, has_report) in enumerate(HYGIENE, 1):
        place = next(place for place in county.places if place["key"] == key)
        yield {**made.hygiene(place, road, ago, has_report), "key": f"hygiene-{number:03d}"}


class HygieneApplications(Applications):
    """Roads of hygiene licences; with a test the clock stands still between its notice and its report."""

    def __init__(self, county: Any, words: dict[str, Any]) -> None:
        super().__init__(county, words)
        self.random = random.Random(45)  # noqa: S311 - invented data, not a secret

    def hygiene(self, place: dict[str, Any], road: str, ago: int, has_report: bool) -> dict[str, Any]:
        """One application and its road."""
        minute = self.random.randrange(8 * 60 + 10, 11 * 60)
        path = Road(self.random, minute)
        fact = {"entity": place["entity"], **hygiene_answers(place, has_report, self.random)}
        self.to_inspected(path, fact, fails=("c_air",) if road == "failed" else (), needs_test=not has_report)
        getattr(self, f"hygiene_{road}")(path, place)
        if road in ("granted", "tested"):
            path.steps.append(self.rating("granted"))
        return {
            "key": "",
            "item": "hygiene-licence",
            "ago": ago,
            "time": clock(minute),
            "person": place["entity"]["legal_representative_id"],
            "entity": place["entity"]["uscc"],
            "answers": fact["answers"],
            "materials": fact["materials"],
            "steps": path.steps,
        }

    def to_inspected(
        self, path: Road, fact: dict[str, Any], *, fails: tuple[str, ...], needs_test: bool
    ) -> None:
        """Accepted, the papers reviewed, the place seen by two officers."""
        hygiene = self.words["hygiene"]
        self.accept(path, 1)
        path.to(
            1,
            "health1",
            task="document_review",
            outcome="needs_test" if needs_test else "submit",
            opinion=hygiene["needs_test"] if needs_test else hygiene["reviewed"],
            data={"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"},
        )
        record = {
            "inspected_on": "{today}",
            **{check: "fail" if check in fails else "pass" for check in HYGIENE_CHECKS},
            "photos": self.random.choice(hygiene["photos"]),
            "present": fact["entity"]["legal_representative"],
            "advice": "fails" if fails else "meets",
        }
        if fails:
            record["failures"] = hygiene["inspection_fails"]
        opinion = hygiene["inspection_fails"] if fails else hygiene["inspection"]
        path.to(0, "health1", task="inspect", outcome="submit", opinion=opinion, data=record)
        path.to(
            0,
            "health2",
            gap=15,
            task="inspect_sign",
            outcome="sign",
            opinion=self.random.choice(self.words["sign"]),
            data={"agrees": True},
        )

    def commission(self, path: Road, place: dict[str, Any], days: int) -> None:
        """The notice is served; from the next day the clock stands still."""
        subjects = [
            "air",
            "climate",
            "articles",
            *(["water"] if place["category"] in ("bath", "pool") else []),
        ]
        path.to(
            0,
            "health1",
            gap=20,
            task="commission",
            outcome="send",
            data={
                "subjects": subjects,
                "sampling_on": "{today}",
                "expected_days": days,
                "remarks": self.words["hygiene"]["sampling"],
            },
        )

    def report(self, path: Road, after: int, number: int, *, failures: str = "") -> None:
        """The laboratory's report; from the next day the clock runs again."""
        data = {
            "report_number": f"澄疾控检字（{number:03d}）号",
            "sampled_on": "{today}",
            "tested_on": "{today}",
            "standard": "GB 37488—2019《公共场所卫生指标及限值要求》",
            "verdict": "fail" if failures else "pass",
            "signed_by": "普云霞",
        }
        if failures:
            data["failures"] = failures
        path.to(after, "lab", task="report", outcome="report", opinion="", data=data)

    def decide(self, path: Road, after: int, *, refuse: bool = False) -> None:
        hygiene = self.words["hygiene"]
        if refuse:
            data = {"reasons": hygiene["refusal"], "legal_basis": hygiene["refusal_basis"]}
            path.to(
                after,
                "healthchief",
                task="decide",
                outcome="refuse",
                opinion="检测不合格，不予许可。",
                data=data,
            )
        else:
            path.to(
                after,
                "healthchief",
                task="decide",
                outcome="grant",
                opinion=hygiene["granted"],
                data={"conditions_met": True},
            )

    def hygiene_granted(self, path: Road, place: dict[str, Any]) -> None:
        self.decide(path, 1)

    def hygiene_failed(self, path: Road, place: dict[str, Any]) -> None:
        self.commission(path, place, 8)
        self.report(path, 7, 31, failures=self.words["hygiene"]["test_fails"])
        self.decide(path, 1, refuse=True)

    def hygiene_tested(self, path: Road, place: dict[str, Any]) -> None:
        self.commission(path, place, 6)
        self.report(path, 5, 47)
        self.decide(path, 1)

    def hygiene_resumed(self, path: Road, place: dict[str, Any]) -> None:
        self.commission(path, place, 9)
        self.report(path, 9, 58)

    def hygiene_testing(self, path: Road, place: dict[str, Any]) -> None:
        self.commission(path, place, 10)

    def hygiene_reviewed(self, path: Road, place: dict[str, Any]) -> None:
        """The chief has it before him."""


def hygiene_answers(place: dict[str, Any], has_report: bool, rng: Any) -> dict[str, Any]:
    """Answers of an application for a hygiene licence."""
    answers: dict[str, Any] = {"premises_same": True, "category": [place["category"]], "area": place["area"]}
    if place["category"] == "lodging":
        answers["beds"] = int(place["area"] // 16)
    answers |= {
        "ac": place["category"] in ("lodging", "pool") and place["area"] > 900,
        "washing": "sent" if place["category"] == "lodging" else "own",
        "manager_name": place["entity"]["legal_representative"],
        "staff": rng.choice((3, 4, 6, 9)),
        "has_report": has_report,
        "delivery": "electronic",
        "truth": True,
    }
    materials = ["plans", "hygiene_rules"]
    if has_report:
        materials += ["test_report", *(["ac_report"] if answers["ac"] else [])]
    return {"answers": answers, "materials": materials}


def small_answers(shop: dict[str, Any], area: float, rng: Any) -> dict[str, Any]:
    """Answers of a registration of small catering."""
    answers = {
        "sign": shop["sign"],
        "premises_same": True,
        "area": area,
        "menu": shop["shop"]["menu"],
        "staff": rng.choice((1, 2, 2, 3)),
        "delivery": rng.choice(("electronic", "electronic", "window")),
        "truth": True,
    }
    materials = ["health_certificates", *(["front_photo"] if rng.random() < 0.5 else [])]
    return {"answers": answers, "materials": materials}


def large_answers(trade: dict[str, Any], area: float, entity: dict[str, Any], rng: Any) -> dict[str, Any]:
    """Answers of an application for a food business licence."""
    retail = trade["format"] == "retail"
    network = rng.random() < 0.3
    answers: dict[str, Any] = {
        "premises_same": True,
        "area": area,
        "kitchen_area": 0 if retail else round(area * 0.3, 1),
        "seats": 0 if retail else int(area // 3),
        **trade,
        "network": network,
    }
    if network:
        answers["network_platform"] = "外卖平台，" + entity["name"].removeprefix("澄溪县")
    if trade["format"] == "catering":
        answers["central_delivery"] = "配餐" in entity["name"]
    answers |= {
        "manager_name": entity["legal_representative"],
        "staff": rng.choice((2, 3, 4, 6, 9)),
        "trained": True,
    }
    if not retail:
        answers["health_promise"] = True
    answers |= {"delivery": rng.choice(("electronic", "electronic", "window")), "truth": True}
    materials = ["layout_plan", "equipment", "safety_rules"]
    if {"cold", "raw", "pastry"} & set(trade["projects"]):
        materials.append("special_room")
    if network:
        materials.append("network_page")
    if not retail and rng.random() < 0.6:
        materials.append("health_certificates")
    return {"answers": answers, "materials": materials}


def named_applications(county: Any, words: dict[str, Any]) -> list[dict[str, Any]]:
    """What the demo accounts find under "my cases": the citizen's registration, the firm's licence and a running case."""
    made = Applications(county, words)
    by_name = {e["name"]: e for e in county.entities}
    liji, yunling, aguo = (
        by_name[n] for n in ("澄溪县城关镇李记米线店", "澄溪云岭食品有限公司", "澄溪县云岩彝族乡阿果彝家饭庄")
    )
    rng = county.random
    shop = {"sign": "李记小锅米线", "shop": {"menu": ["noodles", "breakfast"]}}
    hall = {"format": "catering", "projects": ["hot", "drinks"]}
    return [
        made.application(
            "small-catering", {"entity": liji, **small_answers(shop, 47.6, rng)}, "corrected", 120
        ),
        made.application(
            "food-licence",
            {
                "entity": yunling,
                **large_answers({"format": "retail", "projects": ["bulk"]}, 260, yunling, rng),
            },
            "granted",
            190,
        ),
        made.application(
            "food-licence", {"entity": yunling, **large_answers(hall, 152, yunling, rng)}, "to_decide", 4
        ),
        made.application(
            "food-licence", {"entity": aguo, **large_answers(hall, 128, aguo, rng)}, "granted", 33
        ),
    ]


# --- letters --------------------------------------------------------------------------------------------------


def letters(county: Any) -> Iterator[dict[str, Any]]:
    """Each letter of the source with its writer and its road; every third comes without signing in."""
    writers = iter(county.letter_writers)
    for number, source in enumerate(county.source("letters.yaml")["letters"], 1):
        writer = (
            county.named(source["writer"])
            if "writer" in source
            else next(writers, county.letter_writers[number % 30])
        )
        hours = (
            (20, 8 * 60)
            if source["ago"] == 0
            else (8 * 60, 14 * 60)
            if source["ago"] < 3
            else (8 * 60, 22 * 60)
        )
        minute = county.random.randrange(*hours)
        path = Road(county.random, minute)
        letter_road(path, source)
        yield {
            "key": f"letter-{number:03d}",
            "mailbox": "county-head",
            "ago": source["ago"],
            "time": clock(minute),
            "person": writer["citizen_id"],
            "signed_in": "writer" in source or number % 3 != 0,
            "kind": source["kind"],
            "title": source["title"],
            "body": source["body"],
            "may_publish": source["end"] not in ("private", "declined"),
            "steps": path.steps,
        }


def letter_road(path: Road, source: dict[str, Any]) -> None:
    """From the mailbox office to the bureau and back, as far as ``end`` says."""
    end, unit = source["end"], source["unit"]
    if end == "submitted":
        return
    if end == "declined":
        path.to(1, "mailbox", task="assign", outcome="decline", data={"reason": source["decline"]})
        return
    returned = source.get("returned")
    if returned:
        assign(path, returned["unit"], 0 if source["ago"] < 3 else 1)
        path.to(
            1,
            clerk(returned["unit"]),
            task="answer",
            outcome="return_once",
            data={"reason": returned["reason"]},
        )
        if end == "returned":
            return
    assign(path, unit, 0 if source["ago"] < 3 else 1, complex_=source.get("complex", False))
    if end in ("answering", "overdue"):
        return
    answer(path, source, "answer", 2)
    if end in ("checking", "answered"):
        return
    publish(path, source["end"] != "private")
    if end in ("waiting", "timed"):
        return
    if end in ("reopened", "reopening"):
        path.to(1, "writer", task="satisfied", outcome="reopen", data={"reason": source["reopen"]})
        assign(path, unit, 1, complex_=True)
        if end == "reopening":
            return
        answer(path, source, "answer2", 3)
        publish(path, True)
    data = {"text": source["rating"]} if source.get("rating") else {}
    path.to(1, "writer", task="satisfied", outcome="satisfied", data=data)


def clerk(unit: str) -> str:
    return STAFF.get(unit, f"{unit}.letters")


def assign(path: Road, unit: str, after: int, *, complex_: bool = False) -> None:
    path.to(
        after,
        "mailbox",
        task="assign",
        outcome="assign",
        opinion="请按时答复。",
        data={"unit": unit, "complexity": "complex" if complex_ else "general"},
    )


def answer(path: Road, source: dict[str, Any], key: str, after: int) -> None:
    path.to(after, clerk(source["unit"]), task="answer", outcome="answer", data={"text": source[key]})


def publish(path: Road, public: bool) -> None:
    """The office checks the answer; what it publishes is masked by the mailbox itself."""
    path.to(1, "mailbox", task="check", outcome="publish" if public else "keep_private")
