"""Teaches gdb about the Windows program in a litewin-load process. `litewin-load --gdb` loads this; in a gdb that was
started otherwise, `source` it."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True
import litewin_gdb.start  # noqa: E402
