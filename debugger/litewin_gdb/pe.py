"""What the debugger needs of a PE file: where it would like to be, its sections, functions and exports."""
import bisect
import mmap
import struct

EXPORTS, EXCEPTIONS = 0, 3  # data directories


class BadImage(Exception):
    pass


class Image:
    """A PE file. Numbers are relative to the image's base."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._read_headers()
        except (struct.error, ValueError) as error:
            raise BadImage(f'{path} is damaged') from error
        self._functions = self._described = self._exports = None

    def _read_headers(self):
        if self.data[:2] != b'MZ':
            raise ValueError
        header, = struct.unpack_from('<I', self.data, 0x3c)
        magic, machine, count, self.timestamp, symbols, symbol_count, size, _ = \
            struct.unpack_from('<4sHHIIIHH', self.data, header)
        if magic != b'PE\0\0':
            raise ValueError
        optional = header + 24
        self.is_64bit = machine == 0x8664
        self.has_names = symbol_count != 0
        kind, place = ('<Q', 24) if self.is_64bit else ('<I', 28)
        self.base, = struct.unpack_from(kind, self.data, optional + place)
        self.size, = struct.unpack_from('<I', self.data, optional + 56)
        directories = optional + (112 if self.is_64bit else 96)
        self.directories = [struct.unpack_from('<II', self.data, directories + 8 * i) for i in range(4)]
        strings = symbols + 18 * symbol_count
        self.sections = [self._read_section(optional + size + 40 * i, strings) for i in range(count)]

    def _read_section(self, at, strings):
        name, virtual_size, rva, file_size, offset = struct.unpack_from('<8sIIII', self.data, at)
        name = name.rstrip(b'\0')
        if name[:1] == b'/':  # a long name
            start = strings + int(name[1:])
            name = self.data[start:self.data.find(b'\0', start)]
        return name.decode(errors='replace'), rva, virtual_size, offset, file_size

    def section(self, wanted):
        """A section's bytes, b'' where there is none."""
        for name, _, virtual_size, offset, file_size in self.sections:
            if name == wanted:
                return self.data[offset:offset + min(virtual_size, file_size)]
        return b''

    @property
    def has_debug_information(self):
        return any(name == '.debug_info' for name, *_ in self.sections)

    def read(self, rva, size):
        """Bytes as they are in memory before relocation; fewer where the file has no more."""
        for _, start, virtual_size, offset, file_size in self.sections:
            if start <= rva < start + max(virtual_size, file_size):
                at = rva - start
                return self.data[offset + at:offset + min(at + size, file_size)]
        return b''

    def text(self, rva):
        return self.read(rva, 512).split(b'\0')[0].decode(errors='replace')

    # Functions with unwind data, of x86-64

    def function(self, rva):
        """(begin, end, unwind information) of the function there, or None."""
        if self._functions is None:
            where, size = self.directories[EXCEPTIONS]
            table = self.read(where, size)
            self._functions = sorted(struct.iter_unpack('<III', table[:len(table) // 12 * 12]))
        return find_range(self._functions, rva)

    def is_described(self, rva):
        """True where DWARF call frame information says how to unwind."""
        if self._described is None:
            self._described = sorted(self._read_debug_frame(self.section('.debug_frame')))
        return find_range(self._described, rva) is not None

    def _read_debug_frame(self, data):
        at, word = 0, '<Q' if self.is_64bit else '<I'
        while at + 4 <= len(data):
            length, = struct.unpack_from('<I', data, at)
            if length in (0, 0xffffffff):
                return
            which, = struct.unpack_from('<I', data, at + 4)
            if which != 0xffffffff:  # not a CIE
                begin, = struct.unpack_from(word, data, at + 8)
                size, = struct.unpack_from(word, data, at + 8 + struct.calcsize(word))
                yield begin - self.base, begin - self.base + size
            at += 4 + length

    # Exports

    def nearest_export(self, rva):
        """(name, rva) of the last export at or before that place in its section, or None."""
        if self._exports is None:
            self._exports = sorted(self._read_exports())
        at = bisect.bisect_right(self._exports, (rva, '\U0010ffff')) - 1
        if at < 0 or self._section_of(self._exports[at][0]) != self._section_of(rva):
            return None
        return self._exports[at][1], self._exports[at][0]

    def _section_of(self, rva):
        return next((start for _, start, size, *_ in self.sections if start <= rva < start + size), None)

    def _read_exports(self):
        where, size = self.directories[EXPORTS]
        header = self.read(where, 40)
        if not size or len(header) < 40:
            return
        ordinal_base, count, name_count, addresses, names, ordinals = struct.unpack_from('<IIIIII', header, 16)
        named = {}
        for i in range(name_count):
            name, = struct.unpack('<I', self.read(names + 4 * i, 4))
            ordinal, = struct.unpack('<H', self.read(ordinals + 2 * i, 2))
            named[ordinal] = self.text(name)
        for i in range(count):
            rva, = struct.unpack('<I', self.read(addresses + 4 * i, 4))
            if rva and not where <= rva < where + size:  # not a forwarder
                yield rva, named.get(i, f'#{ordinal_base + i}')


def find_range(ranges, value):
    """The one of sorted ranges (begin, end, ...) that holds the value, or None."""
    low, high = 0, len(ranges)
    while low < high:
        middle = (low + high) // 2
        if ranges[middle][0] <= value:
            low = middle + 1
        else:
            high = middle
    found = ranges[low - 1] if low else None
    return found if found and value < found[1] else None
