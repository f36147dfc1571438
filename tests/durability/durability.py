#!/usr/bin/env python3
"""What was acknowledged is kept: on a disk that fills up, on a PostgreSQL server that turns read-only, and after kills.

    durability.py PROGRAM [--cycles N] [--database POSTGRES_URL] [full-disk] [read-only] [kill]

PROGRAM is the built server. Without a name all three run, beside each other, N (10) cycles of each. `full-disk` mounts a file system of
24 MB and needs root; `read-only` changes the settings of the whole PostgreSQL server and needs its superuser. Each
cycle prints a line of TAP. The seed of the random pauses is printed.
"""

import argparse
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

from ledger import Chain, Ledger, Load, missing
from postgres import Postgres
from wire import NoAnswer, Server, remove, wait_until

DISK = "24m"
FREE = 64 * 1024
RETURN_SECONDS = 20


class Cycles:
    """One kind of failure, again and again, under load."""

    def __init__(self, program, folder, database):
        self.ledger = Ledger()
        self.server = Server(program, database, os.path.join(folder, "server.log"))
        self.server.start()
        said = self.server.said
        people = [("guest_username", "guest_password"), ("second_guest_username", "second_guest_password")] * 2
        self.chains = [Chain(self.server, self.ledger, said[name], said[password]) for name, password in people]
        if not all(chain.tokens for chain in self.chains):
            raise SystemExit("the people of the demo could not sign in")

    def run(self, name, disturb, keeps_running=True):
        """One cycle; what was wrong in it, as sentences."""
        pid, before = self.server.process.pid, self.ledger.acknowledged
        load = Load(self.chains)
        try:
            found = disturb(self.server, self.ledger)
        finally:
            load.stop()
        if not wait_until(RETURN_SECONDS, lambda: self.server.readiness() == 200):
            found.append(f"/readyz is still {self.server.readiness()} after {RETURN_SECONDS} s")
        if keeps_running and not (self.server.is_running() and self.server.process.pid == pid):
            found.append("the server ended")
        try:
            found += missing(self.server, self.ledger, self.chains)
        except NoAnswer as error:
            found.append(str(error))
        if 500 in self.ledger.statuses:
            found.append("a request was answered 500")
        if self.ledger.acknowledged == before:
            found.append("nothing was acknowledged in this cycle")
        counted, self.ledger.statuses = dict(self.ledger.statuses), {}
        print(f"# {name}: {self.ledger.acknowledged - before} acknowledged, answers {counted}", flush=True)
        return found

    def changes(self):
        """How often the log says that the database does not serve, and that it serves again."""
        return self.server.logged("the database does not serve"), self.server.logged("the database serves again")

    def is_down(self):
        down, up = self.changes()
        return down > up

    def end(self):
        """The last cycle: a restart must find the same. The log may come to its end before."""
        wait_until(RETURN_SECONDS, lambda: self.server.readiness() and not self.is_down())
        self.server.kill()
        self.server.start()
        return missing(self.server, self.ledger, self.chains)


def is_refused(server, ledger):
    """Whether writes are refused and /readyz says so."""
    return ledger.statuses.get(503, 0) > 0 and server.readiness() == 503


