"""The key of a run: whatever can change its numbers, and nothing else; pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from synthsweep.config.acting import acting_values, acts_of, idle_sections, sections_of
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.llm import LlmConfig, with_members
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Acts
from synthsweep.config.thresholds import threshold_rules
from synthsweep.examples import digest_of
from synthsweep.pretrained import PACKAGE_PREFIX

if TYPE_CHECKING:
    from synthsweep.run.prepare import TrainingData

# Increase it when the same configuration may give other numbers than before; tests/test_golden.py fails when that is due.
RESULTS_VERSION = 3


def run_key(config: RunConfig, data: "TrainingData") -> str:
    """32 hexadecimal digits: equal for two configurations that must give the same numbers.

    Paths, tracking and threads are left out. So are `data`, `seeds.subset` and `seeds.draw`, which act through the texts
    alone, and the key has the digests of those: a pool that grew changes no finished run.
    """
    return digest_of(
        {
            "results_version": RESULTS_VERSION,
            "labels": list(data.corpus.labels.ids),
            **({"label_kind": data.corpus.labels.kind} if data.corpus.labels.kind != "multi" else {}),
            "data": data.data_digest,
            "mix": data.mix_digest,
            # The files of a model may be replaced under the same name.
            **({"models": dict(data.models)} if data.models else {}),
            # match_steps counts the real texts, of which synthetic_only trains on none.
            "baseline": data.mix.baseline,
            "factors": acting_factors(config, synthetic=bool(data.mix.synthetic)),
            # More answers of an audit describe the same texts better.
            **({"audit": data.audited.digest} if data.audited else {}),
        }
    )[:32]


def former_keys(config: RunConfig, data: "TrainingData") -> tuple[str, ...]:
    """The keys under which an earlier version kept the same run: it left models out, which is right for a package's own."""
    names = [str(flat(plain(config)).get(name)) for name in data.models]
    own = all(name.startswith(PACKAGE_PREFIX) for name in names)
    return (run_key(config, replace(data, models={})),) if names and own else ()


def acting_factors(config: RunConfig, *, synthetic: bool) -> dict[str, Any]:
    """The keys that act on a run's numbers, by section; without synthetic texts, those of such texts are left out.

    Keys that act through the texts alone are not among them.
    """
    values, sections = plain(config), sections_of(RunConfig)
    factors = {name: acting_values(section, values[name]) for name, section in sections.items()}
    factors["evaluation"]["threshold"] = str(threshold_rules(config.evaluation.threshold))
    factors["llm"], factors["judge"] = _llm_factors(values["llm"]), _llm_factors(values["judge"])
    if not config.curation.audit:
        # Without an audit, the key stays as it was before audits existed.
        del factors["curation"]["audit"]
    idle = idle_sections(config, synthetic=synthetic)
    alone = {key: values[key] for key in values if key not in sections and Acts.RUN_KEY in acts_of(RunConfig, key)}
    return {**{name: part for name, part in factors.items() if part and name not in idle}, **alone}


def _llm_factors(llm: Mapping[str, Any]) -> dict[str, Any]:
    """The acting keys of an LLM and of its members; what a member's description leaves out is null in the run key."""
    members = {str(name): _llm_factors(member) for name, member in (llm.get("members") or {}).items()}
    return {**acting_values(LlmConfig, llm), **({"members": members} if members else {})}


def config_key(config: RunConfig) -> str:
    """Equal for two configurations that must give the same numbers, known before any text is read."""
    synthetic = config.mix.reads_pool
    values = plain(config)
    seeds = {name: values["seeds"][name] for name in ("subset", *(["draw"] if synthetic else []))}
    # A file acts through its texts, which are not read yet.
    paths = [one.get("path") for one in with_members(values["llm"])] if synthetic else []
    added = values["mix"] if config.mix.adds else None
    return digest_of([acting_factors(config, synthetic=synthetic), paths, added, values["data"], values["labels"], seeds])
