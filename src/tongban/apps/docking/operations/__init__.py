"""What docking does: follow the ledger, send, take receipts, repair, compare."""
