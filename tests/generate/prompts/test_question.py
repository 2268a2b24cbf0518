from support.builders import AB, run_config
from synthsweep.generate.prompts.question import render_question


def test_the_question_names_every_criterion_and_what_it_means() -> None:
    """And the text with its spaces made even, so that equal texts are equal questions."""

    config = run_config("llm@judge=vllm", "judge.model=m", "curation=judged").curation
    system, user = render_question("He  waves\n once.", AB, config)

    assert (system.role, user.role) == ("system", "user")
    assert "- A Alpha: alphas\n- B Beta: betas\n" in user.content
    assert "a short note:\n<text>\nHe waves once.\n</text>" in user.content
    assert render_question("He waves once.", AB, config) == (system, user)
