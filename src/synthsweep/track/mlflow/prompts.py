"""Prompts in MLflow's registry: a version for each wording, found again by an alias that is its digest."""

import logging
import random
import threading
import time
from dataclasses import dataclass, field

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from synthsweep.track.writer import PromptRecord

# MLflow's pages show a prompt below the experiments that this tag lists, between commas.
EXPERIMENTS = "_mlflow_experiment_ids"
LINKING = "link_prompt_to_experiment_thread"
ATTEMPTS = 4

log = logging.getLogger(__name__)


@dataclass
class PromptRegistry:
    """Looks up a prompt once: a worker does many runs with it."""

    client: MlflowClient
    known: dict[tuple[PromptRecord, str], str] = field(default_factory=dict)

    def version(self, prompt: PromptRecord, experiment: str) -> str:
        """The version of a wording, registered if it is new.

        Raises:
            MlflowException: the store does not answer.
        """
        key = (prompt, experiment)
        if key not in self.known:
            self.known[key] = self._find(prompt) or self._registered(prompt)
            try:
                self._show(prompt.name, experiment)
            except Exception as error:
                # Another process does the same just now; below which experiment a prompt is listed is worth no run.
                log.debug("prompt %s: %s", prompt.name, error)
        return self.known[key]

    def _registered(self, prompt: PromptRecord) -> str:
        for attempt in range(ATTEMPTS):
            try:
                return self._register(prompt)
            except Exception:
                # Of two processes that register a prompt at once, one is too late, and finds it next.
                found = self._find(prompt)
                if found is not None:
                    return found
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0.05, 0.3))
        raise AssertionError("unreachable")

    def _find(self, prompt: PromptRecord) -> str | None:
        try:
            found = self.client.get_prompt_version_by_alias(prompt.name, _alias(prompt))
        except MlflowException:
            return None
        return None if found is None else str(found.version)

    def _register(self, prompt: PromptRecord) -> str:
        chat = [{"role": role, "content": content} for role, content in prompt.messages]
        made = self.client.register_prompt(prompt.name, chat, tags={"digest": prompt.digest})
        for thread in threading.enumerate():
            if thread.name.startswith(LINKING):
                # MLflow writes there the tag that is written here too.
                thread.join()
        self.client.set_prompt_alias(prompt.name, _alias(prompt), made.version)
        return str(made.version)

    def _show(self, name: str, experiment: str) -> None:
        found = self.client.get_prompt(name)
        shown = [number for number in ((found.tags if found else {}).get(EXPERIMENTS) or "").split(",") if number]
        if experiment not in shown:
            self.client.set_prompt_tag(name, EXPERIMENTS, f",{','.join([*shown, experiment])},")


def _alias(prompt: PromptRecord) -> str:
    return f"wording-{prompt.digest[:16]}"
