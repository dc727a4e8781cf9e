"""``new`` and ``validate``: write a scenario file, check files and run folders."""

import re
from pathlib import Path

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, configs_option, json_option, output_option, talk_options
from detente.shared.errors import CheckError, ConfigError, DataError


@click.command()
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=FOLDER,
    metavar="DIR|FILE",
    help="Folder for the file, or the file itself, which ends in .toml.  [default: the current one]",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@configs_option
@json_option
@talk_options
@click.pass_obj
def new(talk: Talk, name: str, output: Path | None, force: bool, configs: Path | None, as_json: bool) -> None:
    """Write a scenario file to edit.

    NAME.toml runs unchanged. Its comments show what a scenario may set.

    \b
    Example:
      detente new my-idea
    """
    from detente.catalog.templates import new_scenario
    from detente.shared.paths import shown
    from detente.shared.texts import normalised

    name = normalised(name).removesuffix(".toml")
    text = new_scenario(name, configs)
    path = output if output is not None and output.suffix == ".toml" else (output or Path()) / f"{name}.toml"
    write_scenario(path, text, force, configs)
    talk.say(
        f"Edit the file, then check it with detente validate {shown(path)} and run it with detente run {shown(path)}."
    )
    if as_json:
        put_json({"file": shown(path)})
    else:
        put(shown(path))


def check_target(path: Path, force: bool) -> None:
    """ConfigError if no scenario file can stand there: the name names no run, or the file exists and not ``force``."""
    from detente.shared.messages import quoted
    from detente.shared.paths import SLUG

    if path.suffix != ".toml" or not re.fullmatch(SLUG, path.stem):
        near = re.sub(r"[^a-z0-9]+", "-", path.name.removesuffix(".toml").casefold()).strip("-")
        advice = f", such as {near}.toml" if re.fullmatch(SLUG, near) else ""
        raise ConfigError(
            f"{quoted(path.name)} cannot name a scenario file; use lower-case letters, digits and dashes, and the "
            f"ending .toml{advice}."
        )
    if path.exists() and not force:
        raise ConfigError(f"{path}: the file exists; choose another name, or overwrite it with --force.")


def write_scenario(path: Path, text: str, force: bool, configs: Path | None = None) -> None:
    """Write a scenario file after loading its text as ``detente run`` would.

    Raises ConfigError if it does not load or as ``check_target``, DataError if it cannot be written.
    """
    from detente.config.loader import load_text

    check_target(path, force)
    load_text(text, path, configs)
    write_new(path, text, force)


def write_new(path: Path, text: str, force: bool) -> None:
    """Write a text file; an existing one is replaced only once the new one is complete.

    Raises ConfigError if the file exists and not ``force``, DataError if it cannot be written.
    """
    from detente.shared.files import remedy, replace

    try:
        if force:
            replace(path, text.encode("utf-8"))
        else:
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except FileExistsError:
        raise ConfigError(f"{path}: the file exists; choose another name, or overwrite it with --force.") from None
    except OSError as error:
        advice = remedy(error, "choose another folder with --output")
        raise DataError(f"{path}: cannot be written ({error.strerror}); {advice}.") from error


@click.command()
@click.argument("name", metavar="FILE|RUN|FOLDER")
@configs_option
@output_option
@json_option
@talk_options
@click.pass_obj
def validate(talk: Talk, name: str, configs: Path | None, output: Path | None, as_json: bool) -> None:
    """Check a scenario file, a run folder, or all runs of a results folder.

    A scenario file: checks that it is valid and lists its differences from the baseline. Exit code 2 if it is invalid.

    A run folder: checks that every file is as written and that there are no others. Exit code 5 if not. Exit code 4
    if there is nothing of that name.

    \b
    Examples:
      detente validate my-idea.toml
      detente validate results/baseline-1a2b3c4d
      detente validate results
    """
    if _is_run(name, output):
        _validate_run(talk, name, output, as_json)
    elif Path(name).is_dir():
        _validate_all(talk, Path(name), as_json)
    else:
        _validate_scenario(talk, name, configs, as_json)


def _is_run(name: str, output: Path | None) -> bool:
    """Whether the name is a run folder or the name of one in the results folder."""
    from detente.runs import find
    from detente.shared.paths import results_root

    path = Path(name)
    if path.is_dir():
        return find.is_run(path) or not find.folders(path)
    return "/" not in name and (results_root(output) / name).is_dir()


def _validate_run(talk: Talk, name: str, output: Path | None, as_json: bool) -> None:
    from detente.runs import find
    from detente.runs.integrity import check, check_all
    from detente.shared.paths import shown

    path = find.find(name, output)
    folder, integrity = shown(path), check_all([path])[0] if find.is_run(path) else check(path)
    if as_json:
        put_json(
            {"run": folder, "complete": not integrity.damage, "damage": integrity.damage, "notes": integrity.notes}
        )
    for note in integrity.notes:
        talk.say(note)
    if integrity.damage:
        for sentence in integrity.damage[1:]:
            talk.say(sentence)
        raise CheckError(integrity.damage[0])
    talk.say(f"{folder}: complete, {integrity.files} files with verified checksums.")


def _validate_all(talk: Talk, root: Path, as_json: bool) -> None:
    from detente.runs import find
    from detente.runs.integrity import check_all
    from detente.shared.formatting import listed
    from detente.shared.paths import shown

    checks = check_all(find.folders(root))
    damaged = [one for one in checks if one.damage]
    if as_json:
        put_json(
            [
                {"run": shown(one.folder), "complete": not one.damage, "damage": one.damage, "notes": one.notes}
                for one in checks
            ]
        )
    else:
        for one in checks:
            put(f"{shown(one.folder)}: {f'complete, {one.files} files' if not one.damage else 'damaged'}")
    for one in checks:
        for sentence in (*one.notes, *one.damage):
            talk.say(sentence)
    if damaged:
        names = listed([shown(one.folder) for one in damaged], 5)
        raise CheckError(f"{shown(root)}: {len(damaged)} of {len(checks)} runs are damaged ({names}).")
    talk.say(f"{shown(root)}: {len(checks)} {'run' if len(checks) == 1 else 'runs'}, all complete.")


def _validate_scenario(talk: Talk, name: str, configs: Path | None, as_json: bool) -> None:
    from detente.catalog.changes import differences
    from detente.config.loader import load
    from detente.engine import simulate

    config = load(name, configs=configs)
    simulate.plan(config, keep_paths=0)
    changes = differences(load("baseline", configs=configs), config)
    if as_json:
        put_json({"scenario": config.name, "title": config.title, "differences": [change.row() for change in changes]})
    else:
        for change in changes:
            put(f"{change.key}  ({change.where})\n  was  {change.before}\n  is   {change.after}")
    talk.say(
        f"{name}: valid; {len(changes) or 'no'} effective difference{'s' if len(changes) != 1 else ''} from the "
        "baseline."
    )


commands = {"new": new, "validate": validate}
