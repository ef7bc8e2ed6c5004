"""Measures the whole service from outside: `outpace serve` with its private PostgreSQL against `outpace floor`.

Every figure is read on this machine in this run. Floor, service and PostgreSQL share its cores, as they would on a small
installation. Standard library only.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident_megabytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Client:
    """A keep-alive connection to the REST API."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body=None):
        self.connection.request(method, path, None if body is None else json.dumps(body))
        answer = self.connection.getresponse()
        data = json.loads(answer.read() or b"null")
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {data}")
        return data.get("result")


def start_floor(binary, options, log):
    """Starts a floor; returns its process and its port."""
    floor = subprocess.Popen([binary, "floor", "--port", "0", *options], stdout=subprocess.PIPE, stderr=open(log, "wb"))
    line = floor.stdout.readline().decode()
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    if not found:
        raise RuntimeError(f"the floor did not start: {line!r} {log.read_text()[-2000:]}")
    return floor, int(found.group(1))


def start_service(binary, folder, asterisk, limits, extra=""):
    """Starts a service for the Asterisks at these ports; returns its process and its REST port once it is ready."""
    port = free_port()
    servers = "\n".join(
        f"  - {{ name: floor{index or ''}, host: 127.0.0.1, port: {manager}, max_calls: {limits[0]}, max_calls_per_second: {limits[1]} }}"
        for index, manager in enumerate(asterisk)
    )
    configuration = folder / "outpace.yaml"
    configuration.write_text(
        f"""
http: {{ host: 127.0.0.1, port: {port} }}
data_dir: {folder}/data
asterisk:
{servers}
results: {{ file: {folder}/results.json }}
log: {{ level: warning }}
{extra}
"""
    )
    log = folder / "serve.log"
    with open(log, "wb") as output:
        service = subprocess.Popen([binary, "serve", "--config", configuration], stdout=output, stderr=output)
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return service, port
        if service.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the service did not start: " + log.read_text()[-3000:])
        time.sleep(0.1)


def stop(*processes):
    for process in processes:
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.poll() is None:
                process.kill()


class Rig:
    """A floor and a service in a throw-away folder."""

    def __init__(self, binary, floor_options, limits, through=None):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="outpace-bench-"))
        self.folder.chmod(0o755)
        self.floor_options = floor_options
        self.limits = limits
        self.through = through
        self.floor = self.service = None

    def __enter__(self):
        self.floor, self.floor_port = start_floor(self.binary, self.floor_options, self.folder / "floor.log")
        manager = self.through(self.floor_port) if self.through else self.floor_port
        self.service, self.port = start_service(self.binary, self.folder, [manager], self.limits)
        return self

    def __exit__(self, *_):
        stop(self.service, self.floor)
        shutil.rmtree(self.folder, ignore_errors=True)

    def campaign(self, plan, destination, contacts):
        client = Client(self.port)
        plan = client.call("POST", "/plans", {"name": "bench", "tech_name": "PJSIP", "trunk_name": "trunk", **plan})
        destination = client.call("POST", "/destinations", {"name": "bench", "type": 1, **destination})
        dlma = client.call("POST", "/dlmas", {"name": "bench"})

        def load(first, step):
            own = Client(self.port)
            for number in range(first, contacts, step):
                own.call("POST", "/dls", {"dlma_uuid": dlma["uuid"], "number_1": f"{10_000_000 + number}"})

        threads = [threading.Thread(target=load, args=(index, 8)) for index in range(8)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"  {contacts} contacts posted one by one: {contacts / (time.monotonic() - begin):.0f} a second")
        return client.call(
            "POST",
            "/campaigns",
            {"name": "bench", "plan": plan["uuid"], "dest": destination["uuid"], "dlma": dlma["uuid"]},
        )["uuid"]

    def start(self, campaign):
        Client(self.port).call("PUT", f"/campaigns/{campaign}", {"status": 1})

    def stats(self, campaign):
        return Client(self.port).call("GET", f"/campaigns/{campaign}/stats")


def idle_memory(binary):
    with Rig(binary, ["--agents", "20"], (200, 20)) as rig:
        time.sleep(10)
        return resident_megabytes(rig.service.pid)


