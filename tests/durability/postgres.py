"""A database of its own on a PostgreSQL server, and its administrator, who may turn the server read-only."""

import glob
import os
import secrets
import subprocess
import urllib.parse


class Postgres:
    """Works by psql, in sessions that write even while the server's default is read-only."""

    def __init__(self, url):
        self.url = urllib.parse.urlparse(url)
        self.name = "durability_" + secrets.token_hex(4)
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))
        if not found:
            raise SystemExit("psql is missing: apt-get install postgresql")
        self.psql = found[-1]
        self.run(f"CREATE DATABASE {self.name}")

    def database(self):
        return self.url._replace(path="/" + self.name).geturl()

    def run(self, statement):
        environment = {**os.environ, "PGOPTIONS": "-c default_transaction_read_only=off"}
        command = [self.psql, self.url.geturl(), "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{statement}: {done.stderr}")
        return done.stdout

    def turn_read_only(self, ends_sessions):
        """For every session, also those that are open; with `ends_sessions` these end as well, as at a restart."""
        self.run("ALTER SYSTEM SET default_transaction_read_only = on")
        self.run("SELECT pg_reload_conf()")
        if ends_sessions:
            self.end_sessions()

    def turn_writable(self):
        self.run("ALTER SYSTEM RESET default_transaction_read_only")
        self.run("SELECT pg_reload_conf()")

    def end_sessions(self):
        self.run(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{self.name}'")

    def close(self):
        self.turn_writable()
        self.run(f"DROP DATABASE {self.name} WITH (FORCE)")
