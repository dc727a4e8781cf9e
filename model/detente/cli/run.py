"""``run``: one scenario, its comparison scenarios, and a report."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json
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


@click.command()
@click.argument("scenario", default="baseline", shell_complete=complete_scenario)
@run_options
@output_option
@jobs_option
@clustering
@click.option("--keep-paths", type=Whole(0), metavar="K", help="Number of complete paths to store.  [default: 2000]")
@click.option("--exact", is_flag=True, help="Exact quantiles instead of bins 0.8% wide; needs more memory.")
@click.option("--force", is_flag=True, help="Run again even if results exist.")
@click.option(
    "--resume/--no-resume", default=True, help="Resume from a checkpoint or a smaller run, or start from the beginning."
)
@click.option("--keep-state", is_flag=True, help="Keep the state needed to extend the run.")
@click.option("--no-report", is_flag=True, help="Simulate only: no comparison runs, figures or report.")
@click.option("--dry-run", is_flag=True, help="Print the planned runs and their estimated cost, then stop.")
@json_option
@talk_options
@click.pass_obj
def run(
    talk: Talk,
    scenario: str,
    paths: int | None,
    seed: int | None,
    as_of: dt.date | None,
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

    SCENARIO is a name (see "detente list scenarios") or the path of a TOML file. The default is the baseline.
    Comparison scenarios are run as well, and the scenario itself once more without feedback. The command prints the
    run folder.

    \b
    Examples:
      detente run
      detente run no-relief --horizon 24 --paths 1e6
      detente run --as-of 2025-03-31
      detente run --set facts.oil.brent=55 --set parameters.oil.opec_offset=0.5
      detente run --paths 1e8 --cluster tcp://10.0.0.1:8786
    """
    from detente.api.comparisons import comparisons
    from detente.catalog.cautions import cautions
    from detente.config.loader import load

    config = load(scenario, sets, paths=paths, seed=seed, horizon=horizon, step=step, as_of=as_of, configs=configs)
    for sentence in cautions(config):
        talk.say(sentence)
    planned = [] if no_report else comparisons(config, configs, talk.say)
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
        _dry_run(config, planned, options, as_json, report=not no_report)
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
        others = [
            _simulate(talk, one.config, options | ({} if one.stores_paths else {"keep_paths": 0}), executor)
            for one in planned
        ]
    report = None
    if not no_report:
        from detente.cli.report import write_report

        report = write_report(talk, [finished, *others], ("html",))
    if as_json:
        folders = {
            key: [_shown(run.folder) for run, one in zip(others, planned, strict=True) if one.stores_paths is stores]
            for key, stores in (("compared_with", True), ("without_feedback", False))
        }
        put_json(_described(finished) | folders | {"report": report})


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
    given = {"set_by_hand": finished.overrides}
    described: dict[str, Any] = given | {"run": _shown(finished.folder)} | {key: manifest[key] for key in keys} | run
    return described


def _dry_run(config: Any, planned: list[Any], options: dict[str, Any], as_json: bool, *, report: bool) -> None:
    """Print the size of the run and the estimated cost of the command."""
    from detente.cli.cost import cost_text, described_cost
    from detente.engine import simulate
    from detente.runs.cost import estimate, total
    from detente.runs.identity import identity
    from detente.runs.runner import KEEP_PATHS, Options, usable
    from detente.shared import formatting
    from detente.shared.machine import threads
    from detente.shared.paths import run_folder

    jobs, keep = threads(options["jobs"]), options.get("keep_paths", KEEP_PATHS)

    def to_do(one: Any, keep_paths: int) -> bool:
        """Whether a run is not there yet."""
        folder = run_folder(one.name, identity(one), options["output"])
        wanted = Options(keep_paths=keep_paths, exact=options["exact"])
        return options["force"] or not folder.is_dir() or not usable(folder, wanted)

    plan = simulate.plan(config, keep_paths=keep, exact=options["exact"])
    cost = estimate(plan, jobs)
    comparing = [cost.seconds for one in planned if to_do(one.config, keep if one.stores_paths else 0)]
    whole = total([cost.seconds] if to_do(config, keep) else [], comparing, report=report)
    folder = _shown(run_folder(config.name, identity(config), options["output"]))
    names = [one.config.name for one in planned if one.stores_paths]
    described = [one.config.name if one.stores_paths else "itself without feedback" for one in planned]
    if as_json:
        put_json(
            {"scenario": config.name, "run": folder, "compared_with": names}
            | config.run.model_dump()
            | asdict(cost)
            | described_cost(whole)
            | {"jobs": jobs}
        )
        return
    lines = {
        "scenario": f"{config.name}: {config.title}",
        "run folder": folder,
        "as of": config.as_of.isoformat(),
        "size": (
            f"{formatting.plural(config.run.paths, 'path')} of {formatting.plural(cost.steps, 'step')} "
            f"({formatting.plural(config.run.horizon, 'month')} by the {config.run.step}), seed {config.run.seed}"
        ),
        "outputs": f"{cost.variables} variables, {cost.events} event dates and totals",
        "uncertain": f"{cost.parameters_drawn} parameters, {cost.instruments} instruments in the register",
        "compared with": ", ".join(described) or "nothing",
        "memory": f"about {cost.memory / 1e6:,.0f} MB (an estimate)",
        "time": cost_text(whole, options["jobs"]),
    }
    width = max(map(len, lines)) + 2
    for label, text in lines.items():
        put(f"{label.ljust(width)}{text}")


commands = {"run": run}
