"""How torch computes on the CPU within a training run, and after it."""

import torch

from synthsweep.train.threads import DENORMAL, flushes_denormals, torch_threads


def test_denormal_moments_of_the_optimiser_count_as_nothing_within_the_context_alone() -> None:
    """A moment that has shrunk so far is 0 after a step; outside, and after the context, it shrinks on."""
    word = torch.nn.Parameter(torch.ones(64))
    word.grad = torch.zeros(64)
    optimizer = torch.optim.AdamW([word], lr=1e-4, fused=True)
    optimizer.step()

    def moment() -> float:
        optimizer.state[word]["exp_avg"].fill_(DENORMAL)
        optimizer.step()
        return float(optimizer.state[word]["exp_avg"].double().max())

    before = moment()
    with torch_threads(1):
        within = moment()

    assert (before > 0, within, moment() > 0) == (True, 0.0, True)


def test_the_setting_of_the_process_comes_back() -> None:
    """Contexts may lie within one another."""
    found = [flushes_denormals()]
    with torch_threads(1):
        with torch_threads(1):
            found.append(flushes_denormals())
        found.append(flushes_denormals())

    assert [*found, flushes_denormals()] == [False, True, True, False]
