"""The key of a run: whatever can change its numbers, and nothing else; pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from synthsweep.config.flat import plain
from synthsweep.config.schema import RunConfig
from synthsweep.examples import digest_of

if TYPE_CHECKING:
    from synthsweep.run.prepare import TrainingData

# Raised when the same configuration may give other numbers than before; tests/test_golden.py fails when it should be.
RESULTS_VERSION = 3

# Where a server is, how it is paid and how fast it is asked changes no text.
ASKED = ("kind", "model", "temperature", "top_p", "reasoning_effort", "reply_format")
LLM_FACTORS = {
    "recorded": ("kind", "model"),
    "simulator": ("kind", "model", "simulator"),
    "eda": ("kind", "rewriter"),
    "masked_lm": ("kind", "rewriter"),
    "union": ("kind",),
    "openai": ASKED,
    "azure": ASKED,
}


def run_key(config: RunConfig, data: "TrainingData") -> str:
    """32 hexadecimal digits: equal for two configurations that must give the same numbers.

    Paths, tracking and threads are left out. So are `data`, `seeds.subset` and `seeds.draw`, which act through the texts
    alone, and those stand here by digest: a pool that grew changes no finished run.
    """
    return digest_of(
        {
            "results_version": RESULTS_VERSION,
            "labels": list(data.corpus.labels.ids),
            "data": data.data_digest,
            "mix": data.mix_digest,
            # match_steps counts the real texts, of which synthetic_only trains on none.
            "baseline": data.mix.baseline,
            "factors": acting_factors(config, synthetic=bool(data.mix.synthetic)),
            # More answers say more of the same texts.
            **({"audit": data.audited.digest} if data.audited else {}),
        }
    )[:32]


def acting_factors(config: RunConfig, *, synthetic: bool) -> dict[str, Any]:
    """The sections of the configuration that can act; without synthetic texts, neither LLM nor prompt can."""
    values = plain(config)
    factors: dict[str, Any] = {
        "model": {name: value for name, value in values["model"].items() if name != "name"},
        "training": {name: value for name, value in values["training"].items() if name != "threads"},
        "evaluation": {**values["evaluation"], "threshold": str(_number_or_name(values["evaluation"]["threshold"]))},
        "seeds": {name: values["seeds"][name] for name in ("init", "order")},
    }
    if not synthetic:
        return factors
    factors |= {
        "llm": _llm_factors(values["llm"]),
        "plant": values["plant"],
        "curation": _curation_factors(values["curation"]),
        "select": values["select"],
        # What measures texts may choose them; and a run that was not measured answers less.
        "characteristics": values["characteristics"],
        "mix": values["mix"],
        "generate": {name: values["generate"][name] for name in ("n", "max_words")},
    }
    if config.curation.label_check == "judge":
        factors["judge"] = _llm_factors(values["judge"])
    # Texts of the user's own file answer no prompt.
    return factors if config.llm.path else {**factors, "prompt": values["prompt"]}


def _curation_factors(curation: Mapping[str, Any]) -> dict[str, Any]:
    """Without an audit the key is that of a time when there were none."""
    return {name: value for name, value in curation.items() if name != "name" and (name != "audit" or value)}


def _llm_factors(llm: Mapping[str, Any]) -> dict[str, Any]:
    """A member of a union may be described in part, and then has the defaults."""
    factors = {name: llm.get(name) for name in LLM_FACTORS.get(llm.get("kind", "recorded"), ASKED)}
    members = {str(name): _llm_factors(member) for name, member in llm["members"].items()} if llm.get("members") else {}
    return {**factors, **({"members": members} if members else {})}


def _number_or_name(threshold: str | float) -> str | float:
    # 1 and 1.0 are one threshold.
    return threshold if isinstance(threshold, str) else float(threshold)


def config_key(config: RunConfig) -> str:
    """Equal for two configurations that must give the same numbers, known before any text is read."""
    synthetic = config.mix.reads_pool
    values = plain(config)
    seeds = {name: values["seeds"][name] for name in ("subset", *(["draw"] if synthetic else []))}
    # A file of texts acts through them, which are not read yet.
    paths = [config.llm.path, *(member.get("path") for member in config.llm.members.values())] if synthetic else []
    added = values["mix"] if config.mix.adds else None
    return digest_of([acting_factors(config, synthetic=synthetic), paths, added, values["data"], values["labels"], seeds])
