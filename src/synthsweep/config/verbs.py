"""The verbs of the command line, and what acts in each."""

from dataclasses import dataclass, fields
from typing import Any

from synthsweep.config.keys.audit import AuditConfig, AuditExportConfig, AuditImportConfig, AuditReviewConfig
from synthsweep.config.keys.export import ModelExportConfig
from synthsweep.config.keys.launchers import RayWorkersSettings, SlurmWorkersSettings, WorkersSettings
from synthsweep.config.keys.predict import PredictConfig
from synthsweep.config.keys.run import PoolConfig, RunConfig
from synthsweep.config.keys.studies import StudiesConfig, StudiesStopConfig, WorkConfig
from synthsweep.config.keys.sweeper import OF_A_PROCESS, SweeperSettings
from synthsweep.config.roots import (
    CompareConfig,
    DoctorConfig,
    ExportConfig,
    ImportConfig,
    InspectConfig,
    PowerConfig,
    SweepsConfig,
    UiRootConfig,
)
from synthsweep.config.rules import Section


@dataclass(frozen=True)
class Verb:
    """A verb of the command line: its typed root and its line in the help, which is empty if the line above covers it.

    `conf/NAME.yaml` is its root file. The function NAME runs it, in the module of `cli/` that its first word names. `purpose`
    is its line where `summary` is empty. `idle` names sections and keys of its root that change nothing there, so its own help
    leaves them out. `plugins` are sections of Hydra's node that act there. A bare word is the value of the key `named_key`.
    """

    words: str
    root: type[Any]
    summary: str = ""
    purpose: str = ""
    idle: tuple[str, ...] = ()
    plugins: tuple[type[Section], ...] = ()
    named_key: str = ""

    @property
    def name(self) -> str:
        """`audit_export` of `audit export`."""
        return self.words.replace(" ", "_")


# Keys of `tracking` for verbs that use its folder alone, or read runs without writing any.
NOT_FOLDER = (
    "tracking.kind",
    "tracking.uri",
    "tracking.experiment",
    "tracking.log_model",
    "tracking.log_data",
    "tracking.figures",
)
OF_A_RUN = ("tracking.log_model", "tracking.log_data", "tracking.figures")
# Keys of real texts that are split and labelled: new texts are neither.
OF_A_CORPUS = (
    "data.files", "data.revision", "data.subset", "data.group", "data.subgroup", "data.label_column", "data.missing_labels",
    "data.split_seed", "data.dev_share", "data.test_share", "data.train_size", "data.dev_size", "data.test_size", "data.public",
)  # fmt: skip
# Keys that say which texts are drawn, and how they are trained on: verbs that read whole pools take no notice of them.
OF_TRAINING = ("mix", "select", "seeds.init", "seeds.order")
OF_THE_SWEEPER = ("sweep.trial", "sweep.replicate", "sweep.parent", "sweep.factors", "sweep.contents")
NOT_OF_A_SERVER = ("llm.path", "llm.members", "llm.simulator", "llm.rewriter", "llm.batch_discount")
OF_WEIGHTS = (
    "model.pooling", "model.frozen_layers", "model.random_sizes", "model.inverse_penalty", "model.pairs",
    "model.pair_learning_rate",
)  # fmt: skip
SENDING = ("generate.dry_run", "generate.preview")
# What decides how a study is run; other verbs on it only have to find it.
OF_A_PLAN = tuple(
    name
    for name in (f"hydra.sweeper.{item.name}" for item in fields(SweeperSettings))
    if name not in {"hydra.sweeper.storage", "hydra.sweeper.lease_s", *OF_A_PROCESS}
)
# For verbs that look at the storage of studies, and run none.
NOT_STORAGE = (*NOT_FOLDER, *OF_A_PLAN, *OF_A_PROCESS)

