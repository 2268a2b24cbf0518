"""One sample, three ways to answer it: the workbook, the CSV and the page, by the commands that a user gives.

    python tests/benchmarks/audit_ways.py [--right 0.83] [--shots FOLDER]

Two pools of 2,100 texts (7 criteria x 300) are files of the user's own; 140 are drawn, 10 of each LLM and criterion, and a
script answers so that a share of `--right` of them is right. It fills the workbook and the CSV, and drives the page in
Chromium by keyboard alone. Each way ends in `synthsweep audit import`, whose first lines are printed, with the seconds that the
answering took.
"""

import argparse
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.chromium import chromium
from support.filled_sheets import fill_csv, fill_xlsx
from synthsweep.audit.folder import read_audit
from synthsweep.audit.items import RIGHT, WRONG, Answer, Audit

LLMS, EACH = ("gpt-3.5-turbo", "gpt-4"), 300
CRITERIA = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
NAME = "Anna"
KEYS = {RIGHT: "1", WRONG: "2"}
LIMIT_S = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--right", type=float, default=0.83)
    parser.add_argument("--shots", type=Path, help="where screenshots of the page go")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        write_pools()
        ways: dict[str, Callable[[str, Audit, Mapping[str, Answer]], list[str]]] = {
            "xlsx": by_workbook,
            "csv": by_csv,
            "page": lambda way, audit, answers: by_page(way, audit, answers, given.shots),
        }
        for way, answered in ways.items():
            files = ",".join(f"{llm}.jsonl" for llm in LLMS)
            end = ["audit.format=csv"] if way == "csv" else []
            said = synthsweep("audit", "export", f"audit.paths=[{files}]", *end, *where(way))
            audit = read_audit(Path(way, "audit", "default"))
            began = time.monotonic()
            words = answered(way, audit, planted(audit, given.right))
            seconds = time.monotonic() - began
            print(f"{way}: {said[0]}")
            told = synthsweep("audit", "import", *words, *where(way))
            print("\n".join(f"  {line}" for line in told if "example-label pairs" in line or "right more often" in line))
            last = re.sub("Open .* in a browser", "Open ... in a browser", told[-1])
            print(f"  answered in {seconds:.1f} s; import ends: {last}")


def where(way: str) -> list[str]:
    return [f"tracking.folder={way}"]


def synthsweep(*words: str) -> list[str]:
    done = subprocess.run(["synthsweep", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"synthsweep {' '.join(words)}: {done.stderr}")
    return done.stdout.splitlines()


def write_pools() -> None:
    for first, llm in zip((0, EACH * len(CRITERIA)), LLMS, strict=True):
        lines = [
            json.dumps({"label": label, "text": f"Sentence {first + place * EACH + number} about a child."})
            for place, label in enumerate(CRITERIA)
            for number in range(EACH)
        ]
        Path(f"{llm}.jsonl").write_text("\n".join(lines))


def planted(audit: Audit, share: float) -> dict[str, Answer]:
    """So many answers are right, whatever they are about."""
    order = list(audit.items)
    random.Random(1).shuffle(order)
    right = round(share * len(order))
    return {item.id: Answer(item.id, NAME, RIGHT if place < right else WRONG) for place, item in enumerate(order)}


def by_workbook(way: str, audit: Audit, answers: Mapping[str, Answer]) -> list[str]:
    sheet = Path(way, "audit", "default", "sheet.xlsx")
    fill_xlsx(sheet, answers, NAME)
    return [f"audit.path={sheet}"]


def by_csv(way: str, audit: Audit, answers: Mapping[str, Answer]) -> list[str]:
    sheet = Path(way, "audit", "default", "sheet.csv")
    fill_csv(sheet, answers)
    return [f"audit.path={sheet}", f"audit.rater={NAME}"]


def by_page(way: str, audit: Audit, answers: Mapping[str, Answer], shots: Path | None) -> list[str]:
    with reviewing(way) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.keyboard.type(NAME)
        page.keyboard.press("Enter")
        page.locator("#text").wait_for()
        for number, item in enumerate(audit.items):
            page.keyboard.press(KEYS[answers[item.id].verdict])
            if shots and number == len(audit.items) // 2:
                shots.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=shots / "review.png")
            page.keyboard.press("Enter")
        page.locator("#done").wait_for()
        page.locator("#saved", has_text="Saved").wait_for()
    return []


@contextmanager
def reviewing(way: str) -> Any:
    """The page of `synthsweep audit review`, ended as a user ends it."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    command = ["synthsweep", "audit", "review", f"audit.port={port}", *where(way)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = re.findall(r"http://\S+", process.stdout.readline())[0]
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    try:
        yield address
    finally:
        process.terminate()
        print("\n".join(f"  {line}" for line in process.communicate(timeout=LIMIT_S)[0].splitlines()))


if __name__ == "__main__":
    main()
