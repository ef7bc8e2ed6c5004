"""Measures what a second service on one PostgreSQL adds: calls started and finished a second by two, as a multiple of one's.

Both play the same campaigns over the same two simulated Asterisks. Services, floors and PostgreSQL share this machine's cores: one service
alone may use them all up, and a second one adds nothing then that could be seen. So each service gets a part of a core of its
own (`--cores`, by the kernel's control groups, which takes root), as if it had a small machine to itself. Without a limit the
multiple is printed too. Standard library only.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

from lists_bench import database as database_name
from service_bench import ROOT, Client, cpu_seconds, report, start_floor, start_service, stop

CAMPAIGNS = 4
FLOORS = 2


class Share:
    """A control group whose processes get a part of a core between them, in slices of ten milliseconds."""

    SLICE = 10_000

    def __init__(self, pid, cores):
        root = pathlib.Path("/sys/fs/cgroup")
        quota = int(cores * self.SLICE)
        # The second version has one tree, the first one for each controller.
        self.is_second = (root / "cgroup.controllers").exists()
        self.folder = (root if self.is_second else root / "cpu") / f"outpace-bench-{os.getpid()}-{pid}"
        if self.is_second:
            (root / "cgroup.subtree_control").write_text("+cpu")
        self.folder.mkdir()
        if self.is_second:
            (self.folder / "cpu.max").write_text(f"{quota} {self.SLICE}")
        else:
            (self.folder / "cpu.cfs_period_us").write_text(str(self.SLICE))
            (self.folder / "cpu.cfs_quota_us").write_text(str(quota))
        (self.folder / "cgroup.procs").write_text(str(pid))

    def remove(self):
        """Of a process that has ended."""
        self.folder.rmdir()


class Engines:
    """Some services on the first one's private PostgreSQL, each with all the floors."""

    def __init__(self, binary, count, calls_per_second):
        self.binary, self.count, self.calls_per_second = binary, count, calls_per_second
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="outpace-bench-"))
        self.folder.chmod(0o755)
        self.read, self.found = [0] * count, [0] * count
        self.floors, self.services, self.ports, self.shares = [], [], [], []

    def __enter__(self):
        options = ["--agents", "0", "--answer-rate", "0.5", "--ring-mean", "1", "--talk-mean", "1", "--speed", "5"]
        managers = []
        for index in range(FLOORS):
            floor, port = start_floor(self.binary, options, self.folder / f"floor{index}.log")
            self.floors.append(floor)
            managers.append(port)
        database = ""
        for index in range(self.count):
            folder = self.folder / f"engine{index}"
            folder.mkdir(mode=0o755)
            extra = f"engine: {{ name: engine{index} }}\n{database}"
            service, port = start_service(self.binary, folder, managers, (5_000, self.calls_per_second), extra)
            self.services.append(service)
            self.ports.append(port)
            if index == 0:
                socket = next(folder.rglob(".s.PGSQL.*"))
                port = socket.name.rsplit(".", 1)[1]
                url = f"postgresql://outpace@/{database_name(socket)}?host={socket.parent}&port={port}"
                database = f'database: {{ url: "{url}" }}'
        return self

    def limit(self, cores):
        """From here on each service has so much of a core; the first one's PostgreSQL is not part of it."""
        for service in self.services:
            self.shares.append(Share(service.pid, cores))

    def __exit__(self, *_):
        # The first has the database.
        stop(*reversed(self.services), *self.floors)
        for share in self.shares:
            share.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def lines(self):
        """How many lines each service's file has; reads what came since it was asked before."""
        for index in range(self.count):
            file = self.folder / f"engine{index}" / "results.json"
            if not file.exists():
                continue
            with open(file, "rb") as content:
                content.seek(self.read[index])
                new = content.read()
            self.read[index] += len(new)
            self.found[index] += new.count(b"\n")
        return self.found


def fill(engines, contacts):
    """Makes the campaigns; returns them."""
    client = Client(engines.ports[0])
    campaigns = []
    for index in range(CAMPAIGNS):
        plan = client.call(
            "POST",
            "/plans",
            {"name": "bench", "tech_name": "PJSIP", "trunk_name": "trunk", "dial_mode": 4, "max_retry_cnt_1": 1, "dl_end_handle": 0},
        )
        destination = client.call(
            "POST", "/destinations", {"name": "bench", "type": 1, "application": "Playback", "data": "demo-congrats"}
        )
        dlma = client.call("POST", "/dlmas", {"name": "bench"})
        rows = "\n".join(f"{(index + 1) * 10_000_000 + row}" for row in range(contacts // CAMPAIGNS))
        client.connection.request(
            "POST", f"/dlmas/{dlma['uuid']}/dls?async=0", f"phone\n{rows}\n".encode(), {"Content-Type": "text/csv"}
        )
        answer = json.loads(client.connection.getresponse().read())
        if answer.get("statuscode") != 200:
            raise RuntimeError(f"the upload failed: {answer}")
        campaign = {"name": "bench", "plan": plan["uuid"], "dest": destination["uuid"], "dlma": dlma["uuid"]}
        campaigns.append(client.call("POST", "/campaigns", campaign)["uuid"])
    return campaigns


def throughput(binary, count, contacts, calls_per_second, cores):
    """Calls a second, the share of the machine's cores the services took, and the share each of them finished."""
    with Engines(binary, count, calls_per_second) as engines:
        campaigns = fill(engines, contacts)
        if cores:
            engines.limit(cores)
        used = sum(cpu_seconds(service.pid) for service in engines.services)
        begin = time.monotonic()
        for campaign in campaigns:
            Client(engines.ports[0]).call("PUT", f"/campaigns/{campaign}", {"status": 1})
        while sum(lines := engines.lines()) < contacts:
            time.sleep(0.2)
            if time.monotonic() - begin > 300:
                raise RuntimeError(f"only {lines} of {contacts} results after 300 s")
        seconds = time.monotonic() - begin
        used = sum(cpu_seconds(service.pid) for service in engines.services) - used
        dialings = set()
        for index in range(count):
            for line in (engines.folder / f"engine{index}" / "results.json").read_text().splitlines():
                dialings.add(json.loads(line)["uuid"])
        if len(dialings) != contacts or sum(engines.lines()) != contacts:
            raise RuntimeError(f"{sum(engines.lines())} lines and {len(dialings)} dialings for {contacts} contacts")
        return contacts / seconds, used / seconds, [line / contacts for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/outpace"))
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument(
        "--calls-per-second", type=int, default=5_000, help="what each Asterisk takes; a low one shows the limits' share, not the engines' speed"
    )
    parser.add_argument("--cores", type=float, default=0.2, help="what each service has of a core")
    options = parser.parse_args()
    reached = False
    for cores in (None, options.cores):
        rates = {}
        for count in (1, 2):
            rate, used, shares = throughput(options.binary, count, options.contacts, options.calls_per_second, cores)
            rates[count] = rate
            print(
                f"{count} engine{'s' if count > 1 else ''}{f', {cores:g} cores each' if cores else ''}: {rate:.0f} calls a second, "
                f"{used:.2f} cores used by the services, finished {' and '.join(f'{share:.0%}' for share in shares)}",
                flush=True,
            )
        multiple = rates[2] / rates[1]
        if cores:
            reached = report(
                f"two engines on one PostgreSQL, {cores:g} cores each", f"{multiple:.2f} times one", "1.6 times", multiple >= 1.6
            )
        else:
            print(f"two engines that share the machine's {os.cpu_count()} cores: {multiple:.2f} times one", flush=True)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
