"""`synthsweep export`, once Hydra has composed its configuration."""

from omegaconf import DictConfig

from synthsweep.cli.single import ONE_CHOICE, require_single
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.export import ModelExportConfig
from synthsweep.errors import ConfigError


def export(node: DictConfig) -> None:
    """`synthsweep export`: a saved classifier as a folder or as a registered model."""
    require_single(f"synthsweep export takes one classifier; {ONE_CHOICE}")
    config = frozen(node, ModelExportConfig)
    if not config.run:
        raise ConfigError("run must name the classifier, as run=best:STUDY, run=ID, or run=FOLDER of a saved model")
    if config.path is None and config.register is None:
        raise ConfigError("path must name the folder to write, as path=classifier, or register a name, as register=NAME")
    from synthsweep.display.console import open_console
    from synthsweep.display.export import print_export
    from synthsweep.display.screen import Screen
    from synthsweep.export.export import export_model

    with Screen() as screen:
        made = export_model(config, screen)
    print_export(open_console(), config, made)
