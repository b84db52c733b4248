#!/usr/bin/env python3
"""Debugs debugged.exe with gdb in its batch mode, in every way that docs/debugging.md shows, and reads what gdb says.

    debugger_test.py LITEWIN-LOAD PROGRAMS

PROGRAMS/ARCH has the program and its DLLs. Ends with `debugger: N passed, N failed`.
"""
import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from checks import check, finish  # noqa: E402

TIMEOUT = 120
PR_SET_PTRACER, ANYBODY = 0x59616d61, -1

here = os.path.dirname(os.path.abspath(__file__))


def line_of(mark, source='debugged.c'):
    with open(os.path.join(here, source)) as file:
        return next(number for number, line in enumerate(file, 1) if f'mark: {mark} ' in line)


class Debugger:
    def __init__(self, loader, programs, arch, directory):
        self.loader, self.arch, self.directory = os.path.abspath(loader), arch, directory
        self.program = os.path.join(os.path.abspath(programs), arch, 'debugged.exe')
        self.imported = '__imp_CreateThread' if arch == 'x86_64' else "'_imp__CreateThread@24'"
        self.script = os.path.realpath(os.path.join(os.path.dirname(self.loader), '../lib/litewin/litewin-gdb.py'))

    def gdb(self, *commands, mode, before=(), wrapper=()):
        """What gdb prints when it is given the commands."""
        options = ['-nx', '-batch', *(word for command in commands for word in ('-ex', command))]
        return self.run([*wrapper, self.loader, *before, '--gdb', *options, '--', self.program, mode])

    def run(self, command):
        environment = {k: v for k, v in os.environ.items() if k != 'DEBUGINFOD_URLS'}
        result = subprocess.run(command, cwd=self.directory, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
        return result.stdout.decode(errors='replace')

    def expect(self, what, text, *patterns):
        """The patterns are found in the text, one behind the other."""
        at = 0
        for pattern in patterns:
            found = re.compile(pattern, re.M).search(text, at)
            if not check_pattern(f'{self.arch}: {what}', found, pattern, text):
                return
            at = found.end()


def check_pattern(what, found, pattern, text):
    check(f'{what}: {pattern}', found, text)
    return found


# Breakpoints and frames

def breakpoints(debugger):
    text = debugger.gdb('break main', 'break compare', f'break debugged.c:{line_of("compare")}', 'run', 'continue', 'bt',
                        'continue', 'info locals', 'delete', 'continue', mode='sort')
    debugger.expect('breakpoints', text, r'^Breakpoint 1(\.\d)?, main \(argc=2, .*debugged\.c',
                    r'^Breakpoint 2(\.\d)?, compare \(left=0x.*debugged\.c', r'^#0 .*compare \(left=.*debugged\.c')
    debugger.expect('a callback', text, r'^#\d+ .* crt_qsort \(', r'^#\d+ .* thunk_\w+ \(',
                    r'^#\d+ .* sort \(\) at .*debugged\.c', r'^#\d+ .* main \(argc=2, .*debugged\.c',
                    r'^#\d+ .* run \(.*loader/start\.c:\d+$', r'^$',
                    rf'^Breakpoint 3, compare \(.*debugged\.c:{line_of("compare")}', r'^first = \d', r'exited with code 01')


def start_command(debugger):
    text = debugger.gdb('start', 'next', 'next', 'print mode', 'print $call(called_back, 41)', 'continue', mode='bare')
    debugger.expect('start', text, r'^Temporary breakpoint 1(\.\d)?, main \(', r'\$1 = 0x.* "bare"', r'\$2 = 42$', 'exited with')


def running_twice(debugger):
    text = debugger.gdb('break called_back', 'run', 'bt', 'kill', 'run', 'bt', 'finish', 'finish', 'next', 'continue', mode='bare')
    debugger.expect('frames without symbols', text, r'^#0 +called_back \(value=4\)', r'^#1 .* in bare_call \(',
                    r'^#2 .* in bare \(\) at', r'^#3 .* main \(')
    debugger.expect('running again', text, r'^\[Inferior 1 .*killed', r'^#0 +called_back \(value=4\)',
                    r'^#1 .* in bare_call \(', r'^#3 .* main \(', r'^0x\w+ in bare_call \(', r'^Value returned is .* = 5',
                    r'(^0x\w+ in )?bare \(\) at', r'exited with code 011')
    check(f'{debugger.arch}: no trouble', 'Cannot' not in text and 'rror' not in text, text)


def made_code(debugger):
    text = debugger.gdb('break called_back', 'run', 'bt', 'finish', 'continue', mode='made')
    debugger.expect('code that the program makes', text, r'^#0 +called_back \(value=4\)', r'^#\d .* made \(\) at', r'^#\d .* main \(',
                    r'^Value returned is .* = 5', r'exited with code 05')


def every_instruction(debugger):
    """Into a Windows function, and out of one that has called the program."""
    if debugger.arch == 'i386':
        return  # without symbols gdb has to guess there
    for function, mode in ('sort', 'sort'), ('called_back', 'bare'):
        text = debugger.gdb('break ' + function, 'run', f'source {here}/step.py', mode=mode)
        debugger.expect('every instruction', text, r'^lost at 0 places')


def late_dll(debugger):
    text = debugger.gdb('break plug_work', f'break plug.c:{line_of("plug_work", "plug.c")}', 'run', 'bt', 'continue',
                        'print plug_total', 'continue', 'print value', 'continue', 'print plug_total', 'continue', mode='late')
    debugger.expect('a DLL that is loaded late', text, r'^Breakpoint 1 \(plug_work\) pending', r'^Breakpoint 2 .*pending',
                    r'^Breakpoint 1, plug_work \(value=1\)', r'^#0 +plug_work', r'^#1 .* in late \(\)', r'^#2 .* main \(',
                    r'^Breakpoint 2, plug_work \(', r'\$1 = 1', r'^Breakpoint 1, plug_work \(value=2\)', r'\$2 = 2',
                    r'^Breakpoint 2, ', r'\$3 = 2', r'exited with code 06')


# Exceptions

def crash(debugger):
    path = os.path.join(debugger.directory, 'code')
    text = debugger.gdb('run', 'bt', 'print where', 'continue', mode='crash', before=['--exit-code-file', path])
    debugger.expect('a crash', text, r'unhandled exception 0xC0000005 STATUS_ACCESS_VIOLATION \(access violation\) writing 0x10',
                    r'received signal SIGABRT', rf'crash \(where=0x10\) at .*debugged\.c:{line_of("crash")}',
                    r'^#0 .*crash \(where=0x10\)', r'^#1 .* main \(', r'\$1 = .*0x10', r'exited with code 05')
    with open(path) as file:
        check(f'{debugger.arch}: exit code', file.read() == f'{0xC0000005}\n')


def catchpoints(debugger):
    text = debugger.gdb('litewin catch exception', 'run', 'continue', 'continue', mode='raise')
    debugger.expect('every exception', text, r'^Catchpoint 1, .*0xe1000001', r'raise_exceptions \(\)',
                    r'^Catchpoint 1, .*0xe1000002', rf'debugged\.c:{line_of("raise")}', r'exited normally')
    text = debugger.gdb('litewin catch exception 0xE1000002', 'run', 'bt', 'delete', 'continue', mode='raise')
    debugger.expect('one exception', text, r'^Catchpoint 1, .*0xe1000002', r'^#\d .* in raise_exceptions \(\)',
                    r'^#\d .* main \(', r'exited normally')
    check(f'{debugger.arch}: not the other', '0xe1000001' not in text, text)
    text = debugger.gdb('litewin catch exception', 'run', 'print where', 'continue', 'print where', mode='crash')
    debugger.expect('a fault', text, r'^Catchpoint 1, .*\(access violation\) writing 0x10', r'crash \(where=0x10\)',
                    r'\$1 = .*0x10', r'SIGABRT', r'\$2 = .*0x10')


def talk(debugger):
    text = debugger.gdb('run', 'bt', 'continue', mode='talk')
    debugger.expect('what the program says to debuggers', text, r'^OutputDebugString: said in bytes$',
                    r'^OutputDebugString: said in units$', r'received signal SIGTRAP', r'^#0 .*DebugBreak \(',
                    r'^#\d .* talk \(\)', r'exited normally')
    check(f'{debugger.arch}: IsDebuggerPresent', 'debugger 1' in text, text)


# Other ways to begin

def allow_attaching():
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(ANYBODY), 0, 0, 0)


