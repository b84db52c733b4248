#!/usr/bin/env python3
"""Checks tools/trace-view: its table against --trace-summary, and its page in a browser.

    view_test.py LITEWIN-LOAD PROGRAMS

PROGRAMS/ARCH/helpers has the program that is traced. Ends with `view: N passed, N failed`.
"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from checks import check, finish  # noqa: E402
from browser import Browser  # noqa: E402

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/trace-view')
MANY = 100000  # calls of the large page


def view(*arguments, text=None):
    result = subprocess.run([sys.executable, TOOL, *arguments], input=text, capture_output=True, text=True, timeout=120)
    check(f'no traceback of {arguments}', 'Traceback' not in result.stderr, result.stderr)
    return result


class Writer:
    """Makes traces by hand. Times are microseconds."""

    def __init__(self):
        self.lines = []

    def put(self, time, thread, event, **members):
        self.lines.append(json.dumps({'timestamp': time, 'process_id': thread // 10, 'thread_id': thread, 'event': event, **members}))

    def call(self, time, thread, name, category='file_io', **arguments):
        dll, function = name.split('!')
        self.put(time, thread, 'call', dll=dll, function=function, category=category, args=arguments)

    def end(self, time, thread, name, event='return', **members):
        dll, function = name.split('!')
        self.put(time, thread, event, dll=dll, function=function, category='file_io', **({'return': 1} if event == 'return' else {}), **members)

    def whole(self, time, duration, thread, name, category='file_io', arguments={}, **members):
        self.call(time, thread, name, category, **arguments)
        self.end(time + duration, thread, name, **members)

    @property
    def text(self):
        return '\n'.join(self.lines) + '\n'


def rows_of(table):
    """function -> (own s, total s, slowest us, calls, failures)"""
    lines = table.splitlines()
    return {line.split()[-1]: tuple(float(word) for word in line.split()[1:3] + line.split()[4:7]) for line in lines[2:-2]}


# The table

def small_trace():
    """Two processes. a!Outer takes 100 us, 30 of them in two calls of b!Inner, of which one fails."""
    trace = Writer()
    trace.put(1, 10, 'load', category='dll', details='path="C:\\\\dir\\\\first.exe" base=0x400000 native')
    trace.call(10, 10, 'a!Outer', path='C:\\x "y"')
    trace.whole(20, 10, 10, 'b!Inner', 'memory')
    trace.whole(40, 20, 10, 'b!Inner', 'memory', failed=True, last_error=2, last_error_name='ERROR_FILE_NOT_FOUND')
    trace.call(70, 11, 'a!Other', 'threading', words='needle in hay')
    trace.end(110, 10, 'a!Outer', out={'written': '3'})
    trace.end(120, 11, 'a!Other', 'left', how='was left by unwinding')
    trace.call(130, 10, 'c!Jump', '')
    trace.end(139, 10, 'c!Jump', 'left', how="works on its caller's frame")
    trace.put(140, 10, 'exception', category='exception', details='code=0xc0000005 at=first.exe+0x10')
    trace.call(200, 25, 'a!Hangs', 'synchronization')
    trace.put(230, 25, 'thread-start', category='threading', details='start=0x1')
    return trace


def test_table():
    text = small_trace().text
    result = view(text=text)
    lines = result.stdout.splitlines()
    check('it succeeds', result.returncode == 0 and result.stderr == '', result)
    check('the head', lines[0] == '% own      own s        total s     own us/call  slowest us     calls    failed function', lines)
    check('a line', lines[2] == ' 38.89     0.000070     0.000100      70.000     100.000         1         0 a!Outer', lines[2])
    check('the sum', lines[-1].split() == ['100.00', '0.000180', '0.000210', '30.000', '100.000', '6', '1', 'total'], lines[-1])
    rows = rows_of(result.stdout)
    check('calls within', rows['b!Inner'] == (.00003, .00003, 20, 2, 1), rows)
    check('a call that was left', rows['a!Other'] == (.00005, .00005, 50, 1, 0), rows)
    check('a call that was passed by', rows['c!Jump'] == (0, 0, 0, 1, 0), rows)
    check('a call that does not return', rows['a!Hangs'] == (.00003, .00003, 30, 1, 0), rows)
    check('the order', [line.split()[-1] for line in lines[2:-2]] == ['a!Outer', 'a!Other', 'a!Hangs', 'b!Inner', 'c!Jump'], lines)

    def names(*options):
        return [line.split()[-1] for line in view(*options, text=text).stdout.splitlines()[2:-2]]

    check('--sort calls', names('--sort', 'calls')[0] == 'b!Inner')
    check('--sort failed', names('--sort=failed')[0] == 'b!Inner')
    check('--sort function', names('--sort=function') == ['a!Hangs', 'a!Other', 'a!Outer', 'b!Inner', 'c!Jump'])
    check('--sort slowest', names('--sort=slowest')[:2] == ['a!Outer', 'a!Other'])
    check('--filter', names('--filter', 'O*') == ['a!Outer', 'a!Other'])
    check('--filter with a DLL', names('--filter', 'b.dll!*', '--filter', 'Jump') == ['b!Inner', 'c!Jump'])
    check('--filter that excludes', names('--filter', '!a!*') == ['b!Inner', 'c!Jump'])
    top = view('--top', '2', text=text).stdout.splitlines()
    check('--top', top[2].endswith('a!Outer') and top[3].endswith('a!Other') and top[4].strip() == 'and 3 more' and
          top[-1].split()[-3:-1] == ['6', '1'], top)
    check('--help', all(word in view('--help').stdout for word in ('--html', '--sort', '--filter', '--top')))
    for wrong in (('--top', '0'), ('--sort', 'nothing'), ('/no/such/file',)):
        result = view(*wrong)
        check(f'{wrong}', result.returncode == 2 and result.stdout == '' and wrong[-1] in result.stderr, result)


def test_bad_lines(directory):
    lines = small_trace().lines
    bad = ['half of a li', '[1, 2]', '{"timestamp": 1}', lines[1].replace('"timestamp": 10', '"timestamp": "x"'),
           lines[3].replace('Inner', 'Nobody')]
    path = f'{directory}/bad.json'
    with open(path, 'w') as file:
        file.write('\n'.join([bad[0], *lines[:3], *bad[1:4], *lines[3:], '', bad[4], lines[1][:40]]))
    result = view(path)
    numbers = [int(number) for number in re.findall(r'bad\.json:(\d+): ', result.stderr)]
    check('bad lines have numbers', numbers == [1, 5, 6, 7, len(lines) + 6, len(lines) + 7] and result.returncode == 1, result)
    check('the rest is shown', rows_of(result.stdout) == rows_of(view(text=small_trace().text).stdout), result.stdout)
    result = view(text='[0.1] [TID:1] CALL   Nothing()\n' * 50)
    check('another format', result.returncode == 1 and result.stderr.count('\n') == 12 and '--trace-format json' in result.stderr, result)
    check('nothing at all', view(text='').returncode == 0)
    return path


def test_fibers():
    """Calls on two stacks: each has its place, though they overlap."""
    trace = Writer()
    trace.call(0, 10, 'a!First')
    trace.call(10, 10, 'a!Second')
    trace.end(20, 10, 'a!First')
    trace.whole(22, 2, 10, 'a!Third')
    trace.end(30, 10, 'a!Second')
    rows = rows_of(view(text=trace.text).stdout)
    check('calls that overlap', rows['a!First'][1] == .00002 and rows['a!Second'][1] == .00002 and rows['a!Third'][1] == .000002, rows)


def test_against_summary(loader, program, directory):
    """The same program's two traces have the same calls and failures."""
    def trace(*options):
        path = f'{directory}/trace'
        subprocess.run([loader, '--trace-output', path, *options, program, 'calls'], cwd=directory, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=60)
        return path

    def counts(table):
        return {name: row[3:] for name, row in rows_of(table).items()}

    viewed = view(trace('--trace-format', 'json'))
    with open(trace('--trace-summary')) as file:
        told = file.read()
    check('what --trace-summary says', counts(viewed.stdout) == counts(told) and len(counts(told)) > 20,
          sorted(counts(viewed.stdout).items() ^ counts(told).items()))
    check('in the same form', viewed.stdout.splitlines()[:2] == told.splitlines()[:2], viewed.stdout)
    check('no bad lines', viewed.stderr == '' and viewed.returncode == 0, viewed)


