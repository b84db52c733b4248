"""`info litewin threads`: the threads as Windows knows them, and what each is doing."""
import contextlib
import re

import gdb

from . import inferior
from .handles import handles
from .modules import modules

FRAMES = 60  # as many as are looked at for a Windows function that the thread is in
TERMINATED = 0x80000000


def threads():
    """litewin's struct thread of each, newest last."""
    source = inferior.Source('thread_create')
    thread = source.variable('threads')
    found = []
    while int(thread):
        found.append(thread.dereference())
        thread = thread['next']
    return sorted(found, key=lambda thread: int(thread['created']))


@contextlib.contextmanager
def selected(thread):
    """gdb looks at another thread for a while."""
    before, frame = gdb.selected_thread(), gdb.selected_frame()
    thread.switch()
    try:
        yield
    finally:
        before.switch()
        if frame.is_valid():
            frame.select()


def windows_function():
    """The function of a Windows DLL that the selected thread is in, or None in the program's code."""
    frame, inner = gdb.newest_frame(), None
    for _ in range(FRAMES):
        if frame is None:
            return None
        module = modules.at(frame.pc())
        if module:
            return re.sub('^(crt|ws)_', '', inner.name() or '') if module.is_own and inner else None
        frame, inner = frame.older(), frame
    return None


def waits():
    """What threads wait for, by thread's address: a list of handles' descriptions."""
    found = {}
    for handle, thing, _, _ in handles():
        waitable = thing.waitable()
        block = waitable['first'] if waitable is not None else gdb.Value(0)
        if not int(block):
            continue
        kind = inferior.Source('wait_single').type('struct wait_block')
        while int(block):
            block = block.cast(kind.pointer())
            thread = int(block['waiter']['thread'])
            found.setdefault(thread, []).append(f'{handle:#x} {thing.describe()}')
            block = block['next']
    return found


def state(thread, in_gdb, waiting):
    parts = []
    count = int(thread['suspension']['count'])
    if count & ~TERMINATED:
        parts.append(f'suspended {count & ~TERMINATED}')
    if waiting:
        parts.append('waits for ' + ', '.join(waiting))
    elif not in_gdb or int(thread['start']) and not thread['suspension']['begun']:
        parts.append('not started')
    else:
        with selected(in_gdb):
            function = windows_function()
        parts.append(f'in {function}' if function else 'running')
    return ', '.join(parts)


def table():
    """The rows of `info litewin threads`."""
    by_id = {thread.ptid[1]: thread for thread in gdb.selected_inferior().threads()}
    waiting = waits()
    for thread in threads():
        number = int(thread['id'])
        in_gdb = by_id.get(number)
        current = '*' if in_gdb and in_gdb == gdb.selected_thread() else ''
        yield (f'{current}{in_gdb.num}' if in_gdb else '', str(number), f'{int(thread.address):#x}', start_of(thread),
               inferior.terminated_utf16(thread['name']), state(thread, in_gdb, waiting.get(int(thread.address))))


def start_of(thread):
    """The main thread's is the program's entry point."""
    program = inferior.Source('module_in_load_order').variable('program_module')
    return describe_address(int(thread['start']) or int(program['entry']['EntryPoint']))


def describe_address(address):
    text = gdb.execute(f'info symbol {address:#x}', to_string=True)
    return text.split(' in section')[0] if ' in section' in text else f'{address:#x}'
