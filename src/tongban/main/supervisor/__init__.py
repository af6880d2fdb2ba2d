"""``tongban up``: one small supervisor for the database, the web and the worker of one machine.

It uses the standard library only (and psycopg once, to make the database), so it starts at once and stays small. Everything that
needs Django happens in children: ``prepare`` (migrations, privileges, the demo county, static files), ``web`` and ``worker``.
"""
