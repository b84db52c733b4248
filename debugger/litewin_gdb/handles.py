"""`info litewin handles`: the handle table, and what its objects are."""
import os

import gdb

from . import inferior

ADDRESS_MASK = (1 << 48) - 1
SIGNALED = 8
INHERIT, PROTECT = 2, 1


class Object:
    """What a handle names."""

    def __init__(self, address):
        source = inferior.Source('handle_close')
        self.address = address
        self.value = gdb.Value(address).cast(source.type('struct object').pointer()).dereference()
        self.kind = inferior.c_string(self.value['type']['name'])

    def waitable(self):
        """The object as a struct waitable, or None where it cannot be waited for."""
        if not int(self.value['type']['wait']):
            return None
        return self.cast('wait_single', 'struct waitable')

    def cast(self, function, name):
        """As the structure that the source file of a function has."""
        return gdb.Value(self.address).cast(inferior.Source(function).type(name).pointer()).dereference()

    def name(self):
        if self.kind == 'File':
            return file_name(int(self.cast('file_open', 'struct file')['descriptor']))
        if self.kind == 'Thread' and self.is_of('thread_type'):
            kind = inferior.Source('thread_create').type('struct thread')
            return f'thread {int(inferior.container(self.address, kind, "object")["id"])}'
        if self.kind == 'Process':
            return f'process {int(self.cast("process_exit", "struct process")["id"])}'
        if not int(self.value['name']):
            return ''
        kind = inferior.Source('named_create').type('struct object_name')
        name = self.value['name'].cast(kind.pointer()).dereference()
        return inferior.utf16(int(name['characters'].address), 2 * int(name['length']))

    def is_of(self, variable):
        """Some types share a name."""
        return int(self.value['type']) == int(inferior.Source('handle_close').variable(variable).address)

    def describe(self):
        name = self.name()
        return f'{self.kind} {name}' if name else self.kind


def file_name(descriptor):
    """What Linux calls it; of a process on another machine nothing is known."""
    try:
        return os.readlink(f'/proc/{gdb.selected_inferior().pid}/fd/{descriptor}')
    except OSError:
        return f'descriptor {descriptor}'


def handles():
    """(handle, object, access, attributes) of every open handle."""
    source = inferior.Source('handle_close')
    first, later = source.variable('first_chunk'), source.variable('later_chunks')
    used = int(source.variable('used_slots'))
    in_chunk = first.type.range()[1] + 1
    places = [int(first[0][name].address) - int(first.address) for name in ('word', 'access', 'attributes')]
    for begin in range(0, used, in_chunk):
        address = int(later[begin // in_chunk]) if begin else int(first.address)
        size = first[0].type.sizeof
        data = inferior.read(address, min(in_chunk, used - begin) * size) or b''
        for at in range(0, len(data), size):
            word, access, attributes = (int.from_bytes(data[at + place:at + place + length], 'little')
                                        for place, length in zip(places, (8, 4, 4)))
            if word & ADDRESS_MASK:
                yield 4 * (begin + at // size), Object(word & ADDRESS_MASK), access, attributes


def table():
    """The rows of `info litewin handles`."""
    for handle, found, access, attributes in handles():
        waitable = found.waitable()
        notes = []
        if waitable is not None and found.kind != 'File':
            notes.append('signaled' if int(waitable['state']) & SIGNALED else 'not signaled')
        if attributes & INHERIT:
            notes.append('inherited')
        if attributes & PROTECT:
            notes.append('protected')
        yield f'{handle:#x}', found.kind, f'{access:#010x}', ', '.join(notes), found.name()
