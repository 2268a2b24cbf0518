"""`synthsweep sweeps`: lists the questions of the files in sweeps/."""

from omegaconf import DictConfig

from synthsweep.config.compose.register import frozen
from synthsweep.config.roots import SweepsConfig


def sweeps(node: DictConfig) -> None:
    """`synthsweep sweeps`: one row per question, and how to run one."""
    frozen(node, SweepsConfig)
    from rich.table import Table

    from synthsweep.config.compose.questions import questions
    from synthsweep.display.console import open_console

    table = Table.grid(padding=(0, 2, 1, 0))
    for question in questions():
        table.add_row(question.name, question.text)
    console = open_console()
    console.print(table)
    console.print("synthsweep run -m sweeps=NAME runs one; sweep.dry_run=true says first what it would take.")
