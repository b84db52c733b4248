#!/usr/bin/env python3
"""Breaks an installed tree in every way that the loader must notice, and reads what it says.

    install_test.py TREE PROGRAMS

TREE holds bin/litewin-load and lib/litewin; PROGRAMS/ARCH/helpers has small Windows programs. Works on copies. Ends
with `install: N passed, N failed`.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from checks import check, finish  # noqa: E402


def run(tree, program):
    return subprocess.run([f'{tree}/bin/litewin-load', program], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)


def expect_refusal(tree, program, what, *words):
    """One clear line, exit status 126."""
    result = run(tree, program)
    text = result.stderr.decode()
    seen = f'exit status {result.returncode}, stderr {text!r}'
    check(what, result.returncode == 126 and text.count('\n') == 1 and all(word in text for word in words), seen)


def copy(tree, directory, name):
    target = os.path.join(directory, name)
    os.makedirs(f'{target}/bin')
    shutil.copy(f'{tree}/bin/litewin-load', f'{target}/bin')
    shutil.copytree(f'{tree}/lib/litewin', f'{target}/lib/litewin')
    return target


def patch_stamp(path, offset, value):
    """Changes bytes of the .litewin section: magic 8, ABI version 4, count 4, hash 8, backing's name 64."""
    with open(path, 'r+b') as file:
        data = file.read()
        place = data.find(b'litewin\0')
        assert place > 0
        file.seek(place + offset)
        file.write(value)


def test_arch(tree, programs, arch, directory):
    program = os.path.abspath(glob.glob(f'{programs}/{arch}/startup.exe')[0])
    whole = copy(tree, directory, f'{arch}-whole')
    check(f'{arch}: a copied tree works', run(whole, program).returncode == 0, run(whole, program))
    os.rename(whole, whole + '-moved')
    check(f'{arch}: a moved tree works', run(whole + '-moved', program).returncode == 0, 'it does not')

    def broken(name, breakage, *words):
        damaged = copy(tree, directory, f'{arch}-{name}')
        breakage(f'{damaged}/lib/litewin/{arch}')
        expect_refusal(damaged, program, f'{arch}: {name}', *words)

    broken('ABI version', lambda d: patch_stamp(f'{d}/msvcrt.dll', 8, b'\x63'), 'msvcrt.dll', 'ABI version', 'make dlls')
    broken('hash', lambda d: patch_stamp(f'{d}/msvcrt.dll', 16, b'\0\1\2\3\4\5\6\7'), 'msvcrt.dll', 'different .spec files',
           'make dlls')
    broken('backing outside', lambda d: patch_stamp(f'{d}/msvcrt.dll', 24, b'../x.so\0'), 'msvcrt.dll', 'no file name')
    broken('no backing', lambda d: os.remove(f'{d}/msvcrt.so'), 'msvcrt.dll', 'msvcrt.so', 'make dlls')
    broken('backing is no library', lambda d: open(f'{d}/msvcrt.so', 'w').write('text'), 'msvcrt.dll', 'msvcrt.so')

    def without_table(d):
        elf = {'x86_64': '-m64', 'i386': '-m32'}[arch]
        subprocess.run(['gcc', elf, '-shared', '-o', f'{d}/msvcrt.so', '-x', 'c', '/dev/null'], check=True)

    broken('backing without table', without_table, 'msvcrt.dll', 'no table', 'make dlls')
    broken('another DLL\'s backing', lambda d: shutil.copy(f'{d}/ws2_32.so', f'{d}/msvcrt.so'), 'msvcrt.dll', 'different .spec')
    broken('truncated', lambda d: os.truncate(f'{d}/msvcrt.dll', 5000), 'msvcrt.dll', 'truncated')


def main():
    tree, programs = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        for arch in 'x86_64', 'i386':
            test_arch(tree, programs, arch, directory)
        lonely = os.path.join(directory, 'lonely', 'litewin-load')
        os.makedirs(os.path.dirname(lonely))
        shutil.copy(f'{tree}/bin/litewin-load', lonely)
        result = subprocess.run([lonely, '--help'], capture_output=True)
        check('a command without its tree', result.returncode == 126 and b'bin' in result.stderr, result)
    return finish('install')


if __name__ == '__main__':
    sys.exit(main())
