"""What the program's exceptions and debug output look like in gdb."""
import gdb

from . import inferior

NAMES = {
    0x40010006: 'debug output', 0x4001000A: 'debug output', 0x406D1388: 'thread name', 0x80000001: 'guard page',
    0x80000002: 'datatype misalignment', 0x80000003: 'breakpoint', 0x80000004: 'single step',
    0x80000100: 'not implemented', 0xC0000005: 'access violation', 0xC0000006: 'in-page error',
    0xC0000017: 'no memory', 0xC000001D: 'illegal instruction', 0xC0000025: 'noncontinuable exception continued',
    0xC0000026: 'invalid exception disposition', 0xC000008C: 'array bounds exceeded', 0xC000008D: 'floating point',
    0xC000008E: 'floating-point division by zero', 0xC000008F: 'floating point', 0xC0000090: 'floating point',
    0xC0000091: 'floating-point overflow', 0xC0000092: 'floating-point stack', 0xC0000093: 'floating-point underflow',
    0xC0000094: 'integer division by zero', 0xC0000095: 'integer overflow', 0xC0000096: 'privileged instruction',
    0xC00000FD: 'stack overflow', 0xC0000409: 'fast fail', 0xE06D7363: 'C++ exception', 0x20474343: 'C++ exception',
}
ACCESSES = {0: 'reading', 1: 'writing', 8: 'executing'}


def describe(record):
    code = int(record['ExceptionCode']) & 0xffffffff
    text = f'{code:#010x}' + (f' ({NAMES[code]})' if code in NAMES else '')
    if code in (0xC0000005, 0xC0000006) and int(record['NumberParameters']) >= 2:
        access, address = (int(record['ExceptionInformation'][i]) for i in range(2))
        text += f' {ACCESSES.get(access, "accessing")} {address:#x}'
    return text


def program_counter(context):
    return int(context['Rip' if any(field.name == 'Rip' for field in context.type.fields()) else 'Eip'])


class CatchException(gdb.Breakpoint):
    """Stops where an exception happens, before any handler sees it."""

    def __init__(self, code):
        super().__init__('debugger_first_chance')
        self.silent = True
        self.code = code

    def stop(self):
        frame = gdb.newest_frame()
        record = frame.read_var('record').dereference()
        return self.code is None or int(record['ExceptionCode']) & 0xffffffff == self.code


def show_caught(event):
    """Selects the frame of the exception, rather than the innermost, which is litewin's."""
    caught = [b for b in getattr(event, 'breakpoints', []) if isinstance(b, CatchException)]
    if not caught:
        return
    frame = gdb.newest_frame()
    record, context = (frame.read_var(name).dereference() for name in ('record', 'context'))
    where = program_counter(context)
    thread = gdb.selected_thread()
    gdb.write(f'\nCatchpoint {caught[0].number}, thread {thread.num}: exception {describe(record)}\n')
    while frame and frame.pc() != where:
        frame = frame.older()
    if frame:
        frame.select()
        gdb.execute('frame')


def print_output():
    text = gdb.newest_frame().read_var('text')
    gdb.write('OutputDebugString: ' + inferior.c_string(text).rstrip('\r\n') + '\n')
