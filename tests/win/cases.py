"""The scripted cases: programs run in some particular way, by people who look at what comes out.

A case is a function that takes the runner's Context; its name is what the runner calls it. Litewin's own
options and messages are tried by the cases marked `litewin`, the others hold under Wine, too."""
import os
import re
import shutil
import struct
import subprocess
import termios

from command_lines import ARGUMENTS, split_by_crt_rules
from confine import confine

CASES = []


def case(function):
    CASES.append((function.__name__, function, False))
    return function


def litewin(function):
    CASES.append((function.__name__, function, True))
    return function


def all_cases(on_wine):
    return [(name, function) for name, function, only_litewin in CASES if not (on_wine and only_litewin)]


def expect(t, outcome, what, code=0, out=None, err=None):
    """The outcome's exit status, and its outputs where they are given."""
    t.check(outcome.code == code, f'{what}: expected exit status {code}, got {outcome}')
    if out is not None:
        t.check(outcome.out == out, f'{what}: expected stdout {out!r}, got {outcome.out!r}')
    if err is not None:
        t.check(outcome.err == err, f'{what}: expected stderr {err!r}, got {outcome.err!r}')


# How a process ends

@case
def naked_entry_point(t):
    expect(t, t.run(t.helper('naked.exe')), 'a bare entry point that returns 42', 42, b'', b'')


@case
def exit_codes(t):
    for how in ['return', 'exit', '_exit', 'ExitProcess', 'TerminateProcess', 'thread', 'last-thread']:
        for code in [0, 1, 42, 255]:
            expect(t, t.run(t.helper('leave.exe'), how, str(code)), f'{how} {code}', code, b'')
    outcome = t.run(t.helper('leave.exe'), 'abort')
    expect(t, outcome, 'abort', 3)


@litewin
def exit_codes_that_linux_cannot_hold(t):
    for code, shown in [(256, 255), (257, 1), (0x100, 255), (0xFFFFFFFF, 255), (0xC0000005, 5),
                        (0x80000000, 255), (0x1FF, 255), (511 << 8, 255)]:
        path = os.path.join(t.directory, 'code')
        outcome = t.run(t.helper('leave.exe'), 'ExitProcess', str(code), options=['--exit-code-file', path])
        expect(t, outcome, f'exit code {code:#x}', shown)
        with open(path) as file:
            text = file.read().strip()
        t.check(int(text, 0) & 0xFFFFFFFF == code, f'exit code file holds {text!r}, expected {code}')


# Arguments

