#!/usr/bin/env python3
"""Tests `litewin-load --dump`: ends with one line, `dump: N passed, N failed`.

    dump_test.py [--update] MAKE_PE COMMAND...

MAKE_PE is the program built from make_pe.c; COMMAND and a file's name dump that file. Dumps of special
programs are compared with golden/*.txt, which --update writes anew; dumps of MinGW's own DLLs are
compared with what objdump says of them.
"""
import difflib
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, 'golden')
GOLDEN_KINDS = ['naked', 'moved', 'high-low', 'no-lookup', 'delayed', 'tls', 'low-alignment', 'bss-only', 'dll',
                'hostile']
REFUSED_KINDS = ['arm64', 'ne', 'le', 'lx', 'dos', 'no-signature', 'truncated', 'elf']
PREFIXES = {'x86_64': 'x86_64-w64-mingw32', 'i386': 'i686-w64-mingw32'}
RUNTIME_DLLS = ['libssp-0.dll', 'libatomic-1.dll', 'libstdc++-6.dll']


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)


# Golden texts

def check_golden(kind, arch, dump, update):
    path = os.path.join(GOLDEN, f'{kind}-{arch}.txt')
    if update:
        with open(path, 'wb') as file:
            file.write(dump.stdout)
    with open(path, 'rb') as file:
        golden = file.read()
    if dump.stdout != golden:
        return '\n'.join(difflib.unified_diff(golden.decode().splitlines(),
                                              dump.stdout.decode(errors='replace').splitlines(),
                                              path, 'dump', lineterm=''))
    if dump.returncode != (kind == 'hostile'):
        return f'exit status {dump.returncode}'
    if re.search(rb'[^\n -~]', dump.stdout):
        return 'an unprintable character'
    return None


def check_refused(dump):
    if dump.returncode != 126:
        return f'exit status {dump.returncode}'
    if dump.stdout or not dump.stderr:
        return f'stdout {dump.stdout[:200]!r}, stderr {dump.stderr[:200]!r}'
    return None


# The same facts from both tools

HEADER_FIELDS = {  # ours: objdump's
    'checksum': 'CheckSum', 'preferred base': 'ImageBase', 'entry point': 'AddressOfEntryPoint',
    'size of image': 'SizeOfImage', 'size of headers': 'SizeOfHeaders', 'section alignment': 'SectionAlignment',
    'file alignment': 'FileAlignment', 'stack reserve': 'SizeOfStackReserve', 'stack commit': 'SizeOfStackCommit',
    'heap reserve': 'SizeOfHeapReserve', 'heap commit': 'SizeOfHeapCommit',
    'characteristics': 'Characteristics', 'DLL characteristics': 'DllCharacteristics',
}
DIRECTORIES = ['export', 'import', 'resource', 'exception', 'security', 'relocation', 'debug', 'architecture',
               'global', 'tls', 'load config', 'bound import', 'iat', 'delay import', 'com', 'reserved']


def facts_of_dump(text):
    parts = re.split(r'\n\n', text.rstrip('\n'))
    sections = {part.split('\n', 1)[0]: part for part in parts}

    def rows(title, pattern):
        return re.findall(pattern, sections.get(title, ''), re.M)

    headers = {name: int(value, 16)
               for name, value in rows('Headers', r'^  (\w[\w ]*?)  +(0x[0-9a-f]+)') if name in HEADER_FIELDS}
    imports, dll = [], None
    for line in sections.get('Imports', '').split('\n')[1:]:
        name = re.match(r'  (\S.*)$', line)
        if name:
            dll = name.group(1)
        entry = re.match(r'    [0-9a-f]{8}  (?: *(\d+)  (.*)| +#(\d+))$', line)
        if entry:
            imports.append((dll, entry.group(2) or '', int(entry.group(1) or entry.group(3))))
    exports = {}
    names = set()
    for ordinal, rva, name in rows('Exports', r'^ +(\d+)  ([0-9a-f]{8}|-       )(?:  (.*?))?$'):
        name, _, forwarder = name.partition(' -> ')
        exports[int(ordinal)] = forwarder or int(rva, 16)
        names.add((int(ordinal), name))
    return {
        'headers': headers,
        'sections': [(int(rva, 16), int(offset, 16)) for rva, offset in
                     rows('Sections', r'^  ([0-9a-f]{8})  [0-9a-f]{8}  ([0-9a-f]{8})')],
        'directories': {name: (int(rva, 16), int(size, 16)) for rva, size, name in
                        rows('Directories', r'^  ([0-9a-f]{8})  ([0-9a-f]{8})  (.*)$')},
        'relocations': {name: int(count) for name, count in rows('Base relocations', r'^  ([A-Z0-9]+) +(\d+)$')},
        'imports': imports, 'exports': exports, 'export names': names,
    }


