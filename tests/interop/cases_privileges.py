"""A daemon that was started as root and goes on as somebody else, in its sandbox, still does all that it is there for."""
import glob
import grp
import os
import pwd
import shutil
import signal
import stat
import unittest

from cases_discovery import Network, entry, wait_linked
from cases_metrics import metrics, one
from cases_reload import link_to, rewrite, tun_index
from harness.mesh import Mesh
from harness.namespaces import World, wait_for
from harness.nodes import THICKET, AdminError, ThicketNode, ours

USER, GROUP = 'nobody', 'daemon'
BIND_ONLY = '%016x' % (1 << 10)  # CAP_NET_BIND_SERVICE


def uid():
    return pwd.getpwnam(USER).pw_uid


def gid():
    return grp.getgrnam(GROUP).gr_gid


def run_as(node, user):
    """Has the node, once it starts, become `user`; its socket is in a folder of that user's."""
    node.command = lambda: (THICKET, 'run', '--config', node.config_file, '--user', user)
    folder = os.path.join(node.folder, node.label)
    os.mkdir(folder)
    os.chown(folder, uid(), gid())
    node.socket = os.path.join(folder, 'thicket.sock')
    node.config['AdminListen'] = 'unix://' + node.socket


def statuses(process):
    """What /proc tells of each thread."""
    found = []
    for path in glob.glob('/proc/%d/task/*/status' % process.pid):
        with open(path) as f:
            found.append(dict(line.rstrip('\n').split(':\t', 1) for line in f if ':\t' in line))
    return found


