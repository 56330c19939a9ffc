"""The command `darkpenguin`: each verb parses, calls one function of the library, prints."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click

from darkpenguin import __version__
from darkpenguin.cli.cache import keep_compiled
from darkpenguin.cli.check import check
from darkpenguin.cli.cite import cite
from darkpenguin.cli.common import BAD_INPUT, INTERRUPTED
from darkpenguin.cli.compare import compare
from darkpenguin.cli.constrain import constrain
from darkpenguin.cli.explain import explain
from darkpenguin.cli.fit import fit
from darkpenguin.cli.limits import limits
from darkpenguin.cli.listing import experiments, inputs, models
from darkpenguin.cli.new import new
from darkpenguin.cli.predict import predict
from darkpenguin.cli.reproduce import reproduce
from darkpenguin.errors import DarkpenguinError, suggestion


class _Verbs(click.Group):
    """Verbs in the order of use. A misspelt one gets the nearest name; errors of the user are messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise click.UsageError(f"no verb '{args[0]}'{suggestion(args[0], self.commands)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DarkpenguinError as error:
            click.echo(str(error), err=True)
            sys.exit(BAD_INPUT)
        except OSError as error:
            if error.errno == errno.EPIPE or error.filename is None:
                raise  # click closes a broken pipe quietly
            click.echo(f"{error.filename}: {error.strerror}", err=True)
            sys.exit(BAD_INPUT)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="darkpenguin")
def main() -> None:
    """B -> K + invisible: from model parameters to Belle II's published likelihood, fits, limits and a verdict.

    Exit codes: 0 good, 2 bad input, 3 some points failed. Compiled functions are kept in ~/.cache/darkpenguin, or where
    JAX_COMPILATION_CACHE_DIR says.
    """
    keep_compiled(os.environ)


for _verb in (
    predict,
    explain,
    constrain,
    compare,
    fit,
    limits,
    reproduce,
    models,
    experiments,
    inputs,
    check,
    cite,
    new,
):
    main.add_command(_verb)
