"""Check digits: published examples, computed vectors, and what a slip of the finger does."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base import checks


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # the example of GB 11643-1999
        "11010519491231002x",
        " 532399195803120134 ",
        "532399200102083362",
    ],
)
def test_a_citizen_id_that_fits_is_accepted_whatever_its_area(number):
    assert checks.is_citizen_id(number)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("110105194912310021", "校验"),
        ("53239919851104028", "18 位"),
        ("532399198513040281", "出生日期"),
        ("11010519490231002X", "出生日期"),
        ("01010519491231002X", "省级"),
        ("", "18 位"),
    ],
)
def test_a_wrong_citizen_id_is_told_what_is_wrong(number, says):
    problem = checks.citizen_id_problem(number)

    assert problem is not None
    assert says in problem.zh
    assert problem.en


@given(position=st.integers(6, 16), digit=st.integers(0, 9))
def test_one_wrong_digit_never_makes_another_citizen_id(position, digit):
    number = "532399198511040283"
    slip = number[:position] + str(digit) + number[position + 1 :]

    assert checks.is_citizen_id(slip) == (slip == number)


def test_birth_and_sex_are_read_from_the_number():
    assert checks.birth_on("532399198511040283") == date(1985, 11, 4)
    assert checks.sex_of("532399198511040283") == "female"
    assert checks.sex_of("53239919900620451X") == "male"


@pytest.mark.parametrize(
    "code",
    [
        "11430000006122244L",  # a province government
        "91532399MA0002010R",  # an enterprise
        "92532399MA00010188",  # an individual business
        "93532399MA00030134",  # a farmers' co-operative
        "N2532399MA0004016A",  # a village collective
        "52532399MA0005019C",  # a private non-enterprise unit
    ],
)
def test_a_credit_code_of_every_registrar_is_accepted(code):
    assert checks.is_uscc(code)


@pytest.mark.parametrize(
    "code",
    [
        "11430000006122244K",
        "9153239900000000I1",
        "91532399MA0002010",
        "Z1532399MA0002010R",
        "97532399MA0002010R",
        "",
    ],
)
def test_a_wrong_credit_code_is_refused(code):
    problem = checks.uscc_problem(code)

    assert problem is not None
    assert problem.en


def test_the_check_character_of_a_certificate_identifier():
    identifier = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001"

    assert checks.certificate_check_character(identifier) == "U"
    assert checks.is_certificate_identifier(identifier + ".U")
    assert not checks.is_certificate_identifier(identifier + ".V")
    assert not checks.is_certificate_identifier(identifier)
    assert not checks.is_certificate_identifier("1.2.3.4")


@pytest.mark.parametrize(
    ("number", "fits"), [("19900000001", True), ("12900000001", False), ("1990000000", False)]
)
def test_mobile_numbers(number, fits):
    assert checks.is_mobile(number) is fits


CITIZEN_IDS = [
    ("11010519491231002X", True),
    ("532399195803120134", True),
    ("532399198511040283", True),
    ("53239919900620451X", True),
    ("532399200102083362", True),
    ("532399197309306020", True),
    ("110105194912310021", False),
    ("53239919851104028", False),
    ("532399198513040281", False),
    ("11010519490231002X", False),
]
"""The standard's own example and computed ones; 532399 is an area code that nobody has."""

CREDIT_CODES = [
    ("11430000006122244L", True),
    ("113700000045046442", True),
    ("11511301008778183N", True),
    ("11532399MA00000153", True),
    ("11532399MA0000023X", True),
    ("11532399MA0000031Q", True),
    ("92532399MA00010188", True),
    ("91532399MA0002010R", True),
    ("93532399MA00030134", True),
    ("N2532399MA0004016A", True),
    ("52532399MA0005019C", True),
    ("11430000006122244K", False),
    ("9153239900000000I1", False),
]
"""The first three were found in public documents, the rest are computed (area 532399)."""

CERTIFICATE_IDENTIFIERS = [
    ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U", True),
    ("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9", True),
    ("1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0", True),
]
"""Found in public code and checked by computing."""


@pytest.mark.parametrize(("number", "fits"), CITIZEN_IDS)
def test_collected_citizen_ids(number, fits):
    assert checks.is_citizen_id(number) is fits


@pytest.mark.parametrize(("code", "fits"), CREDIT_CODES)
def test_collected_credit_codes(code, fits):
    assert checks.is_uscc(code) is fits


@pytest.mark.parametrize(("identifier", "fits"), CERTIFICATE_IDENTIFIERS)
def test_collected_certificate_identifiers(identifier, fits):
    assert checks.is_certificate_identifier(identifier) is fits
