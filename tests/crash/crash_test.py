#!/usr/bin/env python3
"""Has helpers/crashes.exe end in each way that it knows, and reads the crash reports.

    crash_test.py LITEWIN-LOAD PROGRAMS

PROGRAMS/ARCH/helpers has the program. What a report says of places in it is compared with what MinGW's addr2line
says, and minidumps are read by minidump.py and by LLDB. Ends with `crash: N passed, N failed`.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from checks import check, finish  # noqa: E402
from minidump import Broken, Minidump  # noqa: E402

FRAME = re.compile(r' +#(\d+) (?:([^ +]+)\+)?0x([0-9a-f]+)(?: (.+?)\+0x([0-9a-f]+)| \(thunk\))?(?: at (.+?)(?::(\d+))?)?')
PREFIX = {'x86_64': 'x86_64-w64-mingw32-', 'i386': 'i686-w64-mingw32-'}
BASE = {'x86_64': 0x140000000, 'i386': 0x400000}
VIOLATION = r'0xC0000005 STATUS_ACCESS_VIOLATION \(access violation\) '
HERE = r' at crashes\.exe\+0x[0-9a-f]+'


class Report:
    """What a run has left on standard error."""

    def __init__(self, what, result):
        self.what, self.code, self.out, self.text = what, result.returncode, result.stdout.decode(), result.stderr.decode()
        self.lines = self.text.split('\n')[:-1]
        self.frames = [match for match in map(FRAME.fullmatch, self.lines) if match]

    def check(self, what, condition):
        check(f'{self.what}: {what}', condition, self.text)

    def heading(self, pattern):
        self.check('the first line', self.lines and re.fullmatch('litewin: unhandled exception ' + pattern, self.lines[0]))

    def field(self, name, pattern):
        lines = [line for line in self.lines if line.startswith(f'  {name} ')]
        self.check(f'its {name}', len(lines) == 1 and re.fullmatch(pattern, lines[0][len(name) + 2:].strip()))

    def functions(self):
        return [re.sub(r'@\d+$', '', frame[4] or '') for frame in self.frames]

    def stack(self, *names):
        """Those functions are on the stack, in that order, whatever is between them."""
        functions = iter(self.functions())
        self.check(f'{names} on the stack', all(any(name == function for function in functions) for name in names))


class Crasher:
    def __init__(self, loader, programs, arch, directory):
        self.loader, self.arch, self.directory = loader, arch, directory
        self.programs = f'{programs}/{arch}'
        self.program = f'{self.programs}/helpers/crashes.exe'

    def run(self, *arguments, options=(), program=None, **variables):
        environment = {**os.environ, **variables}
        result = subprocess.run([self.loader, *options, program or self.program, *arguments], cwd=self.directory, env=environment,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        return Report(f'{self.arch} {" ".join((*options, *arguments))}', result)

    def check_lines(self, report):
        """Every source line is the one that addr2line knows for the place."""
        frames = [frame for frame in report.frames if frame[2] == 'crashes.exe']
        is_call = [int(frame[1]) > 0 or 'E0001234' in report.text for frame in frames]
        addresses = [hex(BASE[self.arch] + int(frame[3], 16) - call) for frame, call in zip(frames, is_call)]
        known = subprocess.run([PREFIX[self.arch] + 'addr2line', '-f', '-e', self.program, *addresses],
                               capture_output=True, text=True, timeout=60).stdout.split('\n')
        for number, frame in enumerate(frames):
            function, place = known[2 * number], known[2 * number + 1].split(' (')[0]
            own = re.sub(r'@\d+$', '', frame[4] or '')
            report.check(f'{own} is {function}', own == function or function == '??' or own.lstrip('_') == function.lstrip('_'))
            path, line = place.rsplit(':', 1)
            report.check(f'{frame[6]}:{frame[7]} is {place}', frame[7] == line and
                         os.path.normpath(path).endswith(os.path.normpath(frame[6]).lstrip('./')))


def places(crasher):
    """Where the address is, and what lies there."""
    for kind, code, heading, memory, stack in [
            ('read_null', 5, VIOLATION + 'reading 0x10' + HERE, '0x10 is free: a null pointer, or near one', ['read_null', 'main']),
            ('read_reserved', 5, VIOLATION + 'reading 0x[0-9a-f]+0000' + HERE, '0x[0-9a-f]+ is reserved, not committed',
             ['read_reserved', 'main']),
            ('read_guard', 1, r'0x80000001 STATUS_GUARD_PAGE_VIOLATION \(guard page\) reading 0x[0-9a-f]+' + HERE,
             '0x[0-9a-f]+ is committed PAGE_READWRITE, private', ['read_guard', 'main']),
            ('write_constant', 5, VIOLATION + 'writing 0x[0-9a-f]+' + HERE,
             r'0x[0-9a-f]+ is committed PAGE_READONLY, an image, crashes\.exe\+0x[0-9a-f]+ in section \.rdata',
             ['write_constant', 'main']),
            ('write_view', 5, VIOLATION + 'writing 0x[0-9a-f]+5' + HERE,
             r'0x[0-9a-f]+ is committed PAGE_READONLY, a view of /.*crashes\.exe', ['write_view', 'main']),
            ('run_stack', 5, VIOLATION + r'executing (0x[0-9a-f]+) at \1',
             "0x[0-9a-f]+ is committed PAGE_READWRITE, private, on this thread's stack", ['run_stack', 'main'])]:
        report = crasher.run(kind)
        report.check('the exit code', report.code == code and report.out == kind + '\r\n')
        report.heading(heading)
        report.field('memory', memory)
        report.stack(*stack)
        report.check('one screen', len(report.lines) <= 40 and max(map(len, report.lines)) < 200)
        crasher.check_lines(report)


def details(crasher):
    report = crasher.run('illegal')
    report.heading(r'0xC000001D STATUS_ILLEGAL_INSTRUCTION \(illegal instruction\)' + HERE)
    report.field('code', r'([0-9a-f]{2} ){8}<0f> 0b( [0-9a-f]{2}){10}')
    report.field('thread', r'(\d+) of process \1')
    report.check('registers', len(re.findall(r'\b(?:r[a-ds][xip]|e[a-ds][xip]) [0-9a-f]{8}', report.text)) >= 7)
    report.check('the instruction pointer', re.search(r'[re]ip 0*(?:14000|40)[0-9a-f]{4}\b', report.text))
    report.field('where', r'crashes\.exe\+0x[0-9a-f]+ illegal\+0x[0-9a-f]+ at tests/win/helpers/crashes\.c:\d+')
    report = crasher.run('raise')
    report.heading('0xE0001234' + HERE)
    report.field('parameters', '0x1 0x234')
    report.check('the exit code', report.code == 0x34)
    report.stack('raise_exception', 'main')
    crasher.check_lines(report)
    report = crasher.run('fail_fast')
    report.field('reason', '3 FAST_FAIL_CORRUPT_LIST_ENTRY')
    report.check('the exit code', report.code == 9)


def programs_that_end_themselves(crasher):
    report = crasher.run('fail_fast_by_call')
    report.heading('0xC0000602 STATUS_FAIL_FAST_EXCEPTION at .*')
    report.stack('fail_fast_by_call', 'main')
    report.check('the exit code', report.code == 2)
    report = crasher.run('pure_call')
    report.check('what the runtime says', '\nruntime error R6025\n- pure virtual function call\n' in report.text.replace('\r', '') and report.code == 3)
    report.check('where', re.search(r'\nlitewin: pure virtual function call' + HERE, report.text))
    report.stack('pure_call', 'main')


def stacks(crasher):
    report = crasher.run('sort')
    report.stack('read_null', 'compare', 'crt_qsort', 'sort', 'main')
    report.check('a thunk', re.search(r'#\d+ msvcrt\.dll\+0x[0-9a-f]+ \(thunk\)\n', report.text))
    report.check('a line of litewin\'s own', re.search(r'msvcrt\.so\+0x[0-9a-f]+ crt_qsort\+0x[0-9a-f]+ at dlls/msvcrt/sort\.c:\d+', report.text))
    crasher.check_lines(report)
    report = crasher.run('read_null', ' in_callback')
    report.stack('read_null', 'on_attach')
    report = crasher.run('overflow')
    report.heading(r'0xC00000FD STATUS_STACK_OVERFLOW \(stack overflow\)' + HERE)
    report.stack('recurse', 'recurse', 'main')
    report.check('a gap', re.search(r'    \.\.\. \d+ more \.\.\.\n', report.text) and len(report.frames) == 16)
    crasher.check_lines(report)


def broken_processes(crasher):
    for kind in 'twice', 'heap_locked', 'heap_corrupt', 'broken_stack':
        report = crasher.run(kind)
        report.heading(VIOLATION + 'reading 0x10' + HERE)
        report.check('one report', report.text.count('unhandled exception') == 1 and report.code == 5)
        report.check('a stack', report.functions()[0] == 'read_null')
    for kind in ('bad_table', 'stuck_table') if crasher.arch == 'x86_64' else ():
        report = crasher.run(kind)
        report.heading(VIOLATION + 'reading 0x10' + HERE)
        report.field('memory', '0x10 is free: a null pointer, or near one')
        report.check('what there is of its stack', report.functions()[0] == 'read_null' and report.code == 5 and
                     'cannot be read any further' in report.text)
    report = crasher.run('read_null', 'filter')
    report.heading(r'0xC00000FD STATUS_STACK_OVERFLOW \(stack overflow\) at .*')
    report.check('the filter', 'crash_in_filter' in report.functions() and report.code == 0xFD)


def kinds(crasher):
    short = crasher.run('named_thread')
    short.field('thread', r'(\d+) "the \u00e4 thread" of process \1')
    short.check('no other threads', short.text.count('  thread ') == 1)
    for options, variables in ((['--crash-report=full'], {}), ([], {'LITEWIN_CRASH_REPORT': 'full'})):
        full = crasher.run('named_thread', options=options, **variables)
        full.check('the other thread', re.search(r'\n  thread  \d+ at crashes\.exe\+0x[0-9a-f]+ wait_for_ever(@4)?\+0x', full.text))
    none = crasher.run('read_null', options=['--crash-report', 'none'])
    none.check('silence', none.text == '' and none.code == 5)
    none = crasher.run('child', LITEWIN_CRASH_REPORT='none')
    none.check('the silence of children', none.text == '' and none.code == 0)
    inherited = crasher.run('child', options=['--crash-report=none'])
    inherited.check('the inherited silence', inherited.text == '' and inherited.code == 0)
    loud = crasher.run('child')
    loud.check('a child\'s report', loud.text.count('unhandled exception') == 1)
    wrong = crasher.run('read_null', options=['--crash-report=long'])
    wrong.check('an unknown kind', wrong.code == 126 and 'none, short, full' in wrong.text and len(wrong.lines) == 1)


def cxx_exceptions(crasher):
    """The type and the text of exceptions that nobody catches, in both ABIs."""
    microsoft, gcc = (f'{crasher.programs}/{folder}/uncaught.exe' for folder in ('msvc_cpp', 'helpers'))
    report = crasher.run(program=microsoft)
    report.heading(r'0xE06D7363 \(C\+\+ exception\) at uncaught\.exe\+0x[0-9a-f]+')
    report.field('thrown', r'shop::failure: "the shop is \\"closed\\""')
    report.field('where', r'uncaught\.exe\+0x[0-9a-f]+ main\+0x[0-9a-f]+')
    report.check('the exit code', report.code == 0x63)
    crasher.run('number', program=microsoft).field('thrown', 'int')
    report = crasher.run('terminate', program=microsoft)
    report.field('thrown', r'shop::failure: .*')
    report.check('abort', report.code == 3 and 'unusual way' in report.text)
    report = crasher.run('handled', program=microsoft)
    report.check('the program\'s own handler', report.code == 9 and report.text == '')
    report = crasher.run(program=gcc)
    if crasher.arch == 'i386':  # whose runtime knows other ways than Windows' exceptions
        report.check('abort', report.code == 3 and 'unhandled' not in report.text)
        return
    report.field('thrown', r'shop::failure: "the shop is closed"')
    report.check('the exit code', report.code == 0x43)
    crasher.run('1', program=gcc).field('thrown', r'std::out_of_range: "too far"')


def read_dump(report, path):
    try:
        return Minidump(path)
    except (Broken, OSError) as error:
        report.check(f'{path}: {error}', False)


def dumps(crasher):
    report = crasher.run('named_thread', options=['--crash-dump=%p-%p.dmp'])
    paths = glob.glob(crasher.directory + '/*-*.dmp')
    report.check('its dump', len(paths) == 1 and report.lines[-1] == f'  dump    {paths[0]}')
    dump = read_dump(report, paths[0])
    if dump:
        code, address, parameters, thread = dump.exception
        report.check('the exception', (code, parameters, dump.module_at(address)[-12:]) == (0xc0000005, [0, 0x10], '\\crashes.exe'))
        report.check('the process', re.search(rf'  thread  {thread} .* of process {dump.process}\n', report.text) and
                     os.path.basename(paths[0]) == f'{dump.process}-{dump.process}.dmp')
        report.check('the threads', len(dump.threads) == 2 and dump.threads[thread][2] == 'the \u00e4 thread')
        report.check('the instruction', dump.memory(address, 16) is not None)
        program = dump.modules[0]
        report.check('the program', program[3][2:4] == (0x10002, 0x30004) and program[4][:4] == b'RSDS')
        report.check('the DLLs', {'ntdll.dll', 'kernel32.dll', 'msvcrt.dll'} <= {name.split('\\')[-1] for _, _, name, _, _ in dump.modules})
        report.check('Windows', dump.version == (10, 0, 19045) and dump.architecture == {'x86_64': 9, 'i386': 0}[crasher.arch])
        report.check('no more than is needed', os.path.getsize(paths[0]) < 300000)
        lldb(crasher, report, paths[0], ['read_null', 'crash_in_named_thread', 'main'])
    full = crasher.run('sort', LITEWIN_CRASH_DUMP='full:all.dmp', LITEWIN_CRASH_REPORT='none')
    full.check('silence', full.text == '')
    dump = read_dump(full, crasher.directory + '/all.dmp')
    if dump:
        base, size, _, _, _ = dump.modules[0]
        full.check('all of the program', dump.memory(base, 0x1000)[:2] == b'MZ' and dump.memory(base + 0x3000, 0x100) is not None)
        full.check('all that is committed', {region[0] for region in dump.regions if region[2] == 0x1000 and not region[3] & 0x101}
                   <= {start for start, _, _ in dump.ranges})
        lldb(crasher, full, crasher.directory + '/all.dmp', ['read_null', 'compare'])
    overflow = crasher.run('overflow', options=['--crash-dump', 'deep.dmp'])
    dump = read_dump(overflow, crasher.directory + '/deep.dmp')
    overflow.check('the exception', dump and dump.exception[0] == 0xc00000fd)
    child = crasher.run('child', options=['--crash-dump=child.dmp'])
    child.check('a child\'s dump', os.path.exists(crasher.directory + '/child.dmp'))
    wrong = crasher.run('read_null', options=['--crash-dump=/no/such/directory/file'])
    wrong.check('a place that is not there', 'could not be written: /no/such/directory/file: No such file' in wrong.text and wrong.code == 5)
    none = crasher.run('read_null', 'accept', options=['--crash-dump=none.dmp'])
    none.check('none where the program handles it', not os.path.exists(crasher.directory + '/none.dmp') and none.text == '')


def lldb(crasher, report, path, functions):
    """What a debugger makes of a dump that this project has no part in."""
    commands = [f'settings set target.exec-search-paths {crasher.programs}/helpers', f'target create --core {path}', 'thread list',
                'bt', 'register read', 'image list']
    command = ['lldb', '--no-lldbinit', '--batch'] + [word for line in commands for word in ('-o', line)]
    text = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    names = re.findall(r'frame #\d+: 0x[0-9a-f]+ [^`\n]+`(\w+)', text)
    check(f'{report.what}: LLDB: the stack', names[:len(functions)] == functions, text)
    check(f'{report.what}: LLDB: the exception', 'stop reason = Exception 0xc0000005' in text, text)
    registers = 'rip' if crasher.arch == 'x86_64' else 'eip'
    check(f'{report.what}: LLDB: the registers', re.search(rf'\b{registers} = 0x[0-9a-f]+', text), text)
    check(f'{report.what}: LLDB: the modules', re.search(r'\[ *\d+\] .*crashes\.exe', text) and 'msvcrt.dll' in text, text)


def recent_calls(crasher):
    report = crasher.run('write_view', options=['--trace-output=/dev/null'])
    calls = report.text.partition('\n  the last calls\n')[2].split('\n')[:-1]
    report.check('the last ten', len(calls) == 10)
    report.check('a call and its result', any(re.fullmatch(
        r'    CreateFileMappingA\(.*\) -> 0x[0-9a-f]+ section.*|    CreateFileMappingA\(.*\) -> 0x[0-9a-f]+', call) for call in calls))
    report.check('a later one', any(call.startswith('    MapViewOfFile(') for call in calls))
    report = crasher.run('sort', options=['--trace-filter=qsort', '--trace-output=/dev/null'])
    report.check('the call that it happened in', re.search(r'  the last calls\n    qsort\(.*\) has not returned\n', report.text))
    report.check('none without tracing', 'the last calls' not in crasher.run('sort').text)


def programs_own_dumps(crasher):
    """MiniDumpWriteDump."""
    program = f'{crasher.programs}/helpers/dumps.exe'
    report = crasher.run('crash', 'own.dmp', program=program)
    report.check('it is written', report.out == 'written: 1\r\n' and report.text == '' and report.code == 5)
    dump = read_dump(report, crasher.directory + '/own.dmp')
    if dump:
        report.check('the exception', dump.exception[0] == 0xc0000005 and dump.exception[2] == [0, 0x10])
        report.check('the program\'s own stream', dump.comment == b'it was the cat\0')
        report.check('two threads', len(dump.threads) == 2)
    report = crasher.run('itself', 'itself.dmp', program=program)
    dump = read_dump(report, crasher.directory + '/itself.dmp')
    if dump:
        report.check('no exception', dump.exception is None and report.out == 'written: 1\r\n')
        report.check('the caller', all(dump.module_at(pc)[-10:] == '\\dumps.exe' for _, pc, _ in dump.threads.values()))
    report = crasher.run('closed', 'closed.dmp', program=program)
    report.check('a handle to nothing', report.out == 'written: 0, 80070006\r\n')
    report = crasher.run('walk', '-', program=program)
    report.check('a walk over its own stack', re.match(
        r'show_stack dumps\.c:\d+\r\nmain dumps\.c:\d+\r\n__tmainCRTStartup crtexe\.c:\d+\r\n', report.out))


def main():
    loader, programs = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    for arch in ('x86_64', 'i386'):
        with tempfile.TemporaryDirectory(prefix='litewin-crash-') as directory:
            crasher = Crasher(loader, programs, arch, directory)
            for test in (places, details, programs_that_end_themselves, stacks, broken_processes, kinds, cxx_exceptions, dumps, recent_calls, programs_own_dumps):
                test(crasher)
    return finish('crash')


sys.exit(main())