def arguments_seen(outcome):
    seen = {'command': [], 'wide': [], 'narrow': []}
    for line in outcome.out.decode().splitlines():
        label, _, text = line.partition(' ')
        units = re.sub(r'\\u(....)', lambda m: chr(int(m[1], 16)), text)
        seen[label].append(units.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace'))
    return seen


@case
def arguments_from_linux(t):
    for given in ARGUMENTS:
        outcome = t.run(t.helper('echo_arguments.exe'), *given)
        seen = arguments_seen(outcome)
        what = f'{given!r:.200} as {seen["command"]!r:.200}'
        t.check(seen['wide'][1:] == given, f'{what}: wide arguments {seen["wide"][1:]!r:.200}')
        if ''.join(given).isascii():
            t.check(seen['narrow'][1:] == given, f'{what}: narrow arguments {seen["narrow"][1:]!r:.200}')
        t.check(split_by_crt_rules(seen['command'][0])[1:] == given, f'{what}: command line')


@case
def program_name_with_blanks(t):
    folder = os.path.join(t.directory, 'a folder')
    os.mkdir(folder)
    path = os.path.join(folder, 'my program.exe')
    shutil.copy(t.helper('echo_arguments.exe'), path)
    for name in [path, 'a folder/my program.exe']:
        seen = arguments_seen(t.run(name, 'x y', 'z'))
        t.check(seen['wide'][1:] == ['x y', 'z'], f'arguments {seen!r}')
        t.check(re.split(r'[\\/]', seen['wide'][0])[-1] == 'my program.exe', f'program name {seen["wide"][0]!r}')


# Standard input and output

def checksum(data):
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return total


DISK, CHARACTER, PIPE, BROKEN_PIPE = 1, 2, 3, 109


def expect_input(t, outcome, what, kind, data, end):
    expected = f'type {kind}\nbytes {len(data)} sum {checksum(data)}\nend {end}\n'
    expect(t, outcome, what, 0, expected.replace('\n', '\r\n').encode())


@case
def standard_input(t):
    data = bytes(range(256)) * 300 + b'\r\nend\x1a'
    for content in [b'', b'x', data]:
        path = os.path.join(t.directory, 'input')
        with open(path, 'wb') as file:
            file.write(content)
        # A pipe ends with its writer, which Windows calls an error; Wine passes Linux's answer on.
        end = 'TRUE 0' if t.on_wine else f'FALSE {BROKEN_PIPE}'
        expect_input(t, t.run(t.helper('read_input.exe'), stdin=content), 'a pipe', PIPE, content, end)
        with open(path, 'rb') as file:
            expect_input(t, t.run(t.helper('read_input.exe'), stdin=file), 'a file', DISK, content, 'TRUE 0')
    with open(path, 'rb') as file:
        file.seek(10)
        expect_input(t, t.run(t.helper('read_input.exe'), stdin=file), 'the rest of a file', DISK, data[10:],
                     'TRUE 0')
    expect_input(t, t.run(t.helper('read_input.exe'), stdin=subprocess.DEVNULL), '/dev/null', CHARACTER, b'',
                 'TRUE 0')


@litewin
def closed_standard_input(t):
    outcome = t.run(t.helper('read_input.exe'), stdin=None, preexec=lambda: os.close(0))
    expect_input(t, outcome, 'closed', 0, b'', 'FALSE 6')


@case
def text_mode_input(t):
    text = b'one\r\ntwo\nthree\r four\r\n'
    seen = 'one\ntwo\nthree\r four\n'
    expect(t, t.run(t.helper('count_input.exe'), stdin=text), 'CRLF',
           0, f'{len(seen)} characters 3 lines eof 1 error 0\r\n'.encode())
    expect(t, t.run(t.helper('count_input.exe'), stdin=b'ab\x1acd\n'), 'Ctrl-Z ends a text',
           0, b'2 characters 0 lines eof 1 error 0\r\n')
    expect(t, t.run(t.helper('count_input.exe'), stdin=b''), 'nothing', 0,
           b'0 characters 0 lines eof 1 error 0\r\n')


@case
def output_keeps_its_order(t):
    expect(t, t.run(t.helper('speak.exe')), 'both outputs', 0,
           b'one\r\ntwo\nthree\r\nfour\r\nfive\r\nsix\r\nseven, unflushed until the end',
           b'error one\r\nerror two\nerror three\r\n')


@case
def output_to_a_file(t):
    path = os.path.join(t.directory, 'output')
    with open(path, 'wb') as file:
        file.write(b'before\n')
        file.flush()
        command = t.system.command(t.helper('speak.exe'), [], [])
        subprocess.run(command, cwd=t.directory, env=t.system.environment, stdin=subprocess.DEVNULL, stdout=file,
                       stderr=subprocess.DEVNULL, timeout=t.timeout)
    with open(path, 'rb') as file:
        content = file.read()
    t.check(content.startswith(b'before\none\r\ntwo\n'), f'the file holds {content!r}')
    t.check(content.endswith(b'until the end'), f'the file holds {content!r}')


# Programs that cannot be run

def refused(t, path, what, code, *words):
    outcome = t.run(path)
    expect(t, outcome, what, code, b'')
    text = outcome.err.decode(errors='replace').lower()
    for word in words:
        t.check(word.lower() in text, f'{what}: {word!r} is not in {text!r}')
    t.check(text.count('\n') >= 1, f'{what}: no message')


def patched(t, name, offset, data):
    """A copy of the smallest program with some of its bytes replaced."""
    with open(t.helper('naked.exe'), 'rb') as file:
        content = bytearray(file.read())
    content[offset:offset + len(data)] = data
    path = os.path.join(t.directory, name)
    with open(path, 'wb') as file:
        file.write(content)
    return path


def pe_header_offset(path):
    with open(path, 'rb') as file:
        return struct.unpack_from('<I', file.read(64), 60)[0]


@litewin
def a_program_that_is_not_there(t):
    refused(t, os.path.join(t.directory, 'absent.exe'), 'a missing file', 127, 'absent.exe')
    refused(t, os.path.join(t.directory, 'no', 'absent.exe'), 'a missing directory', 127, 'absent.exe')
    refused(t, t.directory, 'a directory', 126)


@litewin
def files_that_are_no_programs(t):
    pe = pe_header_offset(t.helper('naked.exe'))
    refused(t, patched(t, 'nomz.exe', 0, b'ZM'), 'no MZ', 126, 'nomz.exe')
    refused(t, patched(t, 'nope.exe', pe, b'PE\0\1'), 'no PE signature', 126, 'nope.exe')
    refused(t, patched(t, 'ne.exe', pe, b'NE\0\0'), 'a 16-bit program', 126, 'ne.exe')
    refused(t, patched(t, 'far.exe', 60, struct.pack('<I', 0x7FFFFFF0)), 'e_lfanew past the end', 126)
    refused(t, patched(t, 'negative.exe', 60, struct.pack('<I', 0xFFFFFFFC)), 'e_lfanew that wraps', 126)
    refused(t, patched(t, 'dll.exe', pe + 22, struct.pack('<H', 0x2022)), 'a DLL', 126)
    refused(t, patched(t, 'sections.exe', pe + 6, struct.pack('<H', 0xFFFF)), '65535 sections', 126)
    path = os.path.join(t.directory, 'script.exe')
    with open(path, 'w') as file:
        file.write('#!/bin/sh\nexit 0\n')
    refused(t, path, 'a shell script', 126)
    refused(t, '/bin/true', 'a Linux program', 126)


@litewin
def programs_for_other_machines(t):
    pe = pe_header_offset(t.helper('naked.exe'))
    for machine, name in [(0xAA64, 'ARM64'), (0x01C4, 'ARM'), (0x0200, 'Itanium'), (0x5064, 'RISC-V')]:
        refused(t, patched(t, 'other.exe', pe + 4, struct.pack('<H', machine)), name, 126, name)
    refused(t, patched(t, 'unknown.exe', pe + 4, struct.pack('<H', 0x1234)), 'an unknown machine', 126, '0x1234')


@litewin
def dotnet_programs(t):
    pe = pe_header_offset(t.helper('naked.exe'))
    optional = pe + 24
    directories = optional + (112 if t.arch == 'x86_64' else 96)
    with open(t.helper('naked.exe'), 'rb') as file:
        content = file.read()
    sections = optional + struct.unpack_from('<H', content, pe + 20)[0]
    _, address, _, raw = struct.unpack_from('<IIII', content, sections + 8)
    # The header of a program that is nothing but intermediate language, in the place of its code.
    path = patched(t, 'clr.exe', raw, struct.pack('<IHHIII', 72, 2, 5, address, 64, 1) + bytes(52))
    with open(path, 'r+b') as file:
        file.seek(directories + 14 * 8)
        file.write(struct.pack('<II', address, 72))
    refused(t, path, 'a .NET program', 126, '.NET')


@litewin
def truncated_programs(t):
    with open(t.helper('naked.exe'), 'rb') as file:
        content = file.read()
    end_of_headers = pe_header_offset(t.helper('naked.exe')) + 24 + 240 + 4 * 40
    lengths = [*range(0, min(end_of_headers, len(content)), 7), len(content) // 2]
    path = os.path.join(t.directory, 'cut.exe')
    wrong = []
    for length in lengths:
        with open(path, 'wb') as file:
            file.write(content[:length])
        outcome = t.run(path)
        if outcome.code != 126 or not outcome.err or outcome.out:
            wrong.append(f'{length} bytes: {outcome}')
    t.check(not wrong, f'{len(wrong)} of {len(lengths)} lengths: {wrong[:3]}')


# DLLs and imports

@case
def entry_points_at_the_end_of_a_process(t):
    """Dependents go before what they depend on; a terminated process tells nobody."""
    dlls = t.program('dlls/dlls.exe')
    # first.dll needs second.dll, branch.dll needs leaf.dll, and the program loaded branch.dll last.
    expect(t, t.run(dlls, 'return', env={'SAY_DETACH': '1'}), 'return from main', 7, b'b0s l0s 10s 20s ')
    expect(t, t.run(dlls, 'terminate', env={'SAY_DETACH': '1'}), 'TerminateProcess', 7, b'')


@litewin
def a_dll_that_refuses(t):
    """The program does not start, and its exit code is STATUS_DLL_INIT_FAILED."""
    path = os.path.join(t.directory, 'code')
    outcome = t.run(t.program('dlls/uses_failing.exe'), options=['--exit-code-file', path])
    expect(t, outcome, 'a DLL that refuses', 0x42, b'')
    t.check('failing.dll' in outcome.err.decode(), f'the DLL is not named: {outcome}')
    with open(path) as file:
        t.check(int(file.read()) == 0xC0000142, 'the whole exit code')


@litewin
def a_dll_that_is_not_there(t):
    outcome = t.run(t.helper('needs_dll.exe'))
    t.check(outcome.code in (126, 127), f'expected exit status 126 or 127, got {outcome}')
    expect(t, outcome, 'a missing DLL', outcome.code, b'')
    text = outcome.err.decode()
    for word in ['no_such_dll.dll', 'needs_dll.exe', t.helper('')[:-1]]:
        t.check(word in text, f'{word!r} is not in {text!r}')


@litewin
def an_export_that_is_not_there(t):
    outcome = t.run(t.helper('needs_export.exe'))
    expect(t, outcome, 'not called', 0, b'started\r\nfinished\r\n', b'')
    outcome = t.run(t.helper('needs_export.exe'), 'call')
    t.check(outcome.code not in (0, None), f'called: {outcome}')
    t.check(outcome.out == b'started\r\n', f'called: {outcome}')
    t.check(b'kernel32.dll!nosuchexport is not implemented' in outcome.err.lower(),
            f'called: {outcome}')


@litewin
def imports_are_listed(t):
    for program, words in [('needs_export.exe', ['kernel32.dll', 'NoSuchExport']),
                           ('needs_dll.exe', ['no_such_dll.dll', 'no_such_function'])]:
        outcome = t.run(t.helper(program), options=['--imports'])
        text = (outcome.out + outcome.err).decode()
        t.check('started' not in text, f'{program} ran: {outcome}')
        for word in words:
            t.check(word.lower() in text.lower(), f'{program}: {word!r} is not in {text!r}')
        t.check(outcome.code == 1, f'{program}: {outcome}')
    # Forwarders to litewin's own DLLs, and a DLL of the program's with imports of its own.
    for program in ['startup.exe', 'dlls/dlls.exe']:
        outcome = t.run(t.program(program), options=['--imports'])
        text = outcome.out.decode()
        t.check('EnterCriticalSection -> ntdll.RtlEnterCriticalSection' in text, f'{program}: {outcome}')
        t.check(re.search(r'^ +implemented +__getmainargs$', text, re.M), f'{program}: {outcome}')
        missing = re.findall(r'^ +missing +(\S+)$', text, re.M)
        t.check(not missing and outcome.code == 0, f'{program}: missing {missing}, {outcome}')


@case
def a_dll_that_pretends_to_be_litewins(t):
    with open(t.helper('stamped.dll'), 'rb') as file:
        t.check(b'.litewin' in file.read(1024), 'stamped.dll has no .litewin section')
    # Were the pretence believed, this file would be opened as the DLL's other half.
    folder = os.path.join(t.directory, 'program')
    os.mkdir(folder)
    for name in ['stamped.dll', 'uses_stamped.exe']:
        shutil.copy(t.helper(name), folder)
    with open(os.path.join(folder, 'stamped.so'), 'w') as file:
        file.write('not a shared object')
    expect(t, t.run(os.path.join(folder, 'uses_stamped.exe')), 'uses_stamped.exe', 42, b'', b'')


# The rest

@case
def wildcards(t):
    for name in ['a.txt', 'b.txt', 'c.dat', 'b c.txt']:
        with open(os.path.join(t.directory, name), 'w'):
            pass
    plain = arguments_seen(t.run(t.helper('run_line.exe'), t.helper('echo_arguments.exe'), '*.txt'))
    t.check(plain['narrow'][1:] == ['*.txt'], f'not asked for: {plain["narrow"]}')
    if not t.on_wine:
        # What comes from Linux has been through a shell, and arrives as it is.
        exact = arguments_seen(t.run(t.helper('wildcards.exe'), '*.txt', '?.dat'))
        t.check(exact['narrow'][1:] == ['*.txt', '?.dat'], f'from Linux: {exact["narrow"]}')
    for pattern, names in [('*.txt', ['a.txt', 'b c.txt', 'b.txt']), ('?.dat', ['c.dat']), ('none*', ['none*']),
                           ('a.txt', ['a.txt'])]:
        shutil.copy(t.helper('wildcards.exe'), t.directory)
        seen = arguments_seen(t.run(t.helper('run_line.exe'), 'wildcards.exe', pattern))
        for kind in ['narrow', 'wide']:
            t.check(sorted(seen[kind][1:]) == names, f'{pattern} became {seen[kind][1:]}')


def read_until_closed(controller):
    """All that is written to a terminal, until nobody has it open any more."""
    data = b''
    while True:
        try:
            data += os.read(controller, 4096)
        except OSError:
            return data


@litewin
def a_terminal(t):
    """A terminal is a console: text in both widths, in order, and nothing else."""
    controller, terminal = os.openpty()
    try:
        # When the terminal would echo what is typed is its own affair.
        settings = termios.tcgetattr(terminal)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, settings)
        os.write(controller, b'hello\n')
        process = subprocess.Popen(t.system.command(t.helper('terminal.exe'), [], []), cwd=t.directory,
                                   stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL)
        os.close(terminal)
        text = read_until_closed(controller).decode()
        outcome = process.wait(t.timeout)
    finally:
        os.close(controller)
    lines = [line.rstrip('\r') for line in text.split('\n')]
    expected = ['type 2 output 1 input 1 isatty 1', 'narrow', 'wrote 8', '\u20ac \U0001F600', 'wrote 6',
                'read hello', '']
    t.check(outcome == 0, f'exit status {outcome}')
    t.check(lines == expected, f'expected {expected}, got {lines}')


@litewin
def waiting_for_a_terminal(t):
    """Its handle is signaled while there is input: neither before nor after, nor by another's taking it."""
    controller, terminal = os.openpty()
    try:
        settings = termios.tcgetattr(terminal)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, settings)
        process = subprocess.Popen(t.system.command(t.helper('wait_input.exe'), [], []), cwd=t.directory,
                                   stdin=terminal, stdout=subprocess.PIPE)
        t.check(process.stdout.readline().strip() == b'nothing', 'a wait before there is input')
        os.write(controller, b'one\n')
        t.check(process.stdout.readline().strip() == b'one', 'the first line')
        os.write(controller, b'two\n')
        t.check(process.stdout.readline().strip() == b'two', 'the second line')
        t.check(process.wait(t.timeout) == 0, f'exit status {process.returncode}')
    finally:
        os.close(controller)
        os.close(terminal)


