"""Reads minidumps, and finds what contradicts itself in them. It knows the format from Microsoft's documentation alone."""
import struct

THREADS, MODULES, MEMORY, EXCEPTION, SYSTEM, MEMORY64, COMMENT, MISC, MEMORY_INFO, NAMES = 3, 4, 5, 6, 7, 9, 10, 15, 16, 24
CONTEXTS = {9: (1232, 0x98, 0xf8, 'Q'), 0: (716, 0xc4, 0xb8, 'I')}  # size, and where the stack and instruction pointers are


class Broken(Exception):
    pass


class Minidump:
    def __init__(self, path):
        with open(path, 'rb') as file:
            self.bytes = file.read()
        signature, version, count, directory, _, _, self.flags = self.unpack('<4sIIIIIQ', 0)
        self.require(signature == b'MDMP' and version & 0xffff == 0xa793, 'the signature')
        self.streams = {}
        for i in range(count):
            kind, size, rva = self.unpack('<III', directory + 12 * i)
            if kind:
                self.require(kind not in self.streams, f'two streams {kind}')
                self.slice(rva, size)
                self.streams[kind] = rva, size
        self.read_system()
        self.read_modules()
        self.read_memory()
        self.read_threads()
        self.read_memory_info()
        self.exception = self.read_exception() if EXCEPTION in self.streams else None
        self.comment = self.slice(*self.streams[COMMENT]) if COMMENT in self.streams else None
        size, flags, self.process = self.unpack('<III', self.streams[MISC][0])
        self.require(size <= self.streams[MISC][1] and flags & 1, 'the process')

    def require(self, condition, what):
        if not condition:
            raise Broken(what)

    def slice(self, rva, size):
        self.require(rva + size <= len(self.bytes), f'{size} bytes at {rva:#x}')
        return self.bytes[rva:rva + size]

    def unpack(self, form, rva):
        return struct.unpack(form, self.slice(rva, struct.calcsize(form)))

    def string(self, rva):
        size, = self.unpack('<I', rva)
        self.require(self.slice(rva + 4 + size, 2) == b'\0\0', 'a string\'s end')
        return self.slice(rva + 4, size).decode('utf-16-le')

    def items(self, kind, form, header=4):
        """The entries of a list behind its count, which fill the stream."""
        rva, size = self.streams[kind]
        count, = self.unpack('<I', rva)
        entry = struct.calcsize(form)
        self.require(size == header + count * entry, f'the size of stream {kind}')
        return [self.unpack(form, rva + header + entry * i) for i in range(count)]

    def read_system(self):
        rva, size = self.streams[SYSTEM]
        self.require(size == 56, 'the system information')
        self.architecture, _, _, self.processors, _, major, minor, build, platform, name = self.unpack('<HHHBBIIIII', rva)
        self.version = major, minor, build
        self.require(self.architecture in CONTEXTS and platform == 2 and self.string(name) == '', 'the system')

    def read_modules(self):
        self.modules = []
        for entry in self.items(MODULES, '<QIIII13IIIIIQQ'):
            base, size, _, time, name = entry[:5]
            version, codeview = entry[5:18], entry[18:20]
            self.require(version[0] in (0, 0xfeef04bd), 'a module\'s version')
            record = self.slice(codeview[1], codeview[0])
            self.require(record[:4] in (b'', b'RSDS', b'NB10'), 'a CodeView record')
            self.modules.append((base, size, self.string(name), version, record))
        ranges = sorted(module[:2] for module in self.modules)
        self.require(all(a[0] + a[1] <= b[0] for a, b in zip(ranges, ranges[1:])), 'modules overlap')

    def read_memory(self):
        self.require((MEMORY in self.streams) != (MEMORY64 in self.streams), 'one list of memory')
        if MEMORY in self.streams:
            self.ranges = [(start, size, rva) for start, size, rva in self.items(MEMORY, '<QII')]
        else:
            rva, size = self.streams[MEMORY64]
            count, at = self.unpack('<QQ', rva)
            self.require(size == 16 + 16 * count, 'the list of all memory')
            self.ranges = []
            for i in range(count):
                start, length = self.unpack('<QQ', rva + 16 + 16 * i)
                self.ranges.append((start, length, at))
                at += length
        for _, size, rva in self.ranges:
            self.slice(rva, size)
        ranges = sorted(self.ranges)
        self.require(all(a[0] + a[1] <= b[0] for a, b in zip(ranges, ranges[1:])), 'memory overlaps')

    def memory(self, address, size):
        for start, length, rva in self.ranges:
            if start <= address and address + size <= start + length:
                return self.slice(rva + address - start, size)
        return None

    def context(self, size, rva):
        """The stack and instruction pointers."""
        expected, sp, pc, form = CONTEXTS[self.architecture]
        self.require(size == expected, 'a context\'s size')
        self.slice(rva, size)
        return self.unpack('<' + form, rva + sp)[0], self.unpack('<' + form, rva + pc)[0]

    def read_threads(self):
        names = dict(self.items(NAMES, '<IQ'))
        self.threads = {}
        for thread, suspended, _, _, teb, stack, stack_size, stack_rva, size, rva in self.items(THREADS, '<IIIIQQIIII'):
            self.require(suspended == 0 and thread not in self.threads, 'a thread')
            sp, pc = self.context(size, rva)
            self.require(self.memory(teb, 0x60) is not None, 'a thread\'s block')
            self.require(self.memory(sp, 16) is not None, 'a thread\'s stack')
            self.require(not stack_size or stack <= sp < stack + stack_size, 'a thread\'s stack')
            self.slice(stack_rva, stack_size)
            self.threads[thread] = sp, pc, self.string(names[thread]) if thread in names else None
        self.require(set(names) <= set(self.threads), 'names of threads that are not there')

    def read_memory_info(self):
        rva, size = self.streams[MEMORY_INFO]
        header, entry, count = self.unpack('<IIQ', rva)
        self.require((header, entry) == (16, 48) and size == header + count * entry, 'the list of regions')
        self.regions = []
        for i in range(count):
            base, _, _, _, length, state, protect, kind, _ = self.unpack('<QQIIQIIII', rva + header + entry * i)
            self.require(state in (0x1000, 0x2000, 0x10000), 'a region\'s state')
            self.regions.append((base, length, state, protect, kind))
        self.require(all(a[0] + a[1] == b[0] for a, b in zip(self.regions, self.regions[1:])), 'regions follow each other')

    def read_exception(self):
        rva, size = self.streams[EXCEPTION]
        self.require(size == 168, 'the exception')
        thread, _, code, flags, _, address, count, _ = self.unpack('<IIIIQQII', rva)
        parameters = self.unpack('<15Q', rva + 40)[:count]
        self.require(thread in self.threads, 'the exception\'s thread')
        context = self.context(*self.unpack('<II', rva + 160))
        self.require(context == self.threads[thread][:2], 'the exception\'s context')
        return code, address, list(parameters), thread

    def module_at(self, address):
        return next((name for base, size, name, _, _ in self.modules if base <= address < base + size), None)