def facts_of_objdump(text, section_text):
    headers = {}
    for ours, theirs in HEADER_FIELDS.items():
        headers[ours] = int(re.search(rf'^{theirs}\s+(?:0x)?([0-9a-f]+)', text, re.M).group(1), 16)
    base = headers['preferred base']
    directories = {}
    for index, rva, size in re.findall(r'^Entry ([0-9a-f]) ([0-9a-f]+) ([0-9a-f]+)', text, re.M):
        if int(rva, 16) or int(size, 16):
            directories[DIRECTORIES[int(index, 16)]] = (int(rva, 16), int(size, 16))
    imports, dll = [], None
    for line in text.split('\n'):
        name = re.match(r'\tDLL Name: (.*)$', line)
        if name:
            dll = name.group(1)
        entry = re.match(r'\t([0-9a-f]+)\t +(\d+)  (.*?)$', line)
        if entry and dll:
            imports.append((dll, '' if entry.group(3) == '<none>' else entry.group(3), int(entry.group(2))))
    exports = {}
    for ordinal, rva, forwarder in re.findall(
            r'^\t\[ *\d+\] \+base\[ *(\d+)\] ([0-9a-f]+) (?:Export RVA|Forwarder RVA -- (.*))$', text, re.M):
        exports[int(ordinal)] = forwarder or int(rva, 16)
    ordinal_base = re.search(r'^Ordinal Base \t\t\t(\d+)', text, re.M)
    names = {(int(index) + int(ordinal_base.group(1)), name)
             for index, name in re.findall(r'^\t\[ *(\d+)\] (?!\+base)(.*)$', text, re.M)}
    relocations = {}
    for kind in re.findall(r'^\treloc +\d+ offset +[0-9a-f]+ \[[0-9a-f]+\] (\w+)', text, re.M):
        relocations[kind] = relocations.get(kind, 0) + 1
    sections = [(int(vma, 16) - base, int(offset, 16)) for vma, offset in
                re.findall(r'^ +\d+ \S+ +[0-9a-f]{8} +([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+)', section_text, re.M)]
    return {'headers': headers, 'sections': sections, 'directories': directories, 'relocations': relocations,
            'imports': imports, 'exports': exports, 'export names': names}


def check_against_objdump(path, prefix, dump):
    if dump.returncode != 0:
        return f'exit status {dump.returncode}, {dump.stderr[:200]!r}'
    objdump = prefix + '-objdump'
    theirs = facts_of_objdump(run(objdump, '-p', path).stdout.decode(), run(objdump, '-h', path).stdout.decode())
    ours = facts_of_dump(dump.stdout.decode())
    for subject, expected in theirs.items():
        if not expected:
            return f'objdump tells no {subject}, so that nothing is compared'
        if ours[subject] != expected:
            return f'{subject} differ:\n  dump    {str(ours[subject])[:600]}\n  objdump {str(expected)[:600]}'
    return None


# All of it

def checks(make_pe, command, update, directory):
    for arch in PREFIXES:
        for kind in GOLDEN_KINDS + REFUSED_KINDS:
            path = os.path.join(directory, f'{kind}-{arch}')
            subprocess.run([make_pe, kind, arch, path], check=True)
            dump = run(*command, path)
            failure = check_refused(dump) if kind in REFUSED_KINDS else check_golden(kind, arch, dump, update)
            yield f'{kind} ({arch})', failure
        for dll in RUNTIME_DLLS:
            found = glob.glob(f'/usr/lib/gcc/{PREFIXES[arch]}/*/{dll}')
            yield f'{dll} ({arch})', (check_against_objdump(found[0], PREFIXES[arch], run(*command, found[0]))
                                      if found else 'not installed')


def main():
    arguments = sys.argv[1:]
    update = arguments[:1] == ['--update']
    if update:
        arguments = arguments[1:]
    if len(arguments) < 2:
        sys.exit(__doc__)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for name, failure in checks(arguments[0], arguments[1:], update, directory):
            if failure:
                print(f'FAILED {name}: {failure}')
                failed += 1
            else:
                passed += 1
    print(f'dump: {passed} passed, {failed} failed')
    sys.exit(failed != 0)


if __name__ == '__main__':
    main()