VERBS = (
    Verb(
        "run",
        RunConfig,
        "one configuration: train, evaluate, track; -m for a multirun",
        idle=("generate.preview", *OF_THE_SWEEPER),
        plugins=(SweeperSettings, WorkersSettings, RayWorkersSettings, SlurmWorkersSettings),
    ),
    Verb(
        "generate",
        PoolConfig,
        "fill a pool from an LLM: forecast, spend cap, resumable; generate export, generate import",
        idle=("generate.on_demand", "seeds.draw", "seeds.init", "seeds.order", *OF_A_RUN),
    ),
    Verb("generate export", ExportConfig, purpose="the replies of LLMs as JSON Lines", idle=NOT_FOLDER),
    Verb(
        "generate import",
        ImportConfig,
        purpose="replies of a file into the project, as if they had been asked for",
        idle=NOT_FOLDER,
    ),
    Verb(
        "inspect",
        InspectConfig,
        "what a pool is like beside the real texts, before training: one page",
        idle=(*OF_TRAINING, *SENDING, *NOT_FOLDER),
    ),
    Verb(
        "audit",
        AuditConfig,
        "a clinician's blind verdict on a sample: audit export, audit review, audit import",
        idle=NOT_FOLDER,
    ),
    Verb(
        "audit export",
        AuditExportConfig,
        purpose="a blind sample of synthetic texts, for a clinician to judge",
        idle=("seeds.draw", "seeds.init", "seeds.order", *SENDING, *NOT_FOLDER),
    ),
    Verb("audit review", AuditReviewConfig, purpose="the sample as a page on 127.0.0.1, one text at a time", idle=NOT_FOLDER),
    Verb(
        "audit import",
        AuditImportConfig,
        purpose="filled sheets are checked and kept, and all answers summed up",
        idle=("plant", *OF_TRAINING, *SENDING, *OF_A_RUN),
    ),
    Verb("sweeps", SweepsConfig, "the questions that run -m sweeps=NAME can ask"),
    Verb(
        "studies",
        StudiesConfig,
        "the studies of a storage: how far they are, who works on them, what failed; studies stop",
        idle=NOT_STORAGE,
        plugins=(SweeperSettings,),
        named_key="study",
    ),
    Verb(
        "studies stop",
        StudiesStopConfig,
        purpose="ends the processes of a study, wherever they run, after what they run",
        idle=NOT_STORAGE,
        plugins=(SweeperSettings,),
        named_key="study",
    ),
    Verb(
        "work",
        WorkConfig,
        "joins a study from any machine that reaches its storage, until no replicate is left",
        idle=(*OF_A_RUN, *OF_A_PLAN),
        plugins=(SweeperSettings, WorkersSettings, RayWorkersSettings, SlurmWorkersSettings),
        named_key="study",
    ),
    Verb(
        "compare",
        CompareConfig,
        "what a study says: effects, intervals, one report; compare power, before it runs",
        idle=OF_A_RUN,
    ),
    Verb(
        "compare power",
        PowerConfig,
        purpose="what a study could find, before it runs",
        idle=("force", "sweep", "privacy", *SENDING, *OF_A_RUN),
        plugins=(SweeperSettings,),
    ),
    Verb(
        "predict",
        PredictConfig,
        "labels for new texts, by the classifier of a run, of a study's best trial, or of an arm's seeds",
        idle=(*OF_A_CORPUS, *OF_A_RUN),
    ),
    Verb(
        "export",
        ModelExportConfig,
        "a saved classifier as a folder, as ONNX or in MLflow's registry; final=true trains it on dev, too",
        idle=OF_A_RUN,
    ),
    Verb("ui", UiRootConfig, "the MLflow UI on mlruns/, on 127.0.0.1 alone", idle=OF_A_RUN),
    Verb(
        "doctor",
        DoctorConfig,
        "what this machine lacks; with llm=NAME also what that LLM's endpoint can do",
        idle=(*OF_WEIGHTS, *NOT_OF_A_SERVER, *NOT_FOLDER),
    ),
)
ROOTS = {verb.name: verb.root for verb in VERBS}