def count_system_calls(t, *command):
    path = os.path.join(t.directory, 'calls')
    outcome = t.run(*command, wrapper=['strace', '-f', '-qq', '-o', path])
    with open(path) as file:
        return outcome, len(file.readlines())


@litewin
def uncontended_objects_stay_out_of_the_kernel(t):
    if not shutil.which('strace') or t.system.traced:
        return
    few, some = count_system_calls(t, t.helper('uncontended.exe'), '1')
    many, more = count_system_calls(t, t.helper('uncontended.exe'), '2000')
    expect(t, few, 'one round', 0)
    expect(t, many, '2000 rounds', 0)
    # How many calls the start and the end of a thread take, the scheduler decides.
    t.check(more < some + 100, f'{some} system calls for one round, {more} for 2000')


@case
def environment_is_inherited(t):
    """What Linux has in its environment, the program finds in its own, and the reverse for its defaults."""
    expect(t, t.run(t.helper('print_variable.exe'), 'LW_FROM_LINUX', env={'LW_FROM_LINUX': 'a=b c\u20ac'}),
           'a variable', 0, 'a=b c\u20ac'.encode())
    expect(t, t.run(t.helper('print_variable.exe'), 'LW_FROM_LINUX', env={'LW_FROM_LINUX': None}), 'none', 203, b'')
    expect(t, t.run(t.helper('print_variable.exe'), 'OS', env={'OS': None}), 'OS', 0, b'Windows_NT')


