"""Measures what a second service on one PostgreSQL adds: calls started and finished a second by two, as a multiple of one's.

Both play the same campaigns over the same two simulated Asterisks; services, floors and PostgreSQL share this machine's cores, so the
multiple is also bounded by these: the share of them that was used is printed beside it. Standard library only.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

from lists_bench import database as database_name
from service_bench import ROOT, Client, cpu_seconds, report, start_floor, start_service, stop

CAMPAIGNS = 4
FLOORS = 2


class Engines:
    """Some services on the first one's private PostgreSQL, each with all the floors."""

    def __init__(self, binary, count, calls_per_second):
        self.binary, self.count, self.calls_per_second = binary, count, calls_per_second
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="outpace-bench-"))
        self.folder.chmod(0o755)
        self.floors, self.services, self.ports = [], [], []

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

    def __exit__(self, *_):
        # The first has the database.
        stop(*reversed(self.services), *self.floors)
        shutil.rmtree(self.folder, ignore_errors=True)

    def lines(self):
        files = [self.folder / f"engine{index}" / "results.json" for index in range(self.count)]
        return [file.read_bytes().count(b"\n") if file.exists() else 0 for file in files]


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


def throughput(binary, count, contacts, calls_per_second):
    """Calls a second, the share of the machine's cores the services took, and the share each of them finished."""
    with Engines(binary, count, calls_per_second) as engines:
        campaigns = fill(engines, contacts)
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
    options = parser.parse_args()
    rates = {}
    for count in (1, 2):
        rate, cores, shares = throughput(options.binary, count, options.contacts, options.calls_per_second)
        rates[count] = rate
        print(
            f"{count} engine{'s' if count > 1 else ''}: {rate:.0f} calls a second, {cores:.2f} cores used by the services, "
            f"finished {' and '.join(f'{share:.0%}' for share in shares)}",
            flush=True,
        )
    multiple = rates[2] / rates[1]
    sys.exit(0 if report("two engines on one PostgreSQL", f"{multiple:.2f} times one", "1.6 times", multiple >= 1.6) else 1)


if __name__ == "__main__":
    main()
