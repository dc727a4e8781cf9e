"""``run``: one scenario, with the scenarios it is compared with, and its report."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, cores, put, put_json
from detente.cli.options import (
    Clustering,
    Whole,
    clustering,
    complete_scenario,
    jobs_option,
    json_option,
    output_option,
    run_options,
    talk_options,
)

CARRIED = ("run.", "parameters.", "facts.", "conflict.")
"""Settings of the command line that comparison runs get too; names, roadmap and events are a scenario's own."""


@click.command()
@click.argument("scenario", default="baseline", shell_complete=complete_scenario)
@run_options
@output_option
@jobs_option
@clustering
@click.option(
    "--keep-paths", type=Whole(0), metavar="K", help="Number of whole paths kept, for examples.  [default: 2000]"
)
@click.option("--exact", is_flag=True, help="Exact quantiles instead of bins of 0.8% width; takes more memory.")
@click.option("--force", is_flag=True, help="Run again even if the same run is there already.")
@click.option("--resume/--no-resume", default=True, help="Go on from a checkpoint or a smaller run, or begin anew.")
@click.option("--keep-state", is_flag=True, help="Keep what the same run with more paths can go on from.")
@click.option("--no-report", is_flag=True, help="Simulate only: no comparison runs, figures or report.")
@click.option("--dry-run", is_flag=True, help="Say what would be run and what it would cost, and stop.")
@json_option
@talk_options
@click.pass_obj
def run(
    talk: Talk,
    scenario: str,
    paths: int | None,
    seed: int | None,
    horizon: int | None,
    step: str | None,
    sets: tuple[str, ...],
    configs: Path | None,
    output: Path | None,
    jobs: int | None,
    keep_paths: int | None,
    exact: bool,
    force: bool,
    resume: bool,
    keep_state: bool,
    no_report: bool,
    dry_run: bool,
    as_json: bool,
    cluster: Clustering,
) -> None:
    """Simulate a scenario and write its report.

    SCENARIO is a name (see "detente list scenarios") or the path of a TOML file; the baseline if left out. The scenarios that it is
    compared with are run as well, and the scenario itself once more without feedback. What is printed is the run folder.

    \b
    Examples:
      detente run
      detente run no-relief --horizon 24 --paths 1e6
      detente run --set facts.oil.brent=55 --set parameters.oil.opec_offset=0.5
      detente run --paths 1e8 --cluster tcp://10.0.0.1:8786
    """
    from detente.config.loader import load

    config = load(scenario, sets, paths=paths, seed=seed, horizon=horizon, step=step, configs=configs)
    others = [] if no_report else comparisons(config, sets, configs, talk.say)
    options: dict[str, Any] = {
        "output": output,
        "jobs": jobs,
        "exact": exact,
        "force": force,
        "resume": resume,
        "keep_state": keep_state,
    }
    if keep_paths is not None:
        options["keep_paths"] = keep_paths
    if dry_run:
        _dry_run(config, others, options, no_report, as_json)
        return

    from detente.cli.progress import compile_first, solve_first

    if cluster.elsewhere:
        solve_first(talk)
    else:
        compile_first(talk, configs)
    with cluster.executor(talk, jobs) as executor:
        finished = _simulate(talk, config, options, executor)
        folder = _shown(finished.folder)
        if not as_json:
            put(folder)
        beside = [_simulate(talk, other, options, executor) for other in others]
        without = [] if no_report else _open_loop(talk, config, options, executor)
    report = None
    if not no_report:
        from detente.cli.report import write_report

        report = write_report(talk, [finished, *beside, *without], ("html",))
    if as_json:
        found = {
            "compared_with": [_shown(other.folder) for other in beside],
            "open_loop": [_shown(other.folder) for other in without],
        }
        put_json(_described(finished) | found | {"report": report})