# Exceptions that nobody handles

@litewin
def unhandled_exceptions(t):
    """The first line says what has happened and where, and the exit code is the exception's."""
    where = rb' at crash\.exe\+0x[0-9a-f]+'
    violation = rb'0xC0000005 STATUS_ACCESS_VIOLATION \(access violation\) '
    for kind, code, line in [
            ('read', 5, violation + b'reading 0x10' + where),
            ('write', 5, violation + b'writing 0x10' + where),
            ('execute', 5, violation + b'executing 0x10 at 0x10'),
            ('thread', 5, violation + b'reading 0x10' + where),
            ('strlen', 5, violation + rb'reading 0x10 at .*\.so.*'),
            ('divide', 0x94, rb'0xC0000094 STATUS_INTEGER_DIVIDE_BY_ZERO \(integer division by zero\)' + where),
            ('breakpoint', 3, rb'0x80000003 STATUS_BREAKPOINT \(breakpoint\)' + where),
            ('fastfail', 9, rb'0xC0000409 STATUS_STACK_BUFFER_OVERRUN \(fast fail\)' + where),
            ('overflow', 0xFD, rb'0xC00000FD STATUS_STACK_OVERFLOW \(stack overflow\)' + where),
            ('declined', 5, violation + b'reading 0x10' + where),
            ('silent', 5, violation + b'reading 0x10' + where)]:
        outcome = t.run(t.helper('crash.exe'), kind)
        t.check(outcome.code == code, f'{kind}: expected exit status {code}, got {outcome}')
        expected = re.compile(rb'litewin: unhandled exception ' + line)
        t.check(expected.fullmatch(outcome.err.split(b'\n')[0]), f'{kind}: unexpected stderr {outcome.err!r}')
    outcome = t.run(t.helper('crash.exe'), 'raise', '0xE0001200')
    t.check(outcome.code == 255, f'raise: got {outcome}')


