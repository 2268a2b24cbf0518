"""The requests of a pool, decided before anything is sent; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from synthsweep.config.keys.generation import PromptConfig
from synthsweep.errors import PoolError
from synthsweep.examples import LabelSet
from synthsweep.generate.completer import CompletionRequest, Profile
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.openings import shown_openings
from synthsweep.generate.prompts.profiles import draw_profiles
from synthsweep.generate.prompts.render import Draws, draw_companions, draw_persona, render_messages

# Texts per criterion where generate.n is null and the completer never ends.
DEFAULT_N = 100
# To make up for rejected texts, at most this multiple of the necessary requests is sent.
MOST_ROUNDS = 2


@dataclass(frozen=True)
class PromptPlan:
    """Everything that determines the requests of a pool; `form` is the format of replies: list or json."""

    prompt: PromptConfig
    labels: LabelSet
    real: RealTexts = field(default_factory=RealTexts)
    form: str = "list"

    @property
    def shows_real_text(self) -> bool:
        return bool(self.prompt.exemplars) or self.prompt.labels == "source"

    @property
    def undecided_sources(self) -> int:
        """How many real texts no reply can take its labels from, since nobody decided on some of theirs."""
        return sum(bool(example.unknown) for example in self.real.train) if self.prompt.labels == "source" else 0

    @property
    def shows_openings(self) -> bool:
        """Whether a request shows how the texts before it open, so that those of a label are sent one after another."""
        return bool(self.prompt.openings)

    def request(self, label: str, sample: int, earlier: Sequence[str] = ()) -> CompletionRequest:
        """One request; it shows no text of dev or test. `earlier` are the openings of the label's texts before it.

        A growing pool keeps its earlier requests: those of one sample are equal where `earlier` is.

        Raises:
            ConfigError: the template is wrong.
            PoolError: too few real texts carry the label, or the template holds a text of dev or test.
        """
        draws = self._draws(label, sample, earlier)
        listed = (label, *draws.companions)
        messages = render_messages(self.prompt, self.labels, label, draws, form=self.form)
        question = render_messages(self.prompt, self.labels, label, draws, form=self.form, listed=listed)
        if sample == 0:
            # Other samples differ only in what is drawn, and that comes from the training part.
            self._require_sealed(" ".join(message.content for message in messages))
        return CompletionRequest(
            messages=messages,
            criterion=label,
            n=self.prompt.per_request,
            sample=sample,
            question=question,
            variant=self.prompt.variant,
            labels=self._labels(label, draws),
            profiles=_with_persona(draws, self.prompt.per_request),
            numbered=self.prompt.numbers_texts,
            sources=tuple(example.id for example in (*draws.exemplars, *((draws.source,) if draws.source else ()))),
        )

    def _draws(self, label: str, sample: int, earlier: Sequence[str]) -> Draws:
        place = f"{self.prompt.variant}/{label}/{sample}"
        # Its labels become those of the text, and what nobody decided on is not a label that it lacks.
        source = self.real.draw(label, f"{place}/source", 1, decided=True)[0] if self.prompt.labels == "source" else None
        return Draws(
            draw_profiles(self.prompt, label, sample),
            draw_persona(self.prompt, label, sample),
            draw_companions(self.prompt, self.labels, label, sample),
            self.real.draw(label, f"{place}/exemplars", self.prompt.exemplars) if self.prompt.exemplars else (),
            source,
            tuple(shown_openings(earlier, self.prompt.openings)),
        )

    def _labels(self, label: str, draws: Draws) -> frozenset[str] | None:
        if draws.source is not None:
            return draws.source.labels
        return {"asked": frozenset({label, *draws.companions}), "none": frozenset()}.get(self.prompt.labels)

    def _require_sealed(self, prompt: str) -> None:
        leaked = self.real.leaked(prompt)
        if leaked is not None:
            raise PoolError(
                f"prompt={self.prompt.variant} holds the text of example {leaked.id}, which dev or test is judged on: "
                "take it out of prompt.template"
            )


def most_samples(n: int, per_request: int) -> int:
    """How many requests may be sent for `n` texts of a criterion."""
    return math.ceil(n / per_request) * MOST_ROUNDS


def _with_persona(draws: Draws, texts: int) -> tuple[Profile, ...]:
    if not draws.persona:
        return draws.profiles
    spoken = (("persona", draws.persona),)
    return tuple((*profile, *spoken) for profile in draws.profiles or ((),) * texts)
