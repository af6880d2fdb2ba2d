"""The door of ops: whoever copies the installation writes it down here, for the page, the alerts and the metrics."""

from tongban.apps.ops.health import Probe, examine
from tongban.apps.ops.operations.backups import record_backup
from tongban.apps.ops.queries_of_backups import Standing, backup_standing, last_backup_began

__all__ = ["Probe", "Standing", "backup_standing", "examine", "last_backup_began", "record_backup"]