@case
def exceptions_that_end_the_program_quietly(t):
    expect(t, t.run(t.helper('crash.exe'), 'accepted'), 'accepted', 5, b'', None if t.on_wine else b'')


# Programs that programs start

@litewin
def a_linux_program_is_started(t):
    start = t.helper('start.exe')
    expect(t, t.run(start, 'sh', '-c', 'echo "$0-$1"; cat; exit 9', 'a b', 'c', stdin=b'given'), 'a shell', 9, b'a b-c\ngiven', b'')
    expect(t, t.run(start, 'printenv', 'PATH', env={'PATH': '/usr/bin:/bin:/no/such'}), 'PATH is the host\'s again', 0,
           out=None, err=b'')
    outcome = t.run(start, 'printenv', 'PATH', env={'PATH': '/usr/bin:/bin:/no/such'})
    t.check(outcome.out.endswith(b'/usr/bin:/bin:/no/such\n') and b'\\' not in outcome.out, f'PATH: {outcome}')
    script = os.path.join(t.directory, 'script')
    with open(script, 'w') as file:
        file.write('#!/bin/sh\necho script "$@"; kill -INT $$\n')
    os.chmod(script, 0o755)
    for name in ['script', './script', script, 'C:' + script.replace('/', '\\')]:
        expect(t, t.run(start, name, 'x'), f'a script as {name}', 0x3a, b'script x\n')


@case
def output_of_children_is_in_order(t):
    expect(t, t.run(t.helper('start.exe'), t.helper('start.exe'), t.helper('speak.exe')), 'a grandchild', 0,
           b'one\r\ntwo\nthree\r\nfour\r\nfive\r\nsix\r\nseven, unflushed until the end')


@litewin
def the_other_architecture_is_started(t):
    other = 'i386' if t.arch == 'x86_64' else 'x86_64'
    leave = os.path.join(os.path.dirname(t.programs), other, 'helpers', 'leave.exe')
    path = os.path.join(t.directory, 'code')
    t.run(t.helper('start.exe'), leave, 'ExitProcess', str(0xC0000005), options=['--exit-code-file', path])
    with open(path) as file:
        t.check(int(file.read()) == 0xC0000005, 'the exit code of the other architecture')


