"""What a judge is asked about a text."""

from synthsweep.config.keys.synthetic import CurationConfig
from synthsweep.examples import LabelSet
from synthsweep.generate.completer import Message
from synthsweep.generate.prompts.render import rendered

# What a judge is told where each text carries exactly one label.
ONE_CLASS = "Each of them is a class, and a text belongs to one class alone: name the one that fits best, or none."


def render_question(text: str, labels: LabelSet, config: CurationConfig) -> tuple[Message, ...]:
    """The chat that asks which criteria a text shows; it does not say which labels the text has.

    Raises:
        ConfigError: a template does not parse, or names another field than text, text_kind and criteria.
    """
    criteria = [criterion.definition for criterion in labels.criteria]
    values = {"text": " ".join(text.split()), "text_kind": labels.text_kind, "criteria": criteria}
    user = rendered("curation.judge_template", config.judge_template, values)
    system = rendered("curation.judge_system", config.judge_system, values)
    asked = f"{user}\n\n{ONE_CLASS}" if labels.kind == "single" else user
    return (*([Message("system", system)] if system else []), Message("user", asked))
