"""What the daemon does when the world around it fails: each behaviour is stated in node/README.md."""
import json
import os
import signal
import subprocess
import time
import unittest

from harness.mesh import Mesh
from harness.namespaces import World, wait_for
from harness.nodes import THICKET, ThicketNode, ours

STOPPED_SECONDS = 60
DAY = 86400
WALL_CLOCK = os.path.join(os.path.dirname(__file__), 'harness/wall_clock.c')
NOBODY = ('setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups')


def text_of(path):
    try:
        with open(path, errors='replace') as f:
            return f.read()
    except OSError:
        return ''


def tun_index(node):
    return node.namespace.run('cat', '/sys/class/net/tun0/ifindex', check=True).stdout.strip()


@unittest.skipIf(ours() is not ThicketNode, 'about our daemon only')
class Faults(unittest.TestCase):
    def test_kill_and_restart(self):
        """kill -9 leaves a socket file behind; the next start takes it over, and the mesh is whole again."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, middle, last = mesh.line(('ours', 'ours', 'ours'))
            mesh.start()
            mesh.wait_agreed(20)
            mesh.warm_up([(first, last)], 20)
            middle.kill()
            self.assertTrue(os.path.exists(middle.socket), 'nobody could clean up')
            self.assertFalse(middle.has_tun(), 'the kernel did')
            begin = time.monotonic()
            middle.process = middle.namespace.spawn(*middle.command(), log=middle.log_file)
            middle.wait_ready()
            mesh.wait_agreed(30)
            mesh.warm_up([(first, last), (last, first), (first, middle)], 40)
            self.report = 'whole again after %.1f s' % (time.monotonic() - begin)
            self.assertTrue(middle.has_tun())
            rival = middle.namespace.spawn(*middle.command(), log=middle.log_file + '.rival')
            wait_for(lambda: 'administration socket' in text_of(middle.log_file + '.rival'), 10, 'a second one says so')
            self.assertIn('no administration socket', text_of(middle.log_file + '.rival'))
            rival.terminate()
            rival.wait(5)
            self.assertEqual(middle.admin('getself')['key'], middle.key, 'a live socket is never taken')

    def test_port_in_use(self):
        """A listener whose port is taken is reported; everything else works, and a reload tries it again."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, second = mesh.line(('ours', 'ours'))
            busy = second.namespace.spawn('iperf3', '-4', '-s', '-p', '7901')
            wait_for(lambda: ':7901' in second.namespace.run('ss', '-ltn').stdout, 5, 'iperf3 listens')
            second.config['Listen'] = ['tls://0.0.0.0:7901']
            mesh.start()
            mesh.warm_up([(first, second)], 20)
            self.assertRegex(second.log(), r'error: not listening at tls://0.0.0.0:7901: .*in use')
            busy.kill()
            busy.wait()
            self.assertEqual([i['text'] for i in second.admin('reload')['changed']], ['tls://0.0.0.0:7901 added'])

    def test_without_tun_device(self):
        """Without /dev/net/tun the node says so once and relays for others."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, middle, last = mesh.line(('ours', 'ours', 'ours'))
            empty = os.path.join(mesh.folder, 'empty')
            os.mkdir(empty)
            run = middle.command()
            middle.command = lambda: ('unshare', '--mount', 'sh', '-c',
                                      'mount --bind "$0" /dev/net && exec "$@"', empty) + run
            mesh.start()
            mesh.warm_up([(first, last), (last, first)], 20)
            self.assertEqual(mesh.ping_pairs([(first, last), (last, first)]), [])
            self.assertEqual(middle.admin('gettun'), {'enabled': False})
            said = [l for l in middle.log().splitlines() if 'no TUN device' in l]
            self.assertEqual(len(said), 1, middle.log())
            self.assertIn('/dev/net/tun', said[0])

    def start_alone(self, world, label, environment, user=()):
        """Runs `thicket run` with nothing but its environment; returns (process, log file)."""
        log = os.path.join(world.folder, label + '.log')
        words = ['%s=%s' % item for item in environment.items()]
        return world.namespace(label).spawn(*user, 'env', '-i', *words, THICKET, 'run', log=log), log

    def test_unusable_configuration(self):
        """Unreadable, half-written or empty: status 3 and a reason; the file is left as it is."""
        with World(self.id()) as world:
            state = os.path.join(world.folder, 'state')
            os.mkdir(state)
            file = os.path.join(state, 'thicket.conf')
            whole = subprocess.run((THICKET, 'genconf'), capture_output=True, text=True, check=True).stdout
            binary = os.path.join(world.folder, 'thicket')
            subprocess.run(('install', '-m', '755', THICKET, binary), check=True)
            for label, text, user, expected in (
                    ('half', whole[:len(whole) // 2], (), 'thicket.conf:'),
                    ('empty', '', (), 'PrivateKey: found nothing'),
                    ('unreadable', whole, NOBODY, 'Permission denied')):
                with open(file, 'w') as f:
                    f.write(text)
                os.chmod(file, 0o600)
                log = os.path.join(world.folder, label + '.log')
                process = world.namespace(label).spawn(
                    *user, 'env', '-i', 'STATE_DIRECTORY=' + state, binary, 'run', log=log)
                self.assertEqual(process.wait(10), 3, label + text_of(log))
                self.assertIn(expected, text_of(log), label)
                self.assertEqual(text_of(file), text, 'the file is left as it is')

    def test_full_disk(self):
        """On a full disk no half configuration is left behind: status 3, a reason, and once there is room it starts.
        A node that runs writes nothing, so it does not notice."""
        with World(self.id()) as world:
            disk = os.path.join(world.folder, 'disk')
            os.mkdir(disk)
            subprocess.run(('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk), check=True)
            try:
                ballast = os.path.join(disk, 'ballast')
                subprocess.run(('dd', 'if=/dev/zero', 'of=' + ballast, 'bs=4k'), capture_output=True)
                state = {'STATE_DIRECTORY': disk, 'RUNTIME_DIRECTORY': world.folder}
                process, log = self.start_alone(world, 'full', state)
                self.assertEqual(process.wait(10), 3, text_of(log))
                self.assertIn('No space left on device', text_of(log))
                self.assertEqual(os.listdir(disk), ['ballast'], 'nothing half-made is left')
                os.unlink(ballast)
                process, log = self.start_alone(world, 'room', state)
                wait_for(lambda: 'administration socket at' in text_of(log), 10, lambda: text_of(log))
                subprocess.run(('dd', 'if=/dev/zero', 'of=' + ballast, 'bs=4k'), capture_output=True)
                socket = 'unix://' + os.path.join(world.folder, 'thicket.sock')
                done = subprocess.run((THICKET, 'reload', '--socket', socket), capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                process.terminate()
                self.assertEqual(process.wait(5), 0, text_of(log))
            finally:
                subprocess.run(('umount', '-l', disk), check=True)

    def test_stopped_for_a_while(self):
        """Suspended for a minute: others go around it; when it goes on, links and sessions come back by themselves."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, sleeper, last = mesh.line(('ours', 'ours', 'ours'))
            bypass = mesh.add('ours')
            mesh.link(bypass, first)
            mesh.link(last, bypass)
            mesh.start()
            mesh.wait_agreed(20)
            mesh.warm_up([(first, last), (first, sleeper), (sleeper, last)], 30)
            index = tun_index(sleeper)
            sleeper.process.send_signal(signal.SIGSTOP)
            begin = time.monotonic()
            mesh.wait_lossless([(first, last), (last, first)], STOPPED_SECONDS - 5)
            around = time.monotonic() - begin
            time.sleep(max(0.0, begin + STOPPED_SECONDS - time.monotonic()))
            sleeper.process.send_signal(signal.SIGCONT)
            begin = time.monotonic()
            mesh.wait_lossless([(first, sleeper), (sleeper, last), (first, last), (sleeper, first)], 60)
            self.assertEqual(tun_index(sleeper), index)
            self.report = 'others around it after %.1f s; well again after %.1f s' % (around, time.monotonic() - begin)

    def test_wall_clock_jumps(self):
        """A day ahead, then a day behind: links, sessions and the TUN live on, and those who have not met find each other."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, middle, last = mesh.line(('ours', 'ours', 'ours'))
            others = [mesh.add('ours') for _ in range(2)]
            for node in others:
                mesh.link(node, first)
            shim, offset = os.path.join(mesh.folder, 'wall_clock.so'), os.path.join(mesh.folder, 'offset')
            subprocess.run(('gcc', '-shared', '-fPIC', '-O1', '-o', shim, WALL_CLOCK), check=True)

            def jump(seconds):
                with open(offset + '.new', 'w') as f:
                    f.write(str(seconds))
                os.rename(offset + '.new', offset)
            jump(0)
            run = middle.command()
            middle.command = lambda: ('env', 'LD_PRELOAD=' + shim, 'WALL_CLOCK_OFFSET=' + offset) + run
            mesh.start()
            mesh.wait_agreed(20)
            old = [(first, last), (last, first), (first, middle), (middle, last)]
            mesh.warm_up(old, 30)
            index = tun_index(middle)
            links = {p['remote']: p['uptime'] for p in middle.peers_up()}
            for seconds, stranger in ((DAY, others[0]), (-DAY, others[1])):
                jump(seconds)
                stamp = time.strftime('%Y-%m-%d', time.localtime(time.time() + seconds))
                middle.admin('reload')  # so that it logs something
                wait_for(lambda stamp=stamp: stamp in middle.log(), 10, 'the daemon saw its clock jump to ' + stamp)
                self.assertEqual(mesh.ping_pairs(old), [], 'sessions live on at %+d s' % seconds)
                mesh.warm_up([(middle, stranger), (stranger, middle), (stranger, last)], 30)
                now = {p['remote']: p['uptime'] for p in middle.peers_up()}
                self.assertEqual(set(now), set(links), 'the same links')
                for remote, uptime in now.items():
                    self.assertTrue(links[remote] < uptime < links[remote] + 300, (remote, links[remote], uptime))
            self.assertEqual(tun_index(middle), index)
            for node in mesh.nodes:
                self.assertEqual(node.bad_log_lines(), [])

    def test_flapping_interface(self):
        """An interface that goes up and down ten times: the node keeps its TUN, leaks no descriptor, and links again."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, second = mesh.line(('ours', 'ours'))
            for node in (first, second):
                node.config['MulticastInterfaces'] = [{'Regex': '.*', 'Beacon': True, 'Listen': True}]
            mesh.start()
            mesh.warm_up([(first, second)], 20)
            index = tun_index(second)
            descriptors = len(os.listdir('/proc/%d/fd' % second.process.pid))
            for _ in range(10):
                for state in ('down', 'up'):
                    second.namespace.run('ip', 'link', 'set', 'w1', state, check=True)
                    time.sleep(0.3)
            begin = time.monotonic()
            mesh.wait_lossless([(first, second), (second, first)], 90)
            self.report = 'well again after %.1f s' % (time.monotonic() - begin)
            self.assertEqual(tun_index(second), index)
            wait_for(lambda: len(os.listdir('/proc/%d/fd' % second.process.pid)) <= descriptors + 4, 30,
                     'no descriptor is left open')
            self.assertEqual(second.bad_log_lines(), [])
