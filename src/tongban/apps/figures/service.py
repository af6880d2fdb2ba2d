"""The door of figures: counting days. What is counted is registered in ``base.figures``."""

from tongban.apps.figures.operations.count import count_days, count_stale_days, forget_days

__all__ = ["count_days", "count_stale_days", "forget_days"]
