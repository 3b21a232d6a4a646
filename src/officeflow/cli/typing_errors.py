"""What was typed wrong, in the words of all other errors: Click's own are a page of usage and another
beginning of the line.
"""

from __future__ import annotations

import click
from click.core import ParameterSource

from officeflow.errors import did_you_mean

INSTEAD = {
    "--as": ("--login", "who gives this command signs in: --login LOGIN, with the password"),
    "--login": ("--as", "this command takes no password: --as LOGIN"),
}
"""Options that say who acts, each with the other one and when to take that."""


def told(error: click.ClickException) -> str:
    """What is wrong, and in brackets what to do."""
    what = _wrong(error)
    hint = _hint(error)
    return f"{what} ({hint})" if hint else what


def _wrong(error: click.ClickException) -> str:
    match error:
        case click.exceptions.NoSuchCommand():
            return f"there is no command {f'{_path(error)} {error.command_name}'!r}"
        case click.NoSuchOption():
            return f"there is no option {error.option_name}"
        case click.MissingParameter(param=click.Parameter() as parameter):
            return f"{_called(parameter)} is missing"
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"{_source(error, parameter)}: {error.message.rstrip('.')}"
        case _:
            return error.format_message().rstrip(".")


def _hint(error: click.ClickException) -> str:
    near = ""
    match error:
        case click.exceptions.NoSuchCommand(ctx=click.Context() as context):
            known = context.command.list_commands(context) if isinstance(context.command, click.Group) else []
            near = did_you_mean(error.command_name, known)
        case click.NoSuchOption(ctx=click.Context() as context):
            known = [name for each in context.command.params for name in each.opts if name[:2] == "--"]
            instead = INSTEAD.get(error.option_name)
            near = instead[1] if instead and instead[0] in known else did_you_mean(error.option_name, known)
    if near or not isinstance(error, click.UsageError) or error.ctx is None:
        return near
    return f"`{error.ctx.command_path} --help` tells what there is"


def _path(error: click.UsageError) -> str:
    """The commands so far, without the program's name."""
    names = []
    context = error.ctx
    while context is not None and context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    return " ".join(reversed(names))


def _called(parameter: click.Parameter) -> str:
    """An option as it is typed; an argument as the help shows it."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(
        click.get_current_context(silent=True) or click.Context(click.Command(None))
    )


def _source(error: click.BadParameter, parameter: click.Parameter) -> str:
    """Whoever has set a variable has not typed the option that it stands for."""
    given = error.ctx.get_parameter_source(parameter.name or "") if error.ctx else None
    if given is ParameterSource.ENVIRONMENT:
        return str(parameter.envvar)
    return _called(parameter)
