"""The command line that this process was given, from Hydra's own record of it; workers have the record, too."""

from hydra.core.hydra_config import HydraConfig

from synthsweep.config.commands import command_line

# The name under which Hydra keeps --config-dir.
CONFIG_DIR = "command-line"


def given_command(words: str, *overrides: str) -> str:
    """A command with these overrides, and with the folders of choices that the current one was given."""
    flags = [
        f"--config-dir={source.path}" for source in HydraConfig.get().runtime.config_sources if source.provider == CONFIG_DIR
    ]
    return command_line(words, *flags, *overrides)
