"""What backtraces show otherwise: names of code that has no symbols, and nothing of how litewin started the thread."""
import itertools

import gdb
from gdb.FrameDecorator import FrameDecorator

from .modules import modules

OUTERMOST = 'thread_call_on_stack'  # litewin's function that goes from Linux's stack to the program's


def name_of(address):
    """`kernel32.dll!CreateFileW+5`: the nearest export, or what is known of it; None outside of Windows modules."""
    module = modules.at(address)
    if not module:
        return None
    export = module.image and module.image.nearest_export(address - module.base)
    name, start = export if export else ('', 0)
    offset = address - module.base - start
    return f'{module.name}{"!" + name if name else ""}{f"+{offset:#x}" if offset else ""}'


class NamedFrame(FrameDecorator):
    def function(self):
        return name_of(self.inferior_frame().pc())


def needs_name(frame):
    inner = frame.inferior_frame()
    return inner.name() is None and modules.at(inner.pc()) is not None


class ProgramsFrames:
    """A frame filter; `bt -no-filters` does without."""

    def __init__(self):
        self.name, self.priority, self.enabled = 'litewin', 100, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        if not modules.modules:
            return frames
        inside = itertools.takewhile(lambda frame: frame.inferior_frame().name() != OUTERMOST, frames)
        return (NamedFrame(frame) if needs_name(frame) else frame for frame in inside)


ProgramsFrames()
