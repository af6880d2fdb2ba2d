"""Tongban's own commands, one a file: ``run(arguments) -> exit code``."""
