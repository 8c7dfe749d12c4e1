"""What a soak does to its nodes: traffic, questions and disturbances, each at a bounded rate."""
import collections
import itertools
import json
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from harness.namespaces import ip
from harness.nodes import AdminError, ThicketNode
from harness.pings import Pinger, socket_in

BULK_PORT = 9999
METRICS_PORT = 9100
PAGES = ('/metrics', '/healthz', '/status.json', '/', '/nothing-here')
# Requests that change the node are the churn's.
CHANGING = {'addpeer', 'removepeer', 'reload'}
GARBAGE = (b'{"request":"getse', b'nonsense\n', b'{"request":"nothing"}', b'[' * 100, b'{"request":"getself","arguments":7}')


class Outages:
    """Which nodes were killed and are not back yet."""

    def __init__(self):
        self._down, self._begun = set(), collections.Counter()

    def begin(self, node):
        self._begun[node] += 1
        self._down.add(node)

    def end(self, node):
        self._down.discard(node)

    def __contains__(self, node):
        return node in self._down

    def mark(self, node):
        """Differs before and after something that an outage may have disturbed."""
        return None if node in self._down else self._begun[node]


class Worker(threading.Thread):
    """Calls step() again and again until told to stop; an exception ends it and is kept."""

    def __init__(self, pause):
        super().__init__(daemon=True)
        self.pause, self.ending, self.problem = pause, threading.Event(), None

    def run(self):
        try:
            while not self.ending.wait(self.pause):
                self.step()
        except Exception as error:  # the main thread tells of it
            self.problem = error

    def stop(self):
        self.ending.set()
        self.join(60)


class Pings(Worker):
    """A round of pings between random pairs every second."""

    def __init__(self, nodes, seed, pairs=12):
        super().__init__(0.5)
        self.nodes, self.random, self.pairs = nodes, random.Random(seed), pairs
        self.pinger, self.sent, self.received = Pinger(nodes), 0, 0

    def step(self):
        pairs = list({tuple(self.random.sample(self.nodes, 2)) for _ in range(self.pairs)})
        self.sent += len(pairs)
        self.received += sum(self.pinger.answered(pairs, attempts=1, patience=1.5))

    def unanswered(self, seconds):
        """Pairs of all nodes, each to the next four, that do not answer within so many seconds."""
        count = len(self.nodes)
        missing = [(a, self.nodes[(i + k) % count]) for i, a in enumerate(self.nodes) for k in range(1, min(5, count))]
        deadline = time.monotonic() + seconds
        while missing and time.monotonic() < deadline:
            missing = [p for p, good in zip(missing, self.pinger.answered(missing, attempts=1)) if not good]
        return missing


class Bulk(Worker):
    """Datagrams of many sizes in bursts of two seconds, about 2 Mbit/s, from one random node to another."""
    SIZES = (100, 1200, 1200, 1400, 8000, 30000)
    BITS_PER_SECOND = 2e6

    def __init__(self, nodes, seed):
        super().__init__(0.5)
        self.nodes, self.random = nodes, random.Random(seed)
        self.sent = self.received = 0
        self.sockets = {}
        for node in nodes:
            self.sockets[node] = socket_in(node.namespace, socket.AF_INET6, socket.SOCK_DGRAM)
            self.sockets[node].bind(('::', BULK_PORT))
            self.sockets[node].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.sockets[node].setblocking(False)

    def step(self):
        source, target = self.random.sample(self.nodes, 2)
        end = time.monotonic() + 2
        while time.monotonic() < end and not self.ending.is_set():
            data = bytes(self.random.choice(self.SIZES))
            try:
                self.sockets[source].sendto(data, (target.address, BULK_PORT))
                self.sent += len(data)
            except OSError:
                pass  # the source is down just now
            time.sleep(len(data) * 8 / self.BITS_PER_SECOND)
            self._drain(target)
        time.sleep(0.3)
        self._drain(target)

    def _drain(self, node):
        while True:
            try:
                self.received += len(self.sockets[node].recv(65535))
            except BlockingIOError:
                return


