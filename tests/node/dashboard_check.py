#!/usr/bin/env python3
"""Opens the dashboard in headless Chromium: that of a live node, and the same page with what strangers might say.

Usage: dashboard_check.py CHROMIUM THICKET [FOLDER]      FOLDER: where screenshots are kept
"""
import http.client
import http.server
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from browser import Browser

SIZES = (('desktop', 1200, 900, False), ('desktop-dark', 1200, 900, True), ('phone', 390, 844, False),
         ('phone-dark', 390, 844, True), ('narrow', 320, 640, False))
SHOWN = "document.querySelector('main')?.hidden === false"
MARKUP = '<img src=x onerror=alert(1)><b>bold</b>'


class Nodes:
    """A line of nodes on loopback, each the peer of the one before; the last serves the dashboard."""

    def __init__(self, program, count):
        self.program, self.processes = program, []
        self.folder = tempfile.TemporaryDirectory()
        port = 0
        for i in range(count):
            peers = [f'tcp://127.0.0.1:{port}'] if i else []
            port = self.start(i, peers)
        self.metrics = self.logged(count - 1, r'http://127\.0\.0\.1:(\d+)/')

    def start(self, i, peers):
        config = Path(self.folder.name, f'{i}.conf')
        key = json.loads(subprocess.run([self.program, 'genconf', '--json'], capture_output=True, check=True).stdout)['PrivateKey']
        config.write_text(json.dumps({
            'PrivateKey': key, 'IfName': 'none', 'AdminListen': 'none', 'MulticastInterfaces': [], 'Peers': peers,
            'Listen': ['tcp://127.0.0.1:0'], 'MetricsListen': '127.0.0.1:0'}))
        config.chmod(0o600)
        with open(Path(self.folder.name, f'{i}.log'), 'w') as log:
            self.processes.append(subprocess.Popen([self.program, 'run', '--config', config], stdin=subprocess.DEVNULL,
                                                   stdout=log, stderr=subprocess.STDOUT))
        return self.logged(i, r'listening at .*, port (\d+)')

    def logged(self, i, pattern, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            log = Path(self.folder.name, f'{i}.log').read_text()
            if found := re.search(pattern, log):
                return int(found[1])
            time.sleep(0.02)
        raise AssertionError(f'no {pattern} in the log:\n{log}')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)
        self.folder.cleanup()


class Imposter:
    """Serves the page of a real node, headers included, but a status of our own."""

    def __init__(self, port, status):
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
        connection.request('GET', '/')
        reply = connection.getresponse()
        page, headers = reply.read(), [h for h in reply.getheaders() if h[0] not in ('Connection', 'Content-Length')]
        imposter = self
        self.status = status

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = {'/': (page, headers), '/status.json': (imposter.status, [('Content-Type', 'application/json')])}
                body, fields = known.get(self.path, (None, None))
                self.send_response(200 if body else 503)
                for name, value in fields or ():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body or b'')

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()


def hostile_status(real):
    """A status as large as it can be, with markup wherever there is text, and figures at their ends."""
    rng = random.Random(1)
    key = lambda: ''.join(rng.choices('0123456789abcdef', k=64))
    address = lambda: '200:' + ':'.join('%x' % rng.randrange(0x1000, 0x10000) for _ in range(7))
    node = {**real['node'], 'uptime': 1e8, 'coordinates': list(range(1, 60))}
    top, tree = key(), []
    chain = [top]
    for _ in range(40):
        chain.append(key())
    chain.append(node['key'])
    for child, parent in zip(chain, [top] + chain):
        tree.append({'key': child, 'parent': parent, 'address': address(), 'sequence': 1})
    peers = []
    for i in range(200):
        up = i < 150
        peer = {'remote': 'tls://' + 'very-long-name.' * 12 + f'example.net:{i}?' + MARKUP, 'up': up, 'inbound': i % 2 == 0,
                'key': key() if up else '', 'port': i, 'priority': 0, 'cost': 2**53}
        if up:
            peer.update(address=address(), bytes_recvd=2**63, bytes_sent=0, uptime=1e9, rate_recvd=2**40, latency=6e10,
                        agent=MARKUP, capabilities=[MARKUP, 'dht/1'])
            tree.append({'key': peer['key'], 'parent': rng.choice(tree)['key'], 'address': peer['address'], 'sequence': 1})
        else:
            peer.update(last_error=MARKUP + ' ' + 'x' * 300, last_error_time=1)
        peers.append(peer)
    # A circle and an orphan, which no node should ever tell.
    a, b = key(), key()
    tree += [{'key': a, 'parent': b, 'address': MARKUP, 'sequence': 1}, {'key': b, 'parent': a, 'address': MARKUP, 'sequence': 1},
             {'key': key(), 'parent': key(), 'address': MARKUP, 'sequence': 1}]
    sessions = [{'key': key(), 'address': address(), 'bytes_recvd': 2**50, 'bytes_sent': 1, 'uptime': 59.9, 'agent': MARKUP}
                for _ in range(200)]
    problems = [{'problem': MARKUP, 'reason': MARKUP + ' and ' + 'y' * 200}]
    return {**real, 'node': node, 'health': {'healthy': False, 'problems': problems},
            'peers': {'total': 1000, 'up': 900, 'shown': peers}, 'tree': {'total': 5000, 'shown': tree},
            'sessions': {'total': 9000, 'shown': sessions}}


