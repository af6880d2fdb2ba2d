"""What oversight announces through the outbox. All subjects are cards (cases)."""

GIVEN = "oversight.card_given"
"""A card was given. Data: rule, level, about (the case it is about)."""

DECIDED = "oversight.card_decided"
"""A card was upheld or withdrawn. Data: decision."""
