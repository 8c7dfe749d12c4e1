#!/usr/bin/python3
"""Runs the interop cases: one line each, a summary, and the logs of what failed.

    run.py [-j N] [--list] [--keep DIR] [PATTERN...]      PATTERN: part of a case's name

Ends with the line "interop: N passed, N failed" and status 1 if any failed.
"""
import argparse
import os
import shutil
import sys
import time
import traceback
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness import namespaces, nodes  # noqa: E402


class Outcome(unittest.TestResult):
    """Prints one line per case, and the details of a failure."""

    def __init__(self, name, keep):
        super().__init__()
        self.name, self.keep, self.begin = name, keep, time.monotonic()
        self.lines = []

    def put(self, word, test, detail=''):
        report = getattr(test, 'report', '')
        self.lines.append('%-4s %-56s %6.1f s%s' % (word, self.name, time.monotonic() - self.begin,
                                                    '   ' + report if report else ''))
        if detail:
            self.lines.append('     ' + detail.strip().replace('\n', '\n     '))

    def addSuccess(self, test):
        super().addSuccess(test)
        self.put('PASS', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.put('SKIP', test, reason)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.put('FAIL', test, self.explain(test, error))

    addError = addFailure

    def explain(self, test, error):
        text = ''.join(traceback.format_exception(*error)[-4:])
        mesh = getattr(test, 'mesh', None)
        if mesh is not None:
            kept = os.path.join(self.keep, self.name)
            shutil.rmtree(kept, ignore_errors=True)
            if os.path.isdir(getattr(mesh, 'failed_folder', '')):
                shutil.move(mesh.failed_folder, kept)
                text += 'logs and configurations: %s\n' % kept
            text += getattr(mesh, 'failed_logs', '')
        return text


def cases(patterns):
    """(short name, test) of every case that matches."""
    found = []

    def flatten(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                flatten(item)
            else:
                module, cls, method = item.id().split('.')[-3:]
                name = '%s.%s.%s' % (module.replace('cases_', ''), cls, method.replace('test_', '', 1))
                if not patterns or any(p in name for p in patterns):
                    found.append((name, item))
    flatten(unittest.TestLoader().discover(HERE, 'cases_*.py'))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('patterns', nargs='*')
    parser.add_argument('-j', type=int, default=1, metavar='N', help='cases at a time')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--keep', default=os.path.join(nodes.REPOSITORY, 'build/interop'), help='for the logs of failures')
    options = parser.parse_args()
    chosen = cases(options.patterns)
    if options.list:
        print('\n'.join(name for name, _ in chosen))
        return 0
    namespaces.require_root('interop')
    problem = nodes.require_daemons()
    if problem:
        sys.exit('interop: ' + problem)
    if not chosen:
        sys.exit('interop: no such case')
    namespaces.install_cleanup()
    os.makedirs(options.keep, exist_ok=True)

    def run(case):
        name, test = case
        outcome = Outcome(name, options.keep)
        test.run(outcome)
        print('\n'.join(outcome.lines), flush=True)
        return outcome
    with ThreadPoolExecutor(options.j) as pool:
        outcomes = list(pool.map(run, chosen))
    failed = sum(not o.wasSuccessful() for o in outcomes)
    skipped = sum(bool(o.skipped) for o in outcomes)
    if skipped:
        print('interop: %d skipped' % skipped)
    print('interop: %d passed, %d failed' % (len(outcomes) - failed - skipped, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
