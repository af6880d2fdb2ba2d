"""Envelopes: known vectors, what opens and what does not. The keys here are the tests' own."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tongban.base import cipher, datakeys
from tongban.base.cipher import Keyring, NotOpened, UnknownKey

OLD, NEW = "an older key of random letters 0123456789", "a newer key of random letters 0123456789"
HERE = b"identity_person.citizen_id|1"
FAMILIES = st.sampled_from(["aes-gcm", "sm4-gcm"])
NUMBER = "53239919900620451X"


def ring(algorithm: str = "aes-gcm", keys: dict[int, str] | None = None, blind: str = "blind") -> Keyring:
    return Keyring(keys=keys or {1: OLD}, algorithm=algorithm, blind_key=blind)


def test_sm4_gcm_gives_the_vector_of_rfc_8998():
    """Appendix A.1."""
    key = algorithms.SM4(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    nonce = bytes.fromhex("00001234567800000000ABCD")
    place = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    text = b"".join(bytes([value]) * 8 for value in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )  # fmt: skip
    assert cipher.sm4_seal(key, nonce, text, place) == sealed
    assert cipher.sm4_open(key, nonce, sealed, place) == text
    with pytest.raises(InvalidTag):
        cipher.sm4_open(key, nonce, sealed, place + b"\x00")


def test_aes_256_gcm_gives_the_vector_of_the_gcm_specification():
    """Test case 16 of McGrew and Viega."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    text = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    place = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = AESGCM(key).encrypt(bytes.fromhex("cafebabefacedbaddecaf888"), text, place)
    assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"


@given(FAMILIES, st.text(max_size=40), st.binary(max_size=40))
def test_what_was_sealed_opens_in_its_place(algorithm, text, place):
    sealed = ring(algorithm).seal(text, place=place)
    assert ring("aes-gcm").open(sealed, place=place) == text
    assert sealed == ring(algorithm).seal(text, place=place)


@given(FAMILIES, st.data())
def test_any_bit_flipped_is_refused(algorithm, data):
    sealed = bytearray(ring(algorithm).seal(NUMBER, place=HERE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotOpened):
        ring(algorithm, {1: OLD, 0: NEW}).open(bytes(sealed), place=HERE)


@given(FAMILIES, st.integers(0, 49))
def test_an_envelope_cut_short_is_refused(algorithm, length):
    sealed = ring(algorithm).seal(NUMBER, place=HERE)
    assert len(sealed) == 50
    with pytest.raises(NotOpened):
        ring(algorithm).open(sealed[:length], place=HERE)


@given(FAMILIES, st.binary(max_size=40), st.binary(max_size=40))
def test_a_value_moved_to_another_place_is_refused(algorithm, place, other):
    sealed = ring(algorithm).seal(NUMBER, place=place)
    if place != other:
        with pytest.raises(NotOpened):
            ring(algorithm).open(sealed, place=other)


def test_an_older_key_still_opens_and_the_newest_seals():
    old = ring().seal(NUMBER, place=HERE)
    both = ring("sm4-gcm", {1: OLD, 2: NEW})
    assert both.open(old, place=HERE) == NUMBER
    new = both.seal(NUMBER, place=HERE)
    assert cipher.head_of(old) == (1, 1) and cipher.head_of(new) == (2, 2)
    with pytest.raises(UnknownKey):
        ring().open(new, place=HERE)


def test_a_key_that_was_changed_under_its_number_opens_nothing():
    sealed = ring().seal(NUMBER, place=HERE)
    with pytest.raises(NotOpened):
        ring(keys={1: NEW}).open(sealed, place=HERE)


def test_the_envelope_does_not_show_the_text():
    for algorithm in datakeys.ALGORITHMS:
        assert NUMBER.encode() not in ring(algorithm).seal(NUMBER, place=HERE)


def test_a_blind_is_of_its_column_its_key_and_its_normalised_value():
    one = ring()
    assert one.blind(NUMBER, column="a") == one.blind(" 53239919900620451x ", column="a")
    others = [
        one.blind(NUMBER, column="b"),
        one.blind("532399199006204511", column="a"),
        ring(blind="x").blind(NUMBER, column="a"),
        ring("sm4-gcm").blind(NUMBER, column="a"),
    ]
    assert len({one.blind(NUMBER, column="a"), *others}) == 5


def test_a_value_is_found_under_the_blind_of_the_algorithm_before():
    before, after = ring("aes-gcm"), ring("sm4-gcm")
    assert before.blind(NUMBER, column="a") in after.blinds(NUMBER, column="a")
    assert after.blinds(NUMBER, column="a")[0] == after.blind(NUMBER, column="a")


def test_keys_are_read_from_a_variable_and_a_wrong_one_is_never_repeated():
    assert datakeys.read_keys(f"2:{NEW}, 1:{OLD}") == {1: OLD, 2: NEW}
    for wrong in ("1:short", f"x:{OLD}", f"0:{OLD}", f"1:{OLD},1:{NEW}", OLD, f"65536:{OLD}"):
        with pytest.raises(ValueError) as refused:
            datakeys.read_keys(wrong)
        assert OLD not in str(refused.value) and "short" not in str(refused.value).replace("at least", "")