def comparisons(
    config: Any, sets: tuple[str, ...], configs: Path | None, say: Callable[[str], None] = lambda sentence: None
) -> list[Any]:
    """Configurations of the scenarios that a report sets beside this one: same date, size, seed and settings, so that
    only the scenarios differ.

    One that does not fit (a dated event beyond a short horizon, say) is left out and named.
    """
    from detente.config.loader import load, scenario_titles
    from detente.shared.errors import ConfigError

    carried = [text for text in sets if text.strip().startswith(CARRIED)]
    size = config.run.model_dump()
    found = []
    for name in config.report.compare or ():
        if name == config.name:
            continue
        try:
            found.append(load(name, [*carried, f"as_of={config.as_of}"], configs=configs, **size))
        except ConfigError as error:
            if name not in scenario_titles(configs):
                raise
            say(f"{name} is left out of the comparison: {error}")
    return found


def _open_loop(talk: Talk, config: Any, options: dict[str, Any], executor: Any) -> list[Any]:
    """The same scenario without feedback, from which a report tells what the loop changes; nothing where the loop is
    open already."""
    from detente.analysis.feedback import opened

    return [_simulate(talk, opened(config), options | {"keep_paths": 0}, executor)] if config.conflict_feedback else []


def _simulate(talk: Talk, config: Any, options: dict[str, Any], executor: Any) -> Any:
    from detente.cli.progress import Bar
    from detente.runs.runner import run as simulate

    talk.detail(f"{config.name}: {config.title}; as of {config.as_of}, seed {config.run.seed}.")
    with Bar(talk, config.name, config.run.paths) as bar:
        finished = simulate(config, executor=executor, progress=bar, talk=bar.say, **options)
    bar.close_with(finished, options["jobs"], executor.described if executor is not None else None)
    return finished


def _shown(folder: Path) -> str:
    from detente.shared.paths import shown

    return shown(folder)


def _described(finished: Any) -> dict[str, Any]:
    manifest = finished.manifest
    run = manifest["config"]["run"]
    keys = ("id", "scenario", "title", "failed_paths", "wall_seconds", "paths_per_second")
    return {"run": _shown(finished.folder)} | {key: manifest[key] for key in keys} | run


def _dry_run(config: Any, others: list[Any], options: dict[str, Any], no_report: bool, as_json: bool) -> None:
    """Sizes of the run and an estimate of its cost, to stdout."""
    import os

    from detente.engine import simulate
    from detente.runs.cost import estimate
    from detente.runs.identity import identity
    from detente.runs.runner import KEEP_PATHS
    from detente.shared import formatting
    from detente.shared.paths import run_folder

    jobs = options["jobs"] or os.cpu_count() or 1
    plan = simulate.plan(config, keep_paths=options.get("keep_paths", KEEP_PATHS), exact=options["exact"])
    cost = estimate(plan, jobs)
    folder = _shown(run_folder(config.name, identity(config), options["output"]))
    names = [other.name for other in others]
    twice = config.conflict_feedback and not no_report
    if as_json:
        put_json(
            {"scenario": config.name, "run": folder, "compared_with": names}
            | config.run.model_dump()
            | asdict(cost)
            | {"jobs": jobs}
        )
        return
    lines = {
        "scenario": f"{config.name}: {config.title}",
        "run folder": folder,
        "as of": config.as_of.isoformat(),
        "size": f"{config.run.paths:,} paths of {cost.steps} steps ({config.run.horizon} months by the {config.run.step}), seed {config.run.seed}",
        "outputs": f"{cost.variables} variables, {cost.events} event dates and totals",
        "drawn": f"{cost.parameters_drawn} uncertain numbers, {cost.instruments} instruments in the register",
        "compared with": ", ".join([*names, *(["itself without feedback"] if twice else [])]) or "nothing",
        "memory": f"about {cost.memory / 1e6:,.0f} MB (an estimate)",
        "time": f"about {formatting.duration(cost.seconds)} on {cores(jobs)} (an estimate: {cost.nanoseconds_per_path_step:,.0f} ns a path and step on one core)"
        + (f", and as much again for each of {len(names) + twice} comparisons" if names or twice else ""),
    }
    width = max(map(len, lines)) + 2
    for label, text in lines.items():
        put(f"{label.ljust(width)}{text}")


commands = {"run": run}
