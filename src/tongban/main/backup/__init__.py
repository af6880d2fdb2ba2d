"""Copies of an installation: taken while it runs, brought back into an empty home, and rehearsed.

A copy is a directory. It gets its name in one step when everything in it is on the disk, so what carries a copy's name is whole.

    manifest.json    versions, rows of each table, what is missing; written last
    SHA256SUMS       every other file with its sum, for ``sha256sum --check``
    database.dump    ``pg_dump --format=custom`` of one snapshot
    files/ ledger/   as in the home; the ledger's kept roots up to the snapshot
    secrets/         the keys, or ``secrets.sealed``, the same under a passphrase
"""
