"""What `synthsweep compare` takes from the command to the report, by its steps, on a study that was never trained.

    python tests/benchmarks/compare_reading.py [--folder FOLDER] [--arms 50] [--seeds 20] [--criteria 7] [--texts 2000]

makes the study in FOLDER unless it is there (a few minutes), each run with its `config.yaml` and `predictions.parquet`. It
prints the seconds and the CPU seconds of reading the runs, of their predictions, of the comparison, and of the report, then
of a command from its start to its report (imports, comparison, report) with the peak of its memory; CPU seconds are of all
processes, those that draw figures among them.
`--repeat 3` gives the median of three processes.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

SCRIPT, STUDY, LLMS = Path(__file__).resolve(), "large", 7


def make(options: argparse.Namespace) -> None:
    """A control and arms of seven LLMs by doses, each on the same seeds."""
    from support.builders import run_config
    from support.kept_studies import CONTROL, Planted, Texts, keep_run
    from synthsweep.config.keys.run import TrackingConfig
    from synthsweep.run.record.description import config_text
    from synthsweep.track.choose import tracker_of
    from synthsweep.track.writer import RunStart

    config = run_config()
    doses = -(-(options.arms - 1) // LLMS)
    cells = [(f"llm{number % LLMS}", (number // LLMS + 1) / doses) for number in range(options.arms - 1)]
    arms = [Planted(CONTROL), *(Planted({"mix.ratio": f"{dose:g}", "llm": llm}, ranking=dose / 4) for llm, dose in cells)]
    texts = Texts(count=options.texts, labels=tuple(f"C{place}" for place in range(options.criteria)))
    tracker = tracker_of(TrackingConfig())
    head = tracker.start(
        RunStart(STUDY, {"objective": "maximize dev/average_precision/macro"}, {"study": STUDY, "kind": "study"})
    )
    tracker.finish("FINISHED")
    for number, planted in enumerate(arms):
        tags = {"study": STUDY, "kind": "trial", "trial": str(number)}
        trial = tracker.start(RunStart(f"trial {number}", dict(planted.assignment), tags, parent=head))
        tracker.finish("FINISHED")
        mix = replace(config.mix, ratio=float(planted.assignment["mix.ratio"]))
        llm = replace(config.llm, name=planted.assignment.get("llm", "recorded"))
        for seed in range(1, options.seeds + 1):
            seeds = replace(config.seeds, subset=seed, draw=seed, init=seed, order=seed)
            own = replace(config, seed=seed, seeds=seeds, mix=mix, llm=llm)
            keep_run(
                tracker, STUDY, replace(planted, params={"trial": str(number)}), seed,
                parent=trial, texts=texts, config=config_text(own),
            )  # fmt: skip


def measure() -> None:
    """One comparison in this process; a line of JSON with (seconds, CPU seconds) by step."""
    steps: dict[str, tuple[float, float]] = {}

    def timed(step: str, act: Callable[[], Any]) -> Any:
        start, cpu = time.perf_counter(), cpu_seconds()
        found = act()
        steps[step] = (time.perf_counter() - start, cpu_seconds() - cpu)
        return found

    def imports() -> None:
        import synthsweep.compare.comparison
        import synthsweep.compare.report.reports
        import synthsweep.track.mlflow.reader  # noqa: F401

    timed("imports", imports)
    from synthsweep.compare.comparison import compare_studies
    from synthsweep.compare.read.assemble import assemble
    from synthsweep.compare.read.placed_runs import place_runs
    from synthsweep.compare.read.runs import read_studies
    from synthsweep.compare.read.scored_runs import read_scores
    from synthsweep.compare.report.page import write_report
    from synthsweep.config.keys.run import TrackingConfig
    from synthsweep.config.roots import CompareConfig, CompareSettings
    from synthsweep.progress import silent
    from synthsweep.track.choose import existing_reader

    config = CompareConfig(study=STUDY, compare=CompareSettings(tfidf_baseline=False))
    reader = timed("open", lambda: existing_reader(TrackingConfig()))
    found = timed("runs", lambda: read_studies(reader, [STUDY]))
    scores = timed("predictions", lambda: read_scores(place_runs(found.runs), reader, None, silent))
    timed("grid", lambda: assemble(scores.runs))
    answer = timed("comparison", lambda: compare_studies(config, existing_reader(TrackingConfig()), silent, "compare"))
    with tempfile.TemporaryDirectory() as folder:
        timed("report", lambda: write_report(answer, Path(folder)))
    whole = [steps[step] for step in ("imports", "comparison", "report")]
    steps["command"] = (sum(wall for wall, _ in whole), sum(cpu for _, cpu in whole))
    print(json.dumps({"steps": steps, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))


def cpu_seconds() -> float:
    """Of this process and of those that it has started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="compare_reading")
    for name, default in (("arms", 50), ("seeds", 20), ("criteria", 7), ("texts", 2000), ("repeat", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    Path(options.folder).mkdir(parents=True, exist_ok=True)
    os.chdir(options.folder)
    if options.once:
        return measure()
    if not Path("mlruns").exists():
        make(options)
    command = [sys.executable, str(SCRIPT), "--folder", ".", "--once"]
    rounds = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(options.repeat)
    ]
    for step in rounds[0]["steps"]:
        wall, cpu = (statistics.median(one["steps"][step][place] for one in rounds) for place in (0, 1))
        peak = f"  peak {max(one['peak'] for one in rounds):5.2f} GiB" if step == "command" else ""
        print(f"{step:20} {wall:7.2f} s  {cpu:7.2f} s of CPU{peak}", flush=True)
    return None


if __name__ == "__main__":
    main()