# The page

COLOURS = '''(async data => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + data;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const box = document.getElementById('tracks').getBoundingClientRect();
    const pixels = new Uint32Array(context.getImageData(GUTTER, box.top + RULER, box.width - GUTTER, box.height - RULER).data.buffer);
    const counts = new Map();
    for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    return [counts.size, Math.max(...counts.values()) / pixels.length, pixels[0] & 255];
})'''


def look(browser):
    """Of a picture of the timeline: how many colours, how much of it has the most frequent, and how bright it is."""
    return browser.evaluate(f'{COLOURS}({json.dumps(base64.b64encode(browser.screenshot()).decode())})')


def span(browser):
    return browser.evaluate('page.timeline.view.end - page.timeline.view.start')


def shown_rows(browser):
    return browser.evaluate('[...document.querySelectorAll("#list-rows .row")].map(row => row.textContent)')


def count_text(browser):
    return browser.evaluate('document.getElementById("count").textContent').replace('\u202f', '')


def test_small_page(browser, directory, bad):
    with open(f'{directory}/small.json', 'w') as file:
        file.write(small_trace().text)
    page = f'{directory}/small.html'
    result = view(f'{directory}/small.json', '--html', page)
    check('a page is made', result.returncode == 0 and result.stdout == '', result)
    with open(page) as file:
        source = file.read()
    check('it needs nothing else', not re.search(r'https?://|<link|src=|@import|url\(', source.replace(
        re.search(r'octet-stream">([^<]*)', source)[1], '')))
    browser.open(page)
    rows = shown_rows(browser)
    check('all rows', len(rows) == 9 and count_text(browser) == '9 lines', rows)
    check('a row', 'Outer(path=C:\\x "y")' in rows[1] and 'written=3' in rows[1] and '100.00 µs' in rows[1], rows[1])
    check('a failed row', 'ERROR_FILE_NOT_FOUND' in rows[3] and browser.evaluate('document.querySelectorAll(".row.failed").length') == 1, rows)
    check('a call that hangs', 'has not returned' in rows[7], rows[7])
    check('processes', browser.evaluate('page.timeline.tracks.map(t => t.heading?.text ?? "").join()') == 'first.exe 1,,process 2')
    check('nested calls lie below', browser.evaluate('page.timeline.tracks[0].rows.length') == 2)
    check('marks', browser.evaluate('page.timeline.tracks[0].marks.length') == 2)
    test_filters(browser)
    test_links(browser)
    browser.open(view_bad(bad, directory))
    check('bad lines are listed', '6 bad lines' in browser.evaluate('document.getElementById("problems-button").textContent') and
          browser.evaluate('document.querySelectorAll("#problems li")[1].textContent').startswith('line 5: '))


