"""The door of oversight: rules, cards, inspections. A card is a case; its steps are made through ``cases``."""

from tongban.apps.oversight.operations.evidence import put_evidence
from tongban.apps.oversight.operations.export import export_cards
from tongban.apps.oversight.operations.find import Finding, find_in_act
from tongban.apps.oversight.operations.give import give_card
from tongban.apps.oversight.operations.inspect import end_inspections, inspect_case
from tongban.apps.oversight.operations.put_rule import put_rule, rules_in_force
from tongban.apps.oversight.operations.watch import look_back, watch
from tongban.apps.oversight.queries import CardFilter, inspections_of, list_cards, list_rules

__all__ = [
    "CardFilter",
    "Finding",
    "end_inspections",
    "export_cards",
    "find_in_act",
    "give_card",
    "inspect_case",
    "inspections_of",
    "list_cards",
    "list_rules",
    "look_back",
    "put_evidence",
    "put_rule",
    "rules_in_force",
    "watch",
]
