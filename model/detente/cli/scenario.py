"""``new`` and ``validate``."""

from pathlib import Path

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, configs_option, json_option, output_option, talk_options
from detente.shared.errors import CheckError, ConfigError, DataError


@click.command()
@click.argument("name")
@click.option("-o", "--output", type=FOLDER, metavar="DIR", help="Folder to write the file in.  [default: this one]")
@click.option("--force", is_flag=True, help="Overwrite a file of that name.")
@configs_option
@json_option
@talk_options
@click.pass_obj
def new(talk: Talk, name: str, output: Path | None, force: bool, configs: Path | None, as_json: bool) -> None:
    """Write a scenario file to edit.

    The file NAME.toml runs as it stands, and shows in comments what a scenario may change.

    \b
    Example:
      detente new my-idea
    """
    from detente.catalog.templates import new_scenario
    from detente.shared.paths import shown

    name = name.removesuffix(".toml")
    text = new_scenario(name, configs)
    path = (output or Path()) / f"{name}.toml"
    write_new(path, text, force)
    talk.say(f"Edit it, check it with detente validate {shown(path)}, run it with detente run {shown(path)}.")
    if as_json:
        put_json({"file": shown(path)})
    else:
        put(shown(path))


def write_new(path: Path, text: str, force: bool) -> None:
    """Write a text file; one that is there already is left alone unless ``force`` (ConfigError; DataError if it
    cannot be written)."""
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise ConfigError(
            f"{path}: this file is there already; choose another name, or overwrite it with --force."
        ) from None
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error.strerror}); choose another folder with --output."
        ) from error


@click.command()
@click.argument("name", metavar="FILE|RUN|FOLDER")
@configs_option
@output_option
@json_option
@talk_options
@click.pass_obj
def validate(talk: Talk, name: str, configs: Path | None, output: Path | None, as_json: bool) -> None:
    """Check a scenario file, a run folder, or all runs of a results folder.

    Of a scenario: is it sound, and what does it change over the baseline? Exit code 2 if it is not sound. Of a run folder: is every
    file there as it was written, and no other? Exit code 5 if it is not. Exit code 4 if there is nothing of that name.

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
    """Whether the name is a run folder, or one within the results folder; a folder that holds runs and is none
    itself is not."""
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
    folder, found = shown(path), check_all([path])[0] if find.is_run(path) else check(path)
    if as_json:
        put_json({"run": folder, "whole": not found.damage, "damage": found.damage, "notes": found.notes})
    for note in found.notes:
        talk.say(note)
    if found.damage:
        for sentence in found.damage[1:]:
            talk.say(sentence)
        raise CheckError(found.damage[0])
    talk.say(f"{folder}: whole, {found.files} files as they were written.")


def _validate_all(talk: Talk, root: Path, as_json: bool) -> None:
    from detente.runs import find
    from detente.runs.integrity import check_all
    from detente.shared.paths import shown

    found = check_all(find.folders(root))
    damaged = [one for one in found if one.damage]
    if as_json:
        put_json(
            [
                {"run": shown(one.folder), "whole": not one.damage, "damage": one.damage, "notes": one.notes}
                for one in found
            ]
        )
    else:
        for one in found:
            put(f"{shown(one.folder)}: {f'whole, {one.files} files' if not one.damage else 'damaged'}")
    for one in found:
        for sentence in (*one.notes, *one.damage):
            talk.say(sentence)
    if damaged:
        names = ", ".join(shown(one.folder) for one in damaged[:5]) + (
            f" and {len(damaged) - 5} more" if len(damaged) > 5 else ""
        )
        raise CheckError(f"{shown(root)}: {len(damaged)} of {len(found)} runs are not as they were written ({names}).")
    talk.say(f"{shown(root)}: {len(found)} {'run' if len(found) == 1 else 'runs'}, all whole.")


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
        f"{name}: sound; {len(changes) or 'no'} effective difference{'s' if len(changes) != 1 else ''} from the baseline."
    )


commands = {"new": new, "validate": validate}