class Queries(Worker):
    """Every request and page, and nonsense, of random nodes. `counts`: what -> answered, refused, down, hung."""
    IN_FLIGHT = 8

    def __init__(self, nodes, outages, seed, rate):
        super().__init__(1 / rate)
        self.nodes, self.outages, self.random = nodes, outages, random.Random(seed)
        self.counts = collections.defaultdict(collections.Counter)
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(self.IN_FLIGHT)
        self.free = threading.Semaphore(self.IN_FLIGHT)
        self.requests = {}
        for node in nodes:
            listed = node.admin('list')['list']
            self.requests[node] = sorted(e['command'] for e in listed if e['command'] not in CHANGING)

    def step(self):
        node = self.random.choice(self.nodes)
        other = self.random.choice(self.nodes)
        choice = self.random.random()
        if choice < 0.15 and isinstance(node, ThicketNode):
            self._later(node, *(self._page, self.random.choice(PAGES)))
        elif choice < 0.25:
            self._later(node, self._nonsense, self.random.choice(GARBAGE))
        else:
            name = self.random.choice(self.requests[node])
            arguments = {}
            if name in ('lookup', 'ping', 'trace', 'getnodeinfo') or name.startswith('debug_'):
                arguments['key'] = other.key
            self._later(node, self._ask, name, arguments)

    def _later(self, node, action, *arguments):
        self.free.acquire()
        self.pool.submit(self._counted, node, action, *arguments)

    def _counted(self, node, action, *arguments):
        try:
            what, outcome = action(node, *arguments)
        finally:
            self.free.release()
        with self.lock:
            self.counts[what][outcome] += 1

    def _guarded(self, node, what, action):
        before = self.outages.mark(node)
        try:
            return what, action()
        except AdminError:
            return what, 'refused'
        except (OSError, ValueError) as error:
            if before is None or before != self.outages.mark(node):
                return what, 'down'
            return what, 'hung' if isinstance(error, TimeoutError) else 'broken'

    def _ask(self, node, name, arguments):
        def get():
            node.admin(name, timeout=30, **arguments)
            return 'answered'
        return self._guarded(node, name, get)

    def _page(self, node, path):
        def get():
            with socket_in(node.namespace, socket.AF_INET, socket.SOCK_STREAM) as s:
                s.settimeout(30)
                s.connect(('127.0.0.1', METRICS_PORT))
                s.sendall(('GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n' % (path, METRICS_PORT)).encode())
                return 'answered' if _all_of(s).startswith(b'HTTP/1.1 ') else 'broken'
        return self._guarded(node, 'GET ' + path, get)

    def _nonsense(self, node, text):
        def send():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
                s.settimeout(30)
                s.connect(node.socket)
                s.sendall(text)
                s.shutdown(socket.SHUT_WR)
                _all_of(s)
            return 'answered'
        return self._guarded(node, 'nonsense', send)

    def stop(self):
        super().stop()
        self.pool.shutdown()


def _all_of(stream):
    data = b''
    while part := stream.recv(65536):
        data += part
    return data


class Churn:
    """Disturbances and their ends, from one thread: a node ends with the thread that started it."""

    def __init__(self, links, spare, mortal, outages, seed, pause=3.0):
        self.links, self.spare, self.mortal, self.outages = links, spare, mortal, outages
        self.random, self.pause = random.Random(seed), pause
        self.counts = collections.Counter()
        self.pending = []  # (when, number, action)
        self.busy = set()  # what is disturbed already
        self.next = time.monotonic()
        self.problems, self.numbers = [], itertools.count()

    def step(self):
        """Does what is due."""
        now = time.monotonic()
        self._finish(lambda when: when <= now)
        if now >= self.next:
            self.next = now + self.random.uniform(0.5, 1.5) * self.pause
            self.random.choices((self._kill, self._cut, self._add_peer, self._reload), (2, 4, 3, 3))[0]()

    def finish(self):
        """Ends all disturbances."""
        self._finish(lambda when: True)

    def _finish(self, due):
        ready = sorted(p for p in self.pending if due(p[0]))
        self.pending = [p for p in self.pending if p not in ready]
        for _, _, action in ready:
            action()

    def _until(self, thing, least, most, action):
        self.busy.add(thing)

        def end():
            action()
            self.busy.discard(thing)
        self.pending.append((time.monotonic() + self.random.uniform(least, most), next(self.numbers), end))

    def _pick(self, things):
        idle = [t for t in things if t not in self.busy]
        return self.random.choice(idle) if idle else None

    def _kill(self):
        node = self._pick(self.mortal)
        if node is None or not node.running():
            return
        self.counts['nodes killed'] += 1
        self.outages.begin(node)
        node.kill()

        def restart():
            node.process = node.namespace.spawn(*node.command(), log=node.log_file)  # the stale socket is its matter
            node.wait_ready()
            self.outages.end(node)
        self._until(node, 1, 8, restart)

    def _cut(self):
        link = self._pick(self.links)
        if link is None:
            return
        self.counts['links cut'] += 1
        node, device = link
        ip('-n', node.namespace.name, 'link', 'set', device, 'down')
        self._until(link, 1, 12, lambda: ip('-n', node.namespace.name, 'link', 'set', device, 'up'))

    def _change(self, node, request, **arguments):
        try:
            return node.admin(request, **arguments)
        except AdminError as error:
            if 'peer' not in request:  # a node that was restarted has forgotten what was added
                self.problems.append(str(error))
        except OSError as error:
            if node not in self.outages:
                self.problems.append('%s: %s: %s' % (node, request, error))

    def _add_peer(self):
        link = self._pick(self.spare)
        if link is None:
            return
        self.counts['peers added and removed'] += 1
        node, uri = link
        self._change(node, 'addpeer', uri=uri)
        self._until(link, 3, 20, lambda: self._change(node, 'removepeer', uri=uri))

    def _reload(self):
        """The configuration says something else, and after a while what it said before."""
        link = self._pick(self.spare)
        if link is None:
            return
        node, uri = link
        self.counts['reloads'] += 2

        def write(peers, name):
            node.config['Peers'], node.config['NodeInfo'] = peers, {'name': name}
            with open(node.config_file, 'w') as f:
                json.dump(node.config, f)
            self._change(node, 'reload')
        before = list(node.config['Peers'])
        write(before + [uri], '%s changed %d times' % (node.label, self.counts['reloads']))
        self._until(link, 3, 20, lambda: write([p for p in node.config['Peers'] if p != uri], node.label))
