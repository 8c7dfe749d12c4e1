"""A headless Chromium, driven over its debugging pipe: no other program or package is needed."""
import base64
import json
import os
import select
import subprocess
import tempfile
import time


class Browser:
    """One browser with one page. `faults` collects whatever a person would find in the console."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory()
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()

        def at_3_and_4():
            # By way of numbers that are free: either could be 3 or 4 itself.
            os.dup2(to_browser, 100)
            os.dup2(from_browser, 101)
            os.dup2(100, 3)
            os.dup2(101, 4)
        self.process = subprocess.Popen(
            [program, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
             '--no-first-run', '--disable-background-networking', '--disable-component-update', '--no-proxy-server',
             '--remote-debugging-pipe', f'--user-data-dir={self.profile.name}', 'about:blank'],
            preexec_fn=at_3_and_4, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session = b'', 0, None
        self.faults, self.requests = [], []
        target = self.ask('Target.createTarget', url='about:blank')['targetId']
        self.session = self.ask('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.ask(domain + '.enable')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.out)  # it ends when its pipe does
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.into)
        self.profile.cleanup()

    def ask(self, method, timeout=60, **parameters):
        """Carries out one command; returns its result."""
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        deadline = time.monotonic() + timeout
        while True:
            reply = self.read(deadline)
            if reply.get('id') == self.number:
                if 'error' in reply:
                    raise AssertionError(f'{method}: {reply["error"]}')
                return reply['result']

    def read(self, deadline):
        while b'\0' not in self.buffer:
            if not select.select([self.into], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError('the browser does not answer')
            part = os.read(self.into, 1 << 16)
            if not part:
                raise AssertionError('the browser ended')
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b'\0')
        message = json.loads(line)
        self.take_event(message.get('method'), message.get('params', {}))
        return message

    def take_event(self, method, parameters):
        if method == 'Runtime.exceptionThrown':
            self.faults.append('exception: ' + json.dumps(parameters['exceptionDetails'])[:600])
        elif method == 'Runtime.consoleAPICalled':
            self.faults.append('console: ' + json.dumps(parameters['args'])[:600])
        elif method == 'Log.entryAdded':
            self.faults.append('log: {source}: {text} {url}'.format_map({'url': '', **parameters['entry']}))
        elif method == 'Network.requestWillBeSent':
            self.requests.append(parameters['request']['url'])

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page; promises are waited for."""
        result = self.ask('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise AssertionError(f'{expression}: {result["exceptionDetails"]}')
        return result['result'].get('value')

    def wait_for(self, expression, seconds=20):
        """Waits until the expression is true in the page."""
        deadline = time.monotonic() + seconds
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                raise AssertionError(f'{expression} is still not true; {self.faults}')
            time.sleep(0.05)

    def resize(self, width, height, dark=False):
        self.ask('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.ask('Emulation.setEmulatedMedia',
                 features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])

    def open(self, url):
        """Requests of the page before are forgotten."""
        self.ask('Page.navigate', url='about:blank')
        self.wait_for("location.href === 'about:blank'")
        self.requests.clear()
        self.ask('Page.navigate', url=url)

    def screenshot(self, path, whole=True):
        """Of the whole page, however long, or of what is in the window; returns its size in bytes."""
        image = base64.b64decode(self.ask('Page.captureScreenshot', captureBeyondViewport=whole)['data'])
        with open(path, 'wb') as file:
            file.write(image)
        return len(image)
