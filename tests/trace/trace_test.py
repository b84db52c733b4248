#!/usr/bin/env python3
"""Runs helpers/traced.exe with every option of the tracer and reads what it writes.

    trace_test.py LITEWIN-LOAD PROGRAMS

PROGRAMS/ARCH/helpers has the program. Ends with `trace: N passed, N failed`.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from checks import check, finish  # noqa: E402

LINE = re.compile(r'\[\d+\.\d{6}\] \[TID:(\d+)\] (CALL  |RETURN|LEFT  |EVENT ) (.*)')
CATEGORIES = ('file_io', 'console_io', 'memory', 'threading', 'synchronization', 'environment', 'process', 'registry',
              'dll', 'network', 'exception', 'string', 'time')


class Tracer:
    def __init__(self, loader, program, directory):
        self.loader, self.program, self.directory = loader, program, directory

    def run(self, mode, *options, **variables):
        environment = {**os.environ, **variables}
        return subprocess.run([self.loader, *options, self.program, mode], cwd=self.directory, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def lines(self, mode, *options, **variables):
        """What goes to standard error, as (thread, event, text)."""
        result = self.run(mode, *options, **variables)
        return parse(result.stderr.decode())

    def file(self, mode, *options, name='trace', **variables):
        """The result and the content of --trace-output."""
        path = os.path.join(self.directory, name)
        result = self.run(mode, '--trace-output', path, *options, **variables)
        with open(path, 'rb') as file:
            return result, file.read().decode()


def parse(text):
    lines = text.split('\n')[:-1]
    matches = [LINE.fullmatch(line) for line in lines]
    check('the text format', lines and all(matches), [line for line, match in zip(lines, matches) if not match][:3])
    return [(int(match[1]), match[2].strip(), match[3]) for match in matches if match]


def has(what, lines, event, pattern):
    expression = re.compile(pattern)
    check(what, any(kind == event and expression.fullmatch(text) for _, kind, text in lines),
          [text for _, kind, text in lines if kind == event and text[:8] == pattern.replace('\\', '')[:8]])


def pairs_match(what, events):
    """Every return is of the innermost call of its thread, and no call is left open."""
    stacks, wrong = {}, []
    for thread, event, name in events:
        stack = stacks.setdefault(thread, [])
        if event == 'call':
            stack.append(name)
        elif not stack or stack.pop() != name:
            wrong.append((thread, event, name))
    check(what, not wrong and not any(stacks.values()), (wrong[:5], stacks))


def text_format(tracer):
    plain = tracer.run('calls')
    lines = tracer.lines('calls', '--trace-apis')
    path = r'"C:\\\\.*tr\u00e4ced\.txt"'
    has('a call that fails', lines, 'CALL', r'CreateFileA\(path="not there", access=GENERIC_READ, share=FILE_SHARE_READ, '
        r'security=0x0, disposition=OPEN_EXISTING, flags=0x0, template=0x0\)')
    has('its last error', lines, 'RETURN', r'CreateFileA\(\) -> -1 error=ERROR_FILE_NOT_FOUND')
    has('an escaped wide string', lines, 'CALL', r'CreateFileW\(path="tr\u00e4ced \\"1\\"\.txt", .*')
    has('a handle', lines, 'RETURN', r'CreateFileW\(\) -> 0x[0-9a-f]+ file ' + path)
    has('a handle and a buffer in a call', lines, 'CALL', r'WriteFile\(handle=0x[0-9a-f]+ file ' + path + ', buffer="abc", '
        r'length=3, written=0x[0-9a-f]+, overlapped=0x0\)')
    has('a buffer that is no text', lines, 'CALL', r'WriteFile\(.*, buffer="\xff\\x00\\n", length=3, .*\)')
    has('a buffer that is cut', lines, 'CALL', r'WriteFile\(.*, buffer="(0123456789){8}\.\.\.", length=100, .*\)')
    has('a terminated buffer', lines, 'CALL', r'MultiByteToWideChar\(page=CP_UTF8, flags=0x0, source="tr\u00e4ced", length=-1, .*')
    has('a counted buffer', lines, 'CALL', r'WideCharToMultiByte\(page=CP_ACP, flags=WC_NO_BEST_FIT_CHARS, source="two", length=3, .*')
    has('a structure', lines, 'RETURN', r'GetSystemInfo\(\) info=\{page_size=4096, processors=[1-9]\d*, granularity=65536\}')
    has('an output', lines, 'RETURN', r'WriteFile\(\) -> TRUE written=3')
    has('text that was returned', lines, 'RETURN', r'GetFullPathNameA\(\) -> (0x)?[0-9a-f]+ buffer="C:\\\\.*x\.txt"')
    has('a pointer that points nowhere', lines, 'CALL', r'IsBadStringPtrA\(\w+=0x10\?, .*\)')
    has('control characters', lines, 'CALL', r'lstrlenA\(\w+="line\\n\\ttab \\\\ \\x01"\)')
    has('a long string is cut', lines, 'CALL', r'lstrlenA\(\w+="(0123456789){8}\.\.\."\)')
    has('flags', lines, 'CALL', r'VirtualAlloc\(address=0x0, size=4096, type=MEM_COMMIT\|MEM_RESERVE, protect=PAGE_READWRITE\)')
    has('a variable argument list', lines, 'CALL', r'printf\(format="%d %s %\.1f\\n", \.\.\.\)')
    has('a DLL comes', lines, 'EVENT', r'load path="C:\\\\Windows\\\\System32\\\\ws2_32\.dll" base=0x[0-9a-f]+ builtin')
    has('and goes', lines, 'EVENT', r'unload path="C:\\\\Windows\\\\System32\\\\ws2_32\.dll" .*')
    has('the thread\'s end', lines, 'LEFT', r'ExitThread\(\) ended the thread')
    has('its code', lines, 'EVENT', r'thread-end code=7')
    has('an exception', lines, 'EVENT', r'exception code=0xe0001234 at=traced\.exe\+0x[0-9a-f]+ parameters=0x1,0x2')
    has('who handled it', lines, 'EVENT', r'continued-by a vectored handler')
    has('a call that is passed by', lines, 'LEFT', r'RaiseException\(\) works on its caller\'s frame')
    has('a call that longjmp left', lines, 'LEFT', r'qsort\(\) was left by unwinding')
    has('the process\'s end', lines, 'EVENT', r'process-end code=0x3')
    has('a wait', lines, 'CALL', r'WaitForSingleObject\(handle=0x[0-9a-f]+ thread \d+, milliseconds=INFINITE\)')
    has('its result', lines, 'RETURN', r'WaitForSingleObject\(\) -> WAIT_OBJECT_0')
    has('a call that the stub answers', lines, 'CALL', r'SetLastError\(error=0x5\)')
    has('and another', lines, 'RETURN', r'GetLastError\(\) -> 0x5')
    kinds = {'CALL': 'call', 'RETURN': 'return', 'LEFT': 'return'}
    pairs_match('calls and returns', [(thread, kinds[kind], text.split('(')[0]) for thread, kind, text in lines
                                      if kind in kinds])
    traced = tracer.run('calls', '--trace-apis')
    check('the program is the same', (traced.stdout, traced.returncode) == (plain.stdout, plain.returncode), traced)
    check('and says nothing without', plain.stderr == b'' and plain.returncode == 3, plain)


def json_format(tracer):
    result, text = tracer.file('calls', '--trace-format=json')
    objects = [json.loads(line) for line in text.splitlines()]
    check('nothing on the program\'s own', result.stderr == b'' and result.returncode == 3, result)
    calls = [o for o in objects if o['event'] == 'call']
    missing = next(o for o in calls if o['function'] == 'CreateFileA')
    check('arguments', missing['args']['path'] == 'not there' and missing['args']['disposition'] == 'OPEN_EXISTING' and
          missing['dll'] == 'kernel32' and missing['category'] == 'file_io', missing)
    returned = next(o for o in objects if o['event'] == 'return' and o['function'] == 'CreateFileA')
    check('a result', returned['return'] == '-1' and returned['last_error'] == 2 and
          returned['last_error_name'] == 'ERROR_FILE_NOT_FOUND', returned)
    number = next(o for o in objects if o['event'] == 'return' and o['function'] == 'lstrlenA')
    written = next(o for o in objects if o['event'] == 'return' and o['function'] == 'WriteFile')
    check('an output', written['out'] == {'written': '3'}, written)
    binary = [o['args']['buffer'] for o in objects if o['event'] == 'call' and o['function'] == 'WriteFile']
    check('buffers', binary[:2] == ['abc', '\u00ff\0\n'], binary)
    full = next(o for o in objects if o['event'] == 'return' and o['function'] == 'GetFullPathNameA')
    check('text that was returned', full['out']['buffer'].endswith('x.txt'), full)
    check('a number', isinstance(number['return'], int), number)
    check('a wide string', any(o['args'].get('path') == 'tr\u00e4ced "1".txt' for o in calls))
    check('a pointer that points nowhere', any('0x10?' in o['args'].values() for o in calls))
    check('control characters', any('line\n\ttab \\ \x01' in o['args'].values() for o in calls))
    pairs_match('calls and returns', [(o['thread_id'], 'call' if o['event'] == 'call' else 'return', o['function'])
                                      for o in objects if 'function' in o])


def perfetto_format(tracer):
    result, text = tracer.file('calls', '--trace-format', 'perfetto')
    events = json.loads(text)
    check('slices', all(e['ph'] in 'BEiM' for e in events) and {'ts', 'pid', 'tid', 'name', 'cat'} <= set(events[5]), events[5])
    pairs_match('slices begin and end', [(e['tid'], 'call' if e['ph'] == 'B' else 'return', e['name']) for e in events
                                         if e['ph'] in 'BE'])


def filters(tracer):
    def names(*options, **variables):
        return {text.split('(')[0] for _, kind, text in tracer.lines('calls', *options, **variables) if kind == 'CALL'}

    seen = names('--trace-filter', '*File*')
    check('a pattern', 'WriteFile' in seen and 'CloseHandle' not in seen and 'lstrlenA' not in seen, seen)
    check('an exact name', names('--trace-filter=WriteFile') == {'WriteFile'})
    check('two, and one without', names('--trace-filter', 'Create*', '--trace-filter', 'lstrlenA', '--trace-filter',
                                        '!CreateThread') == {'CreateFileA', 'CreateFileW', 'lstrlenA'})
    check('a DLL', names('--trace-filter', 'msvcrt!qsort') == {'qsort'} and not names('--trace-filter', 'kernel32!qsort'))
    check('only exclusion', 'printf' in names('--trace-filter', '!lstrlenA') - {'lstrlenA'})
    check('a category', names('--trace-category', 'memory', '--trace-filter', 'Virtual*') == {'VirtualAlloc', 'VirtualFree'})
    check('two categories', {'VirtualAlloc', 'WriteFile'} <= names('--trace-category', 'memory,file_io'))
    for category in CATEGORIES:
        check(f'category {category}', tracer.run('calls', '--trace-category', category).returncode == 3)
    check('by variables', names(LITEWIN_TRACE='1', LITEWIN_TRACE_FILTER='qsort') == {'qsort'})
    check('a variable that says no', tracer.run('calls', LITEWIN_TRACE='0', LITEWIN_TRACE_SUMMARY='0').stderr == b'')
    check('an option goes before its variable',
          tracer.run('calls', '--trace-format', 'text', LITEWIN_TRACE_FORMAT='json').stderr.startswith(b'['))
    check('longer strings', any('(string="' + '0123456789' * 10 + '"' in text or '0123456789' * 10 + '"' in text for _, kind, text
                                in tracer.lines('calls', '--trace-filter=lstrlenA', '--trace-strings', '200') if kind == 'CALL'))


def forwarders(tracer):
    """A call is known by the name that the program has called."""
    def calls(*options):
        return [text for _, kind, text in tracer.lines('calls', *options) if kind == 'CALL' and
                re.match('(Rtl)?(EncodePointer|EnterCriticalSection)', text)]

    direct, forwarded = r'RtlEncodePointer(pointer=0x456)', r'EncodePointer(pointer=0x123)'
    seen = calls('--trace-apis')
    check('both names', forwarded in seen and direct in seen and 'EncodePointer(pointer=0x456)' not in seen, seen)
    check('each by its own', any(c.startswith('EnterCritical') for c in seen) and any(c.startswith('RtlEnterCritical') for c in seen), seen)
    check('the forwarder alone', calls('--trace-filter', 'EncodePointer') == [forwarded], calls('--trace-filter', 'EncodePointer'))
    check('the target alone', calls('--trace-filter', 'ntdll!RtlEncode*') == [direct], calls('--trace-filter', 'ntdll!RtlEncode*'))
    without = calls('--trace-filter', '!kernel32!EncodePointer')
    check('all but the forwarder', direct in without and forwarded not in without, without)
    lines = tracer.lines('calls', '--trace-filter', 'EnterCriticalSection')
    has('the forwarder has its own result', lines, 'RETURN', r'EnterCriticalSection\(\)')
    _, text = tracer.file('calls', '--trace-format=json', '--trace-filter', 'EncodePointer')
    forwarded = [json.loads(line) for line in text.splitlines() if '"event":"call"' in line]
    check('its DLL and category', [(o['dll'], o['function']) for o in forwarded] == [('kernel32', 'EncodePointer')], forwarded)


def wrong_options(tracer):
    for options, words in ((('--trace-category', 'file_io,nonsense'), ('"nonsense"', *CATEGORIES)),
                           (('--trace-format', 'xml'), ('text', 'json', 'perfetto')),
                           (('--trace-strings', 'many'), ('--trace-strings', '1000')),
                           (('--trace-strings', '1001'), ('--trace-strings', '1000')),
                           (('--trace-output', '/nowhere/at/all'), ('/nowhere/at/all', 'No such file'))):
        result = tracer.run('calls', *options)
        text = result.stderr.decode()
        check(f'{options}', result.returncode == 126 and text.count('\n') == 1 and all(word in text for word in words), text)


def many_at_once(tracer):
    _, text = tracer.file('threads', '--trace-filter', 'lstrlenA')
    calls = [thread for thread, kind, _ in parse(text) if kind == 'CALL']
    check('16 threads', len(calls) == 16 * 500 and len(set(calls)) == 16, len(calls))
    _, text = tracer.file('child', '--trace-filter', 'lstrlenA', '--trace-format', 'json')
    objects = [json.loads(line) for line in text.splitlines()]
    check('two processes', len({o['process_id'] for o in objects}) == 2)
    check('all their calls', sum(o['event'] == 'call' for o in objects) == 17 * 500)


def ends(tracer):
    """Nothing is lost, nor cut in two, of what was before the end, though other threads go on writing."""
    for mode, event, pattern in (('terminate', 'LEFT', r'TerminateProcess\(\) ended the process'),
                                 ('crash', 'EVENT', r'exception code=0xc0000005 .*')):
        result, text = tracer.file(mode, '--trace-filter', 'lstrlenA', '--trace-filter', 'TerminateProcess')
        lines = parse(text)
        calls = {}
        for thread, kind, _ in lines:
            if kind == 'CALL':
                calls[thread] = calls.get(thread, 0) + 1
        main_thread = next((thread for thread, _, words in lines if 'the last' in words), None)
        check(f'{mode}: all calls', main_thread and calls[main_thread] == 501 + (mode == 'terminate'), calls)
        check(f'{mode}: the others\' calls', len(calls) == 5, calls)
        has(f'{mode}: the end', lines, event, pattern)
        check(f'{mode}: the exit code', result.returncode == {'terminate': 5}.get(mode, result.returncode) != 0, result)


def summary(tracer):
    result, text = tracer.file('calls', '--trace-summary')
    lines = text.splitlines()
    rows = {line.split()[-1]: line.split() for line in lines[2:-2]}
    check('the table', lines[0].split()[-1] == 'function' and lines[-1].endswith('total') and result.returncode == 3, text)
    check('its columns', len({len(line) - len(line.split()[-1]) for line in lines[2:-2]}) == 1, text)
    check('a count', rows['kernel32!lstrlenA'][5] == '5', rows.get('kernel32!lstrlenA'))
    check('failures', rows['kernel32!CreateFileA'][5:7] == ['1', '1'], rows.get('kernel32!CreateFileA'))
    own = [float(line.split()[1]) for line in lines[2:-2]]
    check('the order', own == sorted(own, reverse=True))


def main():
    loader, programs = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    for arch in ('x86_64', 'i386'):
        with tempfile.TemporaryDirectory(prefix='litewin-trace-') as directory:
            tracer = Tracer(loader, f'{programs}/{arch}/helpers/traced.exe', directory)
            for test in (text_format, json_format, perfetto_format, filters, forwarders, wrong_options, many_at_once, ends, summary):
                test(tracer)
    return finish('trace')


sys.exit(main())
