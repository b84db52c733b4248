#!/usr/bin/env python3
"""Runs litewin's tests and ends with one line, `N passed, N failed`.

    run.py --loader build/bin/litewin-load --programs build/tests/win [--unit DIR] [--fuzz DIR] [NAME...]
    run.py --wine --programs build/tests/win [NAME...]
    run.py --loader build/bin/litewin-load --programs build/tests/win --storms tests/win/storms [NAME...]

Five kinds of test:
  programs   PROGRAMS/ARCH/NAME.exe and PROGRAMS/ARCH/NAME/NAME.exe check themselves, and say so in a last
             line `NAME: N passed, N failed`;
  cases      the functions of win/cases.py run the programs of PROGRAMS/ARCH/helpers in some particular way
             and look at what comes out;
  unit       every executable of UNIT is a cmocka test of litewin's own code;
  scripts    COMMAND is a test of its own that ends with such a summary;
  fuzz       every fuzzer of FUZZ takes the inputs of fuzz/corpus that once were trouble, or are typical.
Each runs in a fresh directory and within a time limit. NAMEs choose programs, cases and unit tests; with
--wine the 64-bit programs run under Wine, which shows whether a test expects what Windows does. With --storms,
the programs are those of that list alone, each with its argument, and there are no cases.
"""
import argparse
import atexit
import concurrent.futures
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TESTS, 'win'))
import cases  # noqa: E402

SUMMARY = re.compile(rb'^(\w+): (\d+) passed, (\d+) failed\r?$', re.M)
CMOCKA = re.compile(rb'^\[  (PASSED|FAILED)  \] (?:.*: )?(\d+) test\(s\)', re.M)


