"""A program that stands in for long wires: it passes on TCP connections, with a delay.

Kernels of small virtual machines come without netem; this needs nothing of them. Run as
`relay.py FOLDER` it reads FOLDER/relay.json, a list of {"port", "to": [host, port], "latency_ms"}, listens on those
ports and says "ready" on FOLDER/relay.ready. A datagram with the index of a wire on FOLDER/relay.sock cuts that wire:
connections end at once at both ends, and there are no new ones.
"""
import heapq
import json
import os
import selectors
import socket
import sys
import time
from collections import deque

RETRY = 0.002  # when a receiver's buffer is full


class Wire:
    def __init__(self, port, to, latency_ms):
        self.to, self.latency = tuple(to), latency_ms / 1000
        self.listener = socket.create_server(('', port), backlog=16)
        self.ends = []  # open sockets


class Direction:
    """What one end of a connection sends to the other: chunks in order, each due at a time."""

    def __init__(self, wire, source, sink):
        self.wire, self.source, self.sink = wire, source, sink
        self.waiting = deque()


class Relay:
    def __init__(self, folder):
        self.selector = selectors.DefaultSelector()
        self.due = []  # (time, number, direction): one for each chunk that waits
        self.number = 0
        with open(os.path.join(folder, 'relay.json')) as f:
            self.wires = [Wire(**wire) for wire in json.load(f)]
        for wire in self.wires:
            self.watch(wire.listener, lambda wire=wire: self.accept(wire))
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.control.bind(os.path.join(folder, 'relay.sock'))
        self.watch(self.control, lambda: self.cut(self.wires[int(self.control.recv(64))]))
        with open(os.path.join(folder, 'relay.ready'), 'w') as f:
            f.write('ready')

    def watch(self, channel, call):
        self.selector.register(channel, selectors.EVENT_READ, call)

    def accept(self, wire):
        near, _ = wire.listener.accept()
        try:
            far = socket.create_connection(wire.to, timeout=1)
        except OSError:
            near.close()
            return
        for source, sink in ((near, far), (far, near)):
            source.setblocking(False)
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.ends.append(source)
            direction = Direction(wire, source, sink)
            self.watch(source, lambda direction=direction: self.take(direction))

    def take(self, direction):
        try:
            chunk = direction.source.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b''
        if not chunk:  # the end of a connection travels like anything else
            self.selector.unregister(direction.source)
        direction.waiting.append(chunk)
        self.push(time.monotonic() + direction.wire.latency, direction)

    def push(self, when, direction):
        self.number += 1
        heapq.heappush(self.due, (when, self.number, direction))

    def hand_over(self, direction):
        """The oldest chunk to its receiver, as far as that one takes it."""
        chunk = direction.waiting[0]
        try:
            if not chunk:
                direction.sink.shutdown(socket.SHUT_RDWR)
            elif (sent := direction.sink.send(chunk)) < len(chunk):
                direction.waiting[0] = chunk[sent:]
                self.push(time.monotonic() + RETRY, direction)
                return
        except BlockingIOError:
            self.push(time.monotonic() + RETRY, direction)
            return
        except OSError:
            pass  # the receiver is gone, and its own direction says so
        direction.waiting.popleft()

    def cut(self, wire):
        for channel in [wire.listener] + wire.ends:
            if channel in self.selector.get_map():
                self.selector.unregister(channel)
            channel.close()
        wire.ends.clear()

    def run(self):
        while True:
            pause = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            for key, _ in self.selector.select(pause):
                if key.fileobj.fileno() >= 0:  # a cut may have come before it
                    key.data()
            while self.due and self.due[0][0] <= time.monotonic():
                self.hand_over(heapq.heappop(self.due)[2])


if __name__ == '__main__':
    Relay(sys.argv[1]).run()
