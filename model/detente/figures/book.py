"""All figures of a run, in the order of the report."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from detente.burden import natural
from detente.errors import ConfigError
from detente.figures import claims, effects, europe, fan, gas, incidence, prices, register_strip, routes, scenarios, stacks, waterfall
from detente.figures.additions import additions
from detente.figures.budget import budget
from detente.figures.burden import burden_figure
from detente.figures.forces import forces
from detente.figures.losses import losses
from detente.figures.picture import Drawn, Picture, save
from detente.figures.runway import runway
from detente.figures.stories import Story, stories
from detente.figures.style import SIZES, Size, drawing
from detente.figures.tariff_brent import brent_table, tariff_brent
from detente.figures.tariff_oil import tariff_oil
from detente.figures.tariff_road import tariff_road
from detente.figures.tariff_welfare import tariff_welfare
from detente.influence import drawn_values
from detente.results import Run
from detente.tariffs import matters
from detente.wording import one_of

Composer = Callable[[Size], Picture | None]


def composers(run: Run, against: list[Run]) -> dict[str, Composer]:
    """What draws each figure, by its name; a figure that the runs at hand do not allow gives None."""
    examples: list[Story] = stories(run)
    fans = {make.__name__: make for make in (prices.brent, prices.urals, prices.discount, prices.revenue, gas.ttf, gas.storage)}
    table, lost = cache(partial(effects.effect_table, run)), cache(partial(brent_table, run))
    draws, hurt = cache(partial(drawn_values, run.config)), cache(partial(natural, run, against))
    found: dict[str, Composer] = {
        "worth": lambda size: waterfall.waterfall(run, against, size),
        "scenarios": lambda size: scenarios.scenarios(run, against, size),
        "gas-effect": lambda size: effects.gas_effect(run, table(), size),
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
        "russian-gas": lambda size: routes.russian_gas(run, size),
        "regimes": lambda size: stacks.regimes(run, size),
        "incidence": lambda size: incidence.incidence(run, size),
        "register": lambda size: register_strip.strip(run, size),
        "claims": lambda size: claims.claims(run, size),
    }
    return found


def _fan(run: Run, make: Callable[[Run], fan.Fan], examples: list[Story], size: Size) -> Picture:
    return fan.draw(run, make(run), examples, size)


def draw(run: Run, against: list[Run], folder: Path, sizes: tuple[str, ...] = ("a4",)) -> list[Drawn]:
    """Draw all figures of a run into a folder, beside the runs it is compared with; PNG, SVG and CSV each.

    ``sizes``: names of ``style.SIZES``; the files of A4 width carry the figure's name, those of another size also the size's.
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
