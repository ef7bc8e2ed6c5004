"""Measures lists from outside: files in and out of `outpace serve` over HTTP, and the first pages of long lists.

Standard library and PostgreSQL's own psql only.
"""

import argparse
import datetime
import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import threading
import time

from service_bench import ROOT, Client, Rig, report, resident_megabytes


def write_file(path, rows):
    """A list as a CRM gives it."""
    with open(path, "w", buffering=1 << 20) as file:
        file.write("Name;Phone;Customer id;Town\n")
        for row in range(rows):
            file.write(f"Customer {row};0171 {1000000 + row};{row};Town {row % 1000}\n")


class Watch:
    """The most memory a process had while this was on, in megabytes more than before."""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        self.before = self.most = resident_megabytes(self.pid)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def look(self):
        while not self.over.wait(0.05):
            self.most = max(self.most, resident_megabytes(self.pid))

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.growth = self.most - self.before


def psql(rig, *commands, tuples=False):
    """Runs psql on the service's private PostgreSQL."""
    socket = next(pathlib.Path(rig.folder).rglob(".s.PGSQL.*"))
    arguments = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(socket.parent), "-p", socket.name.rsplit(".", 1)[1]]
    arguments += ["-U", "outpace", "-d", database(socket)] + (["-At"] if tuples else [])
    for command in commands:
        arguments += ["-c", command]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()


def database(socket):
    names = subprocess.run(
        ["psql", "-X", "-At", "-h", str(socket.parent), "-p", socket.name.rsplit(".", 1)[1], "-U", "outpace", "-d", "postgres",
         "-c", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname = 'postgres' LIMIT 1"],
        check=True, capture_output=True, text=True,
    )
    return names.stdout.strip()


def upload(rig, path):
    """Uploads the file into a new list; returns the list and the seconds until its rows are in."""
    client = Client(rig.port)
    dlma = client.call("POST", "/dlmas", {"name": "bench", "default_region": "DE"})["uuid"]
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=3600)
    with open(path, "rb") as file:
        connection.request("POST", f"/dlmas/{dlma}/dls?async=0", file, {"Content-Type": "text/csv"})
    answer = json.loads(connection.getresponse().read())
    if answer.get("statuscode") != 200:
        raise RuntimeError(f"the upload failed: {answer}")
    return dlma, time.monotonic() - begin, answer["result"]


def phases(result):
    """How an upload's time was spent."""
    times = [datetime.datetime.fromisoformat(result[key][:26]) for key in ("tm_create", "tm_received", "tm_end")]
    read, loaded = (later - earlier for earlier, later in zip(times, times[1:]))
    return f"{read.total_seconds():.1f} s read, {loaded.total_seconds():.1f} s loaded"


COLUMNS = "uuid, dlma_uuid, name, ukey, variables, number_1, number_originals"


def copy(rig, cleaned, dlma):
    """Loads what the upload made of the file into the same table again, by psql; returns the seconds it took."""
    target = Client(rig.port).call("POST", "/dlmas", {"name": "copy"})["uuid"]
    psql(
        rig,
        f"\\copy (SELECT gen_random_uuid(), '{target}', name, ukey, variables, number_1, number_originals "
        f"FROM dial_list_entry WHERE dlma_uuid = '{dlma}' ORDER BY seq) TO '{cleaned}'",
    )
    begin = time.monotonic()
    psql(rig, f"\\copy dial_list_entry ({COLUMNS}) FROM '{cleaned}'")
    return time.monotonic() - begin


def download(rig, path):
    """Reads an answer of any length; returns its lines and the seconds it took."""
    connection = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=3600)
    begin = time.monotonic()
    connection.request("GET", path)
    answer = connection.getresponse()
    lines = 0
    while part := answer.read(1 << 20):
        lines += part.count(b"\n")
    return lines, time.monotonic() - begin


def latency(rig, path, count=200):
    """Median and 99th percentile of a request, in milliseconds."""
    client = Client(rig.port)
    times = []
    for _ in range(count + 20):
        begin = time.perf_counter()
        client.call("GET", path)
        times.append((time.perf_counter() - begin) * 1000)
    times = sorted(times[20:])
    return statistics.median(times), times[int(len(times) * 0.99)]


