#!/usr/bin/env python3
"""Runs the special programs of build_kinds.c: ends with one line, `kinds: N passed, N failed`.

    kinds_test.py MAKE_PE COMMAND...

COMMAND and a file's name run that file.
"""
import os
import subprocess
import sys
import tempfile

ARCHES = ['x86_64', 'i386']
RETURN_42 = ['naked', 'moved', 'high-low', 'import', 'no-lookup', 'bound', 'taken', 'ordinal', 'ordinal-no-lookup', 'missing',
             'delayed', 'tls', 'cookie', 'bss-only', 'virtual-size-0', 'raw-above-virtual', 'low-alignment']
# What the message must name, without regard to case. None of these runs at all.
REFUSED = {
    'fixed': 'relocation', 'fixed-taken': 'relocation', 'dll': 'dll', 'arm64': 'arm64', 'dotnet': '.net', 'ne': '16-bit windows',
    'le': 'os/2', 'lx': 'os/2', 'dos': 'ms-dos', 'no-signature': 'pe signature', 'truncated': 'truncated',
    'elf': 'elf',
}


def check_result(kind, result, name):
    message = result.stderr.decode(errors='replace').lower()
    if result.stdout:
        return f'stdout is {result.stdout[:200]!r}'
    if kind in RETURN_42:
        if (result.returncode, message) != (42, ''):
            return f'exit status {result.returncode}, stderr {message!r}'
    elif kind in REFUSED:
        if result.returncode != 126 or REFUSED[kind] not in message or name not in message:
            return f'exit status {result.returncode}, stderr {message!r}'
    # A function that is nowhere is named when it is called, and the program ends by an exception.
    elif result.returncode in (0, 42) or result.returncode < 0 or 'kernel32.dll!nosuchfunctionanywhere' not in message:
        return f'exit status {result.returncode}, stderr {message!r}'
    return None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    make_pe, command = sys.argv[1], [os.path.abspath(sys.argv[2]), *sys.argv[3:]]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for arch in ARCHES:
            for kind in RETURN_42 + list(REFUSED) + ['missing-call']:
                path = os.path.join(directory, f'{kind}-{arch}.exe')
                subprocess.run([make_pe, kind, arch, path], check=True)
                result = subprocess.run(command + [path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=directory, timeout=60)
                failure = check_result(kind, result, os.path.basename(path))
                if failure:
                    print(f'FAILED {kind} ({arch}): {failure}')
                    failed += 1
                else:
                    passed += 1
    print(f'kinds: {passed} passed, {failed} failed')
    sys.exit(failed != 0)


if __name__ == '__main__':
    main()
