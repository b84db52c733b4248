"""The symbols of the program and of its DLLs come and go with them.

litewin-load calls debugger_modules_changed, which does nothing, whenever DLLs have been loaded and before one is
unmapped. A breakpoint there compares its list with what gdb has."""
import bisect
import os
import re

import gdb

from . import inferior
from .pe import BadImage, Image


class Module:
    def __init__(self, base, path, name, size, image):
        self.base, self.path, self.name, self.size, self.image = base, path, name, size, image
        self.is_own = is_litewins(path)
        self.has_symbols = False

    @property
    def end(self):
        return self.base + self.size

    def load_symbols(self):
        if not self.image:
            return
        try:
            offset = self.base - self.image.base
            gdb.execute(f'add-symbol-file {quote(self.path)} -o {offset}', to_string=True)
            self.has_symbols = True
        except gdb.error as error:
            gdb.write(f'warning: no symbols of {self.path}: {error}\n', gdb.STDERR)

    def unload_symbols(self):
        if not self.has_symbols:
            return
        self.has_symbols = False
        code = next((rva for name, rva, *_ in self.image.sections if name == '.text'), self.image.sections[0][1])
        try:
            gdb.execute(f'remove-symbol-file -a {self.base + code:#x}', to_string=True)
        except gdb.error:
            pass  # the user was faster

    def what_symbols(self):
        """Of functions and lines, of functions alone, or none."""
        if not self.has_symbols:
            return 'no'
        if self.image.has_debug_information:
            return 'yes'
        return 'names' if self.image.has_names or self.image.directories[0][1] else 'no'


def open_image(path):
    try:
        return Image(path)
    except (OSError, BadImage, ValueError):
        return None


def is_litewins(path):
    """True of the DLLs that litewin brings."""
    objfile = inferior.loader()
    return bool(objfile) and os.path.dirname(os.path.realpath(path)) == os.path.dirname(os.path.realpath(objfile.filename))


def quote(path):
    return re.sub(r'([\s"\'\\])', r'\\\1', path)


class Modules:
    """What gdb has the symbols of, by address; before the process starts, the program where it would like to be."""

    def __init__(self):
        self.modules = []  # sorted by base
        self.in_load_order = []
        self.bases = []
        self.process = 0  # whose they are; 0 before it starts

    def at(self, address):
        found = bisect.bisect_right(self.bases, address) - 1
        return self.modules[found] if found >= 0 and address < self.modules[found].end else None

    def is_program(self, address):
        """True in the program's own code, rather than litewin's or Linux'."""
        module = self.at(address)
        return module is not None and not module.is_own

    def is_of(self, process):
        return self.process == process

    def expect(self, path):
        """Has the symbols of a program that has not started yet."""
        image = open_image(path)
        if not image:
            raise gdb.GdbError(f'{path} is no Windows program.')
        self.replace([(image.base, path, os.path.basename(path), image.size)])

    def replace(self, wanted):
        """Loads and unloads symbols so that these are what there is: (base, path, name, size) of each."""
        present = {(module.base, module.path): module for module in self.modules}
        for identity in present.keys() - {description[:2] for description in wanted}:
            present.pop(identity).unload_symbols()
        self.in_load_order = [present.get(description[:2]) or Module(*description, open_image(description[1]))
                              for description in wanted]
        self.modules = sorted(self.in_load_order, key=lambda module: module.base)
        self.bases = [module.base for module in self.modules]
        for module in self.modules:
            if (module.base, module.path) not in present:
                module.load_symbols()

    def synchronize(self):
        self.process = gdb.selected_inferior().pid
        self.replace(loaded())


def entries():
    """litewin's struct module of each, in load order."""
    source = inferior.Source('module_in_load_order')
    kind = source.variable('program_module').type.target()
    data = source.variable('process_environment')['Ldr']
    if not int(data):
        return
    first = data['InLoadOrderModuleList'].address
    link = first['Flink']
    while int(link) != int(first):
        yield inferior.container(link, kind, 'entry', 'InLoadOrderLinks')
        link = link['Flink']


def loaded():
    """As (base, path, name, size) of each."""
    return [(int(entry['entry']['DllBase']), inferior.c_string(entry['host_path']),
             inferior.unicode_string(entry['entry']['BaseDllName']), int(entry['entry']['SizeOfImage']))
            for entry in entries()]


modules = Modules()
