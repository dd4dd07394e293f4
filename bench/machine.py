"""Description of the machine that a benchmark ran on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("bentoml", "dagster", "numpy", "pandas", "scikit-learn", "fastapi", "flask", "uvicorn")


def machine() -> str:
    """Return the processor, the memory, and the versions of the libraries."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    memory_gib = psutil.virtual_memory().total / 2**30
    return (
        f"On {os.cpu_count()} cores of {_processor()} with {memory_gib:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}:\n{versions}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