@unittest.skipIf(ours() is not ThicketNode, 'about our daemon only')
class Privileges(unittest.TestCase):
    def confined(self, node):
        for status in statuses(node.process):
            self.assertEqual(status['Uid'].split(), [str(uid())] * 4)
            self.assertEqual(status['Gid'].split(), [str(gid())] * 4)
            self.assertEqual(status['Groups'].split(), [str(gid())])
            self.assertEqual((status['CapEff'], status['CapPrm']), (BIND_ONLY, BIND_ONLY))
            for none in ('CapInh', 'CapBnd', 'CapAmb'):
                self.assertEqual(int(status[none], 16), 0, none)
            self.assertEqual((status['NoNewPrivs'], status['Seccomp']), ('1', '2'))

    def test_a_user_without_privileges(self):
        """Port 443, TUN, metrics, local discovery, reload, names: all go on as nobody."""
        with Network(self.id()) as mesh:
            self.mesh = mesh
            node, stock, other, neighbour = (mesh.add(kind) for kind in ('ours', 'stock', 'ours', 'stock'))
            _, (address, _) = mesh.wire(stock.namespace, node.namespace)
            _, (other_address, _) = mesh.wire(node.namespace, other.namespace)
            node.config.update(Listen=['tls://%s:443' % address], MetricsListen='localhost:9100',
                               MulticastInterfaces=[entry('eth0', Port=444)])
            stock.config['Peers'] = ['tls://%s:443' % address]
            other.config['Listen'] = ['tls://%s:7000' % other_address]
            neighbour.config['MulticastInterfaces'] = [entry('eth0')]
            run_as(node, '%s:%s' % (USER, GROUP))
            self.names(node, other_address, 'peer.example')
            for one_of in (node, neighbour):
                mesh.plug(one_of)
            mesh.start()
            self.confined(node)
            wait_linked(node, neighbour)
            mesh.warm_up([(node, stock), (stock, node)], 30)
            index, before = tun_index(node), link_to(node, stock)

            rewrite(node, Peers=['tls://peer.example:7000'], Listen=node.config['Listen'] + ['tls://[::]:445'])
            os.chmod(node.config_file, 0o644)
            report = node.admin('reload')
            self.assertEqual((len(report['changed']), report['failed']), (2, []), report)
            wait_for(lambda: link_to(node, other), 20, lambda: 'a peer by its name is linked:\n' + node.log()[-2000:])
            self.assertIn(':445 ', node.namespace.run('ss', '-6ltn').stdout)
            mesh.warm_up([(other, stock), (node, other)], 30)
            self.assertEqual(tun_index(node), index)
            self.assertGreater(link_to(node, stock)['uptime'], before['uptime'])
            self.confined(node)

            found = metrics(node)
            for name in ('process_resident_memory_bytes', 'process_open_fds', 'process_start_time_seconds'):
                self.assertGreater(one(found, name), 0, name)
            self.said(node)
            self.assertEqual(node.bad_log_lines(), [])
            node.terminate()
            self.assertEqual(node.process.returncode, 0, node.log()[-1000:])
            self.assertFalse(os.path.exists(node.socket), 'its folder is the user\'s')

    def names(self, node, address, name):
        """Has a name known in the node's namespace."""
        folder = '/etc/netns/' + node.namespace.name
        self.addCleanup(shutil.rmtree, folder)
        os.makedirs(folder)
        with open(folder + '/hosts', 'w') as f:
            f.write('127.0.0.1 localhost\n%s %s\n' % (address, name))

    def said(self, node):
        status = os.stat(node.socket)
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)), (uid(), gid(), 0o660))
        told = node.admin('getstatus')['protections']
        self.assertEqual((told['user'], told['group'], told['root'], told['capabilities']),
                         (USER, GROUP, False, ['CAP_NET_BIND_SERVICE']))
        self.assertEqual((told['no_new_privileges'], told['system_call_filter'], told['dumpable']), (True, True, False))
        for command in ('status', 'doctor'):
            text = node.namespace.run(THICKET, command, '--config', node.config_file, timeout=60).stdout
            self.assertRegex(text, r'%s with\s+CAP_NET_BIND_SERVICE;\s+sandbox:' % USER)

    def test_a_configuration_that_cannot_be_read_again(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            node, stock = mesh.add('ours'), mesh.add('stock')
            mesh.link(stock, node)
            run_as(node, USER)
            mesh.start()
            wait_for(lambda: link_to(node, stock), 10, 'both are linked')
            before = link_to(node, stock)
            rewrite(node, NodeInfo={'name': 'renamed'})  # readable by root only
            advice = r'%s: found Permission denied, expected a file that user %s can read: chgrp \S+ %s && chmod g\+r' % (
                node.config_file, USER, node.config_file)
            with self.assertRaisesRegex(AdminError, advice):
                node.admin('reload')
            node.process.send_signal(signal.SIGHUP)
            wait_for(lambda: node.log().count('nothing has changed') == 2, 5, 'the log says it too')
            self.assertGreater(link_to(node, stock)['uptime'], before['uptime'])
            os.chown(node.config_file, 0, pwd.getpwnam(USER).pw_gid)
            os.chmod(node.config_file, 0o640)
            self.assertEqual([item['key'] for item in node.admin('reload')['changed']], ['NodeInfo'])

    def test_a_folder_of_roots(self):
        """Where the user may not remove the socket it says so at start, leaves it, and the next start takes it over."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            node = mesh.add('ours')
            node.command = lambda: (THICKET, 'run', '--config', node.config_file, '--user', USER)
            mesh.start()
            self.assertIn('%s stays when this node ends' % node.socket, node.log())
            node.terminate()
            self.assertEqual(node.process.returncode, 0)
            self.assertTrue(os.path.exists(node.socket))
            node.process = node.namespace.spawn(*node.command(), log=node.log_file)
            node.wait_ready()
            self.assertEqual(node.admin('getself')['key'], node.key)

    def test_the_first_start_of_all(self):
        """A configuration that is made just now belongs to the user, so that a reload can read it."""
        with World(self.id()) as world:
            namespace = world.namespace('n')
            state = os.path.join(world.folder, 'state')
            log = os.path.join(world.folder, 'log')
            process = namespace.spawn('env', 'STATE_DIRECTORY=' + state, 'RUNTIME_DIRECTORY=' + state, THICKET, 'run',
                                      '--user', USER, log=log)

            def logged(text):
                with open(log) as f:
                    return text in f.read()
            wait_for(lambda: logged('running as ' + USER), 10, 'it runs')
            status = os.stat(os.path.join(state, 'thicket.conf'))
            self.assertEqual((status.st_uid, stat.S_IMODE(status.st_mode)), (uid(), 0o600))
            process.send_signal(signal.SIGHUP)
            wait_for(lambda: logged('configuration reloaded'), 5, 'it reads it again')
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(10), 0)
            self.assertFalse(os.path.exists(os.path.join(state, 'thicket.sock')))

    def test_whom_it_cannot_become(self):
        with World(self.id()) as world:
            namespace = world.namespace('n')
            for user, text in (('no-such-user', 'there is no user "no-such-user"'), ('root', 'that is root'),
                               ('nobody:no-such-group', 'there is no group'), ('', 'expected NAME or NAME:GROUP')):
                done = namespace.run(THICKET, 'run', '--user', user)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(text, done.stderr + done.stdout)
            done = namespace.run('setpriv', '--reuid', '1', '--regid', '1', '--clear-groups', THICKET, 'run', '--user', USER)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn('only root can become nobody', done.stderr + done.stdout)

    def test_without_user(self):
        """Root stays root, in a sandbox unless the configuration says otherwise; others give up what they do not need."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            node, open_node, other = (mesh.add('ours') for _ in range(3))
            open_node.config['Sandbox'] = False
            other.config['IfName'] = 'none'
            os.chmod(mesh.folder, 0o777)
            other.command = lambda: ('setpriv', '--reuid', USER, '--regid', '1', '--clear-groups', '--inh-caps',
                                     '+net_admin,+net_bind_service', '--ambient-caps', '+net_admin,+net_bind_service',
                                     THICKET, 'run', '--config', other.config_file)
            mesh.start()
            for one_of, expected in ((node, ('0', '1', '2')), (open_node, ('0', '1', '0')), (other, (str(uid()), '1', '2'))):
                for status in statuses(one_of.process):
                    self.assertEqual((status['Uid'].split()[0], status['NoNewPrivs'], status['Seccomp']), expected)
            self.assertEqual({s['CapEff'] for s in statuses(other.process)}, {BIND_ONLY})
            told = [n.admin('getstatus')['protections'] for n in (node, open_node)]
            self.assertEqual([(t['root'], t['landlock'] > 0) for t in told], [(True, True), (True, False)])
            text = node.namespace.run(THICKET, 'doctor', '--config', node.config_file, timeout=60).stdout
            self.assertIn('thicket run --user', ' '.join(text.split()))
            done = node.namespace.run(THICKET, 'demo', '--rounds', '1')
            self.assertEqual(done.returncode, 0, done.stderr)
