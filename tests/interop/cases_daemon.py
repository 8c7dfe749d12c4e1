"""Our daemon as a process: shutdown, life without root, the demo."""
import os
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness.mesh import Mesh
from harness.namespaces import World, wait_for
from harness.nodes import THICKET, ThicketNode, ours

NOBODY = ('setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups')


@unittest.skipIf(ours() is not ThicketNode, 'about our daemon only')
class Daemon(unittest.TestCase):
    def test_sigterm_and_sigint(self):
        for interrupt in ('TERM', 'INT'):
            with Mesh(self.id()) as mesh:
                self.mesh = mesh
                first, second = mesh.line(('ours', 'ours'))
                mesh.start()
                mesh.wait_agreed(10)
                mesh.warm_up([(first, second)], 10)
                begin = time.monotonic()
                subprocess.run(('kill', '-' + interrupt, str(second.process.pid)), check=True)
                self.assertEqual(second.process.wait(5), 0, 'exit status after SIG' + interrupt)
                took = time.monotonic() - begin
                self.assertLess(took, 1)
                self.assertFalse(second.has_tun())
                wait_for(lambda: not first.peers_up(), 2, 'the peer sees the link close')
                self.report = '%.2f s' % took

    def test_tells_the_service_manager(self):
        """As a unit with Type=notify and WatchdogSec=1: ready once it serves, alive, reloading, ready again, stopping."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            node = mesh.add('ours')
            name = os.path.join(mesh.folder, 'notify.sock')
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(name)
                manager.settimeout(10)
                command = node.command()
                node.command = lambda: ('env', 'NOTIFY_SOCKET=' + name, 'WATCHDOG_USEC=1000000') + command

                def next_but_signs_of_life():
                    while (message := manager.recv(4096)) == b'WATCHDOG=1':
                        pass
                    return message.decode()

                node.start()
                self.assertEqual(next_but_signs_of_life(), 'READY=1')
                self.assertEqual(node.admin('getself')['key'], node.key, 'it serves at once')
                self.assertEqual([manager.recv(4096) for _ in range(3)], [b'WATCHDOG=1'] * 3)
                node.process.send_signal(signal.SIGHUP)
                self.assertRegex(next_but_signs_of_life(), r'^RELOADING=1\nMONOTONIC_USEC=\d+$')
                self.assertEqual(next_but_signs_of_life(), 'READY=1')
                node.process.send_signal(signal.SIGSTOP)
                manager.settimeout(2)
                with self.assertRaises(TimeoutError, msg='a node that hangs gives no sign of life'):
                    while True:
                        manager.recv(4096)
                node.process.send_signal(signal.SIGCONT)
                self.assertEqual(manager.recv(4096), b'WATCHDOG=1')
                node.process.terminate()
                self.assertEqual(next_but_signs_of_life(), 'STOPPING=1')
                self.assertEqual(node.process.wait(5), 0)

    def public_binary(self, folder):
        """A copy of the daemon that any user may run."""
        path = os.path.join(folder, 'thicket')
        shutil.copy(THICKET, path)
        os.chmod(path, 0o755)
        return path

    def test_without_root(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            user, stock, other = mesh.add('ours'), mesh.add('stock'), mesh.add('ours')
            mesh.link(user, stock)
            mesh.link(other, user)
            binary = self.public_binary(mesh.folder)
            open_folder = os.path.join(mesh.folder, 'user')
            os.mkdir(open_folder)
            os.chown(open_folder, 65534, 65534)
            user.socket = os.path.join(open_folder, 'admin.sock')
            user.config.update({'AdminListen': 'unix://' + user.socket, 'IfName': 'auto'})
            user.command = lambda: NOBODY + (binary, 'run', '--config', user.config_file)
            mesh.start([stock, user, other])
            mesh.wait_agreed(20)
            self.assertEqual(user.admin('gettun'), {'enabled': False})
            self.assertFalse(user.has_tun())
            mesh.warm_up([(other, stock), (stock, other)], 20)
            self.assertEqual(mesh.ping_pairs([(other, stock), (stock, other)]), [], 'it relays')
            self.assertEqual(stock.admin('getnodeinfo', key=user.key)[user.key]['name'], user.label)
            said = [l for l in user.log().splitlines() if 'tun' in l.lower()]
            self.assertEqual(len(said), 1, 'says once that it has no TUN:\n' + user.log())

    def test_demo(self):
        with World(self.id()) as world:
            binary = self.public_binary(world.folder)
            done = subprocess.run(NOBODY + (binary, 'demo'), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=120, cwd=world.folder, env={'PATH': os.environ['PATH'], 'HOME': '/nonexistent'})
            self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])

    def test_first_start_makes_a_configuration(self):
        """Without a configuration one is made under the state directory, keys for the owner only, and kept."""
        with World(self.id()) as world:
            keys = []
            for _ in range(2):
                namespace = world.namespace('n%d' % len(keys))
                state = os.path.join(world.folder, 'state')
                os.makedirs(state, exist_ok=True)
                log = os.path.join(world.folder, 'first.log')
                process = namespace.spawn('env', 'XDG_STATE_HOME=' + state, 'STATE_DIRECTORY=' + state,
                                          'RUNTIME_DIRECTORY=' + state,
                                          'HOME=' + world.folder, THICKET, 'run', log=log)
                secret = wait_for(lambda: [path for path in _with_key(world.folder) if path in _text(log)],
                                  10, lambda: 'it says where below %s the key is:\n%s' % (state, _text(log)))
                for path in _with_key(world.folder):
                    self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)
                    self.assertIn(path, secret, 'no other file has a key')
                keys.append([_text(path) for path in secret])
                time.sleep(0.5)
                process.terminate()
                process.wait(5)
            self.assertEqual(keys[0], keys[1], 'the key is kept')


def _with_key(folder):
    paths = (os.path.join(d, f) for d, _, fs in os.walk(folder) for f in fs)
    return [path for path in paths if 'privatekey' in _text(path).lower() or 'PRIVATE KEY' in _text(path)]


def _text(path):
    if path.endswith(('.log', '.sock')) and not path.endswith('first.log'):
        return ''
    try:
        with open(path, errors='replace') as f:
            return f.read()
    except OSError:
        return ''
