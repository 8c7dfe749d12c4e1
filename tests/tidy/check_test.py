#!/usr/bin/env python3
"""Plants one offence after the other and sees check.py find it, and lets it pass what is allowed."""

import tempfile
import unittest
from pathlib import Path

import check

LONG = '\n'.join('  call();' for _ in range(check.MAX_FUNCTION_LINES))

OFFENCES = [
    ('clock', 'routing/a.cpp', 'auto t = std::chrono::steady_clock::now();'),
    ('clock', 'crypto/a.hpp', 'using C = std::chrono::system_clock;'),
    ('clock', 'crypto/a.cpp', 'auto t = std::time(nullptr);'),
    ('clock', 'crypto/a.cpp', 'clock_gettime(CLOCK_REALTIME, &ts);'),
    ('randomness', 'routing/a.cpp', 'std::mt19937 generator;'),
    ('randomness', 'routing/a.cpp', 'int x = rand();'),
    ('randomness', 'routing/a.cpp', 'std::uniform_int_distribution<int> d;'),
    ('randomness', 'crypto/a.cpp', 'randombytes_buf(p, 3);'),
    ('randomness', 'crypto/a.cpp', 'crypto_box_keypair(p, s);'),
    ('include', 'routing/a.cpp', '#include <asio.hpp>'),
    ('include', 'routing/a.cpp', '#include <asio/io_context.hpp>'),
    ('include', 'routing/a.cpp', '#  include <iostream>'),
    ('include', 'crypto/a.cpp', '#include <thread>'),
    ('include', 'crypto/a.cpp', '#include <mutex>'),
    ('hash-order', 'routing/a.hpp', 'std::unordered_map<int, int> m;'),
    ('thread', 'routing/a.cpp', 'std::mutex m;'),
    ('coroutine', 'transport/a.cpp', 'co_await x;'),
    ('std-format', 'node/a.cpp', 'auto s = std::format("x");'),
    ('using-std', 'tests/routing/a.cpp', 'using namespace std;'),
    ('leftover', 'tun/a.cpp', '// TO' 'DO: later'),
    ('leftover', 'tests/x/a.py', '# FIX' 'ME'),
    ('local-path', 'tests/a.sh', 'cat /ro' 'ot/x'),
    ('file-length', 'node/a.cpp', '\n' * 501),
    ('function-length', 'node/a.cpp', 'namespace n {\nint f(int x) {\n' + LONG + '\n}\n}'),
    ('function-length', 'node/a.cpp', 'template <class T>\nstruct S {\n  void f() const {\n' + LONG + '\n  }\n};'),
    ('function-length', 'node/a.cpp', 'TEST(A, b) {\n' + LONG + '\n}'),
]

ALLOWED = [
    ('routing/a.cpp', '// the steady_clock of the owner\nconst char* s = "rand()";'),
    ('routing/a.cpp', 'auto t = frame.time(0); Time now; next_time(nullptr); steady.rand();'),
    ('crypto/a.cpp', 'crypto_sign_seed_keypair(p, s, seed);'),
    ('crypto/a.cpp', 'int x = 1\'000; std::map<int, int> m;'),
    ('transport/a.cpp', '#include <asio.hpp>\nauto t = std::chrono::steady_clock::now();'),
    ('node/a.cpp', 'fmt::format("{}", 1); using namespace std::chrono_literals;'),
    ('node/a.cpp', 'constexpr int kTable[] = {\n' + '1,\n' * 100 + '};'),
    ('node/a.cpp', 'struct S {\n' + '  int x;\n' * 100 + '};'),
    ('node/a.cpp', 'namespace n {\n' + 'int f();\n' * 100 + '}'),
    ('tests/fuzz/corpus/x/a.txt', 'TO' 'DO'),
]


class Check(unittest.TestCase):
    def offences(self, name, text):
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            path = root / name
            path.parent.mkdir(parents=True)
            path.write_text(text + '\n')
            return [(str(found), rule) for found, _, rule, _ in check.check(root, check.RULES)]

    def test_finds_every_planted_offence(self):
        for rule, name, text in OFFENCES:
            with self.subTest(rule=rule, text=text[:60]):
                self.assertIn((name, rule), self.offences(name, text))

    def test_every_rule_is_planted(self):
        planted = {rule for rule, _, _ in OFFENCES} | {'readme'}
        self.assertEqual(planted, set(check.RULES))

    def test_lets_pass_what_is_allowed(self):
        for name, text in ALLOWED:
            with self.subTest(text=text[:60]):
                self.assertEqual([], self.offences(name, text))

    def test_misses_a_readme(self):
        with tempfile.TemporaryDirectory() as directory:
            room = Path(directory) / 'tun'
            room.mkdir()
            (room / 'CMakeLists.txt').write_text('')
            self.assertEqual(1, len(check.check(Path(directory), ['readme'])))
            (room / 'README.md').write_text('')
            self.assertEqual([], check.check(Path(directory), ['readme']))

    def test_says_the_line(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / 'routing' / 'a.cpp'
            path.parent.mkdir()
            path.write_text('/* one\ntwo */\nint x = rand();\n')
            self.assertEqual([3], [line for _, line, _, _ in check.check(Path(directory), check.RULES)])


if __name__ == '__main__':
    unittest.main()
