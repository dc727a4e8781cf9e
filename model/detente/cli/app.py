"""The ``detente`` command: help, subcommands, and errors as messages with exit codes."""

import sys
import traceback
from importlib import import_module

import click

from detente.cli.console import Talk, silence_stdout
from detente.cli.options import talk_options
from detente.shared.compiler import check_environment
from detente.shared.errors import DataError, DetenteError
from detente.shared.files import remedy
from detente.shared.paths import working_folder
from detente.shared.release import MODEL_NAME, __version__

COMMANDS = {
    "run": "run",
    "batch": "batch",
    "report": "report",
    "index": "report",
    "ask": "ask",
    "view": "view",
    "claims": "claims",
    "tariff": "tariff",
    "list": "registry",
    "explain": "registry",
    "docs": "docs",
    "new": "scenario",
    "validate": "scenario",
    "calibrate": "calibrate",
    "backtest": "backtest",
    "hindcast": "hindcast",
    "export": "export",
    "freeze": "ledger",
    "resolve": "ledger",
    "ledger": "ledger",
    "reproduce": "reproduce",
    "warmup": "reproduce",
}
"""Module of each command, in the order of help."""
INTERRUPTED = 130

EPILOG = """
\b
Examples:
  detente run                          the baseline, with figures and report
  detente run no-relief -n 1e6         another scenario, a million paths
  detente batch weekly.toml            many scenarios, settings and seeds
  detente tariff --on IND,CHN          effects of a 500% US tariff
  detente ask RUN "P(ceasefire before 2027-07)"
  detente list parameters oil          assumptions of the oil block
  detente explain oil.brent            one number and its source

\b
Exit codes:
    0  done
    1  unexpected failure
    2  bad usage or bad configuration
    3  some units failed; the others are saved
    4  data or input missing or corrupted
    5  a check failed (validate, reproduce)
  130  interrupted; finished runs are kept

\b
Data goes to stdout, messages go to stderr. Shell completion (bash; also zsh_source, fish_source):
  eval "$(_DETENTE_COMPLETE=bash_source detente)"
"""


class Application(click.Group):
    """Group of commands, imported on use. Every error ends with a message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command, imported now; None if there is none of that name."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"detente.cli.{COMMANDS[name]}").commands[name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the arguments; a misspelt one is an error with the closest name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from detente.shared.messages import unknown

            raise click.UsageError(f"There is an {unknown('command', args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; errors become messages and exit codes."""
        talk = ctx.ensure_object(Talk)
        if talk.no_color:
            ctx.color = False
        try:
            working_folder()
            check_environment()
            super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            silence_stdout()
        except KeyboardInterrupt:
            talk.error("interrupted; partial results are removed, and finished run folders are complete.")
            ctx.exit(INTERRUPTED)
        except DetenteError as error:
            _explain(talk, error, str(error))
            ctx.exit(error.exit_code)
        except OSError as error:
            silence_stdout()
            place = f"{error.filename}: " if isinstance(error.filename, str) else ""
            advice = remedy(error, "check the permissions there, or choose another folder with --output")
            _explain(talk, error, f"{place}cannot be read or written ({error.strerror or error}); {advice}.")
            ctx.exit(DataError.exit_code)
        except MemoryError as error:
            _explain(talk, error, "not enough memory; reduce --paths or --keep-paths, or leave out --exact.")
            ctx.exit(1)
        except Exception as error:
            if hasattr(error, "exit_code"):  # of the kernels, which know nothing of commands
                _explain(talk, error, str(error))
                ctx.exit(error.exit_code)
            _explain(
                talk,
                error,
                f"unexpected error ({type(error).__name__}: {str(error)[:300] or 'no details'}); --debug shows "
                "the traceback.",
            )
            ctx.exit(1)


def _explain(talk: Talk, error: BaseException, sentence: str) -> None:
    if talk.debug:
        talk.error("".join(traceback.format_exception(error)).rstrip())
    talk.error(sentence)


@click.group(
    cls=Application,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=True,
)
@click.version_option(__version__, "--version", prog_name=MODEL_NAME, message="%(prog)s %(version)s")
@talk_options
def application() -> None:
    """Simulate sanctions relief for Russia and its effects on oil, gas, prices and revenue.

    Start with "detente run". It simulates the baseline and writes a report that opens in any browser.
    """