def view_bad(bad, directory):
    page = f'{directory}/bad.html'
    view(bad, '--html', page)
    return page


def test_filters(browser):
    def with_filter(change):
        browser.evaluate(f'{change}; page.applyFilter()')
        rows = [re.search(r'[A-Z]\w+(?=\()', row) for row in shown_rows(browser)]
        browser.evaluate('page.clearFilter()')
        return [match[0] if match else None for match in rows]

    check('by text', with_filter('byId("search").value = "NEEDLE"') == ['Other'])
    check('by error', with_filter('byId("search").value = "not_found"') == ['Inner'])
    check('by name', with_filter('byId("function").value = "O* !*er"') == [])
    check('by DLL', with_filter('byId("function").value = "b!*"') == ['Inner', 'Inner'])
    check('by category', with_filter('byId("category").value = "synchronization"') == ['Hangs'])
    check('without category', with_filter('byId("category").value = "other"') == ['Jump'])
    check('by thread', with_filter('byId("thread").value = "thread 1"') == ['Other'])
    check('by process', with_filter('byId("thread").value = "process 2"') == ['Hangs', None])
    check('failed', with_filter('byId("failed").checked = true') == ['Inner'])
    check('in view', with_filter('page.timeline.show(65000, 75000, true); byId("visible").checked = true') == ['Outer', 'Other'])
    browser.evaluate('page.timeline.showAll()')
    browser.rest_a_while()


def test_links(browser):
    place = browser.evaluate('''(() => {
        const {timeline} = page, track = timeline.tracks[0], box = timeline.canvas.getBoundingClientRect();
        return [box.left + timeline.xOf(50000), box.top + RULER - timeline.scroll + track.rowsTop + 1.5 * ROW];
    })()''')
    browser.mouse('mouseMoved', *place)
    browser.rest_a_while()
    check('the tip', 'ERROR_FILE_NOT_FOUND' in browser.evaluate('byId("tip").hidden ? "" : byId("tip").textContent'))
    browser.click(*place)
    check('a click in the timeline selects in the list', browser.evaluate('document.querySelector(".row.selected").textContent').count('Inner') == 1)
    check('and shows all of it', 'ERROR_FILE_NOT_FOUND' in browser.evaluate('byId("details").textContent'))
    browser.evaluate('page.timeline.show(0, 1000, true)')
    x, y = browser.evaluate('(() => { const box = document.querySelectorAll(".row")[7].getBoundingClientRect(); return [box.left + 300, box.top + 5]; })()')
    browser.click(x, y)
    check('a click in the list moves the timeline', browser.evaluate('page.selected') == 7 and
          browser.evaluate('page.timeline.view.start < 200000 && page.timeline.view.end > 200000'), browser.evaluate('page.timeline.view'))
    browser.press('0')