def fill(path):
    """Writes until there is no room, and leaves a little: the server finds room for some writes and not for others."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65536)
        except OSError:
            pass
    os.truncate(path, max(0, os.path.getsize(path) - random.choice([0, 0, FREE])))


def full_disk(program, folder, cycles, _):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        raise SystemExit(f"no file system of {DISK} can be mounted ({mounted.stderr.strip()}): run as root, in a "
                         "container that allows `unshare -m` and `mount` (CAP_SYS_ADMIN)")
    outside = tempfile.mkdtemp(prefix="countersign-durability-log.")
    ballast = os.path.join(folder, "ballast")
    trial = Cycles(program, outside, f"sqlite://{folder}/server.db?mode=rwc")

    def disturb(server, ledger):
        time.sleep(random.uniform(0.1, 0.4))
        fill(ballast)
        is_followed = wait_until(RETURN_SECONDS, lambda: is_refused(server, ledger))
        time.sleep(random.uniform(0.0, 0.3))
        remove(ballast)
        return [] if is_followed else [f"writes were refused {ledger.statuses.get(503, 0)} times, /readyz was not"]

    yield from repeat(trial, "full-disk", cycles, disturb)
    shutil.rmtree(outside, ignore_errors=True)


def read_only(program, folder, cycles, url):
    if not url:
        raise SystemExit("read-only needs --database with the URL of a PostgreSQL superuser")
    postgres = Postgres(url)
    try:
        trial = Cycles(program, folder, postgres.database())

        def disturb(server, ledger):
            time.sleep(random.uniform(0.1, 0.4))
            postgres.turn_read_only(ends_sessions=random.random() < 0.5)
            is_followed = wait_until(RETURN_SECONDS, lambda: is_refused(server, ledger))
            postgres.turn_writable()
            if random.random() < 0.3:
                postgres.end_sessions()
            return [] if is_followed else [f"writes were refused {ledger.statuses.get(503, 0)} times, /readyz was not"]

        yield from repeat(trial, "read-only", cycles, disturb)
    finally:
        postgres.close()
        shutil.rmtree(folder, ignore_errors=True)


def kill(program, folder, cycles, _):
    trial = Cycles(program, folder, f"sqlite://{folder}/server.db?mode=rwc")

    def disturb(server, _):
        time.sleep(random.uniform(0.1, 1.0))
        server.kill()
        server.start()
        time.sleep(0.2)
        return []

    yield from repeat(trial, "kill", cycles, disturb, keeps_running=False)
    shutil.rmtree(folder, ignore_errors=True)


def repeat(trial, name, cycles, disturb, keeps_running=True):
    try:
        for cycle in range(1, cycles + 1):
            yield f"{name} {cycle}", trial.run(f"{name} {cycle}", disturb, keeps_running)
        yield f"{name}, after a restart", trial.end()
        if keeps_running:
            lines = trial.changes()
            print(f"# {name}: {lines[0]} lines that it does not serve, {lines[1]} that it serves again")
            yield f"{name}, one line of the log at each change", unlike(lines, cycles)
    finally:
        trial.server.kill()


def unlike(lines, cycles):
    """A cycle may fail twice, while it fills up or empties, but not once for each request."""
    if lines[0] == lines[1] and cycles <= lines[0] <= 3 * cycles:
        return []
    return [f"{lines[0]} times it does not serve, {lines[1]} times it serves again, in {cycles} cycles"]


KINDS = {"full-disk": full_disk, "read-only": read_only, "kill": kill}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("kinds", nargs="*", help=" ".join(KINDS))
    parser.add_argument("--cycles", type=int, default=10)
    parser.add_argument("--database")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    options = parser.parse_intermixed_args()
    kinds = options.kinds or list(KINDS)
    if not set(kinds) <= set(KINDS):
        parser.error(f"the kinds are: {' '.join(KINDS)}")
    if "full-disk" in kinds and not os.environ.get("COUNTERSIGN_DURABILITY_MOUNTS"):
        # A mount namespace of its own: the file system is gone with this process.
        os.environ["COUNTERSIGN_DURABILITY_MOUNTS"] = "own"
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
            raise SystemExit("`unshare -m` is not permitted: run as root, in a container that allows it (CAP_SYS_ADMIN)")
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    if len(kinds) > 1:
        given = [options.program, "--cycles", str(options.cycles), "--seed", options.seed]
        given += ["--database", options.database] if options.database else []
        running = [subprocess.Popen([sys.executable, __file__, *given, kind]) for kind in kinds]
        raise SystemExit(any([process.wait() for process in running]))
    print(f"# seed {options.seed}", flush=True)
    random.seed(options.seed)
    raise SystemExit(run(kinds[0], options))


def run(kind, options):
    """One kind; whether anything failed in it."""
    failures = 0
    folder = tempfile.mkdtemp(prefix="countersign-durability.")
    for name, found in KINDS[kind](os.path.abspath(options.program), folder, options.cycles, options.database):
        failures += bool(found)
        lines = [f"{'not ok' if found else 'ok'} - {name}", *(f"#   {sentence}" for sentence in found[:5])]
        print("\n".join(lines), flush=True)
    return failures > 0


if __name__ == "__main__":
    main()
