"""Counted checks, for the tests that are scripts of their own."""

SHOWN_LINES, SHOWN_WIDTH = 40, 400

passed = failed = 0


def check(what, condition, seen=None):
    """Counts a check. One that fails says what was to hold, and the end of what was seen instead."""
    global passed, failed
    if condition:
        passed += 1
        return
    failed += 1
    print(f'    {what}' + ('' if seen is None else ':'))
    for line in str('' if seen is None else seen).splitlines()[-SHOWN_LINES:]:
        print(f'        {line[:SHOWN_WIDTH]}')


def finish(name):
    """Says how many passed. Returns the script's exit status."""
    print(f'{name}: {passed} passed, {failed} failed')
    return failed != 0
