"""`synthsweep predict`, once Hydra has composed its configuration."""

from omegaconf import DictConfig

from synthsweep.cli.single import ONE_CHOICE, require_single
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.predict import PredictConfig
from synthsweep.errors import ConfigError


def predict(node: DictConfig) -> None:
    """`synthsweep predict`: labels for the texts of a file, by saved classifiers."""
    require_single(f"synthsweep predict writes one file; {ONE_CHOICE}")
    config = frozen(node, PredictConfig)
    if not config.data.path and config.data.kind != "demo":
        raise ConfigError("data.path must name the file of new texts, as data.path=new.csv")
    if not config.run:
        raise ConfigError("run must name the classifier, as run=best:STUDY, run=ID, or run=FOLDER of a saved model")
    from synthsweep.display.console import open_console
    from synthsweep.display.predict import print_prediction
    from synthsweep.display.screen import Screen
    from synthsweep.predict.predict import predict_texts

    with Screen() as screen:
        found = predict_texts(config, screen)
    print_prediction(open_console(), found)
