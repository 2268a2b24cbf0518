"""A saved classifier through MLflow: loaded as a pyfunc, and served over HTTP."""

import http.client
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from support.patience import LIMIT_S
from support.ports import free_port
from support.saved_models import save_and_open
from support.tiny_model import LABELS, load_tiny, separable
from synthsweep.track.mlflow.saved_model import EXAMPLE, add_description

TEXTS = list(separable(6).texts)


def described(folder: Path, **keys: object) -> np.ndarray:
    """The probabilities of a classifier that is then described to MLflow."""
    loaded = load_tiny(pooling=str(keys.pop("pooling", "mean")), frozen_layers=1)
    saved = save_and_open(loaded, folder, temperature=2.0, **keys)
    add_description(folder, "synthsweep.train.saved.pyfunc", LABELS, saved.card.kind, ["synthsweep"])
    return saved.probabilities(TEXTS)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "keys",
    [
        *({"pooling": pooling} for pooling in ("native", "cls", "mean", "max")),
        {"max_length": 6, "windows": "max"},
        {"kind": "single", "thresholds": {}},
    ],
    ids=str,
)
def test_a_pyfunc_gives_the_probabilities_of_the_folder(tmp_path: Path, keys: dict[str, object]) -> None:
    """And decides by the thresholds, whether calibrated or not."""
    import mlflow.pyfunc

    expected = described(tmp_path, **keys)
    model = mlflow.pyfunc.load_model(str(tmp_path))
    found = model.predict(pd.DataFrame({"text": TEXTS}))
    calibrated = model.predict(pd.DataFrame({"text": TEXTS}), params={"calibrated": True})
    decisions = [column for column in found if column.startswith("decision")]

    shown = found[[f"probability/{label}" for label in LABELS]].to_numpy()
    np.testing.assert_allclose(shown, expected, atol=1e-6)
    assert not np.allclose(calibrated[[f"probability/{label}" for label in LABELS]], expected, atol=1e-3)
    pd.testing.assert_frame_equal(found[decisions], calibrated[decisions])
    if "kind" in keys:
        assert found["decision"].tolist() == [LABELS[place] for place in expected.argmax(axis=1)]
    else:
        assert (found[["decision/A", "decision/B"]].to_numpy() == (expected >= [0.5, 0.25])).all()
    assert model.input_example["text"].tolist() == [EXAMPLE]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_served_classifier_answers_over_http_with_the_same_probabilities(tmp_path: Path) -> None:
    """`mlflow models serve`, in the environment that is there."""
    expected, port = described(tmp_path / "model"), free_port()
    # MLflow starts the server by its name, which an environment that is not activated does not find.
    script = tmp_path / "uvicorn"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m uvicorn "$@"\n')
    script.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(tmp_path / "model"), "--env-manager", "local"]
    command += ["-h", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        found = pd.DataFrame(asked(port, {"dataframe_records": [{"text": text} for text in TEXTS]}, server)["predictions"])
    finally:
        server.terminate()
        server.wait(30)

    np.testing.assert_allclose(found[["probability/A", "probability/B"]].to_numpy(), expected, atol=1e-6)


def asked(port: int, body: object, server: "subprocess.Popen[bytes]") -> dict[str, list[dict[str, float]]]:
    """The answer of a server, once it is up."""
    content = json.dumps(body)
    while server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
        try:
            connection.request("POST", "/invocations", content, {"Content-Type": "application/json"})
            return dict(json.load(connection.getresponse()))
        except ConnectionError:
            time.sleep(0.5)
        finally:
            connection.close()
    raise AssertionError(f"the server ended with status {server.returncode}")