@litewin
def options_are_handed_on(t):
    folder = os.path.join(t.directory, 'drive')
    os.mkdir(folder)
    shutil.copy(t.helper('naked.exe'), os.path.join(folder, 'on drive.exe'))
    options = ['--drive', f'K={folder}']
    expect(t, t.run(t.helper('start.exe'), t.helper('start.exe'), 'K:\\on drive.exe', options=options), 'a drive', 42, b'')
    expect(t, t.run(t.helper('start.exe'), t.helper('start.exe'), 'K:\\on drive.exe'), 'no drive', 100)


# The command line of litewin-load

def load(t, *words, env=None, directory=None):
    """litewin-load with these words after it, whichever they are."""
    environment = {**os.environ, **(env or {})}
    result = subprocess.run([t.system.loader, *words], cwd=directory or t.directory, env=environment,
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=t.timeout)
    return f'exit status {result.returncode}, stdout {result.stdout!r}, stderr {result.stderr!r}', result


@litewin
def options_that_are_wrong(t):
    naked = t.helper('naked.exe')
    for words, problem in [(['--no-such-option', naked], '--no-such-option'), (['-x', naked], '-x'), ([], 'no program'),
                           (['--'], 'no program'), (['--drive'], '--drive needs a value'),
                           (['--drive', 'K', naked], '--drive K'), (['--drive', 'K=/no/such/place', naked], '--drive K'),
                           (['--drive', '7=/tmp', naked], '--drive 7'), (['--dll-path=', naked], '--dll-path')]:
        seen, result = load(t, *words)
        message = result.stderr.decode()
        t.check(result.returncode == 126 and problem in message and message.count('\n') == 1 and not result.stdout,
                f'{words}: {seen}')


@litewin
def options_end_with_the_program(t):
    echo = t.helper('echo_arguments.exe')
    for words in [[echo, '--help', '--', '-x'], ['--', echo, '--help', '--', '-x']]:
        seen, result = load(t, *words)
        arguments = [line[7:] for line in result.stdout.decode().splitlines() if line.startswith('narrow ')]
        t.check(arguments[1:] == ['--help', '--', '-x'], f'{words[:2]}: {seen}')
    shutil.copy(t.helper('naked.exe'), os.path.join(t.directory, '-dash.exe'))
    seen, result = load(t, '--', '-dash.exe')
    t.check(result.returncode == 42, f'a name with a dash: {seen}')


@litewin
def ways_to_name_a_program(t):
    folder = os.path.join(t.directory, 'Some Folder')
    os.mkdir(folder)
    shutil.copy(t.helper('naked.exe'), os.path.join(folder, 'Answer.exe'))
    # Directories on the way that are called like the program do not count.
    os.makedirs(os.path.join(t.directory, 'first', 'Answer'))
    os.mkdir(os.path.join(folder, 'Answer'))
    windows = 'Z:' + folder.replace('/', '\\')
    path = {'PATH': f'/no/such:{t.directory}/first:{folder}:' + os.environ['PATH']}
    for name, env, directory in [
            (f'{folder}/Answer.exe', None, None), (f'{folder}/Answer', None, None), ('Some Folder/Answer.exe', None, None),
            ('./Some Folder/Answer', None, None), ('Answer.exe', None, folder), ('Answer', None, folder),
            ('Answer.exe', path, None), ('Answer', path, None), (f'{windows}\\Answer.exe', None, None),
            (f'{windows}\\ANSWER.EXE', None, None), (f'{windows}\\Answer', None, None),
            (f'c:{folder}/answer.exe', None, None), ('Some Folder\\Answer.exe', None, None)]:
        seen, result = load(t, name, env=env, directory=directory)
        t.check(result.returncode == 42, f'{name} in {directory}: {seen}')
    for name in ['Answer', f'{folder}/Answers', f'{windows}\\Answers.exe']:
        seen, result = load(t, name)
        t.check(result.returncode == 127 and os.path.basename(name) in result.stderr.decode(), f'{name}: {seen}')


@litewin
def a_link_to_a_program_has_its_own_name(t):
    folder = os.path.join(t.directory, 'real')
    os.mkdir(folder)
    shutil.copy(t.helper('echo_arguments.exe'), os.path.join(folder, 'program.exe'))
    os.symlink('real/program.exe', os.path.join(t.directory, 'alias.exe'))
    seen = arguments_seen(t.run(os.path.join(t.directory, 'alias.exe'), 'x'))
    t.check(seen['wide'][0].endswith('\\alias.exe') and seen['wide'][1:] == ['x'], f'{seen}')


