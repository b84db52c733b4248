"""Drives a Chromium without a window by the DevTools protocol, over a pair of pipes.

As a command it makes a picture of a page: browser.py PAGE OUT.png [WIDTH HEIGHT [EXPRESSION]]
"""
import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

LONGEST = 60  # seconds for anything


class Browser:
    """A browser with one page, in which nothing glides. What its scripts throw is in `errors`."""

    def __init__(self, width=1400, height=900):
        self.directory = tempfile.mkdtemp(prefix='litewin-browser-')
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()
        command = shutil.which('chromium') or shutil.which('google-chrome')
        if not command:
            raise OSError('there is no chromium; `tools/packages check` installs it')
        # The browser reads from descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ['sh', '-c', f'exec "$@" 3<&{to_browser} 4>&{from_browser}', 'sh', command, '--headless', '--no-sandbox',
             '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions', '--hide-scrollbars',
             '--disable-background-networking', '--remote-debugging-pipe', f'--user-data-dir={self.directory}',
             f'--window-size={width},{height}', 'about:blank'],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.last, self.session, self.errors = b'', 0, None, []
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self.call('Runtime.enable')
        self.call('Page.enable')
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-reduced-motion', 'value': 'reduce'}])
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        os.close(self.output)
        os.close(self.input)
        shutil.rmtree(self.directory, ignore_errors=True)

    def receive(self, deadline):
        while b'\0' not in self.rest:
            ready, _, _ = select.select([self.input], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.input, 1 << 20) if ready else b''
            if not piece:
                raise TimeoutError('the browser does not answer')
            self.rest += piece
        message, _, self.rest = self.rest.partition(b'\0')
        return json.loads(message)

    def call(self, method, **parameters):
        self.last += 1
        message = {'id': self.last, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.output, json.dumps(message).encode() + b'\0')
        deadline = time.monotonic() + LONGEST
        while True:
            answer = self.receive(deadline)
            if answer.get('method') == 'Runtime.exceptionThrown':
                self.errors.append(answer['params']['exceptionDetails'].get('exception', {}).get('description', 'an exception'))
            if answer.get('id') == self.last:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]["message"]}')
                return answer['result']

    def evaluate(self, expression):
        result = self.call('Runtime.evaluate', expression=expression, awaitPromise=True, returnByValue=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(result['exceptionDetails']['exception'].get('description', expression))
        return result['result'].get('value')

    def wait(self, expression):
        """Until it is true."""
        deadline = time.monotonic() + LONGEST
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                raise TimeoutError(f'never true: {expression}')
            time.sleep(.02)

    def open(self, path):
        self.call('Page.navigate', url='file://' + os.path.abspath(path))
        self.wait('document.documentElement?.dataset.ready === "true"')
        self.rest_a_while()

    def rest_a_while(self):
        """Until the timeline has come to rest and is drawn."""
        self.evaluate('new Promise(done => { const wait = () => page.timeline.frame ? requestAnimationFrame(wait) : done(true); '
                      'requestAnimationFrame(() => requestAnimationFrame(wait)); })')

    def press(self, key):
        text = '\r' if key == 'Enter' else key if len(key) == 1 else ''
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=text)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key)
        self.rest_a_while()

    def type(self, text):
        self.call('Input.insertText', text=text)

    def mouse(self, kind, x, y, **more):
        self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, **more)

    def click(self, x, y):
        for kind in 'mouseMoved', 'mousePressed', 'mouseReleased':
            self.mouse(kind, x, y, **({} if kind == 'mouseMoved' else {'button': 'left', 'clickCount': 1}))
        self.rest_a_while()

    def screenshot(self):
        return base64.b64decode(self.call('Page.captureScreenshot', format='png')['data'])


def main():
    page, out, *rest = sys.argv[1:]
    width, height = (int(word) for word in rest[:2]) if len(rest) >= 2 else (1400, 900)
    with Browser(width, height) as browser:
        browser.open(page)
        for expression in rest[2:]:
            browser.evaluate(expression)
            browser.rest_a_while()
        with open(out, 'wb') as file:
            file.write(browser.screenshot())
        print(browser.evaluate('page.timeline.frameTime'), browser.errors)


if __name__ == '__main__':
    main()
