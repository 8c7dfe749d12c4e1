#!/usr/bin/env python3
"""Opens reports in headless Chromium: they must run without an error, show everything, load nothing.

Usage: report_check.py CHROMIUM REPORT_SAMPLE
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

CHARTS = ('convergence', 'roots', 'running', 'delivery', 'bytes', 'state', 'stretch', 'lost', 'frames', 'topology')
# The page cannot say by itself that a script failed: this, put in front, writes it into the page.
PROBE = """<script>
addEventListener('error', (event) => document.documentElement.setAttribute('data-error', event.message || 'resource'), true);
addEventListener('load', () => {
  const at = document.querySelector('#convergence .hit:nth-of-type(5)').getBoundingClientRect();
  document.querySelector('#convergence .hit').dispatchEvent(
    new PointerEvent('pointermove', {bubbles: true, clientX: at.x, clientY: at.y}));
  const root = document.documentElement;
  root.setAttribute('data-tip-shown', document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent);
  root.setAttribute('data-loaded', performance.getEntriesByType('resource').map((entry) => entry.name).join(' '));
  root.setAttribute('data-overflow', root.scrollWidth - root.clientWidth);
});
</script>"""


def chromium(program, folder, *arguments):
    result = subprocess.run(
        [program, '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--enable-logging=stderr',
         f'--user-data-dir={folder}/profile', *arguments],
        capture_output=True, text=True, timeout=60, check=True)
    console = [line for line in result.stderr.splitlines() if 'CONSOLE' in line]
    return result.stdout, console


def attribute(dom, name):
    found = re.search(rf'<html[^>]*\b{name}="([^"]*)"', dom, re.S)
    return found.group(1) if found else None


def check(program, page, folder, places):
    (folder / 'report.html').write_text(page)
    (folder / 'probed.html').write_text(page.replace('<head>', '<head>' + PROBE, 1))
    faults = []

    def expect(holds, what):
        if not holds:
            faults.append(f'{places}: {what}')

    for width in (1200, 500):
        dom, console = chromium(program, folder, f'--window-size={width},1000', '--dump-dom',
                                f'file://{folder}/probed.html')
        expect(not console, f'the console says: {console}')
        expect(attribute(dom, 'data-error') is None, f'an error: {attribute(dom, "data-error")}')
        expect(attribute(dom, 'data-loaded') == '', f'it loads {attribute(dom, "data-loaded")}')
        expect(attribute(dom, 'data-overflow') == '0', f'wider than a window of {width}: {attribute(dom, "data-overflow")}')
        expect('right coordinates' in (attribute(dom, 'data-tip-shown') or ''), 'no tip where the pointer is')
        for chart in CHARTS:
            figure = re.search(rf'<figure[^>]*id="{chart}".*?</figure>', dom, re.S)
            expect(figure and '<svg' in figure.group() and re.search('<(path|circle|rect) ', figure.group()),
                   f'no drawing: {chart}')
        expect('NaN' not in re.sub(r'<script>.*?</script>', '', dom, flags=re.S) and 'inf' not in
               ' '.join(re.findall(r' (?:d|x|y|width|height)="([^"]*)"', dom)), 'a number is none')
        expect('<img' not in dom and '<b>churn' not in dom, 'text became markup')
    references = re.findall(r'(?:src|href)\s*=\s*"([^"]*)"|url\(([^)]*)\)|@import', page)
    expect(all(reference[0] == 'data:,' for reference in references), f'it refers to {references}')
    _, console = chromium(program, folder, '--window-size=1200,3000', f'--screenshot={folder}/report.png',
                          f'file://{folder}/report.html')
    expect((folder / 'report.png').stat().st_size > 20_000, 'the screenshot is empty')
    expect(not console, f'the console says: {console}')
    return faults


def main():
    program, sample = sys.argv[1:]
    faults = []
    for arguments in (['200'], ['120', 'places'], ['2500']):
        page = subprocess.run([sample, *arguments], capture_output=True, text=True, timeout=60, check=True).stdout
        with tempfile.TemporaryDirectory() as folder:
            faults += check(program, page, Path(folder), ' '.join(arguments))
    print('\n'.join(faults))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
