"""Command lines, read back by a real shell and by Hydra."""

import subprocess

import pytest
from hydra import compose, initialize_config_dir
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from synthsweep.config.commands import assign, command_line, for_shell, without_multirun
from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import register_root

ODD = [
    "it's", "a/b: ü", "[x]", "a, b", "$HOME", "${x}", "\\${x}", "a\\", "\\'", "a\nb", "", "=", "{a}", "null", "1", "a;b|c",
    "`date`", "$(date)", "!x", "*", "~", "#1", "-m", "\x1b[31m", "a\tb", "'\"", "%", "{a: b}", "\\\\${x}\\", "&", "<b>", "\x85",
]  # fmt: skip
# An argument of a process holds no NUL, and Hydra's files no half letters.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


def as_bash_reads(command: str) -> list[str]:
    script = f"printf '%s\\0' {command}"
    shown = subprocess.run(["bash", "-c", script], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return shown.stdout.decode().split("\0")[:-1]


@given(words=st.lists(st.one_of(TEXTS, st.sampled_from(ODD)), min_size=1))
def test_a_shell_reads_the_words_that_were_meant(words: list[str]) -> None:
    """On one line, without a control character; a password is the one thing that is left out."""

    words = [word.replace("://", ":") for word in words]
    written = for_shell(*words)

    assert as_bash_reads(written) == words
    assert len(written.splitlines()) <= 1 or not set(written) & set("\n\r\x0b\x0c\x1c\x1d\x1e\x85\x1b")


@pytest.mark.slow
@given(text=st.one_of(TEXTS, st.sampled_from(ODD)))
def test_hydra_reads_the_text_that_was_meant(text: str) -> None:
    """Interpolations, quotes, backslashes and words that mean null included."""

    register_root("compare")
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        composed = compose("compare", overrides=[assign("study", text)])

    assert OmegaConf.to_container(composed, resolve=True)["study"] == text  # type: ignore[call-overload, index]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("demo", "synthsweep compare study=demo"),
        ("my study", """synthsweep compare 'study='"'"'my study'"'"''"""),
        ("a/b", "synthsweep compare study=a/b"),
    ],
)
def test_simple_names_stay_readable(text: str, written: str) -> None:
    assert command_line("compare", assign("study", text)) == written


def test_a_password_is_left_out() -> None:
    """The address stays."""

    assert command_line("run -m", "tracking.uri=http://me:secret@host:1/") == "synthsweep run -m tracking.uri=http://host:1/"


def test_a_job_alone_has_no_key_of_a_multirun() -> None:
    """However it is prefixed."""

    given = ["replicates=3", "++replicates=2", "sweep.trial=1", "sweeps=demo", "+sweep.dry_run=true", "seed=2"]

    assert without_multirun(given) == ["sweeps=demo", "seed=2"]
