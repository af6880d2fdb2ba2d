"""Pure decisions of the vault: grades, validity. No Django.

The grades are those of the State Council Office's document 国办函〔2016〕108号: A issued by the authority itself, B checked by an
official, C uploaded and still to be checked, D made by the person, who promises that it is true.
"""

from __future__ import annotations

import unicodedata
from datetime import date

__all__ = ["GRADES", "LONGEST_NAME", "LONGEST_WORDS", "grade_of", "is_expired", "one_line"]

GRADES = ("A", "B", "C", "D")
LONGEST_NAME = 60
LONGEST_WORDS = 30
"""Characters of purpose and receiver: more cannot be read across a sheet."""


def grade_of(*, is_own: bool, is_checked: bool) -> str:
    """Return the grade of what a person keeps. What he made himself stays his own word, whoever looked at it.

    A is never kept here: it is read from the certificate register at the moment.
    """
    if is_own:
        return "D"
    return "B" if is_checked else "C"


def is_expired(valid_to: date | None, day: date) -> bool:
    """Return whether the last day has passed. Without one it does not expire."""
    return valid_to is not None and valid_to < day


def one_line(words: str) -> str:
    """Return words as one line without invisible characters: they stand on sheets and in lists that others trust."""
    plain = "".join(
        c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", words)
    )
    return " ".join(plain.split())
