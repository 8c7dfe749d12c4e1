#!/usr/bin/env python3
"""Enforces the few bans that matter (see RULES); prints each offence with what to do instead.

Usage: check.py ROOT [--only RULE,...]
"""

import argparse
import re
import sys
from pathlib import Path

ROOMS = ('crypto', 'routing', 'transport', 'tun', 'node', 'sim')
SANS_IO = ('crypto', 'routing')
CPP = ('.cpp', '.hpp', '.h')
OTHER_CODE = ('.py', '.sh', '.cmake', '.txt')
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70

IN_SANS_IO_ROOMS = [
    ('clock', r'\b(system_clock|steady_clock|high_resolution_clock|utc_clock|file_clock)\b'
              r'|\b(gettimeofday|clock_gettime|timespec_get)\s*\('
              r'|(?<![\w.>])time\s*\(\s*(nullptr|NULL|0|&)|(?<![\w.>])clock\s*\(\s*\)',
     'take a Time or an Instant (crypto/time.hpp) as an argument'),
    ('randomness', r'\b(random_device|mt19937(_64)?|minstd_rand0?|default_random_engine|\w+_distribution)\b'
                   r'|(?<![\w.>])s?rand\s*\(|\brandombytes_\w+|\b(getrandom|getentropy|arc4random\w*)\s*\('
                   r'|\bcrypto_(?!\w*seed_)\w*(keypair|keygen)\s*\(',
     'take a Random& (crypto/random.hpp) as an argument'),
    ('include', r'^\s*#\s*include\s*<(asio\b.*|boost/asio\b.*|iostream|thread|mutex|shared_mutex|future|stop_token'
                r'|condition_variable|random|ctime|time\.h|sys/.*|unistd\.h|spdlog/.*)>',
     'these rooms are sans-I/O and single-threaded: the owner does that'),
    ('hash-order', r'\bunordered_(multi)?(map|set)\b',
     'use std::map, std::set or a sorted vector: a run must not depend on the order of hashes'),
    ('thread', r'\bstd\s*::\s*(jthread|thread|mutex|async|cout|cerr|cin|clog)\b',
     'these rooms are sans-I/O and single-threaded: the owner does that'),
]
IN_ALL_CPP = [
    ('coroutine', r'\bco_(await|return|yield)\b', 'use completion handlers (GCC 12 miscompiles some coroutines)'),
    ('std-format', r'\bstd\s*::\s*(v?format(_to(_n)?)?|print(ln)?)\b|#\s*include\s*<(format|print)>',
     'use fmt: the standard library here has no <format>'),
    ('using-std', r'\busing\s+namespace\s+std\s*;', 'name what you use'),
]
# Spelt so that this file does not offend itself.
IN_ALL_TEXT = [
    ('leftover', r'\b(' + '|'.join(('TO' 'DO', 'FIX' 'ME', 'XX' 'X', 'HA' 'CK')) + r')\b',
     'do it now, or open an issue'),
    ('local-path', r'(?<![\w./}$-])/(wo' r'rk|ro' r'ot)/', 'name no paths of one machine'),
]
RULES = [rule for rule, _, _ in IN_SANS_IO_ROOMS + IN_ALL_CPP + IN_ALL_TEXT] + ['file-length', 'function-length', 'readme']

LITERALS = re.compile(r'//(?:[^\n\\]|\\.)*|/\*.*?\*/|R"(?P<d>[^\s()\\]*)\(.*?\)(?P=d)"|"(?:[^"\\\n]|\\.)*"'
                      r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'", re.S)


def blank(match):
    """Only the line breaks of a comment or literal."""
    return re.sub(r'[^\n]', ' ', match.group())


def code_only(text):
    """The text without comments and literals, lines kept; includes stay readable."""
    return LITERALS.sub(blank, text)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def matches(rules, text):
    for rule, pattern, advice in rules:
        for match in re.finditer(pattern, text, re.M):
            yield line_of(text, match.start()), rule, f'"{match.group().strip()}": {advice}'


CONTAINER = re.compile(r'\b(namespace|class|struct|union|enum|extern)\b')


def long_functions(code):
    """Blocks that are the body of a function, seen from namespaces and classes, if too long."""
    code = re.sub(r'^\s*#(?:[^\n\\]|\\.|\\\n)*', blank, code, flags=re.M)
    stack = []  # of (kind, start line) of the open braces
    head_start = 0
    for match in re.finditer(r'[{};]', code):
        inside_container = all(kind == 'container' for kind, _ in stack)
        if match.group() == '{':
            head = re.sub(r'^\s*template\s*<[^;{}]*?>\s*(?=class|struct)', '', code[head_start:match.start()])
            if not inside_container:
                kind = 'other'
            elif CONTAINER.search(head) and not re.search(r'\)\s*[\w\s]*$', head):
                kind = 'container'
            else:
                kind = 'function' if '(' in head else 'other'
            text_start = head_start + len(head) - len(head.lstrip())
            stack.append((kind, line_of(code, text_start)))
        elif match.group() == '}' and stack:
            kind, start = stack.pop()
            length = line_of(code, match.start()) - start + 1
            if kind == 'function' and length > MAX_FUNCTION_LINES:
                yield start, 'function-length', f'{length} lines, at most {MAX_FUNCTION_LINES}: split it'
        head_start = match.end()


def check_file(path, room):
    text = path.read_text(encoding='utf-8', errors='replace')
    yield from matches(IN_ALL_TEXT, text)
    lines = text.count('\n')
    if lines > MAX_FILE_LINES:
        yield 1, 'file-length', f'{lines} lines, at most {MAX_FILE_LINES}: split it by noun'
    if path.suffix in CPP:
        code = code_only(text)
        yield from matches(IN_ALL_CPP, code)
        yield from long_functions(code)
        if room in SANS_IO:
            yield from matches(IN_SANS_IO_ROOMS, code)


def files_of(root):
    for top in (*ROOMS, 'tests'):
        for path in sorted((root / top).rglob('*')):
            relative = path.relative_to(root)
            if path.is_file() and path.suffix in CPP + OTHER_CODE and 'corpus' not in relative.parts:
                yield path, top
    for path in sorted(root.glob('CMake*.txt')):
        yield path, ''


def check(root, only):
    """All offences: (path, line, rule, what)."""
    offences = []
    for path, room in files_of(root):
        offences += [(path.relative_to(root), *offence) for offence in check_file(path, room)]
    for room in ROOMS:
        if (root / room / 'CMakeLists.txt').exists() and not (root / room / 'README.md').exists():
            offences.append((Path(room), 1, 'readme', 'say in README.md what lives here, and what must hold'))
    return [offence for offence in offences if offence[2] in only]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('root', type=Path)
    parser.add_argument('--only', default=','.join(RULES))
    arguments = parser.parse_args()
    offences = check(arguments.root, arguments.only.split(','))
    for path, line, rule, what in offences:
        print(f'{path}:{line}: [{rule}] {what}')
    return 1 if offences else 0


if __name__ == '__main__':
    sys.exit(main())
