"""What the law lets happen to a time limit: what may stop it, who may extend it, when somebody is warned. Pure.

These terms are data of whoever owns the limit (an item, a mailbox). They are kept with every clock as they were
when it started: a later change of the data changes no clock that runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongban.kernel.calendars.rules import Limit, Name

__all__ = [
    "LICENSING_LAW_45",
    "ExtensionRule",
    "PauseRule",
    "Terms",
    "default_warnings",
    "longer_than",
]

ARTICLE_45: Name = ("行政许可法第四十五条", "Administrative Licensing Law art. 45")
ARTICLE_42: Name = ("行政许可法第四十二条", "Administrative Licensing Law art. 42")
LICENSING_LAW_45: Mapping[str, Name] = {
    "hearing": ("听证", "hearing"),
    "tender": ("招标", "tender"),
    "auction": ("拍卖", "auction"),
    "inspection": ("检验", "laboratory inspection"),
    "testing": ("检测", "testing"),
    "quarantine": ("检疫", "quarantine"),
    "appraisal": ("鉴定", "appraisal"),
    "expert_review": ("专家评审", "expert review"),
}
"""The eight procedures whose time does not count. The list is closed; a site inspection (现场核查) is not on it."""

SITE_INSPECTION = frozenset({"site_inspection", "site_visit", "现场核查"})
HORIZON = re.compile(r"half|[1-9]\d{0,2}(wd|d|h)")
THE_HEAD: Name = ("本机关负责人", "the head of the organ")


@dataclass(frozen=True, slots=True)
class PauseRule:
    """One reason for which the limit may stand still: by which article, told with which paper, for how long at most."""

    reason: str
    label: Name
    article: Name
    paper: str
    most: Limit | None = None

    @classmethod
    def of(cls, data: str | Mapping[str, Any], *, paper: str = "") -> PauseRule:
        """Read ``testing`` or ``{reason, paper?, most?, label?, article?}``. Raises ValueError.

        A reason that is not in the Licensing Law needs the article of its own law, and its words. A site inspection is refused
        whatever is cited: it runs on the clock.
        """
        row = {"reason": data} if isinstance(data, str) else dict(data)
        reason = str(row.get("reason") or "")
        if reason in SITE_INSPECTION:
            raise ValueError(
                "a site inspection does not stop the clock (Administrative Licensing Law art. 45)"
            )
        known = LICENSING_LAW_45.get(reason)
        label, article = _name(row.get("label")) or known, _name(row.get("article"))
        if known is not None:
            article = article or ARTICLE_45
        if not reason or label is None or article is None:
            raise ValueError(
                f"pause {reason!r}: not a procedure of the Administrative Licensing Law art. 45, "
                "so it needs a label and the article of its own law"
            )
        template = str(row.get("paper") or paper)
        if not template:
            raise ValueError(f"pause {reason!r}: the paper that tells the applicant is not named")
        return cls(reason, label, article, template, _limit(row.get("most")))

    def as_json(self) -> dict[str, Any]:
        """Return the shape that ``of`` reads."""
        return {
            "reason": self.reason,
            "label": _text(self.label),
            "article": _text(self.article),
            "paper": self.paper,
            "most": str(self.most) if self.most else None,
        }


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How the limit may be extended: by how much at most each time, how often, and who decides.

    The authority is named: whoever holds ``duty`` in the unit with the code ``unit`` ("" is the unit in charge of the case).
    """

    limit: Limit
    duty: str
    times: int = 1
    unit: str = ""
    authority: Name = THE_HEAD
    article: Name = ARTICLE_42
    paper: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ExtensionRule:
        """Read ``{limit, duty, times?, unit?, authority?, article?, paper?}``. Raises ValueError."""
        limit, duty, times = _limit(data.get("limit")), str(data.get("duty") or ""), data.get("times", 1)
        if limit is None or not duty:
            raise ValueError("an extension names how much and the duty of who decides")
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= 12:
            raise ValueError(f"an extension is possible 1 to 12 times, not {times!r}")
        return cls(
            limit=limit,
            duty=duty,
            times=times,
            unit=str(data.get("unit") or ""),
            authority=_name(data.get("authority")) or THE_HEAD,
            article=_name(data.get("article")) or ARTICLE_42,
            paper=str(data.get("paper") or ""),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the shape that ``of`` reads."""
        return {
            "limit": str(self.limit),
            "duty": self.duty,
            "times": self.times,
            "unit": self.unit,
            "authority": _text(self.authority),
            "article": _text(self.article),
            "paper": self.paper,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """All that may happen to one limit. Empty terms: nothing stops it and nobody extends it.

    ``warnings`` are horizons before the due date ("2wd", "3d", "4h", "half" of the time); None means the usual ones.
    """

    pauses: tuple[PauseRule, ...] = ()
    extension: ExtensionRule | None = None
    warnings: tuple[str, ...] | None = None

    @classmethod
    def of(cls, data: Terms | Mapping[str, Any] | None, *, paper: str = "") -> Terms:
        """Read ``{pauses: […], extension: {…}, warnings: […]}``; ``paper`` tells of pauses that name none. Raises ValueError."""
        if isinstance(data, Terms):
            return data
        data = data or {}
        pauses = tuple(PauseRule.of(row, paper=paper) for row in data.get("pauses") or ())
        if len({rule.reason for rule in pauses}) != len(pauses):
            raise ValueError("a reason to pause is given twice")
        warnings = data.get("warnings")
        return cls(
            pauses=pauses,
            extension=ExtensionRule.of(data["extension"]) if data.get("extension") else None,
            warnings=None if warnings is None else _horizons(warnings),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the shape that ``of`` reads; nothing is written for what is not given."""
        found: dict[str, Any] = {}
        if self.pauses:
            found["pauses"] = [rule.as_json() for rule in self.pauses]
        if self.extension:
            found["extension"] = self.extension.as_json()
        if self.warnings is not None:
            found["warnings"] = list(self.warnings)
        return found

    def pause(self, reason: str) -> PauseRule | None:
        """Return the rule for this reason, None when the limit may not stand still for it."""
        return next((rule for rule in self.pauses if rule.reason == reason), None)


def default_warnings(limit: Limit) -> tuple[str, ...]:
    """Return when somebody is warned of a limit whose data say nothing: the longer it is, the earlier."""
    if limit.unit == "h":
        return ("half",) if limit.value >= 4 else ()
    if limit.value >= 10:
        return ("half", "2wd")
    return ("1wd",) if limit.value >= 3 else ()


def longer_than(one: Limit, other: Limit) -> bool:
    """True when ``one`` is surely longer; a working day is never shorter than a calendar day, an hour is a 24th of a day."""
    if one.unit == other.unit:
        return one.value > other.value
    hours = {"wd": 24, "d": 24, "h": 1}
    return one.value * hours[one.unit] > other.value * hours[other.unit]


def _horizons(values: Iterable[Any]) -> tuple[str, ...]:
    found: Sequence[str] = [str(value) for value in values]
    for value in found:
        if HORIZON.fullmatch(value) is None:
            raise ValueError(f"not a horizon: {value!r} (write 2wd, 3d, 4h or half)")
    return tuple(dict.fromkeys(found))


def _limit(value: Any) -> Limit | None:
    return None if value in (None, "") else Limit.parse(str(value))


def _name(value: Any) -> Name | None:
    if not value:
        return None
    if isinstance(value, str):
        return (value, "")
    if isinstance(value, Mapping):
        return (str(value.get("zh", "")), str(value.get("en", "")))
    zh, en = value
    return (zh, en)


def _text(name: Name) -> dict[str, str]:
    return {"zh": name[0], "en": name[1]}
