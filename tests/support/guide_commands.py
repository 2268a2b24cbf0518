"""What the tests add to README's and the guide's commands, so that each takes a second, and which ones cannot run here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Few texts, random weights, one epoch: every part of the path is taken.
SMALL = (
    "model=tiny", "model.frozen_layers=0", "training.epochs=1", "training.max_length=16", "characteristics=none",
    "tracking.figures=false", "data.train_size=40", "data.dev_size=30", "data.test_size=30",
)  # fmt: skip
# In this process.
STUDY = (*SMALL, "hydra/launcher=basic")
SEEDS, SEEDS_AT_MOST = "replicates=2", "hydra.sweeper.max_seeds=4"
COMPARED = ("compare.resamples=100", "compare.tfidf_baseline=false")
FEW_TEXTS = ("generate.n=20",)
SERVER = re.compile(r"(llm|llm@judge)=(?:gpt-[\w.,-]+|ollama)")


@dataclass(frozen=True)
class Page:
    """What a page needs: files (a block of its own by a part of its text, or a kind below), commands before its first."""

    files: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()


MINE, MORE, TEXTS = "a table of texts", "another table of texts", "texts of an LLM"
NAMED = {"mine.csv": MINE}
PAGES: Mapping[str, Page] = {
    "README": Page(NAMED),
    "howto-data": Page({**NAMED, "train.csv": MINE, "a.csv": MORE, "b.csv": MORE, "conf/labels/mine.yaml": "name: mine"}),
    "howto-llm": Page({"conf/llm/ours.yaml": "name: ours"}),
    "howto-prompt": Page({"conf/prompt/mine.yaml": "variant: mine"}),
    "howto-texts": Page({**NAMED, "texts.jsonl": TEXTS, "other.jsonl": TEXTS}),
    "howto-sweep": Page({"sweeps/mine.yaml": "study: mine", "sweeps/best.yaml": "study: best"}),
    "howto-compare": Page(
        before=(
            "synthsweep run -m study=dose mix.ratio=0,0.5",
            "synthsweep run -m study=prompts prompt=plain,attributed mix.ratio=0,0.5",
        )
    ),
    "howto-lab": Page({"conf/tracking/lab.yaml": "kind: server"}),
    "howto-predict": Page({"new.csv": MINE}),
    "howto-model": Page({"conf/model/ours.yaml": "name: ours"}),
}

# Their studies are planned (sweep.dry_run=true) and what compares them is composed; those of README, of the tutorial and of
# howto-compare are run: all of them would take minutes.
PLANNED = ("howto-curation", "howto-llm", "howto-prompt", "howto-sweep", "howto-texts")

# Not run, with the reason. Of synthsweep's own commands the configuration is composed, which finds every wrong key and choice.
CANNOT_RUN: Mapping[str, str] = {
    "make demo": "makes an environment; .ci/run does the same, and tests/sweep runs sweeps=demo",
    "synthsweep ui": "serves until Ctrl-C: tests/cli/test_ui.py",
    "mlflow ui": "serves until Ctrl-C: tests/cli/test_moved_projects.py",
    "synthsweep audit review": "serves until Ctrl-C: tests/audit/page",
    "docker compose": "needs Docker: tests/guide/test_lab.py starts what its file starts",
    "optuna-dashboard": "another package that serves until Ctrl-C: tests/study holds what it reads",
    "ssh -N": "needs another machine",
    "sbatch": "needs Slurm",
    "srun": "needs Slurm",
    "synthsweep work": "needs a database for several machines: tests/sweep/test_work_anywhere.py",
    "synthsweep studies hydra.sweeper.storage": "needs a database for several machines: tests/study/shared",
    "hydra/launcher=slurm_workers": "needs Slurm: tests/hydra_plugins runs one of its own",
    "hydra/launcher=submitit_slurm": "needs Slurm",
    "hydra/launcher=submitit_local": "starts processes: tests/sweep/test_processes.py",
    "hydra/launcher=ray_workers": "starts a cluster: tests/workers",
    "tracking=server": "needs an MLflow server: tests/track",
    "tracking=lab": "needs an MLflow server: tests/track",
    "model=pubmedbert": "needs the hub",
    "model=bert_base": "needs the hub",
    "model=ours": "needs weights in /models/ours",
    "sweeps=bert_search": "thirty trials: tests/config/test_conf.py composes it",
    "sweeps=best": "a search: tests/sweep runs one",
    "study=best": "a search: tests/cli/test_compare.py compares one",
    "audit.path=": "needs sheets that people filled: tests/cli/test_audit.py",
    "synthsweep audit import": "needs answers of people: tests/cli/test_audit.py",
    "curation=audited": "needs answers of people: tests/cli/test_audit.py",
}


def reason_not_to_run(command: str, page: str) -> str:
    """Why a command is not run here; empty if it is."""
    if page in PLANNED and command.startswith("synthsweep compare study="):
        return "its study is planned alone"
    return next((reason for part, reason in CANNOT_RUN.items() if part in command), "")


def additions(words: Sequence[str], page: str, server: str) -> list[str]:
    """The overrides that make a command of synthsweep small, and that lead to the server in the place of an LLM."""
    asked = [found for word in words if (found := SERVER.fullmatch(word))]
    more = [f"{'judge' if found[1] == 'llm@judge' else 'llm'}.base_url={server}" for found in asked]
    few = FEW_TEXTS if asked else ()
    match words:
        case ["run", "-m", *_]:
            seeds = SEEDS_AT_MOST if "replicates=auto" in words else SEEDS
            planned = ["sweep.dry_run=true"] if page in PLANNED else []
            return _beside(words, [*STUDY, seeds, *few, *more, *planned])
        case ["run", *_]:
            return _beside(words, [*SMALL, *few, *more])
        case ["generate", "export" | "import", *_] | ["compare", "power", *_]:
            return []
        case ["generate", *_]:
            return [*few, *more]
        case ["doctor", *_]:
            return more
        case ["inspect", *_]:
            return ["characteristics=lexical"]
        case ["compare", *_]:
            return [*COMPARED]
    return []


def _beside(words: Sequence[str], added: Sequence[str]) -> list[str]:
    """What is added, without a key that the command varies, or the model that it names."""
    given = dict(word.split("=", 1) for word in words if "=" in word)
    varied = {key for key, value in given.items() if "," in value or "(" in value} | ({"model"} & given.keys())
    return [one for one in added if not any(one.startswith((f"{key}=", f"{key}.")) for key in varied)]
