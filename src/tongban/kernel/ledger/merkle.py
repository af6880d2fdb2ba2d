"""Merkle trees in the shape of RFC 6962 section 2.1, over hashes of leaves. Pure.

A leaf and a node are hashed with different first bytes, so that no node can be passed off as a leaf. A tree of n leaves
splits at the largest power of two below n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

__all__ = ["SIZE", "hash_leaf", "hash_node", "path_of", "root_from_path", "root_of", "split"]

SIZE = 32
"""Bytes of a hash, of SHA-256 and of SM3 alike."""
LEAF, NODE = b"\x00", b"\x01"


def hash_leaf(content: bytes, algorithm: str) -> bytes:
    """Return the hash of a leaf's bytes."""
    return hashlib.new(algorithm, LEAF + content).digest()


def hash_node(left: bytes, right: bytes, algorithm: str) -> bytes:
    """Return the hash over two subtrees."""
    return hashlib.new(algorithm, NODE + left + right).digest()


def root_of(leaves: Sequence[bytes], algorithm: str) -> bytes:
    """Return the root over hashes of leaves; of an empty tree the hash of nothing."""
    if not leaves:
        return hashlib.new(algorithm).digest()
    level = list(leaves)
    while len(level) > 1:
        # An odd last hash moves up as it is: the same tree as splitting at the largest power of two.
        above = [hash_node(level[i], level[i + 1], algorithm) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def path_of(position: int, leaves: Sequence[bytes], algorithm: str) -> list[bytes]:
    """Return the audit path of the leaf at ``position``: the hashes of its neighbours from the bottom to the root."""
    if not 0 <= position < len(leaves):
        raise IndexError(position)
    path, level = [], list(leaves)
    while len(level) > 1:
        beside = position ^ 1
        if beside < len(level):
            path.append(level[beside])
        above = [hash_node(level[i], level[i + 1], algorithm) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
        position //= 2
    return path


def root_from_path(leaf: bytes, position: int, count: int, path: Sequence[bytes], algorithm: str) -> bytes:
    """Return the root that a leaf and its audit path lead to (RFC 9162 section 2.1.3.2). Raises ValueError for a path of
    the wrong length.
    """
    if not 0 <= position < count:
        raise ValueError(f"there is no position {position} among {count}")
    last, result = count - 1, leaf
    for beside in path:
        if last == 0:
            raise ValueError("the path is too long")
        if position % 2 or position == last:
            result = hash_node(beside, result, algorithm)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            result = hash_node(result, beside, algorithm)
        position, last = position // 2, last // 2
    if last:
        raise ValueError("the path is too short")
    return result


def split(hashes: bytes) -> Iterator[bytes]:
    """Yield the hashes that lie one behind the other."""
    for start in range(0, len(hashes), SIZE):
        yield hashes[start : start + SIZE]