def attach(debugger):
    process = subprocess.Popen([debugger.loader, debugger.program, 'wait'], cwd=debugger.directory, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, preexec_fn=allow_attaching)
    try:
        ready = process.stdout.readline().decode()
        check(f'{debugger.arch}: the program waits', ready.startswith('ready'), ready)
        commands = ['source ' + debugger.script, 'thread 1', 'bt', 'info litewin threads', 'info litewin handles',
                    'info litewin modules', 'info litewin regions', 'info litewin symbol *(void **)&' + debugger.imported]
        for _ in range(20):  # until the other thread waits, too
            text = debugger.run(['gdb', '-nx', '-batch', '-p', str(process.pid),
                                 *(word for command in commands for word in ('-ex', command))])
            if 'waits for' in text:
                break
        debugger.expect('attaching', text, r'^#\d+ .* waiting \(\) at .*debugged\.c', r'^#\d+ .* main \(')
        event, file, memory = (int(word, 16) for word in ready.split()[2::2])
        information(debugger, text, process.pid, event, file, memory)
        out, _ = process.communicate(b'\n', TIMEOUT)
        check(f'{debugger.arch}: the program goes on', process.returncode == 0 and b'debugger 0' in out, out)
    finally:
        process.kill()
        process.wait()


def information(debugger, text, process, event, file, memory):
    """What the commands say of a process that waits; see `waiting` in debugged.c."""
    debugger.expect('threads', text, r'^Num +Id +TEB +Start +Name +State$',
                    rf'^\*1 +{process} +0x\w+ +\w*mainCRTStartup +in \w+$',
                    rf'^2 +\d+ +0x\w+ +sleeper\S* +the sleeper +waits for {event:#x} Event the event$',
                    r'^3 +\d+ +0x\w+ +sleeper\S* +suspended 1, not started$')
    debugger.expect('handles', text, r'^Handle +Type +Access +State +Name$', r'^0x4 +File +0x\w+ +inherited +pipe:',
                    rf'^{event:#x} +Event +0x001f0003 +not signaled +the event$', r'^0x\w+ +Thread +0x001fffff +not signaled +thread \d+$',
                    rf'^{file:#x} +File +0x00120196 +{re.escape(debugger.directory)}/a file\.txt$')
    base = '0x140000000' if debugger.arch == 'x86_64' else '0x400000'
    debugger.expect('modules', text, r'^Base +Size +Symbols +Name +Path$',
                    rf'^{base} +0x\w+ +yes +debugged\.exe +{re.escape(debugger.program)}$', r'^0x\w+ +0x\w+ +names +ntdll\.dll +/',
                    r'^0x\w+ +0x\w+ +names +kernel32\.dll +/')
    debugger.expect('regions', text, r'^Base +Size +Allocation +State +Protection +Type +What$')
    for line in (rf'{base} +0x1000 +{base} +commit +readonly +image +debugged\.exe',
                 rf'0x\w+ +0x\w+ +{base} +commit +execute_read +image +debugged\.exe',
                 rf'{memory:#x} +0x2000 +{memory:#x} +commit +readonly +private',
                 rf'{memory + 0x2000:#x} +0x2e000 +{memory:#x} +reserve +private',
                 rf'0x\w+ +0x\w+ +0x\w+ +commit +readwrite\+guard +private +stack of {process}'):
        debugger.expect('regions', text, f'^{line}$')
    debugger.expect('symbol', text, r'^kernel32\.dll!CreateThread$')


