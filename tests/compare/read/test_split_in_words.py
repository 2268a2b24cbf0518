"""How real texts came into train, dev and test, in words."""

from dataclasses import replace

import pytest

from synthsweep.compare.read.split_in_words import split_in_words
from synthsweep.config.keys.texts import DataConfig, FilesConfig

OWN = DataConfig(kind="csv", path="texts.csv", group="child", dev_share=0.1, split_seed=7, train_size=80)
FILES = FilesConfig(train="train.csv", test="test.csv")


def test_sizes_that_a_study_varies_are_one_sentence() -> None:
    """The split is the same for all, so it is said once."""
    assert split_in_words([OWN, replace(OWN, train_size=160), replace(OWN, train_size=0)]) == (
        "The split assigned 10 % to dev and 20 % to test, texts with the same child together and stratified by label (Sechidis "
        "et al. 2011), by seed 7.",
        "At most 80 or 160 texts of train were taken, drawn stratified by label.",
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (replace(FILES, dev="dev.csv"), ("Train, dev, test are files of their own.",)),
        (
            FILES,
            (
                "Train, test are files of their own.",
                "The split assigned 20 % to dev, text by text and stratified by label (Sechidis et al. 2011), by seed 1.",
            ),
        ),
    ],
)
def test_parts_with_a_file_are_not_drawn(files: FilesConfig, expected: tuple[str, ...]) -> None:
    """What the files lack is split off train."""
    assert split_in_words([DataConfig(kind="csv", files=files)]) == expected
