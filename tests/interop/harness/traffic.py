"""Load between two nodes: iperf3 over their TUN addresses."""
import json
import time


def iperf3(client, server, seconds, *args):
    """Runs iperf3 from client to server and returns its report; raises AssertionError when it fails."""
    listener = server.namespace.spawn('iperf3', '-s', '-1', '-B', server.address)
    try:
        for _ in range(40):
            done = client.namespace.run('iperf3', '-J', '-c', server.address, '-t', str(seconds),
                                        '--connect-timeout', '5000', *args, timeout=seconds + 60)
            report = json.loads(done.stdout)
            if 'unable to connect' not in report.get('error', ''):
                break
            time.sleep(0.05)  # it is not listening yet
    finally:
        listener.kill()
        listener.wait()
    if 'error' in report:
        raise AssertionError('iperf3 %s to %s: %s' % (client, server, report['error']))
    return report


def received_mbit(report):
    """Megabits per second that a TCP report says were received."""
    return report['end']['sum_received']['bits_per_second'] / 1e6


def received_packets(report):
    """Packets per second that a UDP report says were received."""
    total = report['end']['sum']
    return (total['packets'] - total['lost_packets']) / total['seconds']