def remote(debugger):
    if not shutil.which('gdbserver'):
        print('    gdbserver is not installed (tools/packages check): it is not tested')
        return
    process = subprocess.Popen([debugger.loader, '--gdbserver', 'localhost:0', debugger.program, 'sort'], cwd=debugger.directory,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        port = next((words[-1] for line in process.stderr if (words := line.split())[:3] == ['Listening', 'on', 'port']), '')
        own = os.path.join(os.path.dirname(debugger.script), debugger.arch, 'litewin-load')
        commands = [f'litewin program {debugger.program}', f'target remote localhost:{port}', 'break compare', 'continue', 'bt',
                    'info litewin modules', 'delete', 'continue']
        text = debugger.run(['gdb', '-nx', '-batch', '-x', debugger.script, own,
                             *(word for command in commands for word in ('-ex', command))])
        debugger.expect('a remote target', text, r'^Breakpoint 1(\.\d)?, compare \(', r'^#\d+ .* sort \(\)', r'^#\d+ .* main \(',
                        r'yes +debugged\.exe', r'exited with code 01')
        process.stderr.read()
        process.wait(TIMEOUT)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def without_debugger(debugger):
    """What is there for debuggers changes nothing without one, even where something else traces the process."""
    result = subprocess.run([debugger.loader, debugger.program, 'crash'], capture_output=True, timeout=TIMEOUT)
    check(f'{debugger.arch}: a crash without debugger', result.returncode == 5, result)
    result = subprocess.run([debugger.loader, debugger.program, 'raise'], capture_output=True, timeout=TIMEOUT)
    check(f'{debugger.arch}: an exception without debugger', result.returncode == 0, result)


def command_line(loader):
    for words, problem in [(['--gdb', '-batch', 'x.exe'], "'--'"), (['--gdbserver'], 'needs a value'), (['--gdb'], 'no program')]:
        result = subprocess.run([loader, *words], capture_output=True, text=True)
        check(f'{words}', result.returncode == 126 and problem in result.stderr, result)


def main():
    loader, programs = sys.argv[1:3]
    if not shutil.which('gdb'):
        print('debugger: gdb is not installed (tools/packages check): nothing is tested')
        print('debugger: 0 passed, 0 failed')
        return 0
    command_line(loader)
    for arch in 'x86_64', 'i386':
        for test in breakpoints, start_command, running_twice, made_code, every_instruction, late_dll, crash, catchpoints, talk, attach, remote, without_debugger:
            with tempfile.TemporaryDirectory() as directory:
                test(Debugger(loader, programs, arch, directory))
    return finish('debugger')


if __name__ == '__main__':
    sys.exit(main())