def beside(rig, path, file):
    """Median and 99th percentile of a request while a file is loaded, in milliseconds."""
    client = Client(rig.port)
    loading = threading.Thread(target=upload, args=(rig, file))
    loading.start()
    times = []
    while loading.is_alive():
        begin = time.perf_counter()
        client.call("GET", path)
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.003)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.99)]


def measure(binary, rows, rounds):
    reached = True
    with Rig(binary, ["--agents", "1"], (10, 10)) as rig:
        path = rig.folder / "list.csv"
        write_file(path, rows)
        megabytes = path.stat().st_size / 1e6
        uploads, copies, growth = [], [], 0.0
        for _ in range(rounds):
            with Watch(rig.service.pid) as watch:
                dlma, seconds, result = upload(rig, path)
            if result["rows_loaded"] != rows:
                raise RuntimeError(f"{result['rows_loaded']} of {rows} rows were loaded")
            growth = max(growth, watch.growth)
            uploads.append(rows / seconds)
            copies.append(rows / copy(rig, rig.folder / "cleaned.txt", dlma))
            print(f"  {rows} rows, {megabytes:.0f} MB: upload {uploads[-1]:.0f} rows/s ({phases(result)}), \\copy {copies[-1]:.0f} rows/s", flush=True)
        share = statistics.mean(uploads) / statistics.mean(copies)
        reached &= report("upload against \\copy of the cleaned rows", f"{share:.2f}", "at least 0.60", share >= 0.6)
        reached &= report("growth of the service's memory", f"{growth:.0f} MB", "under 50 MB", growth < 50)

        write_file(path, rows // 5)
        middle, high = beside(rig, "/plans", path)
        print(f"an answer while {rows // 5} more rows are loaded: median {middle:.1f} ms, 99th {high:.1f} ms", flush=True)

        # Without the checkpoint the server would go on writing what was loaded while the export is timed.
        psql(rig, "VACUUM ANALYZE dial_list_entry", "CHECKPOINT")
        for path, name, target in [
            (f"/dlmas/{dlma}/dls", "contacts as CSV, all columns", 200_000),
            (f"/dlmas/{dlma}/dls?columns=name,number_1,ukey,status,trycnt_1,res_dial,tm_last_hangup", "contacts as CSV, 7 columns", None),
            (f"/dlmas/{dlma}/dls?format=ndjson", "contacts as NDJSON, all fields", None),
        ]:
            with Watch(rig.service.pid) as watch:
                lines, seconds = download(rig, path)
            if lines not in (rows, rows + 1):
                raise RuntimeError(f"{lines} lines for {rows} contacts")
            value = f"{rows / seconds:.0f} rows/s, memory grew by {watch.growth:.0f} MB"
            if target:
                reached &= report(f"export, {name}", value, f"{target} rows/s", rows / seconds >= target)
            else:
                print(f"export, {name}: {value}", flush=True)

        client = Client(rig.port)
        plan = client.call("POST", "/plans", {})["uuid"]
        destination = client.call("POST", "/destinations", {"type": 1, "application": "park"})["uuid"]
        campaign = client.call("POST", "/campaigns", {"plan": plan, "dest": destination, "dlma": dlma})["uuid"]
        for path in [f"/dls?dlma_uuid={dlma}&limit=100", "/dlmas?limit=100", "/campaigns?limit=100", "/uploads?limit=100", "/dialings?limit=100"]:
            middle, high = latency(rig, path)
            reached &= report(f"first page of {path.split('?')[0]}", f"median {middle:.1f} ms, 99th {high:.1f} ms", "20 ms", high < 20)
        middle, high = latency(rig, f"/campaigns/{campaign}/stats")
        reached &= report("stats of a campaign", f"median {middle:.1f} ms, 99th {high:.1f} ms", "5 ms", high < 5)
    return reached


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/outpace"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2, help="how often the file is loaded")
    options = parser.parse_args()
    sys.exit(0 if measure(options.binary, options.rows, options.rounds) else 1)


if __name__ == "__main__":
    main()
