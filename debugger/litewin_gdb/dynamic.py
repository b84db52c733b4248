"""Unwind data of code that the program makes itself: what RtlAddFunctionTable and its kin were told. Tables that a
callback finds are not known here, since the callback would have to run."""
import struct

import gdb

from . import inferior


class Code:
    """Stands for an image, as far as the unwinder asks for one."""

    def __init__(self, table):
        self.base, self.begin, self.end = (int(table[name]) for name in ('base', 'begin', 'end'))
        self.functions, self.count = int(table['functions']), int(table['count'])

    def function(self, rva):
        data = inferior.read(self.functions, 12 * self.count) or b''
        return next((function for function in struct.iter_unpack('<III', data) if function[0] <= rva < function[1]), None)

    def read(self, rva, size):
        return inferior.read(self.base + rva, size) or b''

    def is_described(self, rva):
        return False


known = None  # while the process is stopped


def at(address):
    global known
    if known is None:
        known = [code for code in tables() if code.functions]
    return next((code for code in known if code.begin <= address < code.end), None)


def tables():
    source = inferior.source_or_none('RtlAddFunctionTable', 'ntdll.so')
    table = source.variable('dynamic_tables') if source else 0
    while int(table):
        yield Code(table.dereference())
        table = table['next']


def forget(_):
    global known
    known = None


gdb.events.cont.connect(forget)
gdb.events.stop.connect(forget)
