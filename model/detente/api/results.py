"""A finished run as a library user holds it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from detente.api.comparisons import ComparisonRun, Say, Simulate, comparisons
from detente.questions import Answer, ask
from detente.questions.view_file import read_views, views_of
from detente.questions.views import Viewed
from detente.report.write import write
from detente.runs import run as folders
from detente.runs.pairing import installed, model_difference
from detente.runs.runner import run as simulate_config


class Run(folders.Run):
    """A finished run: its folder and tables, questions to it, and its report.

    Tables are read once and kept; treat them as read only.
    """

    def ask(self, question: str) -> Answer:
        """Answer a question about the run.

        Parameters
        ----------
        question
            Such as ``P(ceasefire before 2027-07)``; the language is in docs/questions.md. A name in square brackets,
            ``Price|Oil|Brent[no-relief]``, stands for the run of that scenario in the same results folder.

        Returns
        -------
        Answer
            Value with Monte Carlo error and unit.

        Raises
        ------
        ConfigError
            If the question cannot be read; the message points to the place.
        DataError
            If there is no run of a named scenario.
        """
        return ask(self, question, self.beside)

    def view(self, views: Mapping[str, float] | str | Path) -> Viewed:
        """The run under views of probabilities, means and quantiles.

        Parameters
        ----------
        views
            Measures and their values, such as ``{"P(ceasefire before 2027-07)": 0.4}``, or a TOML file of views
            (docs/views.md).

        Returns
        -------
        Viewed
            Weights, divergence and effective number of simulations; ``ask`` and ``fan`` answer under the views.

        Raises
        ------
        ConfigError
            If a view cannot be read or met, or leaves fewer than 100 effective simulations.

        References
        ----------
        Meucci (2008), Fully flexible views, Risk 21.
        """
        chosen = views_of(dict(views)) if isinstance(views, Mapping) else read_views(Path(views))
        return Viewed(self, chosen, self.beside)

    def report(
        self,
        compare_with: Sequence[folders.Run] | None = None,
        *,
        formats: Sequence[str] = ("html",),
        jobs: int | None = None,
        simulate: Simulate | None = None,
        say: Say = lambda sentence: None,
    ) -> Path:
        """Write the report of the run into its folder.

        Parameters
        ----------
        compare_with
            Runs to compare with. By default the scenarios that the configuration names and the run without feedback;
            missing ones are simulated.
        formats
            Formats of the report.
        jobs
            Threads of these simulations, by default all cores.
        simulate
            Simulates a comparison run in place of the default, which writes it beside this one.
        say
            Receives sentences about comparison runs that are left out.

        Returns
        -------
        Path
            The page ``report.html``.

        Raises
        ------
        DataError
            If the folder is in use or cannot be written.
        """
        if compare_with is None:
            compare_with = comparison_runs(self, simulate or self._simulator(jobs), say)
        return write([self, *compare_with], formats)[0]

    def _simulator(self, jobs: int | None) -> Simulate:
        options = self.manifest["options"]

        def simulate(comparison: ComparisonRun) -> folders.Run:
            return simulate_config(
                comparison.config,
                output=self.folder.parent,
                jobs=jobs,
                keep_paths=options["keep_paths"] if comparison.stores_paths else 0,
                exact=options["exact"],
            )

        return simulate


def comparison_runs(run: folders.Run, simulate: Simulate, say: Say) -> list[folders.Run]:
    """The runs that a report compares a run with, simulated where missing.

    Empty for a run of another model version, whose comparison runs cannot be made.
    """
    if model_difference(run.manifest, installed()):
        say(f"{run.folder.name} was made by another version of the model; it is reported without comparison runs.")
        return []
    return [simulate(comparison) for comparison in comparisons(run.config, say=say)]


def load(folder: str | Path) -> Run:
    """Open a finished run.

    Parameters
    ----------
    folder
        The run folder.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    return Run(Path(folder))
