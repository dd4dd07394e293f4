"""In how many processes the steps of a run go.

One by default: a process a step starts Python, Dagster and scikit-learn anew each time, which takes
longer than nearly every step. What takes long, the fits at past months, is spread over the cores
within its step.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from spike_assets.defs.running import end_killed_runs, hold_run

_DAGSTERS = dg.multi_or_in_process_executor


class _HoldingExecutor(dg.Executor):
    """Dagster's executor in a process that holds the lock of its run."""

    def __init__(self, executor: dg.Executor) -> None:
        self._executor = executor

    @property
    def retries(self) -> Any:
        """As the executor has it."""
        return self._executor.retries

    @property
    def step_dependency_config(self) -> Any:
        """As the executor has it."""
        return self._executor.step_dependency_config

    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[dg.DagsterEvent]:
        """End the runs that were killed, and execute the steps of this one."""
        instance = plan_context.instance
        if not instance.run_monitoring_enabled:
            end_killed_runs(instance)
            hold_run(instance, plan_context.run_id)
        return self._executor.execute(plan_context, execution_plan)


def _holding(context: dg.InitExecutorContext) -> dg.Executor:
    return _HoldingExecutor(_DAGSTERS.executor_creation_fn(context))  # type: ignore[misc]  # has one


@dg.configured(
    dg.ExecutorDefinition(
        _DAGSTERS.name,
        config_schema=_DAGSTERS.config_schema,  # type: ignore[arg-type]  # as Dagster keeps it
        requirements=_DAGSTERS.get_requirements,
        executor_creation_fn=_holding,
    ),
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
