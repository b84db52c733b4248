"""`info litewin regions`: the address space as VirtualQuery tells it, without what is free."""
import gdb

from . import inferior
from .modules import modules
from .threads import threads

PAGE = 4096
STATES = {0x1000: 'commit', 0x2000: 'reserve'}
TYPES = {0x20000: 'private', 0x40000: 'mapped', 0x1000000: 'image'}
PROTECTIONS = {0x01: 'noaccess', 0x02: 'readonly', 0x04: 'readwrite', 0x08: 'writecopy', 0x10: 'execute',
               0x20: 'execute_read', 0x40: 'execute_readwrite', 0x80: 'execute_writecopy'}
MODIFIERS = {0x100: 'guard', 0x200: 'nocache', 0x400: 'writecombine'}
WRITES_COPY = 0x88
PRESENT, SWAPPED, SHARED = 1 << 63, 1 << 62, 1 << 61  # of Linux's pagemap


def regions(node):
    """Of a tree, in order of their addresses."""
    path = []
    while int(node) or path:
        while int(node):
            path.append(node)
            node = node['left']
        node = path.pop()
        yield node.dereference()
        node = node['right']


def protection(value):
    names = [PROTECTIONS.get(value & 0xff, f'{value & 0xff:#x}' if value & 0xff else '')]
    return '+'.join(names + [name for bit, name in MODIFIERS.items() if value & bit])


def runs(start, end, protect):
    """Pages that were copied by a write are writable in their own right: (start, end, protection) of each run."""
    if not protect & WRITES_COPY:
        return [(start, end, protect)]
    copied = copied_pages(start, end)
    written = protect >> 1 & 0x44 | protect & ~0xff
    found = []
    for number in range((end - start) // PAGE):
        visible = written if number in copied else protect
        at = start + number * PAGE
        if found and found[-1][2] == visible:
            found[-1] = found[-1][0], at + PAGE, visible
        else:
            found.append((at, at + PAGE, visible))
    return found


def copied_pages(start, end):
    """Their numbers from the start. Where Linux tells nothing, nothing counts as copied."""
    try:
        with open(f'/proc/{gdb.selected_inferior().pid}/pagemap', 'rb', buffering=0) as file:
            file.seek(start // PAGE * 8)
            data = file.read((end - start) // PAGE * 8)
    except OSError:
        return set()
    entries = (int.from_bytes(data[i:i + 8], 'little') for i in range(0, len(data), 8))
    return {number for number, entry in enumerate(entries) if entry & (PRESENT | SWAPPED) and not entry & SHARED}


def what(address, base, stacks):
    module = modules.at(address)
    return module.name if module else stacks.get(base, '')


def table():
    """The rows of `info litewin regions`."""
    stacks = {int(thread['teb']['DeallocationStack']): f'stack of {int(thread["id"])}' for thread in threads()}
    for region in regions(inferior.Source('region_find').variable('root')):
        allocation = region['allocation'].dereference()
        base = int(allocation['base'])
        for start, end, protect in runs(int(region['start']), int(region['end']), int(region['protect'])):
            yield (f'{start:#x}', f'{end - start:#x}', f'{base:#x}', STATES[int(region['state'])],
                   protection(protect), TYPES.get(int(allocation['type']), ''), what(start, base, stacks))
