from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import RunConfig, TrackingConfig

names = st.text("abc", min_size=1, max_size=3)
leaves = st.integers() | st.text(max_size=3) | st.none() | st.lists(st.integers(), max_size=2) | st.just({})
trees = st.dictionaries(names, st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6))


def nested(leaves: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in leaves.items():
        *path, last = key.split(".")
        node = tree
        for name in path:
            node = node.setdefault(name, {})
        node[last] = value
    return tree


@given(tree=trees)
def test_flat_values_can_be_nested_again(tree: dict[str, Any]) -> None:
    """Nothing is lost, and no value but an empty one is a dictionary."""

    leaves = flat(tree)

    assert nested(leaves) == tree
    assert not any(isinstance(value, dict) and value for value in leaves.values())


def test_a_configuration_is_flat_under_the_keys_that_a_user_types() -> None:
    """A tracker's parameters can be pasted back as overrides."""

    values = flat(plain(run_config("mix.ratio=0.25", "data.train_size=7")))

    assert values["mix.ratio"] == 0.25
    assert values["data.train_size"] == 7
    assert values["llm.simulator.diversity"] == 1.0
    assert values["prompt.attributes"] == {}
    assert values["labels.ids"] == ["A1", "A2", "A3", "B1", "B2", "B3", "B4"]


@given(
    user=st.text("abc.", max_size=4),
    password=st.text(max_size=12).map(lambda text: f"s3cret{''.join(text.split())}"),
    kind=st.sampled_from([("server", "http"), ("server", "https"), ("local", "postgresql+psycopg2"), ("none", "mysql")]),
)
def test_a_password_in_the_address_is_never_kept(user: str, password: str, kind: tuple[str, str]) -> None:
    """Whatever signs it holds: a slash, an @, a colon; an address holds no spaces."""

    tracking, scheme = kind
    config = RunConfig(tracking=TrackingConfig(kind=tracking, uri=f"{scheme}://{user}:{password}@host.org:5432/db"))

    assert "s3cret" not in repr(flat(plain(config)))
    assert plain(config)["tracking"]["uri"] == f"{scheme}://host.org:5432/db"


def test_a_password_given_on_the_command_line_is_not_kept() -> None:
    """The way that it comes in: an override."""

    config = run_config("tracking=server", "tracking.uri=https://me:s3cret@host/x")

    assert config.tracking.uri == "https://me:s3cret@host/x"
    assert "s3cret" not in repr(flat(plain(config)))