def many_calls():
    """Eight threads; every thousandth call fails, and one has a name of its own."""
    trace = Writer()
    for i in range(MANY // 2):
        thread, time = 10 + i % 8, i * .8
        name = 'kernel32!WriteFile' if i != 12345 else 'kernel32!Singular'
        trace.call(time, thread, name, 'file_io', handle=f'0x{i % 64 * 4:x}', length=i % 999)
        trace.whole(time + 1, 1, thread, 'ntdll!NtWriteFile', 'memory', **({'failed': True} if i % 500 == 7 else {}))
        trace.end(time + 4 + i % 3, thread, name)
    return trace.text


def test_large_page(browser, directory):
    page = f'{directory}/large.html'
    check('a large page', view('--html', page, text=many_calls()).returncode == 0)
    browser.open(page)
    rows = shown_rows(browser)
    check('only some rows are in the document', 5 < len(rows) < 60 and count_text(browser) == f'{MANY} lines', len(rows))
    colours, share, brightness = look(browser)
    check('the picture is not blank', colours > 8 and share < .95, (colours, share))
    browser.evaluate('page.turnTheme()')
    browser.rest_a_while()
    check('light and dark', abs(look(browser)[2] - brightness) > 100, look(browser))

    whole = span(browser)
    for keys, expected in (('ww', lambda now, before: now < before / 2), ('s', lambda now, before: now > before * 1.3)):
        before = span(browser)
        for key in keys:
            browser.press(key)
        check(f'the span after {keys}', expected(span(browser), before), (before, span(browser)))
    start = browser.evaluate('page.timeline.view.start')
    browser.press('d')
    check('d goes to the right', browser.evaluate('page.timeline.view.start') > start)
    browser.press('ArrowLeft')
    check('the arrow goes back', abs(browser.evaluate('page.timeline.view.start') - start) < whole / 100)
    for _ in range(12):
        browser.mouse('mouseWheel', 700, 200, deltaX=0, deltaY=-120)
    browser.rest_a_while()
    check('the wheel zooms', span(browser) < whole / 10, span(browser))
    check('names are drawn', look(browser)[0] > 20, look(browser))
    browser.press('0')
    check('0 shows everything', abs(span(browser) / whole - 1) < .01)

    browser.press('/')
    browser.type('singular')
    browser.wait('byId("count").textContent.startsWith("1 of")')
    check('the search', len(shown_rows(browser)) == 1 and 'Singular' in shown_rows(browser)[0], shown_rows(browser))
    browser.press('Enter')
    browser.press('Escape')
    browser.press('f')
    check('f zooms to what was found', span(browser) < whole / 1000 and 'Singular' in browser.evaluate('byId("details").textContent'), span(browser))
    browser.evaluate('page.clearFilter(); page.select(-1)')
    browser.press('n')
    check('n goes to a failed call', browser.evaluate('page.trace.hasFailed(page.selected)'))
    browser.evaluate('page.list.scrollToRow(1e9)')
    browser.rest_a_while()
    check('the last row', f'length={(MANY // 2 - 1) % 999}' in ' '.join(shown_rows(browser)[-3:]), shown_rows(browser)[-3:])
    browser.evaluate('byId("summary-tab").click()')
    check('the table', browser.evaluate('byId("summary").querySelectorAll("tbody tr").length') == 3)
    browser.evaluate('[...byId("summary").querySelectorAll("tbody tr")].find(row => row.textContent.includes("Singular")).click()')
    check('a row of it leads to its calls', count_text(browser) == f'1 of {MANY} lines', count_text(browser))
    browser.evaluate('page.clearFilter(); page.timeline.drawNow()')
    check('a frame is drawn in no time', browser.evaluate('page.timeline.frameTime') < 500, browser.evaluate('page.timeline.frameTime'))


def main():
    loader, programs = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix='litewin-view-') as directory:
        test_table()
        test_fibers()
        bad = test_bad_lines(directory)
        for arch in ('x86_64', 'i386'):
            test_against_summary(loader, f'{programs}/{arch}/helpers/traced.exe', directory)
        with Browser() as browser:
            test_small_page(browser, directory, bad)
            test_large_page(browser, directory)
            check('scripts without errors', not browser.errors, browser.errors)
    return finish('view')


if __name__ == '__main__':
    sys.exit(main())