class Outcome:
    """What became of one process: its exit status (negative for a signal, None when it took too long),
    standard output and standard error."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        status = {None: 'took too long'}.get(self.code, f'exit status {self.code}')
        return f'{status}, stdout {self.out[-400:]!r}, stderr {self.err[-400:]!r}'


def run_process(command, directory, timeout, stdin=subprocess.DEVNULL, env=None, preexec=None):
    feed = stdin if isinstance(stdin, bytes) else None
    process = subprocess.Popen(command, cwd=directory, env=env, preexec_fn=preexec, start_new_session=True,
                               stdin=subprocess.PIPE if feed is not None else stdin,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(feed, timeout)
        return Outcome(process.returncode, out, err)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    try:
        out, err = process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        out, err = b'', b'(something that it has started holds its output)'
    return Outcome(None, out, err)


class Litewin:
    name = 'litewin'
    traced = False

    def __init__(self, loader):
        self.loader = os.path.abspath(loader)

    def command(self, program, arguments, options):
        return [self.loader, *options, program, *arguments]

    environment = None


class Traced(Litewin):
    """A program that is traced must behave as it does otherwise."""

    traced = True
    environment = dict(os.environ, LITEWIN_TRACE='1', LITEWIN_TRACE_OUTPUT='/dev/null')


class Wine:
    name = 'wine'

    def __init__(self, prefix):
        self.binary = shutil.which('wine64') or '/usr/lib/wine/wine64'
        self.environment = dict(os.environ, WINEPREFIX=prefix, WINEDEBUG='-all',
                                WINEDLLOVERRIDES='mscoree=;mshtml=')
        # What the first program starts of Wine's own would hold the program's output for as long as it lives.
        self.run_quietly('wineserver', '-p')
        self.run_quietly(self.binary, 'wineboot', '--init')
        atexit.register(self.run_quietly, 'wineserver', '-k')

    def run_quietly(self, *command):
        subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def command(self, program, arguments, options):
        assert not options, 'options are litewin-load\'s'
        return [self.binary, program, *arguments]


class Tally:
    """Counts the checks of one test and keeps what the failed ones had to say."""

    def __init__(self, name):
        self.name, self.passed, self.failed, self.complaints = name, 0, 0, []

    def check(self, condition, complaint):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            self.complaints.append(str(complaint))
        return bool(condition)

    def add(self, passed, failed, complaints):
        self.passed += passed
        self.failed += failed
        self.complaints += complaints

    def add_summary(self, outcome):
        """What a test that counts for itself says at its end, if its exit status agrees."""
        summary = SUMMARY.findall(outcome.out)
        if not summary:
            self.check(False, f'no summary: {outcome}')
            return
        passed, failed = int(summary[-1][1]), int(summary[-1][2])
        self.add(passed, failed, outcome.out.decode(errors='replace').splitlines()[:-1] if failed else [])
        if outcome.code != (failed != 0):
            self.check(False, f'its summary disagrees with its {outcome}')


class Context(Tally):
    """What a scripted case has to work with, for one architecture."""

    def __init__(self, name, system, programs, arch, timeout):
        super().__init__(f'{name} ({arch})')
        self.system, self.arch, self.timeout = system, arch, timeout
        self.on_wine = system.name == 'wine'
        self.programs = os.path.join(programs, arch)
        self.directory = tempfile.mkdtemp(prefix='litewin-test-')
        # Programs that run at the same time must not find each other's names.
        self.names = tempfile.mkdtemp(prefix='litewin-names-')

    def program(self, name):
        return os.path.join(self.programs, name)

    def helper(self, name):
        return os.path.join(self.programs, 'helpers', name)

    def run(self, program, *arguments, options=(), env=None, wrapper=(), **more):
        """Runs a Windows program; `env` is added to the environment, and None removes a variable; `wrapper` is a
        command that runs it."""
        environment = dict(self.system.environment or os.environ, LITEWIN_NAMES=self.names,
                           LITEWIN_REGISTRY=os.path.join(self.names, 'registry.reg'))
        for key, value in (env or {}).items():
            environment.pop(key, None)
            if value is not None:
                environment[key] = value
        command = [*wrapper, *self.system.command(program, arguments, options)]
        return run_process(command, self.directory, self.timeout, env=environment, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.rmtree(self.names, ignore_errors=True)


def run_program(name, path, system, programs, arch, timeout, arguments=()):
    """A program that checks itself: its summary must be there and agree with its exit status."""
    with Context(name, system, programs, arch, timeout) as context:
        context.add_summary(context.run(path, *arguments))
    return context


def run_script(name, command, timeout):
    tally = Tally(name)
    tally.add_summary(run_process(shlex.split(command), os.getcwd(), 10 * timeout))
    return tally


def run_case(name, function, system, programs, arch, timeout):
    with Context(name, system, programs, arch, timeout) as context:
        try:
            function(context)
        except Exception as error:  # a case that breaks is a failed check, not the end of the run
            context.check(False, f'{type(error).__name__}: {error}')
    return context


def run_unit(name, path, timeout):
    tally = Tally(name)
    directory = tempfile.mkdtemp(prefix='litewin-test-')
    outcome = run_process([path], directory, timeout)
    shutil.rmtree(directory, ignore_errors=True)
    text = outcome.err + outcome.out
    counts = {'PASSED': 0, 'FAILED': 0}
    for verdict, count in CMOCKA.findall(text):
        counts[verdict.decode()] += int(count)
    complaints = text.decode(errors='replace').splitlines() if counts['FAILED'] else []
    tally.add(counts['PASSED'], counts['FAILED'], complaints)
    if not counts['FAILED'] and (outcome.code != 0 or not counts['PASSED']):
        tally.check(False, outcome)
    return tally


def run_fuzzer(name, path, timeout):
    """Every input of the corpus once, without making new ones."""
    tally = Tally(name)
    corpus = os.path.join(TESTS, 'fuzz', 'corpus', name.removesuffix('_fuzz'))
    inputs = sorted(os.path.join(corpus, entry) for entry in os.listdir(corpus)) if os.path.isdir(corpus) else []
    directory = tempfile.mkdtemp(prefix='litewin-test-')
    outcome = run_process([path, *inputs], directory, timeout)
    shutil.rmtree(directory, ignore_errors=True)
    tally.check(inputs, f'there are no inputs in {corpus}')
    if tally.check(outcome.code == 0, outcome):
        tally.passed += len(inputs)
    return tally


def executables(folder):
    for entry in sorted(os.listdir(folder)):
        path = os.path.abspath(os.path.join(folder, entry))
        if '.' not in entry and os.path.isfile(path) and os.access(path, os.X_OK):
            yield entry, path


# Programs beside others, which start them.
STARTED_BY_OTHERS = {'uses_failing.exe', 'harness.exe', 'uncaught.exe'}


def self_checking_programs(folder):
    for entry in sorted(os.listdir(folder)):
        path = os.path.join(folder, entry)
        if entry.endswith('.exe'):
            yield entry[:-4], path
        elif os.path.exists(os.path.join(path, entry + '.exe')):
            for program in sorted(os.listdir(path)):
                if program.endswith('.exe') and program not in STARTED_BY_OTHERS:
                    name = program[:-4]
                    yield name if name == entry else f'{entry}/{name}', os.path.join(path, program)


def storms(path):
    """The programs of a list, each with its arguments."""
    with open(path) as file:
        lines = [line.split('#')[0].split() for line in file]
    return [(name, arguments) for name, *arguments in filter(None, lines)]


def jobs(options):
    """Every chosen test, as a function without arguments that returns its Tally."""
    def chosen(name):
        return not options.names or name in options.names

    system = Wine(options.prefix) if options.wine else (Traced if options.traced else Litewin)(options.loader)
    for first, programs in enumerate(map(os.path.abspath, options.programs)):
        for arch in ['x86_64'] if options.wine else options.arch.split(','):
            common = (system, programs, arch, options.timeout)
            for name, arguments in storms(options.storms) if options.storms and first == 0 else []:
                path = os.path.join(programs, arch, name + '.exe')
                if chosen(name):
                    yield lambda name=name, path=path, common=common, arguments=arguments: \
                        run_program(name, path, *common, arguments)
            if options.storms:
                continue
            for name, path in self_checking_programs(os.path.join(programs, arch)):
                if chosen(name):
                    yield lambda name=name, path=path, common=common: run_program(name, path, *common)
            for name, function in cases.all_cases(options.wine) if first == 0 else []:
                if chosen(name):
                    yield lambda name=name, f=function, common=common: run_case(name, f, *common)
    for command in options.script:
        name = os.path.splitext(os.path.basename(next(filter(os.path.exists, command.split()), command)))[0]
        if chosen(name):
            yield lambda name=name, command=command: run_script(name, command, options.timeout)
    for folder, run in [(options.unit, run_unit), (options.fuzz, run_fuzzer)]:
        for name, path in executables(folder) if folder else []:
            if chosen(name):
                yield lambda run=run, name=name, path=path: run(name, path, options.timeout)


def restore_signals():
    """A shell that runs this in the background, or nohup, has signals ignored, and ignored they would stay in
    every program under test."""
    for number in [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM]:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main():
    restore_signals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--loader', default='build/bin/litewin-load', metavar='PATH')
    parser.add_argument('--programs', metavar='DIR', action='append', default=[],
                        help='may be given more than once; the scripted cases use the first')
    parser.add_argument('--unit', metavar='DIR')
    parser.add_argument('--fuzz', metavar='DIR')
    parser.add_argument('--script', metavar='COMMAND', action='append', default=[],
                        help='a test of its own, which ends with such a summary')
    parser.add_argument('--storms', metavar='FILE', help='run the programs of that list instead of all')
    parser.add_argument('--traced', action='store_true', help='trace every program')
    parser.add_argument('--wine', action='store_true', help='run the 64-bit programs under Wine')
    parser.add_argument('--prefix', default='/tmp/litewin-wine', metavar='DIR', help='the WINEPREFIX to use')
    parser.add_argument('--arch', default='x86_64,i386', help='x86_64, i386 or both, with a comma')
    parser.add_argument('-j', '--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--timeout', type=float, default=60, help='seconds for each process')
    parser.add_argument('-v', '--verbose', action='store_true', help='name the tests that pass, too')
    parser.add_argument('names', nargs='*', metavar='NAME')
    options = parser.parse_args()

    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix='litewin-names-') as names, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        os.environ['LITEWIN_NAMES'] = names  # what other runs have is none of this one's business
        for future in [pool.submit(job) for job in jobs(options)]:
            tally = future.result()
            passed += tally.passed
            failed += tally.failed
            if tally.failed or options.verbose:
                print(f'{tally.name}: {tally.passed} passed, {tally.failed} failed')
                for complaint in tally.complaints:
                    print('    ' + complaint)
                sys.stdout.flush()
    print(f'{passed} passed, {failed} failed')
    return failed != 0 or passed == 0


if __name__ == '__main__':
    sys.exit(main())
