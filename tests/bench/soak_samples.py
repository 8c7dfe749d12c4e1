"""What nodes use while they run, read from /proc, and whether it is flat."""
import os
import statistics
import time

MB = 1024.0  # kB
# A leak grows for as long as there is load; tables fill up and stay. After the warm-up both thirds compared saw the same load,
# so their medians differ by noise: single nodes by what their tables happen to hold, and by steps of the allocator;
# the median over all nodes by far less, and there a small leak that all have shows.
NODE_SHARE, NODE_KB = 0.10, 768.0
ALL_SHARE, ALL_KB = 0.03, 192.0


class Sample:
    """One node at one time. Memory in kB: `anonymous` is heap and stacks, without the pages of the binary."""

    def __init__(self, node, begin):
        pid = node.process.pid
        fields = {}
        with open('/proc/%d/status' % pid) as f:
            for line in f:
                name, _, value = line.partition(':')
                fields[name] = value
        self.seconds = time.monotonic() - begin
        self.rss = int(fields['VmRSS'].split()[0])
        self.anonymous = int(fields['RssAnon'].split()[0])
        self.threads = int(fields['Threads'])
        self.descriptors = len(os.listdir('/proc/%d/fd' % pid))
        self.cpu = node.cpu_seconds()


def slope_per_minute(samples):
    """Least squares: kB of anonymous memory per minute."""
    xs, ys = [s.seconds / 60 for s in samples], [s.anonymous for s in samples]
    x, y = statistics.fmean(xs), statistics.fmean(ys)
    spread = sum((v - x) ** 2 for v in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / spread if spread else 0.0


class Growth:
    """How the memory of one node went between the end of the warm-up and the end of the load."""

    def __init__(self, samples):
        third = max(1, len(samples) // 3)
        self.first = statistics.median(s.anonymous for s in samples[:third])
        self.last = statistics.median(s.anonymous for s in samples[-third:])
        self.slope = slope_per_minute(samples)
        self.change = self.last - self.first

    def flat(self):
        return self.change <= max(NODE_KB, NODE_SHARE * self.first)


class Samples:
    """All samples of the nodes that are judged."""

    def __init__(self, nodes):
        self.of = {node: [] for node in nodes}
        self.begin = time.monotonic()

    def take(self):
        for node, samples in self.of.items():
            if node.running():
                try:
                    samples.append(Sample(node, self.begin))
                except (OSError, KeyError, ValueError):
                    pass  # it is ending; that it died is told elsewhere

    def forget(self, node):
        """A restarted process starts from nothing, and says nothing about growth."""
        self.of.pop(node, None)

    def growths(self, warm_up):
        """{node: Growth} since so many seconds."""
        late = {n: [s for s in samples if s.seconds >= warm_up] for n, samples in self.of.items()}
        return {n: Growth(samples) for n, samples in late.items() if len(samples) >= 6}

    def at(self, seconds):
        """The sample of each node closest to that time."""
        return [min(samples, key=lambda s: abs(s.seconds - seconds)) for samples in self.of.values() if samples]

    def processor_share(self, warm_up):
        """Share of one processor that each node took since so many seconds."""
        shares = []
        for samples in self.of.values():
            late = [s for s in samples if s.seconds >= warm_up]
            if len(late) > 1:
                shares.append((late[-1].cpu - late[0].cpu) / (late[-1].seconds - late[0].seconds))
        return shares


def memory_verdict(growths):
    """Reasons why the memory is not flat; empty if it is."""
    if not growths:
        return ['no node lived long enough to judge its memory']
    reasons = ['%s: memory grew by %.0f kB, from %.0f to %.0f kB (%.0f kB a minute)' % (
        node, g.change, g.first, g.last, g.slope) for node, g in growths.items() if not g.flat()]
    common = statistics.median(g.change for g in growths.values())
    allowed = max(ALL_KB, ALL_SHARE * statistics.median(g.first for g in growths.values()))
    if common > allowed:
        reasons.append('the median node grew by %.0f kB; %.0f kB are noise' % (common, allowed))
    return reasons


def spread(values, form='%.1f'):
    """'min / median / max'"""
    values = list(values)
    if not values:
        return '-'
    return ' / '.join(form % v for v in (min(values), statistics.median(values), max(values)))
