"""``view``: a run under the user's views."""

from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import FOLDER, jobs_option, json_option, output_option, talk_options

MEASURES = (
    ("E", "Price|Oil|Brent", "World", "Brent"),
    ("E", "Price|Natural Gas|TTF", "European Union", "TTF"),
    ("E", "Price|Oil|Urals|FOB Discount", "Russian Federation", "Urals discount"),
    ("E", "Trade|Oil|Value", "Russian Federation", "Russian oil revenue"),
    ("E", "Storage|Natural Gas|Fill", "European Union", "EU gas storage"),
    ("E", "War|Casualties|Claimed", "Russian Federation", "Claimed Russian losses"),
)
"""Outputs of the table: region, variable and short name."""
EVENTS = ("Event|First ceasefire", "Event|First US oil relief", "Event|First EU relief", "Event|Tariff bill is law")


@click.command()
@click.argument("run_name", metavar="RUN")
@click.argument("file", metavar="VIEWS.toml", type=FOLDER)
@click.option(
    "--ask", "questions", multiple=True, metavar="QUESTION", help="Answer a question under the views. Repeatable."
)
@output_option
@jobs_option
@json_option
@talk_options
@click.pass_obj
def view(
    talk: Talk,
    run_name: str,
    file: Path,
    questions: tuple[str, ...],
    output: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Show a run under your views of probabilities, means and quantiles.

    The simulations are weighted so that they meet the views with the least change (minimum relative entropy);
    docs/views.md describes the file. A probability of 0 or 1 keeps only the simulations that agree.

    \b
    Examples:
      detente view baseline-1a2b3c4d views.toml
      detente view baseline-1a2b3c4d views.toml --ask "P(US relief by 2027)"
    """
    from dataclasses import asdict

    from detente.cli.ask import opener, rendered
    from detente.questions.view_file import read_views
    from detente.questions.views import Viewed
    from detente.runs import find
    from detente.runs.run import load

    run = load(find.find(run_name, output))
    viewed = Viewed(run, read_views(file), opener(talk, run, jobs))
    answers = [viewed.ask(question) for question in questions]
    if as_json:
        put_json(
            {
                "run": run.folder.name,
                "targets": [asdict(target) for target in viewed.targets()],
                "divergence": viewed.divergence,
                "effective": viewed.effective,
                "paths": viewed.paths,
                "table": _rows(viewed),
                "answers": [asdict(answer) for answer in answers],
            }
        )
        return
    put_table([_target(target) for target in viewed.targets()], ("view", "run", "target", "achieved"))
    talk.say(
        f"{viewed.effective:,.0f} effective simulations of {viewed.paths:,}; relative entropy {viewed.divergence:.3f}."
    )
    if answers:
        for answer in answers:
            put(f"{answer.question}: {rendered(answer)}")
        return
    put_table(_rows(viewed), ("output", "date", "run", "under the views"))


def _target(target: Any) -> dict[str, str]:
    sign = "" if target.sign == "=" else f"{target.sign} "
    return {
        "view": target.text,
        "run": f"{target.before:.4g}",
        "target": f"{sign}{target.target:.4g}",
        "achieved": f"{target.achieved:.4g}" + ("" if target.unit == "1" else f" {target.unit}"),
    }


def _rows(viewed: Any) -> list[dict[str, str]]:
    """Probabilities of events within the horizon and means of outputs at its end, before and under the views."""
    from detente.questions.ask import Asker

    data = viewed.data.main
    asker = Asker(viewed.run, viewed.data.resolve, viewed.known)
    last = data.calendar.start(data.calendar.steps - 1)
    rows = []
    for event in EVENTS:
        question = f"P({event})"
        probabilities = asker.ask(question).value, viewed.ask(question).value
        name = event.removeprefix("Event|")
        rows.append({"output": name, "date": f"by {last:%Y-%m}"} | _pair(*(f"{p:.1%}" for p in probabilities)))
    for measure, variable, region, name in MEASURES:
        question = f"{measure}({region}|{variable} at {last:%Y-%m})"
        before, after = asker.ask(question), viewed.ask(question)
        unit = f" {before.unit}"
        rows.append(
            {"output": name, "date": f"{last:%Y-%m}"} | _pair(f"{before.value:.4g}{unit}", f"{after.value:.4g}{unit}")
        )
    return rows


def _pair(before: str, after: str) -> dict[str, str]:
    return {"run": before, "under the views": after}


commands = {"view": view}
