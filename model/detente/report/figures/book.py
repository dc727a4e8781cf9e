"""All figures of a run, in the order of the report."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from detente.analysis.cost_incidence import natural
from detente.analysis.sensitivity import drawn_values
from detente.analysis.tariff_effects import matters
from detente.report.figures import (
    claims,
    easing,
    europe,
    gas,
    gas_effects,
    gas_routes,
    oil,
    register,
    relief,
    scenarios,
    stacks,
)
from detente.report.figures.budget import budget
from detente.report.figures.cost_incidence import burden_figure
from detente.report.figures.force_additions import additions
from detente.report.figures.forces import forces
from detente.report.figures.losses import losses
from detente.report.figures.runway import runway
from detente.report.figures.tariff_brent import brent_table, tariff_brent
from detente.report.figures.tariff_oil import tariff_oil
from detente.report.figures.tariff_status import tariff_road
from detente.report.figures.tariff_welfare import tariff_welfare
from detente.report.plots import fan
from detente.report.plots.example_paths import Story, stories
from detente.report.plots.picture import Drawn, Picture, save
from detente.report.plots.style import SIZES, Size, drawing
from detente.runs.run import Run
from detente.shared.errors import ConfigError
from detente.shared.messages import one_of

Composer = Callable[[Size], Picture | None]


def composers(run: Run, against: list[Run]) -> dict[str, Composer]:
    """What draws each figure, by its name; a figure that the runs at hand do not allow gives None."""
    examples: list[Story] = stories(run)
    fans = {make.__name__: make for make in (oil.brent, oil.urals, oil.discount, oil.revenue, gas.ttf, gas.storage)}
    table, lost = cache(partial(gas_effects.effect_table, run)), cache(partial(brent_table, run))
    draws, hurt = cache(partial(drawn_values, run.config)), cache(partial(natural, run, against))
    found: dict[str, Composer] = {
        "worth": lambda size: relief.waterfall(run, against, size),
        "scenarios": lambda size: scenarios.scenarios(run, against, size),
        "gas-effect": lambda size: gas_effects.gas_effect(run, table(), size),
        "europe": lambda size: europe.europe(run, examples, size),
    }
    if matters(run):
        found |= {
            "tariff-road": lambda size: tariff_road(run, size),
            "tariff-welfare": lambda size: tariff_welfare(run, size),
            "tariff-oil": lambda size: tariff_oil(run, against, size),
            "tariff-brent": lambda size: tariff_brent(run, against, lost(), size),
        }
    found["burden"] = lambda size: burden_figure(hurt(), size)
    for name, make in fans.items():
        found[name] = partial(_fan, run, make, examples)
    found |= {
        "losses": lambda size: losses(run, examples, draws(), size),
        "forces": lambda size: forces(run, examples, size),
        "additions": lambda size: additions(run, draws(), size),
        "runway": lambda size: runway(run, size),
        "budget": lambda size: budget(run, examples, size),
    }
    found |= {
        "exports": lambda size: stacks.exports(run, size),
        "russian-gas": lambda size: gas_routes.russian_gas(run, size),
        "regimes": lambda size: stacks.regimes(run, size),
        "incidence": lambda size: easing.incidence(run, size),
        "register": lambda size: register.strip(run, size),
        "claims": lambda size: claims.claims(run, size),
    }
    return found


def _fan(run: Run, make: Callable[[Run], fan.Fan], examples: list[Story], size: Size) -> Picture:
    return fan.draw(run, make(run), examples, size)


def draw(run: Run, against: list[Run], folder: Path, sizes: tuple[str, ...] = ("a4",)) -> list[Drawn]:
    """Draw all figures of a run into a folder, beside the runs it is compared with; PNG, SVG and CSV each.

    ``sizes``: names of ``style.SIZES``; the files of A4 width carry the figure's name, those of another size also the
    size's.
    """
    for name in sizes:
        if name not in SIZES:
            raise ConfigError(f"{name} is no size of a figure; valid: {one_of(SIZES)}.")
    others = [one for one in against if one.folder.resolve() != run.folder.resolve()]
    made = []
    for name, compose in composers(run, others).items():
        for size in sizes:
            with drawing(name):
                picture = compose(SIZES[size])
                if picture is not None:
                    made.append(save(picture, Path(folder), name if size == "a4" else f"{name}-{size}"))
    return made
