#!/usr/bin/env python3
"""Measures litewin against native Linux programs and, where it is installed, Wine, all in one run.

    run.py --out build/bench --loader build/bin/litewin-load [--rounds N] [FILTER]

The first table starts and ends whole processes; the second has nanoseconds per operation of the same
work done by Win32 calls (winbench.c) and by the closest Linux calls (nativebench.c). Ratios are to native.
FILTER chooses rows of the second table by a part of their name.
"""
import argparse
import os
import shutil
import subprocess
import tempfile

LONGEST = 120  # seconds for all rows of one system
ARCHES = {'x86_64': '64', 'i386': '32'}


def wine():
    return shutil.which('wine64') or next((p for p in ['/usr/lib/wine/wine64'] if os.access(p, os.X_OK)), None)


def ratio(value, native):
    return f'{value / native:.2f}x' if value and native else ''


def print_table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        print('  '.join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())
    print()


def spawn(out, rounds, commands, directory):
    separated = []
    for command in commands:
        separated += ['--', *command]
    lines = subprocess.run([f'{out}/spawn', str(rounds), *separated[1:]], cwd=directory, check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return [[float(cell) for cell in line.split()] for line in lines]


def start_rows(out, loader, rounds, directory, label):
    rows = []
    for arch in ARCHES:
        program = os.path.join(directory, f'hello-{arch}.exe')
        shutil.copy(f'{out}/{arch}/hello.exe', program)
        native, ours = spawn(out, rounds, [[f'{out}/{arch}/hello'], [loader, program]], directory)
        rows.append([f'{arch} {label}', f'{native[0]:.0f}', f'{ours[0]:.0f}', ratio(ours[0], native[0]), f'{native[2]:.0f}',
                     f'{ours[2]:.0f}', ratio(ours[2], native[2])])
    return rows


def wine_row(out, rounds, directory):
    warm = [wine(), f'{out}/x86_64/hello.exe']
    subprocess.run(warm, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    native, ours = spawn(out, rounds, [[f'{out}/x86_64/hello'], warm], directory)
    return ['x86_64 hello, Wine', f'{native[0]:.0f}', f'{ours[0]:.0f}', ratio(ours[0], native[0]), f'{native[2]:.0f}',
            f'{ours[2]:.0f}', ratio(ours[2], native[2])]


def measure_starts(out, loader, rounds):
    with tempfile.TemporaryDirectory() as directory:
        rows = start_rows(out, loader, rounds, directory, 'hello')
        for i in range(10000):
            open(os.path.join(directory, f'file{i:05}.txt'), 'w').close()
        rows += start_rows(out, loader, rounds, directory, 'hello among 10,000 files')
    if wine():
        with tempfile.TemporaryDirectory() as directory:
            rows.append(wine_row(out, max(5, rounds // 10), directory))
    print_table(['start to end', 'native us', 'us', 'ratio', 'native KiB', 'KiB', 'ratio'], rows)


def run_bench(command, arguments):
    """One system's rows. What it has printed when it takes too long still counts."""
    with tempfile.TemporaryDirectory() as directory, open(os.path.join(directory, 'rows'), 'w+') as rows_file:
        process = subprocess.Popen([*command, *arguments], cwd=directory, stdout=rows_file, stderr=subprocess.DEVNULL)
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            status = f'none, it took more than {LONGEST} s'
        rows_file.seek(0)
        lines = rows_file.read().splitlines()
    rows = {}
    for line in lines:
        name, _, value = line.partition('\t')
        if value:
            rows[name] = float(value)
    if status:
        print(f'{command[0]}: exit status {status}')
    return rows


def measure_calls(out, loader, arguments):
    systems = [('native', [f'{out}/x86_64/nativebench']), ('litewin', [loader, f'{out}/x86_64/winbench.exe']),
               ('native 32', [f'{out}/i386/nativebench']), ('litewin 32', [loader, f'{out}/i386/winbench.exe'])]
    if wine():
        systems.append(('wine', [wine(), f'{out}/x86_64/winbench.exe']))
    results = {name: run_bench(command, arguments) for name, command in systems}
    names = list(dict.fromkeys(name for rows in results.values() for name in rows))

    def cell(system, name):
        value = results.get(system, {}).get(name)
        return f'{value:.1f}' if value is not None else '-'

    head = ['ns per operation', 'native', 'litewin', 'ratio', 'native 32', 'litewin 32', 'ratio'] + (['wine', 'ratio'] if wine() else [])
    rows = []
    for name in names:
        native, native32 = results['native'].get(name), results['native 32'].get(name)
        row = [name, cell('native', name), cell('litewin', name), ratio(results['litewin'].get(name), native),
               cell('native 32', name), cell('litewin 32', name), ratio(results['litewin 32'].get(name), native32)]
        if wine():
            row += [cell('wine', name), ratio(results['wine'].get(name), native)]
        rows.append(row)
    print_table(head, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', required=True)
    parser.add_argument('--loader', required=True)
    parser.add_argument('--rounds', type=int, default=200)
    parser.add_argument('filter', nargs='*')
    options = parser.parse_args()
    os.environ.setdefault('WINEDEBUG', '-all')
    out, loader = os.path.abspath(options.out), os.path.abspath(options.loader)
    if not options.filter:
        measure_starts(out, loader, options.rounds)
    measure_calls(out, loader, options.filter[:1])


if __name__ == '__main__':
    main()