@litewin
def directories_for_dlls(t):
    program, dlls = os.path.join(t.directory, 'program'), os.path.join(t.directory, 'with dlls')
    os.mkdir(program)
    os.mkdir(dlls)
    shutil.copy(t.helper('uses_stamped.exe'), program)
    shutil.copy(t.helper('stamped.dll'), dlls)
    uses = os.path.join(program, 'uses_stamped.exe')
    for options, env, code in [
            ([], {}, 126), (['--dll-path', dlls], {}, 42), ([f'--dll-path={dlls}'], {}, 42),
            (['--dll-path', '/no/such', '--dll-path', dlls], {}, 42), ([], {'LITEWIN_PATH': dlls}, 42),
            ([], {'LITEWIN_PATH': f'/no/such::{dlls}'}, 42), ([], {'PATH': f'{dlls}:{os.environ["PATH"]}'}, 42),
            (['--dll-path', 'with dlls'], {}, 42), ([], {'LITEWIN_PATH': '/no/such'}, 126)]:
        outcome = t.run(uses, options=options, env=env)
        t.check(outcome.code == code, f'{options} {env}: expected {code}, got {outcome}')
    outcome = t.run(uses, options=['--dll-path', '/no/such/place'])
    t.check(b'/no/such/place' in outcome.err, f'the directories that were searched: {outcome}')
    # The program's own folder goes before them, and a file there that is no DLL is not passed over.
    with open(os.path.join(program, 'stamped.dll'), 'w') as file:
        file.write('text')
    outcome = t.run(uses, options=['--dll-path', dlls])
    t.check(outcome.code == 126 and b'stamped.dll' in outcome.err, f'the program\'s folder first: {outcome}')


@litewin
def whose_dll_it_is(t):
    """msvcrt.dll is litewin's whatever lies beside the program, unless --native says otherwise."""
    startup = os.path.join(t.directory, 'startup.exe')
    shutil.copy(t.program('startup.exe'), startup)
    with open(os.path.join(t.directory, 'msvcrt.dll'), 'w') as file:
        file.write('This is no DLL.')
    for options, works in [([], True), (['--native', 'kernel32'], True), (['--native', 'msvcrt'], False),
                           (['--native', 'MSVCRT.dll'], False), (['--builtin', 'msvcrt'], True)]:
        outcome = t.run(startup, options=options)
        t.check(outcome.code == 0 if works else outcome.code == 126 and b'msvcrt.dll' in outcome.err,
                f'{options}: {outcome}')


@litewin
def drives(t):
    folder = os.path.join(t.directory, 'Inside')
    os.mkdir(folder)
    shutil.copy(t.helper('echo_arguments.exe'), os.path.join(folder, 'echo.exe'))
    for name in ['K:\\echo.exe', 'k:/ECHO.exe', 'K:\\echo']:
        outcome = t.run(name, options=['--drive', f'k={folder}'])
        t.check(outcome.code == 0 and b'echo.exe' in outcome.out, f'{name}: {outcome}')
    outcome = t.run('K:\\echo.exe')
    t.check(outcome.code == 127, f'without the drive: {outcome}')


@litewin
def an_exit_code_file_that_cannot_be(t):
    outcome = t.run(t.helper('leave.exe'), 'exit', '7', options=['--exit-code-file', '/no/such/directory/code'])
    t.check(outcome.code == 7 and b'/no/such/directory/code' in outcome.err, f'{outcome}')
    path = os.path.join(t.directory, 'code')
    with open(path, 'w') as file:
        file.write('a longer text that was there before')
    t.run(t.helper('leave.exe'), 'abort', options=[f'--exit-code-file={path}'])
    with open(path) as file:
        t.check(file.read().strip() == '3', 'the file of an earlier run is replaced')


@case
def closed_outputs(t):
    """A program whose outputs are closed runs as it would, and no file of its takes their place."""
    # Wine 8 waits for ever where all three are.
    for closed in [(1,), (2,), (1, 2)] if t.on_wine else [(1,), (2,), (1, 2), (0, 1, 2)]:
        def close(closed=closed):
            for descriptor in closed:
                os.close(descriptor)
        outcome = t.run(t.helper('speak.exe'), stdin=subprocess.DEVNULL, preexec=close)
        t.check(outcome.code == 0, f'{closed}: {outcome}')
        t.check(1 in closed or outcome.out.startswith(b'one\r\ntwo\n'), f'{closed}: {outcome}')
        t.check(1 not in closed or not outcome.out, f'{closed}: {outcome}')
        t.check(2 not in closed or not outcome.err, f'{closed}: {outcome}')
        expect(t, t.run(t.helper('leave.exe'), 'exit', '42', preexec=close), f'{closed}', 42)


@litewin
def the_number_of_the_process(t):
    process = subprocess.Popen(t.system.command(t.helper('number.exe'), [], []), stdout=subprocess.PIPE)
    numbers = process.communicate(timeout=t.timeout)[0].split()
    t.check(numbers == [str(process.pid).encode()] * 2, f'{numbers}, expected {process.pid}')


