#!/usr/bin/env python3
"""Checks that the documents say what is: links lead somewhere, and options are those of --help.

    docs_test.py LITEWIN-LOAD      ends with `docs: N passed, N failed`
"""
import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from checks import check, finish  # noqa: E402


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def check_links(document):
    for target in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', read(document)):
        check(f'{document}: {target} does not exist', os.path.exists(os.path.join(os.path.dirname(document), target)))


def check_options(help_text, document, text):
    documented = set(re.findall(r'--[a-z][a-z-]+', text))
    for option in sorted(set(re.findall(r'--[a-z][a-z-]+', help_text))):
        check(f'{document} does not have {option}', option in documented)


def check_named_files(document):
    """Files and folders of the tree that a document names in backquotes."""
    for name in re.findall(r'`((?:genthunks|kernel|loader|dlls|include|tests|bench|tools|docs|debugger)/[\w./*-]*)`', read(document)):
        imaginary = re.search(r'foo|demo', name)
        check(f'{document}: {name} does not exist', imaginary or glob.glob(name))


def main():
    command = os.path.abspath(sys.argv[1])
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
    help_text = subprocess.run([command, '--help'], capture_output=True, text=True, check=True).stdout
    documents = ['README.md', *sorted(glob.glob('docs/*.md'))]
    for document in documents:
        check_links(document)
        check_named_files(document)
    check_options(help_text, 'docs/command-line.md', read('docs/command-line.md'))
    check_options(help_text, 'docs/litewin-load.1', read('docs/litewin-load.1').replace('\\-', '-'))
    return finish('docs')


if __name__ == '__main__':
    sys.exit(main())
