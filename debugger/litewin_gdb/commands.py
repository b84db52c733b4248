"""litewin's own gdb commands."""
import gdb

from .exceptions import CatchException
from .modules import modules


class Litewin(gdb.Command):
    """Commands for Windows programs that litewin runs."""

    def __init__(self):
        super().__init__('litewin', gdb.COMMAND_RUNNING, prefix=True)


class Program(gdb.Command):
    """litewin program FILE: the symbols of a program that has not started yet, so that breakpoints can be set in it."""

    def __init__(self):
        super().__init__('litewin program', gdb.COMMAND_FILES, gdb.COMPLETE_FILENAME)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        modules.expect(argument)


class Catch(gdb.Command):
    """litewin catch exception [CODE]: stop at every exception, or every one with that code, before any handler runs.

The frame of the exception is selected. `info breakpoints` and `delete` know the catchpoint as a breakpoint."""

    def __init__(self):
        super().__init__('litewin catch', gdb.COMMAND_BREAKPOINTS)

    def complete(self, text, word):
        return [choice for choice in ['exception'] if choice.startswith(text)]

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not words or words[0] != 'exception' or len(words) > 2:
            raise gdb.GdbError('Usage: litewin catch exception [CODE]')
        code = int(gdb.parse_and_eval(words[1])) & 0xffffffff if len(words) == 2 else None
        CatchException(code)


for command in Litewin, Program, Catch:
    command()
