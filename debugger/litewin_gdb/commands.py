"""litewin's own gdb commands."""
import gdb

from . import handles, inferior, regions, threads
from .backtrace import name_of
from .exceptions import CatchException
from .modules import modules


def evaluate(expression):
    try:
        return int(gdb.parse_and_eval(expression))
    except gdb.error as error:
        raise gdb.GdbError(str(error)) from error


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
        CatchException(evaluate(words[1]) & 0xffffffff if len(words) == 2 else None)


class InfoLitewin(gdb.Command):
    """What is Windows' about the process."""

    def __init__(self):
        super().__init__('info litewin', gdb.COMMAND_STATUS, prefix=True)


class Table(gdb.Command):
    """One that prints a table."""

    def __init__(self, headings, rows):
        super().__init__('info litewin ' + self.name, gdb.COMMAND_STATUS)
        self.headings, self.rows = headings.split(), rows

    def invoke(self, argument, from_tty):
        if not inferior.is_alive():
            raise gdb.GdbError('The program is not being run.')
        print_table([self.headings, *self.rows()])


def print_table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        gdb.write('  '.join(text.ljust(width) for text, width in zip(row, widths)).rstrip() + '\n')


def module_rows():
    for module in modules.in_load_order:
        yield f'{module.base:#x}', f'{module.size:#x}', module.what_symbols(), module.name, module.path


class InfoModules(Table):
    """info litewin modules: the program and its DLLs in the order in which they were loaded.

Symbols: `yes` with lines and variables, `names` of functions alone, `no`."""
    name = 'modules'

    def __init__(self):
        super().__init__('Base Size Symbols Name Path', module_rows)


class InfoHandles(Table):
    """info litewin handles: every open handle, its object's type and state, what access it grants, and its name."""
    name = 'handles'

    def __init__(self):
        super().__init__('Handle Type Access State Name', handles.table)


class InfoThreads(Table):
    """info litewin threads: by gdb's number and by Windows' identifier; where each began, and what it is doing."""
    name = 'threads'

    def __init__(self):
        super().__init__('Num Id TEB Start Name State', threads.table)


class InfoRegions(Table):
    """info litewin regions: the memory that is reserved or committed, as VirtualQuery tells it."""
    name = 'regions'

    def __init__(self):
        super().__init__('Base Size Allocation State Protection Type What', regions.table)


class InfoSymbol(gdb.Command):
    """info litewin symbol ADDRESS: the module and the nearest export before an address."""

    def __init__(self):
        super().__init__('info litewin symbol', gdb.COMMAND_STATUS, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        address = evaluate(argument)
        gdb.write((name_of(address) or f'{address:#x} is in no module') + '\n')


class Call(gdb.Function):
    """$call(FUNCTION, ARGUMENTS...): what a function of the program returns for integers and pointers.

gdb itself calls every function as Linux does, which is not how x86-64 code of Windows is called."""

    def __init__(self):
        super().__init__('call')

    def invoke(self, function, *arguments):
        if gdb.selected_frame().architecture().name() != 'i386:x86-64':
            return function(*arguments)
        kind = function.type.target() if function.type.code == gdb.TYPE_CODE_PTR else function.type
        values = [function.address if function.type.code == gdb.TYPE_CODE_FUNC else function, *arguments]
        result = kind.target() or gdb.lookup_type('long')
        if len(values) > CALL_WORDS or not all(is_word(value.type) for value in values) or \
                not (is_word(result) or result.strip_typedefs().code == gdb.TYPE_CODE_VOID):
            raise gdb.GdbError('Only integers and pointers can be passed, at most six, and returned.')
        words = [int(value) & MASK for value in values] + [0] * (CALL_WORDS - len(values))
        caller = inferior.Source('debugger_call').variable('debugger_call')
        return caller(gdb.Value(words[0]).cast(caller.type.fields()[0].type), *words[1:]).cast(result)


CALL_WORDS, MASK = 7, (1 << 64) - 1


def is_word(kind):
    return kind.strip_typedefs().code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_BOOL,
                                          gdb.TYPE_CODE_CHAR)


for command in Litewin, Program, Catch, InfoLitewin, InfoModules, InfoHandles, InfoThreads, InfoRegions, InfoSymbol, Call:
    command()
