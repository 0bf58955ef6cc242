"""The command `memspan`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from memspan import __version__
from memspan.cli.exits import Exit, guarded
from memspan.cli.json_target import spelt_out
from memspan.core.errors import InvalidInput

__all__ = ["app", "main"]

app = App(
    name="memspan",
    help="Measure memory in sequence models: what a problem demands, what a model learns, what it holds.",
    version=__version__,
    suppress_keyboard_interrupt=False,  # `guarded` says how to start again
)
# By path, so that `memspan --help` imports no command and no JAX.
app.command("memspan.cli.demo:demo", name="demo", help="The tutorial's demonstration, measured.")
app.command("memspan.cli.demand:demand", name="demand", help="How much memory a problem or your data needs.")
app.command("memspan.cli.span:span", name="span", help="Up to which lag models and rules learn to remember.")
app.command("memspan.cli.hold:hold", name="hold", help="What a trained model holds, and where in its state.")
app.command("memspan.cli.check:check", name="check", help="Whether a model of yours does what is asked of one.")
app.command("memspan.cli.tune:tune", name="tune", help="The smallest configuration that succeeds often enough.")
app.command("memspan.cli.resume:resume", name="resume", help="Go on with a study that was stopped.")
app.command("memspan.cli.stored_list:list_", name="list", help="What a store holds: studies and specs.")
app.command("memspan.cli.stored_show:show", name="show", help="One study or spec of a store.")
app.command("memspan.cli.report:report", name="report", help="One report of a study: HTML, Markdown or PDF.")
app.command("memspan.cli.stored_export:export", name="export", help="A store's runs as a table, or sent elsewhere.")
app.command("memspan.cli.doctor:doctor", name="doctor", help="What this installation has and lacks.")
app.command("memspan.cli.completion:completion", name="completion", help="A script that completes words in a shell.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code.

    Args:
        arguments: words after `memspan`; those of the process by default.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    guarded(lambda: _dispatch(words), words)


def _dispatch(words: list[str]) -> int:
    try:
        result = app(spelt_out(words), exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise InvalidInput(" ".join(str(error).split())) from error
    return int(result or Exit.DONE)
