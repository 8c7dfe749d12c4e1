"""Nodes of a mesh: ours and stock Yggdrasil, behind one interface."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from .namespaces import wait_for

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
THICKET = os.environ.get('THICKET_BINARY', os.path.join(REPOSITORY, 'build/node/thicket'))
PORT = 7000
_TICKS = os.sysconf('SC_CLK_TCK')


class AdminError(AssertionError):
    """The daemon answered a request with an error."""


class Node:
    """One daemon in a namespace of its own. It is configured until start()."""

    kind = None

    def __init__(self, world, label, keys):
        self.world, self.label, self.keys = world, label, keys
        self.namespace = world.namespace(label)
        self.address, self.key = keys.address, keys.public
        self.folder = world.folder
        self.socket = os.path.join(self.folder, label + '.sock')
        self.config_file = os.path.join(self.folder, label + '.conf')
        self.log_file = os.path.join(self.folder, label + '.log')
        self.process, self.started = None, None
        self.config = {
            'PrivateKey': keys.private, 'Peers': [], 'Listen': [], 'AdminListen': 'unix://' + self.socket,
            'MulticastInterfaces': [], 'AllowedPublicKeys': [], 'IfName': 'tun0', 'IfMTU': 65535,
            'NodeInfo': {'name': label},
        }

    def __repr__(self):
        return '%s(%s)' % (self.label, self.kind)

    def command(self):
        raise NotImplementedError

    # --- life
    def start(self):
        with open(self.config_file, 'w') as f:
            json.dump(self.config, f, indent=1)
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.started = time.monotonic()
        self.process = self.namespace.spawn(*self.command(), log=self.log_file)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self, seconds=15):
        """Waits until the administration socket answers."""
        def answers():
            if not self.running():
                raise AssertionError('%s ended with %s at start:\n%s' % (self, self.process.returncode, self.log()[-2000:]))
            try:
                return self.admin('getself')
            except OSError:
                return None
        return wait_for(answers, seconds, '%s answers on its administration socket' % self, interval=0.01)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def terminate(self, seconds=10):
        """SIGTERM; returns the seconds until it ended."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        return time.monotonic() - begin

    # --- what it says
    def log(self):
        with open(self.log_file, errors='replace') as f:
            return f.read()

    def bad_log_lines(self):
        """Lines that tell of something that must not happen."""
        return [l for l in self.log().splitlines()
                if re.search(r'\[(error|critical)\]|\berror\b|panic|fatal|invariant|AddressSanitizer|runtime error', l, re.I)]

    def admin(self, request, timeout=10, **arguments):
        """One request on the administration socket; returns the response."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(timeout)
            s.connect(self.socket)
            s.sendall(json.dumps({'request': request, 'arguments': arguments}).encode())
            data = b''
            while True:
                part = s.recv(65536)
                data += part
                if not part:
                    break
        reply = json.loads(data)
        if reply.get('status') != 'success':
            raise AdminError('%s: %s: %s' % (self, request, reply.get('error')))
        return reply['response']

    def peers_up(self):
        """Entries of getPeers whose link is up (the stock daemon has keyless ones during a handshake)."""
        return [p for p in self.admin('getpeers')['peers'] or [] if p['up'] and p['key']]

    def root(self):
        """The root's key as this node sees it, or None while its ancestry has a gap."""
        parents = {e['key']: e['parent'] for e in self.admin('gettree')['tree']}
        key, seen = self.key, set()
        while key in parents and key not in seen:
            if parents[key] == key:
                return key
            seen.add(key)
            key = parents[key]
        return None

    # --- what it uses
    def rss_kb(self):
        with open('/proc/%d/status' % self.process.pid) as f:
            return next(int(l.split()[1]) for l in f if l.startswith('VmRSS'))

    def cpu_seconds(self):
        with open('/proc/%d/stat' % self.process.pid) as f:
            fields = f.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    # --- its IPv6 side
    def has_tun(self):
        return 'tun0:' in self.namespace.run('cat', '/proc/net/dev').stdout

    def ping(self, other, count=1, interval=0.2, wait=2, size=56, extra=()):
        """Pings; returns (sent, received, round trips in ms)."""
        done = self.namespace.run('ping', '-6', '-n', '-c', str(count), '-i', str(interval), '-W', str(wait), '-s',
                                  str(size), *extra, other.address, timeout=count * interval + wait + 30)
        counts = re.search(r'(\d+) packets transmitted, (\d+) received', done.stdout)
        times = [float(t) for t in re.findall(r'time=([\d.]+) ms', done.stdout)]
        return (int(counts[1]), int(counts[2]), times) if counts else (0, 0, [])

    def first_answer(self, other, seconds):
        """Pings until the first answer; returns the seconds it took, or raises Timeout."""
        begin = time.monotonic()
        deadline = begin + seconds

        def answered():
            left = max(1, int(deadline - time.monotonic()))
            done = self.namespace.run('ping', '-6', '-n', '-q', '-c', '1', '-i', '0.1', '-w', str(left), other.address,
                                      timeout=left + 10)
            return done.returncode == 0
        wait_for(answered, seconds, 'first ping %s to %s' % (self, other), interval=0.02)
        return time.monotonic() - begin


class ThicketNode(Node):
    kind = 'thicket'

    def command(self):
        return (THICKET, 'run', '--config', self.config_file)


class StockNode(Node):
    kind = 'stock'
    settled, log_begin = None, 0

    def start(self):
        self.log_begin = len(self.log()) if os.path.exists(self.log_file) else 0
        return super().start()

    def command(self):
        return ('yggdrasil', '-useconffile', self.config_file, '-loglevel', 'info')

    def admin(self, request, timeout=10, **arguments):
        self._settle(timeout)
        return super().admin(request, timeout, **arguments)

    def _settle(self, timeout):
        """Stock 0.5.12 dies ("concurrent map read and map write") of a request that comes while it still registers
        handlers, the last of them right after the TUN's lines in its log. Nothing outside tells when that is done."""
        if self.settled is self.process:
            return
        process = self.process
        last_line = 'admin socket listening' if self.config['IfName'] == 'none' else 'Interface MTU'
        wait_for(lambda: process.poll() is not None or last_line in self.log()[self.log_begin:], timeout,
                 '%s has its TUN' % self, interval=0.01)
        time.sleep(0.05)
        self.settled = process


def ours():
    """The class under test. THICKET_INTEROP_OURS=stock checks the harness itself against the stock daemon."""
    return StockNode if os.environ.get('THICKET_INTEROP_OURS') == 'stock' else ThicketNode


def require_daemons():
    """Why the daemons cannot be run, or None."""
    if not shutil.which('yggdrasil'):
        return 'stock Yggdrasil is missing; tests/run.sh installs it'
    if ours() is ThicketNode and not os.access(THICKET, os.X_OK):
        return '%s is missing; build it first' % THICKET
    version = subprocess.run(('yggdrasil', '-version'), capture_output=True, text=True).stdout
    if not re.search(r'0\.5\.', version):
        return 'stock Yggdrasil 0.5 is needed, found: ' + version.strip()
    return None
