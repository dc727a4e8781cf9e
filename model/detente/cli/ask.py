"""``ask``: a probability question, answered from a finished run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import jobs_option, json_option, output_option, talk_options


@click.command()
@click.argument("run_name", metavar="RUN")
@click.argument("question", metavar="EXPR")
@output_option
@jobs_option
@json_option
@talk_options
@click.pass_obj
def ask(talk: Talk, run_name: str, question: str, output: Path | None, jobs: int | None, as_json: bool) -> None:
    """Answer a question from a finished run; docs/questions.md describes the syntax.

    RUN is a run folder, its name or its id. A name in square brackets in EXPR refers to another scenario with
    common random numbers. That scenario is simulated first if needed.

    \b
    Examples:
      detente ask baseline-1a2b3c4d "P(ceasefire before 2027-07)"
      detente ask 1a2b3c4d "P(Price|Natural Gas|TTF < 25 at 2027-12 | ceasefire before 2027-07)"
      detente ask 1a2b3c4d "E(Total|Oil|Value[us-first-relief] - Total|Oil|Value[no-relief])"
    """
    from dataclasses import asdict

    from detente.questions import ask as answered
    from detente.questions import check_form
    from detente.runs import find
    from detente.runs.run import load
    from detente.shared.formatting import plural

    check_form(question)
    run = load(find.find(run_name, output))
    answer = answered(run, question, opener(talk, run, jobs))
    if as_json:
        put_json(asdict(answer))
        return
    put(rendered(answer))
    others = {name: folder for name, folder in answer.runs.items() if name}
    number = plural(answer.paths, "path") if answer.paths else "no paths"
    talk.say(
        f"From {answer.source} ({number})" + "".join(f"; {name}: {folder}" for name, folder in others.items()) + ". "
        "± is one standard error of simulation, without model error."
    )
    for sentence in answer.periods:
        talk.say(f"Read: {sentence}.")
    for note in answer.notes:
        talk.say(f"Note: {note}.")


def rendered(answer: Any) -> str:
    """``16.2% ± 0.5 percentage points`` for a probability, ``58.7 ± 0.5 bn USD`` for a number.

    Rounded to its simulation error.
    """
    from detente.shared import formatting

    if answer.question.lstrip().startswith("P") and answer.unit == "1" and 0.0 <= answer.value <= 1.0:
        error = 100.0 * answer.mc_error
        return (
            f"{formatting.rounded(100.0 * answer.value, error, 1e-4)}% ± "
            f"{formatting.rounded(error, error / 10.0, 1e-4)} percentage points"
        )
    value = formatting.rounded(answer.value, answer.mc_error, 1e-4)
    error = formatting.rounded(answer.mc_error, answer.mc_error / 10.0, 1e-4)
    return f"{value} ± {error}" + ("" if answer.unit == "1" else f" {answer.unit}")


def opener(talk: Talk, run: Any, jobs: int | None) -> Callable[[str], Any]:
    """Function that opens a run by folder name, or a scenario with the date, size, seed and settings of ``run``.

    A scenario without a finished run is simulated.
    """

    def opened(name: str) -> Any:
        from detente.runs.companions import companion
        from detente.runs.pairing import must_match_installed
        from detente.runs.run import load
        from detente.runs.store import MANIFEST

        if name in (run.scenario, run.folder.name):
            return run
        if (run.folder.parent / name / MANIFEST).is_file():
            return load(run.folder.parent / name)
        must_match_installed(run.manifest, run.folder.name)
        return simulated(talk, companion(run.config, name), run.folder.parent, jobs)

    return opened


def simulated(talk: Talk, config: Any, output: Path, jobs: int | None, **options: Any) -> Any:
    """Simulate a configuration with a progress bar, or load its run if that is complete."""
    from detente.cli.progress import Bar, compile_first
    from detente.runs.runner import run as simulate

    compile_first(talk)
    with Bar(talk, config.name, config.run.paths) as bar:
        finished = simulate(config, output=output, jobs=jobs, progress=bar, talk=talk.detail, **options)
    bar.close_with(finished, jobs)
    return finished


commands = {"ask": ask}