@litewin
def time_zones(t):
    """A zone has Windows' name for it, where Windows has one."""
    for zone, says in [('UTC', b'UTC, UTC, UTC, 0'),
                       ('Europe/Vienna', b'W. Europe Standard Time, W. Europe Standard Time, W. Europe Daylight Time, -60'),
                       ('Egypt', b'Egypt Standard Time, Egypt Standard Time, Egypt Daylight Time, -120'),
                       ('Asia/Kolkata', b'India Standard Time, India Standard Time, India Daylight Time, -330'),
                       ('XYZ-3', b'XYZ, XYZ, XYZ, -180')]:
        if zone in ('UTC', 'XYZ-3') or os.path.exists('/usr/share/zoneinfo/' + zone):
            expect(t, t.run(t.helper('time_zone.exe'), env={'TZ': zone}), zone, 0, says)


# The registry

REGISTRY_KEY = '[HKEY_CURRENT_USER\\Software\\litewin text]\n'


def registry(t, *arguments, path=None):
    return t.run(t.helper('registry_text.exe'), *arguments, env={'LITEWIN_REGISTRY': path or t.directory + '/test.reg'})


def registry_write(t, content, mode='ab'):
    with open(t.directory + '/test.reg', mode) as file:
        file.write(content)


@litewin
def registry_files_are_text(t):
    path = t.directory + '/test.reg'
    expect(t, registry(t, 'get', 'name'), 'a value that is not there', 1, b'error 2\r\n')
    t.check(not os.path.exists(path), 'reading made a file')
    expect(t, registry(t, 'set', 'name', 'a "text"'), 'set', 0, b'', b'')
    with open(path) as file:
        text = file.read()
    expected = 'Windows Registry Editor Version 5.00\n\n' + REGISTRY_KEY + '"name"="a \\"text\\""\n'
    t.check(text == expected, f'the file holds {text!r}, expected {expected!r}')
    expect(t, registry(t, 'get', 'NAME'), 'get', 0, b'a "text"\r\n', b'')


@litewin
def registry_files_can_be_edited(t):
    registry_write(t, (REGISTRY_KEY + '"a"="1"\n').encode())
    expect(t, registry(t, 'get', 'a'), 'a file that was made by hand', 0, b'1\r\n', b'')
    export = '\ufeffWindows Registry Editor Version 5.00\r\n\r\n' + REGISTRY_KEY + '"a"="2"\r\n'
    registry_write(t, export.encode('utf-16-le'))
    expect(t, registry(t, 'get', 'a'), 'an export of Windows behind that', 0, b'2\r\n', b'')
    expect(t, registry(t, 'set', 'b', '3'), 'set', 0, b'', b'')
    expect(t, registry(t, 'get', 'a'), 'after something was added', 0, b'2\r\n', b'')
    expect(t, registry(t, 'get', 'b'), 'what was added', 0, b'3\r\n', b'')


@litewin
def registry_lines_that_are_broken(t):
    registry_write(t, ('\nthis is nothing\n' + REGISTRY_KEY + '"a"="1"\n"b"="open\n').encode())
    outcome = registry(t, 'get', 'a')
    expect(t, outcome, 'a broken line', 0, b'1\r\n')
    t.check(outcome.err.decode().startswith(f'litewin: {t.directory}/test.reg:2: ') and outcome.err.count(b'\n') == 1,
            f'standard error is {outcome.err!r}, expected one line about line 2')


@litewin
def registry_writers_that_are_killed(t):
    command = t.system.command(t.helper('registry_text.exe'), ['fill', 'big'], [])
    environment = dict(os.environ, LITEWIN_REGISTRY=t.directory + '/test.reg', LITEWIN_NAMES=t.names)
    for _ in range(3):
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(2)]
        for process in processes:
            line = process.stdout.readline()
            t.check(line == b'begun\r\n', f'the writer says {line!r}')
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()
    expect(t, registry(t, 'set', 'name', 'good'), 'set', 0, b'', b'')
    expect(t, registry(t, 'get', 'name'), 'get', 0, b'good\r\n', b'')
    size = os.path.getsize(t.directory + '/test.reg')
    t.check(size < 1000000, f'the file has {size} bytes')


@litewin
def registry_files_that_cannot_be_written(t):
    expect(t, registry(t, 'set', 'a', '1', path='/proc/none/registry.reg'), 'no place', 1, b'error 5\r\n', b'')
    expect(t, registry(t, 'set', 'a', '1', path='/dev/full/registry.reg'), 'no directory', 1, b'error 5\r\n', b'')


# Processes of the other architecture

@litewin
def processes_of_the_other_architecture(t):
    folder, arch = os.path.split(t.programs)
    for name in ['remote_memory.exe', 'remote_attributes.exe', 'shared_sections.exe', 'shared_objects.exe']:
        other = os.path.join(folder, 'i386' if arch == 'x86_64' else 'x86_64', name)
        outcome = t.run(t.program(name), 'with', other)
        t.check(outcome.code == 0, f'{name}: expected exit status 0, got {outcome}')


@litewin
def processes_that_may_not_look_into_each_other(t):
    for name in ['remote_memory', 'remote_handles', 'remote_threads', 'remote_attributes', 'shared_objects',
                 'shared_sections']:
        outcome = t.run(t.program(f'{name}.exe'), preexec=confine)
        t.check(outcome.code == 0, f'{name}: expected exit status 0, got {outcome}')
