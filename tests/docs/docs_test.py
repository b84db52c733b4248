#!/usr/bin/env python3
"""Checks that the documents say what is: links lead somewhere, and options are those of --help.

    docs_test.py LITEWIN-LOAD      ends with `docs: N passed, N failed`
"""
import glob
import os
import re
import subprocess
import sys

passed = failed = 0


def check(condition, what):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f'    {what}')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def check_links(document):
    for target in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', read(document)):
        check(os.path.exists(os.path.join(os.path.dirname(document), target)), f'{document}: {target} does not exist')


def check_options(help_text, document, text):
    documented = set(re.findall(r'--[a-z][a-z-]+', text))
    for option in sorted(set(re.findall(r'--[a-z][a-z-]+', help_text))):
        check(option in documented, f'{document} does not have {option}')


def check_named_files(document):
    """Files and folders of the tree that a document names in backquotes."""
    for name in re.findall(r'`((?:genthunks|kernel|loader|dlls|include|tests|bench|tools|docs|debugger)/[\w./*-]*)`', read(document)):
        imaginary = re.search(r'foo|demo', name)
        check(imaginary or glob.glob(name), f'{document}: {name} does not exist')


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
    print(f'docs: {passed} passed, {failed} failed')
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