def throughput(binary, contacts):
    """Calls started and finished a second, each claimed durably before and recorded durably after."""
    options = ["--agents", "0", "--answer-rate", "0.5", "--ring-mean", "1", "--talk-mean", "1", "--speed", "5"]
    with Rig(binary, options, (5_000, 5_000)) as rig:
        campaign = rig.campaign(
            {"dial_mode": 4, "max_retry_cnt_1": 1}, {"application": "Playback", "data": "demo-congrats"}, contacts
        )
        begin = time.monotonic()
        rig.start(campaign)
        results = rig.folder / "results.json"
        lines = 0
        with_cpu = cpu_seconds(rig.service.pid)
        while lines < contacts:
            time.sleep(0.2)
            lines = results.read_bytes().count(b"\n") if results.exists() else 0
            if time.monotonic() - begin > 300:
                raise RuntimeError(f"only {lines} of {contacts} results after 300 s: {rig.stats(campaign)}")
        seconds = time.monotonic() - begin
        used = cpu_seconds(rig.service.pid) - with_cpu
        written = [json.loads(line) for line in results.read_text().splitlines()]
        if len(written) != contacts or len({line["uuid"] for line in written}) != contacts:
            raise RuntimeError(f"{len(written)} lines for {contacts} contacts")
        return contacts / seconds, used / contacts * 1e6


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_under_load(binary, calls):
    """Resident memory of the service with many calls in progress at once."""
    options = ["--agents", "0", "--answer-rate", "1", "--ring-mean", "1", "--talk-mean", "3600", "--talk-cv", "0.01"]
    with Rig(binary, options, (calls, 5_000)) as rig:
        campaign = rig.campaign(
            {"dial_mode": 4, "max_retry_cnt_1": 1, "dial_timeout": 60000},
            {"application": "Playback", "data": "demo-congrats"},
            calls + 100,
        )
        rig.start(campaign)
        deadline = time.monotonic() + 180
        while True:
            state = rig.stats(campaign)
            if state["in_progress"] >= calls * 0.99 and state["connected"] >= calls * 0.95:
                break
            if time.monotonic() > deadline:
                raise RuntimeError(f"never reached {calls} calls: {state}")
            time.sleep(0.5)
        return state["in_progress"], resident_megabytes(rig.service.pid)


class Wire:
    """Sits between service and floor and notes when an agent became free and when the next Originate passed."""

    def __init__(self):
        self.delays = []
        self.freed = []
        self.watching = False

    def listen(self, floor_port):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def serve():
            async def accept(reader, writer):
                floor_reader, floor_writer = await asyncio.open_connection("127.0.0.1", floor_port)
                await asyncio.gather(
                    self.pump(floor_reader, writer, self.from_floor), self.pump(reader, floor_writer, self.from_service)
                )

            server = await asyncio.start_server(accept, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()

        threading.Thread(target=lambda: self.loop.run_until_complete(serve()), daemon=True).start()
        ready.wait()
        return self.port

    async def pump(self, reader, writer, look):
        rest = b""
        while data := await reader.read(65536):
            writer.write(data)
            if self.watching:
                rest = look(rest + data)
            await writer.drain()
        writer.close()

    def from_floor(self, data):
        now = time.perf_counter()
        *messages, rest = data.split(b"\r\n\r\n")
        for message in messages:
            if b"Event: QueueMemberStatus" in message and b"\r\nStatus: 1\r\n" in message + b"\r\n":
                self.freed.append(now)
        return rest

    def from_service(self, data):
        now = time.perf_counter()
        *messages, rest = data.split(b"\r\n\r\n")
        for message in messages:
            if b"Action: Originate" in message and self.freed:
                self.delays.append((now - self.freed.pop(0)) * 1000)
        return rest


def freed_latency(binary, agents, seconds):
    """From the wire's word that an agent is free to the Originate it causes, in milliseconds."""
    wire = Wire()
    options = [
        "--agents", str(agents), "--answer-rate", "1", "--ring-mean", "0.05", "--talk-mean", "6", "--talk-cv", "0.5",
        "--wrapup-mean", "0",
    ]
    with Rig(binary, options, (1_000, 1_000), wire.listen) as rig:
        campaign = rig.campaign(
            # Ahead of the agents there would be no telling which of them a call is for.
            {"dial_mode": 1, "pacing": "progressive", "max_retry_cnt_1": 1}, {"application": "Queue", "data": "sales_1"},
            agents * seconds // 5 + 1000,
        )
        rig.start(campaign)
        time.sleep(12)
        wire.freed.clear()
        wire.watching = True
        time.sleep(seconds)
        wire.watching = False
        delays = sorted(wire.delays)
        if len(delays) < 100:
            raise RuntimeError(f"only {len(delays)} originates seen: {rig.stats(campaign)}")
        return len(delays), statistics.median(delays), delays[int(len(delays) * 0.99)]


def report(name, value, target, reached):
    print(f"{name}: {value} (target {target}: {'reached' if reached else 'NOT reached'})", flush=True)
    return reached


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/outpace"))
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--only", choices=["idle", "throughput", "memory", "latency"])
    options = parser.parse_args()
    wanted = lambda name: options.only in (None, name)
    reached = True
    if wanted("idle"):
        memory = idle_memory(options.binary)
        reached &= report("idle service, resident", f"{memory:.0f} MB", "under 60 MB", memory < 60)
    if wanted("throughput"):
        rate, cost = throughput(options.binary, options.contacts)
        reached &= report(
            "calls started and finished", f"{rate:.0f} a second, {cost:.0f} µs of the service's CPU each", "500 a second", rate >= 500
        )
    if wanted("latency"):
        count, middle, high = freed_latency(options.binary, 100, 30)
        reached &= report(
            f"agent freed to Originate on the wire ({count} seen)", f"median {middle:.1f} ms, 99th percentile {high:.1f} ms", "99th under 10 ms", high < 10
        )
    if wanted("memory"):
        calls, memory = memory_under_load(options.binary, 5_000)
        reached &= report(f"{calls} calls in progress, resident", f"{memory:.0f} MB", "under 200 MB", memory < 200)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
