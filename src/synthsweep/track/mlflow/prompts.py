"""Prompts in MLflow's registry: a version per wording, found again by an alias made of its digest."""

import logging
import random
import threading
import time
from dataclasses import dataclass, field

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from synthsweep.track.writer import PromptRecord

# MLflow's pages show a prompt below the experiments that this tag lists between commas.
EXPERIMENTS = "_mlflow_experiment_ids"
# The name of the thread in which MLflow writes that tag.
LINKING = "link_prompt_to_experiment_thread"
ATTEMPTS = 4

log = logging.getLogger(__name__)


@dataclass
class PromptRegistry:
    """Looks up each prompt once: a worker does many runs with it."""

    client: MlflowClient
    known: dict[tuple[PromptRecord, str], str] = field(default_factory=dict)

    def version(self, prompt: PromptRecord, experiment: str) -> str:
        """The version of a wording, registered if it is new.

        Raises:
            MlflowException: the store does not answer.
        """
        key = (prompt, experiment)
        if key not in self.known:
            self.known[key] = self._find(prompt) or self._register_or_find(prompt)
            try:
                self._show(prompt.name, experiment)
            except Exception as error:
                # Another process may write the tag at the same time; a prompt missing on a page is not worth a failed run.
                log.debug("prompt %s: %s", prompt.name, error)
        return self.known[key]

    def _register_or_find(self, prompt: PromptRecord) -> str:
        for attempt in range(ATTEMPTS):
            try:
                return self._register(prompt)
            except Exception:
                # Of two processes that register a prompt at once, the later one fails and then finds it.
                known = self._find(prompt)
                if known is not None:
                    return known
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0.05, 0.3))
        raise AssertionError("unreachable")

    def _find(self, prompt: PromptRecord) -> str | None:
        try:
            version = self.client.get_prompt_version_by_alias(prompt.name, _alias(prompt))
        except MlflowException:
            return None
        return None if version is None else str(version.version)

    def _register(self, prompt: PromptRecord) -> str:
        chat = [{"role": role, "content": content} for role, content in prompt.messages]
        made = self.client.register_prompt(prompt.name, chat, tags={"digest": prompt.digest})
        for thread in threading.enumerate():
            if thread.name.startswith(LINKING):
                thread.join()
        self.client.set_prompt_alias(prompt.name, _alias(prompt), made.version)
        return str(made.version)

    def _show(self, name: str, experiment: str) -> None:
        known = self.client.get_prompt(name)
        shown = [number for number in ((known.tags if known else {}).get(EXPERIMENTS) or "").split(",") if number]
        if experiment not in shown:
            self.client.set_prompt_tag(name, EXPERIMENTS, f",{','.join([*shown, experiment])},")


def _alias(prompt: PromptRecord) -> str:
    return f"wording-{prompt.digest[:16]}"
