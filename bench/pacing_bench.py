"""Plays one floor twice: in real time, by `outpace serve` against `outpace floor`, and fast-forwarded, by `outpace simulate`.

Agents busy and calls abandoned of the two are to agree within three points. Minutes hold few abandoned calls, and one that is lost at
the beginning is paid for until the end: so several floors are played at the same time, each with a service and a database of its own,
and the mean of these is held against the mean of many fast-forwarded shifts. Conversations are short, so that a few minutes hold
enough of them. Standard library only.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from service_bench import ROOT, Rig

# The floor of both: 30 agents, 30 % answers.
AGENTS = 30
ANSWER = 0.3
RING, RING_CV, RING_CUT = 6, 0.6, 20
TALK, TALK_CV = 15, 0.8
WRAPUP, WRAPUP_CV = 3, 0.6
AGENT_ANSWER = 0.1


def simulated(binary, seconds, folder):
    scenario = {
        "name": "bench", "agents": AGENTS, "hours": seconds / 3600, "shifts": 64, "answer": ANSWER, "machine": 0, "fail": 0.2,
        "setup": 1, "ring": {"mean": RING, "cv": RING_CV, "cut": RING_CUT}, "ring_out": RING_CUT,
        "talk": {"mean": TALK, "cv": TALK_CV}, "wrapup": {"mean": WRAPUP, "cv": WRAPUP_CV},
        "policies": ["predictive", "progressive"],
    }  # fmt: skip
    path = folder / "scenario.json"
    path.write_text(json.dumps(scenario))
    answer = subprocess.run([binary, "simulate", "--scenario", path], check=True, capture_output=True).stdout
    figures = {}
    for policy in json.loads(answer)["policies"]:
        figures[policy["name"]] = tuple(
            [shift[figure] * 100 for shift in policy["shifts"]] for figure in ("utilisation", "abandonment")
        )
    return figures


def played(binary, seconds, pacing, seed):
    """Agents busy and calls abandoned as the floor counted them, in per cent."""
    options = [
        "--agents", str(AGENTS), "--answer-rate", str(ANSWER), "--fail-share", "0.2", "--setup", "1", "--ring-mean", str(RING),
        "--ring-cv", str(RING_CV), "--ring-cut", str(RING_CUT), "--talk-mean", str(TALK), "--talk-cv", str(TALK_CV),
        "--wrapup-mean", str(WRAPUP), "--wrapup-cv", str(WRAPUP_CV), "--agent-answer", str(AGENT_ANSWER),
        "--patience", "2.1", "--patience-cv", "0", "--seed", str(seed),
    ]  # fmt: skip
    with Rig(binary, options, (1_000, 200)) as rig:
        plan = {"dial_mode": 1, "pacing": pacing, "max_retry_cnt_1": 1, "dial_timeout": RING_CUT * 1000}
        campaign = rig.campaign(plan, {"application": "Queue", "data": "sales_1"}, AGENTS * seconds // 4 + 500)
        rig.start(campaign)
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            time.sleep(min(30, max(0, seconds - (time.monotonic() - begin))))
            state = rig.stats(campaign)
            print(
                f"  {pacing}, seed {seed}, {time.monotonic() - begin:.0f} s: {state['answered']} answered, {state['abandoned']} abandoned, "
                f"{state['ringing']} ringing, {state['agents_idle']} idle, {state['pacing_state']}",
                flush=True,
            )
        state = rig.stats(campaign)
        rig.floor.send_signal(signal.SIGTERM)
        summary = rig.floor.stdout.read().decode()
        # Counted from the first call on, as the simulated shift is.
        busy = float(re.search(r"agents busy\s+([\d.]+) %", summary).group(1))
        live, abandoned = state["live_24h"], state["abandoned_24h"]
        return busy, 100 * abandoned / live if live else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/outpace"))
    parser.add_argument("--seconds", type=int, default=270)
    parser.add_argument("--seeds", default="1,2,3,4", help="of the floors that are played at the same time")
    parser.add_argument("--pacing", choices=["predictive", "progressive"], action="append")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    agree = True
    with tempfile.TemporaryDirectory(prefix="outpace-bench-") as folder:
        expected = simulated(options.binary, options.seconds, pathlib.Path(folder))
    for pacing in options.pacing or ["predictive"]:
        with concurrent.futures.ThreadPoolExecutor(len(seeds)) as pool:
            runs = list(pool.map(lambda seed: played(options.binary, options.seconds, pacing, seed), seeds))
        for seed, (busy, abandoned) in zip(seeds, runs):
            print(f"{pacing}, {AGENTS} agents, {options.seconds} s, seed {seed}: busy {busy:.1f} %, abandoned {abandoned:.2f} %")
        busy, abandoned = (statistics.mean(figures) for figures in zip(*runs))
        shifts = expected[pacing]
        middle = [statistics.mean(figures) for figures in shifts]
        spread = [statistics.stdev(figures) for figures in shifts]
        close = abs(busy - middle[0]) <= 3 and abs(abandoned - middle[1]) <= 3
        agree &= close
        print(
            f"{pacing}, mean of {len(runs)}: busy {busy:.1f} % (simulated {middle[0]:.1f} ± {spread[0]:.1f} a shift), abandoned "
            f"{abandoned:.2f} % (simulated {middle[1]:.2f} ± {spread[1]:.2f}): {'agree' if close else 'DO NOT agree'} within 3 points",
            flush=True,
        )
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
