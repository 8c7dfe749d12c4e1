#!/usr/bin/python3
"""Makes the Debian package, and installs, runs, updates and removes it in a clean root of its own.

    run_packages.py [--build FOLDER] [--keep]

Needs root, debootstrap and a release build. The clean root is made in a temporary folder, from the mirror that this machine
itself installs from, and has no network but for apt. Ends with "packages: N passed, N failed".
"""
import argparse
import glob
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), '../..'))
FILES = [
    'usr/bin/thicket', 'usr/bin/thicket-sim', 'usr/lib/systemd/system/thicket.service', 'usr/lib/sysusers.d/thicket.conf',
    'usr/share/man/man1/thicket.1.gz', 'usr/share/man/man1/thicket-sim.1.gz', 'usr/share/doc/thicket/copyright',
    'usr/share/doc/thicket/changelog.gz', 'usr/share/doc/thicket/README.md',
    'usr/share/bash-completion/completions/thicket', 'usr/share/zsh/vendor-completions/_thicket',
    'usr/share/fish/vendor_completions.d/thicket.fish']
# What dpkg and apt keep of any package that ever was there.
NOT_OURS = re.compile(r'^/(proc|sys|dev|tmp|var/(log|lib/(apt|dpkg|systemd/deb-systemd-helper-\w+)|cache/(apt|debconf|ldconfig)))(/|$)')
# The service's user, capabilities and folders, as thicket.service has systemd set them up.
AS_SERVICE = ['setpriv', '--reuid', 'thicket', '--regid', 'thicket', '--init-groups',
              '--inh-caps', '-all,+net_admin,+net_bind_service', '--ambient-caps', '+net_admin,+net_bind_service',
              '--bounding-set', '-all,+net_admin,+net_bind_service', '--no-new-privs',
              'env', 'STATE_DIRECTORY=/var/lib/thicket', 'RUNTIME_DIRECTORY=/run/thicket', 'HOME=/var/lib/thicket']


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=900, **options)


def succeed(*command, **options):
    result = run(*command, **options)
    if result.returncode != 0:
        raise RuntimeError(f'{" ".join(command)}: status {result.returncode}\n{result.stdout[-3000:]}')
    return result.stdout


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(0.05)


def release_and_mirror():
    """Codename of this machine's release, and where it gets it from."""
    codename = re.search(r'^VERSION_CODENAME=(\S+)', open('/etc/os-release').read(), re.M).group(1)
    targets = succeed('apt-get', 'indextargets', '--format', '$(CREATED_BY)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)')
    for line in targets.splitlines():
        kind, release, component, mirror = line.split('|')
        if (kind, release, component) == ('Packages', codename, 'main'):
            return codename, mirror
    raise RuntimeError(f'no apt source of {codename} found')


