"""Network namespaces wired with veth pairs, and processes in them. Everything made here goes away again."""
import atexit
import ctypes
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

PREFIX = 'thk%d-' % os.getpid()
_libc = ctypes.CDLL(None, use_errno=True)
_worlds = set()
_numbers = itertools.count()


class Timeout(AssertionError):
    """A condition did not come true in time."""


def wait_for(condition, seconds, what, interval=0.05):
    """Polls until condition() is truthy and returns its value; raises Timeout after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Timeout('not within %g s: %s' % (seconds, what() if callable(what) else what))
        time.sleep(interval)


def ip(*args, check=True):
    """Runs one ip(8) command."""
    done = subprocess.run(('ip',) + args, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError('ip %s: %s' % (' '.join(args), done.stderr.strip()))
    return done.stdout


def ip_batch(lines):
    """Runs many ip(8) commands at once."""
    done = subprocess.run(('ip', '-batch', '-'), input='\n'.join(lines) + '\n', capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError('ip -batch: ' + done.stderr.strip())


def _end_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Namespace:
    """One network namespace; `links` counts the veth ends in it."""

    def __init__(self, world, label):
        self.world, self.label = world, label
        self.name = world.prefix + label
        self.links = 0
        world.namespaces.append(self)
        ip('netns', 'add', self.name)
        ip('-n', self.name, 'link', 'set', 'lo', 'up')

    def command(self, *args):
        return ('ip', 'netns', 'exec', self.name) + args

    def run(self, *args, timeout=60, check=False):
        """Runs a command to its end; the result has returncode, stdout and stderr."""
        done = subprocess.run(self.command(*args), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout)
        if check and done.returncode:
            raise AssertionError('%s: exit %d\n%s%s' % (' '.join(args), done.returncode, done.stdout, done.stderr))
        return done

    def spawn(self, *args, log=None, **kwargs):
        """Starts a process that ends with the world (or with us) at the latest; its pid is the command's own."""
        out = open(log, 'ab') if log else subprocess.DEVNULL
        kwargs.setdefault('stdout', out)
        kwargs.setdefault('stderr', subprocess.STDOUT)
        process = subprocess.Popen(self.command(*args), stdin=subprocess.DEVNULL, preexec_fn=_end_with_parent, **kwargs)
        if log:
            out.close()
        self.world.processes.append(process)
        return process


class World:
    """Namespaces, wires, processes and a folder that belong together and are removed together."""

    def __init__(self, name='world'):
        self.prefix = PREFIX + '%d-' % next(_numbers)
        self.namespaces, self.processes, self.wires = [], [], 0
        self.folder = tempfile.mkdtemp(prefix='thk-%s-' % re.sub(r'\W+', '-', name)[:40])
        os.chmod(self.folder, 0o755)
        self.keep_folder = False
        _worlds.add(self)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def namespace(self, label):
        return Namespace(self, label)

    def wire(self, a, b):
        """A veth pair between two namespaces; returns the addresses (a's, b's), IPv4 and IPv6 of each."""
        self.wires += 1
        net = self.wires
        ends = []
        for namespace, host in ((a, 1), (b, 2)):
            ends.append((namespace, 'w%d' % net, '10.%d.%d.%d' % (64 + (net >> 8), net & 255, host),
                         'fd00:%x::%x' % (net, host)))
            namespace.links += 1
        ip('link', 'add', 'w%d' % net, 'netns', a.name, 'type', 'veth', 'peer', 'name', 'w%d' % net, 'netns', b.name)
        for namespace, device, v4, v6 in ends:
            ip('-n', namespace.name, 'addr', 'add', v4 + '/30', 'dev', device)
            ip('-n', namespace.name, 'addr', 'add', v6 + '/64', 'dev', device, 'nodad')
            ip('-n', namespace.name, 'link', 'set', device, 'up')
        return ends[0][2:], ends[1][2:]

    def close(self):
        """Ends the processes and removes namespaces and folder; may be called again."""
        _worlds.discard(self)
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()
        self.processes.clear()
        for namespace in self.namespaces:
            ip('netns', 'del', namespace.name, check=False)
        self.namespaces.clear()
        if not self.keep_folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def close_all():
    for world in list(_worlds):
        world.close()


def _on_signal(number, frame):
    close_all()
    os._exit(128 + number)  # other threads may still wait for what is gone now


def install_cleanup():
    """Call once from the main thread: worlds are closed however the program ends (but by SIGKILL)."""
    atexit.register(close_all)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    _remove_leftovers()


def _remove_leftovers():
    """Namespaces of runs that were killed: their processes died with them."""
    for line in ip('netns', 'list').splitlines():
        match = re.match(r'(thk(\d+)-\S*)', line)
        if match and not os.path.exists('/proc/' + match[2]):
            ip('netns', 'del', match[1], check=False)


def require_root(what):
    """Ends the program with a clear message when namespaces cannot be made."""
    if os.geteuid() != 0:
        sys.exit('%s needs root: it makes network namespaces and TUN devices' % what)
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError('not in the main thread')
    for tool in ('ip', 'ping', 'iperf3'):
        if not shutil.which(tool):
            sys.exit('%s needs the command "%s"; tests/run.sh installs it' % (what, tool))
    if not os.path.exists('/dev/net/tun'):
        sys.exit('%s needs /dev/net/tun' % what)
