"""Looks into the litewin-load process: its own variables and types, by its own debug information.

Names are looked up in the file of litewin's that has them, since the program may have variables and structures of
the same names."""
import gdb


def file_of(name):
    """The symbols of one of litewin's ELF files, or None where gdb has none."""
    for objfile in gdb.objfiles():
        if objfile.is_valid() and objfile.filename and objfile.filename.endswith('/' + name):
            return objfile
    return None


def loader():
    return file_of('litewin-load')


class Source:
    """One of litewin's source files, found by a function that it defines."""

    def __init__(self, function, file='litewin-load'):
        objfile = file_of(file)
        if not objfile:
            raise gdb.GdbError('This is no litewin-load process.')
        symbol = objfile.lookup_global_symbol(function)
        if not symbol:
            raise gdb.GdbError(f'{objfile.filename} has no debug information.')
        self.block = symbol.symtab.static_block()

    def variable(self, name):
        symbol = gdb.lookup_symbol(name, self.block)[0]
        if not symbol:
            raise gdb.GdbError(f'litewin has no variable {name}.')
        return symbol.value()

    def type(self, name):
        return gdb.lookup_type(name, self.block)


def source_or_none(function, file='litewin-load'):
    try:
        return Source(function, file)
    except gdb.GdbError:
        return None


def is_alive():
    return gdb.selected_inferior().pid != 0


def read(address, size):
    """Bytes, or None where there is no memory."""
    try:
        return gdb.selected_inferior().read_memory(address, size).tobytes()
    except gdb.MemoryError:
        return None


def read_word(address, size):
    data = read(address, size)
    return None if data is None else int.from_bytes(data, 'little')


def unicode_string(value):
    """Of a UNICODE_STRING."""
    return utf16(int(value['Buffer']), int(value['Length']))


def utf16(address, size):
    return (read(address, size) or b'').decode('utf-16-le', 'replace') if address and size else ''


def terminated_utf16(pointer):
    address, text = int(pointer), ''
    while address and not text.endswith('\0') and (part := read(address + 2 * len(text), 2)):
        text += part.decode('utf-16-le', 'replace')
    return text.rstrip('\0')


def c_string(pointer):
    return pointer.string(errors='replace') if int(pointer) else ''


def container(pointer, kind, *field):
    """The structure of type `kind` in which the pointer points to the named field."""
    offset = 0
    at = kind
    for name in field:
        offset += at[name].bitpos // 8
        at = at[name].type
    return gdb.Value(int(pointer) - offset).cast(kind.pointer()).dereference()
