"""Options that several commands share, worded once."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
FOLDER = click.Path(file_okay=True, path_type=Path)


class Whole(click.ParamType):
    """A whole number; 65_536 and 1e6 are ones too."""

    name = "number"

    def __init__(self, lowest: int | None = None) -> None:
        self.lowest = lowest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = _whole(value)
        if number is None:
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if self.lowest is not None and number < self.lowest:
            self.fail(f"{number} is too small; the least is {self.lowest}.", param, ctx)
        return number


def _whole(text: Any) -> int | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
        return int(number) if number.is_integer() else None
    except ValueError:
        return None


def together(*decorators: Decorator) -> Decorator:
    """Several decorators as one, in the order in which help lists them."""

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
    _talk_flag("-q", "--quiet", attribute="quiet", text="Say nothing but errors."),
    _talk_flag("-v", "--verbose", attribute="verbose", text="Say more."),
    _talk_flag("--debug", attribute="debug", text="Show the traceback of an error."),
    _talk_flag("--no-color", attribute="no_color", text="No colours (or set NO_COLOR)."),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
configs_option = click.option(
    "-c", "--configs", type=FOLDER, metavar="DIR", help="Folder of configuration to use instead of the usual one."
)
output_option = click.option(
    "-o", "--output", type=FOLDER, metavar="DIR", help="Folder that holds run folders.  [default: results]"
)
jobs_option = click.option(
    "-j", "--jobs", type=Whole(1), metavar="N", help="Cores to use; the numbers do not depend on it.  [default: all]"
)
run_options = together(
    click.option(
        "-n", "--paths", type=Whole(), metavar="N", help="Number of simulated paths.  [default: the scenario's]"
    ),
    click.option("--seed", type=Whole(), metavar="N", help="Equal seeds give equal numbers."),
    click.option("--horizon", type=Whole(), metavar="MONTHS", help="Length of the forecast."),
    click.option("--step", type=click.Choice(["month", "week"]), help="Length of a time step."),
    click.option(
        "--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a value, e.g. facts.oil.brent=55. Repeatable."
    ),
    configs_option,
)

PEM = click.Path(path_type=Path)
cluster_options = together(
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Compute on a dask scheduler (tcp://… or tls://…), or on processes of this computer (local).",
    ),
    click.option(
        "--cluster-ca", type=PEM, metavar="FILE", help="Certificate authority of a tls:// cluster, in PEM format."
    ),
    click.option("--cluster-cert", type=PEM, metavar="FILE", help="This client's certificate, in PEM format."),
    click.option(
        "--cluster-key",
        type=PEM,
        metavar="FILE",
        help="The key of that certificate, unless its file holds the key too.",
    ),
    click.option(
        "--cluster-wait",
        type=Whole(1),
        default=60,
        metavar="SECONDS",
        help="How long the cluster may be away.  [default: 60]",
    ),
)


@dataclass(frozen=True)
class Clustering:
    """What the cluster options say: ``address`` is None for threads of this process."""

    address: str | None
    security: dict[str, Path]
    wait: int

    @property
    def elsewhere(self) -> bool:
        """Whether other computers than this one compute."""
        return self.address not in (None, "local")

    def executor(self, talk: Talk, jobs: int | None) -> AbstractContextManager[Any]:
        """A context that gives the executor, or None for threads."""
        if self.address is None:
            return nullcontext()
        import os

        from detente.engine.cluster import Cluster

        return Cluster(
            self.address, security=self.security, jobs=jobs or os.cpu_count() or 1, wait=self.wait, say=talk.say
        )


def clustering(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a command its cluster options as one argument, ``cluster``: Clustering."""

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
    """Names of scenarios for the shell."""
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
    help="As it takes effect in this one.  [default: baseline]",
)
