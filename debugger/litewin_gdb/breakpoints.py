"""The breakpoints that the script itself sets in litewin-load, and what becomes of the user's."""
import gdb

from . import exceptions, inferior
from .modules import modules


class Hook(gdb.Breakpoint):
    """Nobody sees it: calls a function and lets the process go on."""

    def __init__(self, function, call):
        super().__init__(function, internal=True)
        self.silent = True
        self.call = call

    def stop(self):
        try:
            self.call()
        except (gdb.error, gdb.GdbError) as error:
            gdb.write(f'litewin: {error}\n', gdb.STDERR)
        return False


# Numbers of the breakpoints that have, or had, a place in the program.
of_program = set()


def prefer_the_programs(breakpoint):
    """litewin's own functions and files may have the names of the program's, which are what the user means."""
    if not breakpoint.is_valid() or breakpoint.type != gdb.BP_BREAKPOINT or not hasattr(breakpoint, 'locations'):
        return
    others = [place for place in breakpoint.locations if not modules.is_program(place.address)]
    if len(others) < len(breakpoint.locations):
        of_program.add(breakpoint.number)
    if breakpoint.number in of_program:
        for place in others:
            if place.enabled:
                place.enabled = False


def forget(breakpoint):
    of_program.discard(breakpoint.number)


def modules_changed():
    modules.synchronize()
    set_being_debugged(True)


def set_being_debugged(value):
    """What IsDebuggerPresent tells the program, if litewin finds that there is a debugger indeed."""
    place = inferior.Source('module_in_load_order').variable('process_environment')['BeingDebugged'].address
    gdb.selected_inferior().write_memory(int(place), bytes([value]))


def place_hooks():
    Hook('debugger_modules_changed', modules_changed)
    Hook('debugger_print', exceptions.print_output)


def process_started(_):
    """Symbols of an earlier process would have gdb set breakpoints where nothing is mapped yet."""
    if inferior.is_alive() and modules.modules and not modules.is_of(gdb.selected_inferior().pid):
        modules.replace([])


def let_go(_=None):
    if inferior.is_alive() and inferior.source_or_none('module_in_load_order'):
        set_being_debugged(False)


def watch():
    # Without a word about functions that are not defined, where litewin-load is still to come.
    gdb.execute(f'python import {__name__}; {__name__}.place_hooks()', to_string=True)
    gdb.events.stop.connect(exceptions.show_caught)
    gdb.events.breakpoint_created.connect(prefer_the_programs)
    gdb.events.breakpoint_modified.connect(prefer_the_programs)
    gdb.events.breakpoint_deleted.connect(forget)
    gdb.events.new_objfile.connect(process_started)
    if hasattr(gdb.events, 'gdb_exiting'):
        gdb.events.gdb_exiting.connect(let_go)
    gdb.execute(f'define hook-detach\npython import {__name__}; {__name__}.let_go()\nend')
