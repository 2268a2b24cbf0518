"""The profile of each text of a request: a value of each attribute, under conditions, with or without repetition.

Attributed prompts follow Yu et al. 2023 (AttrPrompt, arXiv 2306.15895); conditions keep a profile from contradicting itself,
as a fluent speaker of 18 months would.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from synthsweep.config.keys.generation import PromptConfig
from synthsweep.config.prompt_conditions import LABEL, fits, in_order
from synthsweep.generate.completer import Profile
from synthsweep.stratify import number_of


def draw_profiles(prompt: PromptConfig, label: str, sample: int) -> tuple[Profile, ...]:
    """A value of each attribute for each text of a request, attributes in alphabetical order; empty without attributes.

    An attribute none of whose values fits the others of a profile is left out of it.
    """
    if not prompt.attributes:
        return ()
    used: Counter[tuple[str, str]] = Counter()
    return tuple(
        _profile(prompt, label, f"{prompt.variant}/{label}/{sample}", line, used) for line in range(prompt.per_request)
    )


def _profile(prompt: PromptConfig, label: str, place: str, line: int, used: Counter[tuple[str, str]]) -> Profile:
    drawn: dict[str, str] = {}
    for name in in_order(prompt.attributes, prompt.when):
        values = [value for value in prompt.attributes[name] if fits(prompt.when, name, value, {LABEL: label, **drawn})]
        if not values:
            continue
        if prompt.distinct:
            drawn[name] = _least_used(values, name, place, used)
            used[name, drawn[name]] += 1
        else:
            drawn[name] = one_of(values, f"{place}/{line}/{name}")
    return tuple(sorted(drawn.items()))


def _least_used(values: Sequence[str], name: str, place: str, used: Mapping[tuple[str, str], int]) -> str:
    """The value that the fewest texts of the request have so far; ties are in another order in each round."""

    def turn(value: str) -> tuple[int, int]:
        times = used.get((name, value), 0)
        return times, number_of(f"{place}/{times}/{name}/{value}")

    return min(values, key=turn)


def one_of(values: Sequence[str], place: str) -> str:
    """One of some values; the same `place` gives the same one."""
    return values[number_of(place) % len(values)]


def profile_lines(profiles: Sequence[Profile]) -> Iterator[str]:
    """The profiles as a prompt lists them, numbered from 1."""
    for line, profile in enumerate(profiles, start=1):
        yield f"{line}. {'; '.join(f'{name}: {value}' for name, value in profile)}"
