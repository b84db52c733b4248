"""Names of code that has no symbols: the nearest export before it."""
import gdb
from gdb.FrameDecorator import FrameDecorator

from .modules import modules


def name_of(address):
    """`kernel32.dll!CreateFileW+5`, or what is known of it; None outside of Windows modules."""
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


class NameFrames:
    """Has backtraces show such names where gdb has none."""

    def __init__(self):
        self.name, self.priority, self.enabled = 'litewin', 100, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        for frame in frames:
            inner = frame.inferior_frame()
            needs_name = inner.name() is None and modules.at(inner.pc())
            yield NamedFrame(frame) if needs_name else frame


NameFrames()
