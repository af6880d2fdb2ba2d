"""The door of figures: counting days. What is counted is registered in ``base.figures``."""

from tongban.apps.figures.operations.count import check_counts, count_days, count_stale_days, forget_days

__all__ = ["check_counts", "count_days", "count_stale_days", "forget_days"]
