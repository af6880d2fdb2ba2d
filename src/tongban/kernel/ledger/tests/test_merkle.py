"""The trees are those of RFC 6962: its published test vectors, and the properties that a proof must have."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.ledger import merkle

# The inputs and roots of the reference implementation of Certificate Transparency.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def leaves_of(contents, algorithm="sha256"):
    return [merkle.hash_leaf(content, algorithm) for content in contents]


def root_by_definition(contents, algorithm):
    """RFC 6962 section 2.1, word for word."""
    if len(contents) < 2:
        return merkle.hash_leaf(contents[0], algorithm) if contents else hashlib.new(algorithm, b"").digest()
    k = 1
    while k * 2 < len(contents):
        k *= 2
    return merkle.hash_node(
        root_by_definition(contents[:k], algorithm), root_by_definition(contents[k:], algorithm), algorithm
    )


@pytest.mark.parametrize("count", range(1, 9))
def test_the_roots_are_those_of_the_published_vectors(count):
    assert merkle.root_of(leaves_of(INPUTS[:count]), "sha256").hex() == ROOTS[count - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert merkle.root_of([], "sha256").hex() == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(("position", "count"), PATHS)
def test_the_audit_paths_are_those_of_the_published_vectors(position, count):
    path = merkle.path_of(position, leaves_of(INPUTS[:count]), "sha256")

    assert [step.hex() for step in path] == PATHS[position, count]


@given(st.lists(st.binary(max_size=6), max_size=70), st.sampled_from(["sha256", "sm3"]))
def test_every_tree_is_the_one_of_the_definition(contents, algorithm):
    assert merkle.root_of(leaves_of(contents, algorithm), algorithm) == root_by_definition(
        contents, algorithm
    )


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=70), st.data())
def test_every_path_leads_to_the_root(contents, data):
    leaves = leaves_of(contents)
    position = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path_of(position, leaves, "sha256")

    found = merkle.root_from_path(leaves[position], position, len(leaves), path, "sha256")

    assert found == merkle.root_of(leaves, "sha256")


@given(st.lists(st.binary(max_size=6), min_size=2, max_size=40, unique=True), st.data())
def test_no_path_leads_another_leaf_or_place_to_the_root(contents, data):
    leaves = leaves_of(contents)
    position = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda n: n != position))
    path = merkle.path_of(position, leaves, "sha256")
    root = merkle.root_of(leaves, "sha256")

    assert merkle.root_from_path(leaves[other], position, len(leaves), path, "sha256") != root
    try:
        moved = merkle.root_from_path(leaves[position], other, len(leaves), path, "sha256")
    except ValueError:
        return
    assert moved != root


@pytest.mark.parametrize("change", [lambda path: path[:-1], lambda path: [*path, path[0]]])
def test_a_path_of_the_wrong_length_is_refused(change):
    leaves = leaves_of(INPUTS)

    with pytest.raises(ValueError, match="the path is too"):
        merkle.root_from_path(leaves[3], 3, 8, change(merkle.path_of(3, leaves, "sha256")), "sha256")
