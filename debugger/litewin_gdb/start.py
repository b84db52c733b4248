"""What happens when the script is loaded: settings, hooks, and a look at a process that runs already."""
import gdb

from . import breakpoints, commands, exceptions, inferior, unwind  # noqa: F401
from .modules import modules

# SIGSEGV and its kin are Windows exceptions, or settled by the memory manager; SIGPIPE is an error and no more; the
# others stop and end threads, or are kernel/debugger.c's.
SIGNALS = 'SIGSEGV SIGBUS SIGFPE SIGILL SIGPIPE SIG60 SIG61 SIG62'


def configure():
    gdb.execute(f'handle {SIGNALS} nostop noprint pass', to_string=True)
    gdb.execute('set breakpoint pending on')


configure()
breakpoints.watch()
if inferior.is_alive():
    breakpoints.modules_changed()