class Root:
    """A clean Debian in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def make(self):
        codename, mirror = release_and_mirror()
        succeed('debootstrap', '--variant=minbase', codename, self.folder, mirror)
        with open(self.path('usr/sbin/policy-rc.d'), 'w') as policy:
            policy.write('#!/bin/sh\nexit 101\n')
        os.chmod(policy.name, 0o755)
        succeed('mount', '-t', 'proc', 'proc', self.path('proc'))
        os.makedirs(self.path('dev/net'), exist_ok=True)
        os.mknod(self.path('dev/net/tun'), 0o666 | stat.S_IFCHR, os.makedev(10, 200))
        os.chmod(self.path('dev/net/tun'), 0o666)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *command):
        return run('chroot', self.folder, 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8',
                   'DEBIAN_FRONTEND=noninteractive', *command)

    def succeed(self, *command):
        result = self.run(*command)
        if result.returncode != 0:
            raise RuntimeError(f'{" ".join(command)}: status {result.returncode}\n{result.stdout[-3000:]}')
        return result.stdout

    def files(self):
        found = self.succeed('find', '/', '-xdev', '(', '-path', '/proc', '-o', '-path', '/dev', ')', '-prune', '-o', '-print')
        return {path for path in found.splitlines() if not NOT_OURS.match(path)}

    def close(self):
        """Whether nothing is mounted there any more."""
        run('umount', self.path('proc'))
        return not os.path.ismount(self.path('proc'))


class Daemon:
    """The service, in a network namespace without links."""

    def __init__(self, root):
        self.root = root
        for folder, mode in (('var/lib/thicket', 0o700), ('run/thicket', 0o755)):
            os.makedirs(root.path(folder), exist_ok=True)
            os.chmod(root.path(folder), mode)
            succeed('chroot', root.folder, 'chown', 'thicket:thicket', '/' + folder)
        self.log = open(root.path('tmp/thicket.log'), 'w+')
        self.process = subprocess.Popen(['unshare', '--net', 'chroot', root.folder, *AS_SERVICE, 'thicket', 'run'],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            wait_for(self.is_ready, 20, 'the daemon answers')
        except AssertionError as problem:
            self.stop()
            raise AssertionError(f'{problem}\n{open(self.log.name).read()}')

    def is_ready(self):
        return self.root.run('thicket', 'status', '--json').returncode == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.log.close()


class Packages:
    """The cases, each building on those before it."""

    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        self.root = None
        self.package = None
        self.before = set()

    def case_openwrt_script_starts_and_reloads(self):
        stubs = ''.join(f'{name}() {{ echo "{name} $*"; }}\n' for name in (
            'procd_open_instance', 'procd_set_param', 'procd_close_instance', 'procd_send_signal', 'mkdir'))
        script = os.path.join(REPOSITORY, 'node/packaging/openwrt/thicket.init')
        said = succeed('sh', '-euc', f'{stubs}. {script}\ntest "$USE_PROCD" = 1\nstart_service\nreload_service').splitlines()
        for line in ('procd_set_param command /usr/bin/thicket run', 'procd_send_signal thicket * HUP',
                     'procd_set_param env STATE_DIRECTORY=/etc/thicket RUNTIME_DIRECTORY=/var/run/thicket'):
            assert line in said, said
        assert said.index('procd_open_instance ') < said.index('procd_close_instance ')

    def case_package_is_made(self):
        for old in glob.glob(os.path.join(self.build, 'thicket_*.deb')):
            os.remove(old)
        succeed('cpack', '--config', 'CPackConfig.cmake', cwd=self.build)
        self.package, = glob.glob(os.path.join(self.build, 'thicket_*.deb'))
        print(succeed('dpkg-deb', '--info', self.package))
        listed = {line.split()[5][2:] for line in succeed('dpkg-deb', '--contents', self.package).splitlines()
                  if not line.split()[5].endswith('/')}
        assert listed == set(FILES), f'more or less than expected: {sorted(listed ^ set(FILES))}'
        contents = succeed('dpkg-deb', '--contents', self.package)
        assert all(line.split()[1] == 'root/root' for line in contents.splitlines())

    def case_installs_in_a_clean_root(self):
        self.root = Root(os.path.join(self.folder, 'root'))
        self.root.make()
        # adduser and what the programs link to stay when the package goes, as they do on any system.
        depends = succeed('dpkg-deb', '--field', self.package, 'Depends')
        wanted = [re.split(r'[ (|]', item.strip())[0] for item in depends.split(',')]
        self.root.succeed('apt-get', '-q', '-y', 'install', '--no-install-recommends', 'init-system-helpers', *wanted)
        shutil.copy(self.package, self.root.path('tmp/thicket.deb'))
        self.before = self.root.files()
        self.root.succeed('apt-get', '-q', '-y', 'install', '--no-install-recommends', '/tmp/thicket.deb')
        for name in FILES:
            assert os.path.getsize(self.root.path(name)) > 0, name
        assert self.root.succeed('thicket', '--version').startswith('thicket ')
        assert self.root.succeed('thicket-sim', '--version').startswith('thicket-sim ')
        self.root.succeed('bash', '-n', '/usr/share/bash-completion/completions/thicket')
        assert self.root.run('test', '-e', '/etc/systemd/system/multi-user.target.wants/thicket.service').returncode == 0, \
            'the service is enabled'

    def case_first_start_makes_a_private_configuration(self):
        daemon = Daemon(self.root)
        try:
            configuration = os.stat(self.root.path('var/lib/thicket/thicket.conf'))
            assert configuration.st_mode & 0o777 == 0o600, oct(configuration.st_mode)
            state = os.stat(self.root.path('var/lib/thicket'))
            assert (state.st_mode & 0o777, state.st_uid) == (0o700, configuration.st_uid)
            assert 'TUN device' in open(daemon.log.name).read(), open(daemon.log.name).read()
            status = self.root.succeed('thicket', 'status')
            print(status)
            assert 'Address' in status
        finally:
            assert daemon.stop() == 0

    def case_members_of_the_group_may_ask(self):
        daemon = Daemon(self.root)
        try:
            self.root.succeed('adduser', '--quiet', '--system', '--no-create-home', 'alice')
            alice = ['setpriv', '--reuid', 'alice', '--regid', 'nogroup', '--init-groups', 'env', 'HOME=/nonexistent', 'thicket', 'status']
            refused = self.root.run(*alice)
            assert refused.returncode == 1 and 'usermod -aG' in refused.stdout, refused.stdout
            self.root.succeed('adduser', '--quiet', 'alice', 'thicket')
            assert 'Address' in self.root.succeed(*alice)
        finally:
            assert daemon.stop() == 0

    def case_installing_again_keeps_the_configuration(self):
        name = self.root.path('var/lib/thicket/thicket.conf')
        text = open(name).read()
        self.root.succeed('apt-get', '-q', '-y', 'install', '--reinstall', '/tmp/thicket.deb')
        assert open(name).read() == text
        address = self.root.succeed('thicket', 'address')
        self.root.succeed('apt-get', '-q', '-y', 'remove', 'thicket')
        assert open(name).read() == text, 'removing keeps the key'
        assert not os.path.exists(self.root.path('usr/bin/thicket'))
        self.root.succeed('apt-get', '-q', '-y', 'install', '--no-install-recommends', '/tmp/thicket.deb')
        assert self.root.succeed('thicket', 'address') == address

    def case_purging_leaves_nothing(self):
        self.root.succeed('apt-get', '-q', '-y', 'purge', 'thicket')
        left = self.root.files() - self.before
        # The lock of adduser, and the copies that it makes of the files it changes.
        left = {path for path in left if not re.fullmatch(r'/run/adduser|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?', path)}
        assert not left, f'left behind: {sorted(left)}'
        named = self.root.succeed('find', '/', '-xdev', '-path', '/proc', '-prune', '-o', '-name', '*thicket*', '-print').splitlines()
        named = [path for path in named if not re.match(r'/tmp/|/var/log/|/var/cache/apt/', path)]
        assert not named, f'left behind: {named}'
        assert 'thicket' not in open(self.root.path('etc/passwd')).read()
        assert 'thicket' not in open(self.root.path('etc/group')).read()

    def close(self):
        return self.root is None or self.root.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default=os.path.join(REPOSITORY, 'build'), help='folder of a release build')
    parser.add_argument('--keep', action='store_true', help='leave the clean root where it is')
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='thicket-packages-')
    packages = Packages(os.path.abspath(arguments.build), folder)
    passed = failed = 0
    try:
        for name in [name for name in vars(Packages) if name.startswith('case_')]:
            start = time.monotonic()
            try:
                getattr(packages, name)()
            except Exception as problem:  # the ones after it build on it, but most still tell something
                failed += 1
                print(f'FAILED  {name[5:]}: {problem}')
                continue
            passed += 1
            print(f'ok      {name[5:]} ({time.monotonic() - start:.0f} s)', flush=True)
    finally:
        if packages.close() and not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f'left in {folder}')
    print(f'packages: {passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
