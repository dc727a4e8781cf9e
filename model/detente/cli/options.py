"""Options shared by several commands."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk
from detente.shared.numbers import number_in, whole_in

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
FOLDER = click.Path(file_okay=True, path_type=Path)


class Whole(click.ParamType[int]):
    """A whole number; 65_536 and 1e6 are accepted."""

    name = "number"

    def __init__(self, lowest: int | None = None) -> None:
        self.lowest = lowest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of a text on the command line."""
        number = whole_in(str(value))
        if number is None:
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if self.lowest is not None and number < self.lowest:
            self.fail(f"{number} is too small; the minimum is {self.lowest}.", param, ctx)
        return number


class Percent(click.ParamType[float]):
    """A number of per cent, with or without the sign: 500, 500% and 12.5 % are accepted."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of a text on the command line."""
        number = number_in(str(value).strip().removesuffix("%").strip())
        if number is None:
            self.fail(f"{str(value)!r} is no number of per cent; write 500 or 500%.", param, ctx)
        return number


class Real(click.ParamType[float]):
    """A finite number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of a text on the command line."""
        number = number_in(str(value))
        if number is None:
            self.fail(f"{str(value)!r} is not a number.", param, ctx)
        return number


def together(*decorators: Decorator) -> Decorator:
    """Combine decorators, in the order in which help lists the options."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def _flag(attribute: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def note(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value:
            setattr(ctx.ensure_object(Talk), attribute, True)

    return note


def _talk_flag(*names: str, attribute: str, text: str) -> Decorator:
    return click.option(*names, is_flag=True, expose_value=False, is_eager=True, callback=_flag(attribute), help=text)


talk_options = together(
    _talk_flag("-q", "--quiet", attribute="quiet", text="Print only errors."),
    _talk_flag("-v", "--verbose", attribute="verbose", text="Print more detail."),
    _talk_flag("--debug", attribute="debug", text="Show the traceback of an error."),
    _talk_flag("--no-color", attribute="no_color", text="No colours (or set NO_COLOR)."),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
configs_option = click.option(
    "-c", "--configs", type=FOLDER, metavar="DIR", help="Configuration folder to use instead of the default one."
)
output_option = click.option("-o", "--output", type=FOLDER, metavar="DIR", help="Results folder.  [default: results]")


def _within_cores(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    """The number of cores, at most all, with a message if it was more."""
    if value is None:
        return None
    from detente.shared.machine import threads

    if threads(value) < value:
        all_cores = "1 core" if threads(value) == 1 else f"all {threads(value)} cores"
        ctx.ensure_object(Talk).say(f"--jobs {value} is more than there are; using {all_cores}.")
    return threads(value)


jobs_option = click.option(
    "-j",
    "--jobs",
    type=Whole(1),
    callback=_within_cores,
    metavar="N",
    help="Number of cores, at most all; results do not depend on it.  [default: all]",
)


class Day(click.ParamType[dt.date]):
    """A day, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The date of a text on the command line."""
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as YYYY-MM-DD.", param, ctx)


def complete_date(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Dates with facts for shell completion."""
    from detente.shared.errors import DetenteError
    from detente.shared.paths import config_roots, listing

    try:
        names = listing("facts", config_roots(ctx.params.get("configs")))
    except DetenteError:
        return []
    return [name for name in names if name[:1].isdigit() and name.startswith(incomplete)]


as_of_option = click.option(
    "--as-of",
    type=Day(),
    metavar="DATE",
    shell_complete=complete_date,
    help="Start from the facts known on this date, YYYY-MM-DD.  [default: the scenario's]",
)
run_options = together(
    click.option(
        "-n", "--paths", type=Whole(), metavar="N", help="Number of simulated paths.  [default: the scenario's]"
    ),
    click.option("--seed", type=Whole(), metavar="N", help="Random seed; equal seeds give equal results."),
    as_of_option,
    click.option("--horizon", type=Whole(), metavar="MONTHS", help="Forecast horizon in months."),
    click.option("--step", type=click.Choice(["month", "week"]), help="Length of a time step."),
    click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a value, e.g. facts.oil.brent=55. Repeatable.",
    ),
    configs_option,
)

PEM = click.Path(path_type=Path)
cluster_options = together(
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Compute on a dask cluster (tcp://… or tls://…) or in local processes (local).",
    ),
    click.option(
        "--cluster-ca", type=PEM, metavar="FILE", help="Certificate authority of a tls:// cluster, in PEM format."
    ),
    click.option("--cluster-cert", type=PEM, metavar="FILE", help="Client certificate, in PEM format."),
    click.option(
        "--cluster-key",
        type=PEM,
        metavar="FILE",
        help="Private key of the certificate, unless the certificate file contains it.",
    ),
    click.option(
        "--cluster-wait",
        type=Whole(1),
        default=60,
        metavar="SECONDS",
        help="Seconds to wait for a lost cluster.  [default: 60]",
    ),
)


@dataclass(frozen=True)
class Clustering:
    """Values of the cluster options; ``address`` is None for threads in this process."""

    address: str | None
    security: dict[str, Path]
    wait: int

    @property
    def elsewhere(self) -> bool:
        """Whether the computation runs on other machines."""
        return self.address not in (None, "local")

    def executor(self, talk: Talk, jobs: int | None) -> AbstractContextManager[Any]:
        """Context manager that provides the executor, or None for threads."""
        if self.address is None:
            return nullcontext()
        from detente.engine.cluster import Cluster
        from detente.shared.machine import threads

        return Cluster(self.address, security=self.security, jobs=threads(jobs), wait=self.wait, say=talk.say)


def clustering(command: Callable[..., Any]) -> Callable[..., Any]:
    """Pass the cluster options to a command as one argument, ``cluster``: Clustering."""

    @wraps(command)
    def gathered(
        *args: Any,
        cluster: str | None,
        cluster_ca: Any,
        cluster_cert: Any,
        cluster_key: Any,
        cluster_wait: int,
        **rest: Any,
    ) -> Any:
        security = {
            name: path
            for name, path in (("ca", cluster_ca), ("cert", cluster_cert), ("key", cluster_key))
            if path is not None
        }
        if security and cluster is None:
            raise click.UsageError("--cluster-ca, --cluster-cert and --cluster-key need --cluster.")
        return command(*args, cluster=Clustering(cluster, security, cluster_wait), **rest)

    return cluster_options(gathered)


def complete_scenario(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Scenario names for shell completion."""
    from detente.shared.errors import DetenteError
    from detente.shared.paths import config_roots, listing

    try:
        names = ["baseline", *listing("scenarios", config_roots(ctx.params.get("configs")))]
    except DetenteError:
        return []
    return [name for name in names if name.startswith(incomplete)]


scenario_option = click.option(
    "--scenario",
    default="baseline",
    shell_complete=complete_scenario,
    metavar="NAME",
    help="Show values as set in this scenario.  [default: baseline]",
)