class Check:
    def __init__(self, browser, folder):
        self.browser, self.folder, self.faults = browser, folder, []

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)

    def page(self, name, port, sizes=SIZES):
        """Looks at the page in these sizes."""
        for size, width, height, dark in sizes:
            place = f'{name}, {size}'
            self.browser.resize(width, height, dark)
            self.browser.open(f'http://127.0.0.1:{port}/')
            self.browser.wait_for(SHOWN)
            overflow = self.browser.evaluate('document.documentElement.scrollWidth - innerWidth')
            self.expect(overflow <= 0, f'{place}: {overflow} wider than the window')
            self.expect(self.browser.screenshot(self.folder / f'{name}-{size}.png', name == 'live') > 10_000, f'{place}: the screenshot is empty')
            strange = self.browser.evaluate(
                "[...document.querySelectorAll('main *')].filter((e) => e.matches('img, b b, script, iframe')).length")
            self.expect(strange == 0, f'{place}: text became markup')
            wrong = self.browser.evaluate("/NaN|undefined|null|Infinity|\\[object/.exec(document.body.innerText)?.[0]")
            self.expect(wrong is None, f'{place}: it says {wrong}')
            own = re.compile(rf'http://127\.0\.0\.1:{port}/(status\.json)?$|data:,$')
            self.expect(all(own.match(url) for url in self.browser.requests), f'{place}: it loads {set(self.browser.requests)}')
        self.expect(not self.browser.faults, f'{name}: {self.browser.faults}')

    def live(self, port):
        text = lambda selector: self.browser.evaluate(f"document.querySelector('{selector}').innerText")
        status = json.load(http_get(port, '/status.json'))
        self.expect(text('#health') == 'healthy', f'it says {text("#health")}')
        self.expect(status['node']['address'] in text('#names'), 'our address is not there')
        self.expect(status['peers']['shown'][0]['address'] in text('#peers'), 'the peer is not there')
        drawn = self.browser.evaluate("document.querySelectorAll('#tree circle').length")
        self.expect(drawn == len(status['tree']['shown']) >= 2, f'{drawn} nodes drawn of {len(status["tree"]["shown"])}')
        self.expect(self.browser.evaluate("document.querySelectorAll('#tree .self').length") == 1, 'we are not in the tree')
        # It keeps itself up to date, without touching what has not changed.
        self.browser.evaluate("window.row = document.querySelector('#peers tbody tr'); 0")
        before = text('#age')
        self.browser.wait_for(f"document.querySelector('#age').innerText !== {json.dumps(before)}")
        self.expect(self.browser.evaluate("window.row.isConnected"), 'rows are made anew each time')


def http_get(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    connection.request('GET', path)
    return connection.getresponse()


def wait_healthy(port, seconds=20):
    deadline = time.monotonic() + seconds
    while http_get(port, '/healthz').status != 200:
        if time.monotonic() > deadline:
            raise AssertionError('the node is not healthy')
        time.sleep(0.05)


def run(chromium, thicket, folder):
    with Nodes(thicket, 4) as nodes, Browser(chromium) as browser:
        wait_healthy(nodes.metrics)
        check = Check(browser, folder)
        check.page('live', nodes.metrics)
        check.live(nodes.metrics)
        status = hostile_status(json.load(http_get(nodes.metrics, '/status.json')))
        with Imposter(nodes.metrics, json.dumps(status).encode()) as imposter:
            check.page('hostile', imposter.port, SIZES[::2])
            drawn = browser.evaluate("document.querySelectorAll('#tree circle').length")
            check.expect(drawn == len(status['tree']['shown']) - 2, f'{drawn} nodes drawn: all but the circle should be')
            check.expect(browser.evaluate("document.querySelectorAll('#peers tbody tr').length") == 200, 'not all peers are there')
            # The node goes away, and comes back.
            good, imposter.status = imposter.status, b''
            browser.wait_for("document.querySelector('#health').innerText === 'the node does not answer'")
            imposter.status = good
            browser.wait_for("document.querySelector('#health').innerText === 'unhealthy'")
        return check.faults


def main():
    chromium, thicket, *kept = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(kept[0] if kept else temporary)
        os.makedirs(folder, exist_ok=True)
        faults = run(chromium, thicket, folder)
    print('\n'.join(faults))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
