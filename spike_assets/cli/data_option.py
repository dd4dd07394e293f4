"""The option by which commands are told where the raw files are."""

import click

data_option = click.option(
    "--data",
    "data_folder",
    metavar="DIR",
    envvar="SPIKE_DATA_DIR",
    help="Folder with the raw files. Without it: SPIKE_DATA_DIR, or data/, or the sample.",
)
"""Gives a command `data_folder`: the folder that the user or the environment named, or None."""
