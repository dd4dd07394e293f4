"""In how many processes the steps of a run go.

One by default: a process a step starts Python, Dagster and scikit-learn anew each time, which takes
longer than nearly every step. What takes long, the fits at past months, is spread over the cores
within its step.
"""

from typing import Any

import dagster as dg


@dg.configured(
    dg.multi_or_in_process_executor,
    config_schema={
        "processes": dg.Field(
            int,
            default_value=1,
            description="Steps at a time, each in a process of its own. 1: one process for all.",
        )
    },
)
def steps_in_processes(config: dict[str, Any]) -> dict[str, Any]:
    """Run steps one after the other in one process, or as many at a time as a run asks for.

    In a run's configuration: `execution: {config: {processes: 4}}`.
    """
    processes = config["processes"]
    return {"multiprocess": {"max_concurrent": processes}} if processes > 1 else {"in_process": {}}
