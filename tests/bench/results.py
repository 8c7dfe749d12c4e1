"""Collects measured values per topology, quantity and daemon, and prints their medians beside each other."""
import statistics


class Results:
    def __init__(self, kinds, stall):
        self.kinds, self.stall = kinds, stall
        self.values = {}  # (topology, name) -> kind -> [value]

    def put(self, topology, name, kind, value):
        if value is not None:
            self.values.setdefault((topology, name), {}).setdefault(kind, []).append(value)

    @staticmethod
    def percentile(values, percent):
        """The value that so many percent do not exceed; None without values."""
        if not values:
            return None
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def values_as_json(self):
        return [{'topology': t, 'name': n, **kinds} for (t, n), kinds in self.values.items()]

    def _cells(self, name, kinds):
        medians = [statistics.median(kinds[k]) if k in kinds else None for k in self.kinds]
        ratio = medians[0] / medians[1] if None not in medians and medians[1] else None
        cells = ['-' if m is None else self._number(m) for m in medians]
        return cells + ['-' if ratio is None else '%.2f' % ratio]

    @staticmethod
    def _number(value):
        return '%.0f' % value if value >= 1000 else '%.1f' % value if value >= 100 else '%.2f' % value

    def _rows(self):
        for (topology, name), kinds in self.values.items():
            yield [topology, name] + self._cells(name, kinds) + [self._spread(kinds)]
            if name.startswith('start to first ping'):
                yield [topology, '  slowest, s'] + ['%.2f' % max(kinds[k]) if k in kinds else '-' for k in self.kinds] + ['', '']
                yield [topology, '  stalls (over %g s)' % self.stall] + [
                    '%d of %d' % (sum(v > self.stall for v in kinds[k]), len(kinds[k])) if k in kinds else '-'
                    for k in self.kinds] + ['', '']

    def _spread(self, kinds):
        return '; '.join('%s %s–%s' % (k, self._number(min(kinds[k])), self._number(max(kinds[k])))
                         for k in self.kinds if len(kinds.get(k, [])) > 1)

    def table(self):
        """Medians, ratio of the first kind to the second, and the range of the single values."""
        head = ['topology', 'quantity'] + list(self.kinds) + ['ratio', 'range']
        rows = sorted(self._rows(), key=lambda r: list(dict.fromkeys(t for t, _ in self.values)).index(r[0]))
        widths = [max(len(r[i]) for r in [head] + rows) for i in range(len(head))]
        lines = []
        for row in [head, ['-' * w for w in widths]] + rows:
            lines.append('  '.join(c.rjust(w) if 2 <= i <= 4 else c.ljust(w)
                                   for i, (c, w) in enumerate(zip(row, widths))).rstrip())
        return '\n'.join(lines)
