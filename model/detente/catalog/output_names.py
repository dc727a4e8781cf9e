"""Names by which an output may be called: in full, by its ending, with or without its region, in any spelling."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from detente.shared.countries import spellings
from detente.shared.errors import ConfigError
from detente.shared.messages import one_of, quoted, unknown
from detente.shared.texts import normalised

Output = tuple[str, str]
"""Region and variable."""


@dataclass(frozen=True)
class OutputNames:
    """``known``: region and variable by name in lower case; ``shown``: each name as written.

    ``ambiguous``: names of variables that exist for several regions, in lower case, with the regions.
    """

    known: dict[str, Output]
    shown: dict[str, str]
    ambiguous: dict[str, list[str]]

    def find(self, name: str, region: str | None = None) -> Output:
        """Region and variable of a name (ConfigError if it is unknown or exists for several regions).

        ``region`` is the region of a name that does not contain one, in any spelling.
        """
        key = folded(f"{region}|{name}" if region is not None else name)
        output = self.known.get(key)
        if output is None and region is not None:
            output = self._of_region(name, region)
        if output is not None:
            return output
        regions = self.ambiguous.get(key)
        if regions and region is None:
            raise ConfigError(f"{quoted(name)} exists for several regions; name one: {one_of(regions)}.")
        raise ConfigError(f"There is an {unknown('variable', name, self.shown.values())}")

    def _of_region(self, name: str, region: str) -> Output | None:
        """A name that is unambiguous without its region, or a name in full, with its own region given as well."""
        output = self.known.get(folded(name))
        words = {folded(text) for text in region_spellings(output[0])} if output else set()
        return output if folded(region) in words else None


def folded(name: str) -> str:
    """A name as it is compared: composed characters, single spaces, lower case."""
    return " ".join(normalised(name).split()).casefold()


def region_spellings(region: str) -> Iterator[str]:
    """``Russian Federation>Türkiye`` in every spelling of both."""
    for parts in product(*(spellings(part) for part in region.split(">"))):
        yield ">".join(parts)


def output_names(outputs: Iterable[Output]) -> OutputNames:
    """The names of some outputs, pairs of region and variable."""
    outputs = list(dict.fromkeys(outputs))
    known: dict[str, Output] = {}
    shown: dict[str, str] = {}
    ambiguous: dict[str, list[str]] = {}

    def add(name: str, output: Output) -> None:
        if known.setdefault(folded(name), output) == output:
            shown.setdefault(folded(name), name)

    for region, variable in outputs:
        add(f"{region}|{variable}", (region, variable))
    for region, variable in outputs:
        for spelling in region_spellings(region):
            add(f"{spelling}|{variable}", (region, variable))
    by_variable: dict[str, list[str]] = {}
    for region, variable in outputs:
        by_variable.setdefault(variable, []).append(region)
    for variable, regions in by_variable.items():
        if len(regions) > 1:
            ambiguous[folded(variable)] = regions
        else:
            add(variable, (regions[0], variable))
    for ending, variable in _endings(by_variable).items():
        if folded(ending) not in ambiguous and folded(variable) not in ambiguous:
            add(ending, (by_variable[variable][0], variable))
    return OutputNames(known, shown, ambiguous)


def _endings(variables: Iterable[str]) -> dict[str, str]:
    """Endings of names after a bar that belong to one name only: ``TTF`` for ``Price|Natural Gas|TTF``."""
    owners: dict[str, list[str]] = {}
    for name in variables:
        parts = name.split("|")
        for k in range(1, len(parts)):
            owners.setdefault("|".join(parts[k:]), []).append(name)
    return {ending: full[0] for ending, full in owners.items() if len(full) == 1}
