"""What must come of every hostile case of meshprobe, by the wire specification.

A rule takes what meshprobe reports of a case (see its Hostile class) and returns what is wrong with it, or None.
That the daemon takes a new link afterwards, that its memory holds, and that its neighbours keep talking through it, is
checked for every case by run_hostile.py.
"""


def closes(r):
    """The link that sent it ends."""
    return None if r['closed'] else 'the link stayed open'


def stays(r):
    """The link stays, whatever the daemon does with the frame."""
    return 'the link was closed' if r['closed'] else None


def free(r):
    """The specification leaves open whether the link survives."""
    return None


def accepted(r):
    """A handshake that is taken: frames follow the daemon's record."""
    return None if r.get('frames_after_record') else 'the handshake was refused'


def refused(r):
    """A handshake that is not taken: no frames, and the end of the link."""
    if r.get('frames_after_record'):
        return 'the handshake was taken'
    return closes(r)


def within(seconds):
    """The link ends in time."""
    def rule(r):
        if not r['closed'] or r['after'] > seconds:
            return 'not closed within %g s (%s)' % (seconds, r.get('after', 'open'))
    return rule


def answered(kind, name, least, most=None):
    """The link stays and brings so many answers: kind 'replies' counts frames, 'session' what was in them."""
    def rule(r):
        n = r.get(kind, {}).get(name, 0)
        if n < least or (most is not None and n > most):
            return '%d × %s, expected %s' % (n, name, least if most == least else '%s to %s' % (least, most or 'any'))
        return stays(r)
    return rule


def noted(**wanted):
    """The link stays, and meshprobe's notes say so."""
    def rule(r):
        for name, value in wanted.items():
            if r.get(name) != value:
                return '%s is %r, expected %r' % (name, r.get(name), value)
        return stays(r)
    return rule


def half_open(r):
    if not r.get('alive_meanwhile'):
        return 'no new link was taken while 500 were half open'
    return None if r['closed'] else 'only %s of 500 half-open links were closed' % r.get('closed_count')


def port_0(r):
    if r.get('adopted_other'):
        return 'a parent was adopted that gave port 0'
    if not str(r.get('other_closed')).startswith('remote'):
        return 'the link that gave port 0 was not closed: %s' % r.get('other_closed')
    return stays(r)


def not_adopted(r):
    return 'a parent was adopted by an answer to another request' if r.get('adopted_other') else None


RULES = {
    # Handshakes (spec 2)
    'hs-good': accepted, 'hs-unknown-tlv': accepted, 'hs-tlv-order': accepted, 'hs-no-priority': accepted,
    'hs-no-major': accepted,  # a missing number reads 0
    'hs-duplicate-tlv': accepted,
    'hs-long-but-valid': free,  # 60 KB for an unknown peer: a node may refuse to hold them
    'hs-no-version': refused, 'hs-no-key': refused, 'hs-tlv-overrun': refused, 'hs-tlv-overrun-into-sig': refused,
    'hs-tlv-stub': refused, 'hs-tlv-short-key': refused, 'hs-tlv-long-key': refused, 'hs-tlv-short-version': refused,
    'hs-tlv-long-version': refused, 'hs-tlv-empty-priority': refused, 'hs-tlv-long-priority': refused,
    'hs-wrong-minor': refused, 'hs-newer-minor': refused, 'hs-wrong-major': refused, 'hs-wrong-password': refused,
    'hs-bad-sig': refused, 'hs-no-sig': refused, 'hs-empty': refused, 'hs-only-sig': refused, 'hs-length-63': refused,
    'hs-huge-length': refused, 'hs-bad-preamble': refused, 'hs-own-key': closes,
    'hs-silent': within(7.5), 'hs-slow-loris': within(7.5), 'hs-half-open-500': half_open,
    # Framing (spec 2)
    'nothing': stays, 'max-frame': stays, 'dummy-with-body': stays,
    'keepalive-with-body': free,  # "empty" and "ignored": both readings are in use
    'oversize-frame': closes, 'unknown-type-10': closes, 'unknown-type-255': closes, 'zero-frame': closes,
    'huge-length': closes, 'uvarint-11-length': closes, 'uvarint-11': closes, 'uvarint-over-64-bits': closes,
    'uvarint-nonminimal-length': answered('replies', 'sigres', 1),
    'uvarint-nonminimal': answered('replies', 'sigres', 1), 'uvarint-max': answered('replies', 'sigres', 1),
    'path-unended': closes, 'path-100000': stays, 'traffic-from-100000': stays, 'lookup-from-100000': stays,
    'notify-coords-100000': stays,
    # Filters (spec 7)
    'bloom-both-flags': closes, 'bloom-missing-word': closes, 'bloom-leftover-word': closes,
    'bloom-unpacked-zero-words': stays, 'bloom-all-ones': stays,
    # The tree (spec 3)
    'announce-bad-sig': closes, 'announce-bad-psig': closes, 'announce-child-bad-psig': closes,
    'announce-port0-other-parent': closes,
    'announce-root-with-port': free,  # invalid, but the stock daemon takes it
    'announce-stranger': stays, 'announce-max-seq': stays,
    'announce-stale': answered('replies', 'announce', 1), 'announce-loop': stays, 'announce-own-record-of-them': stays,
    'sigres-bad-sig': closes, 'sigres-unasked': stays,
    'sigres-port-0': free,  # both unasked (ignored) and port 0 (closes)
    'sigres-port-0-asked': port_0, 'sigres-other-seq': not_adopted,
    'sigres-huge-port': free,
    # Paths and traffic (spec 4, 5)
    'notify-bad-sig': stays, 'notify-unasked': stays, 'broken-unasked': stays,
    'traffic-empty-payload': stays, 'traffic-no-route': answered('replies', 'broken', 1),
    # Sessions (spec 8, 9)
    'traffic-unknown-session-type': stays, 'traffic-garbage': answered('session', 'rx init', 1),
    'traffic-short': answered('session', 'rx init', 1), 'traffic-watermark-0': stays,
    'init-short': answered('session', 'rx ack', 0, 0), 'init-garbage': answered('session', 'rx ack', 0, 0),
    'traffic-forged-source': stays, 'traffic-source-is-daemon': stays,
    'init-forged-source': answered('session', 'rx ack', 0, 0),
    'replayed-init': answered('session', 'rx ack', 1, 3), 'replayed-traffic': answered('session', 'rx traffic', 1, 1),
    'garbage-in-session': answered('session', 'rx init', 1),
    'unknown-packet-types': noted(still_answers=True), 'ipv6-forged-source': noted(still_answers=True),
    # Floods: closing the link is a fair answer
    'flood-announce': free, 'flood-announce-chain': free, 'flood-lookup': free, 'flood-lookup-hit': free,
    'flood-init': free, 'flood-traffic-strangers': free, 'flood-sigreq': free, 'flood-unread': free,
    'no-keepalive': within(6),
}
for _frame in ('sigreq', 'sigres', 'announce', 'bloom', 'lookup', 'notify', 'broken', 'traffic'):
    RULES['truncated-' + _frame] = closes
    RULES['empty-' + _frame] = closes
    if _frame != 'traffic':
        RULES['leftover-' + _frame] = closes

FLOODS = [name for name in RULES if name.startswith('flood-')]


def problem(result):
    """What is wrong with a result of meshprobe, or None."""
    if 'error' in result:
        return result['error']
    if not result['alive']:
        return 'the daemon takes no new link afterwards'
    if str(result.get('how')).startswith('local'):
        return 'the daemon broke the protocol: %s' % result['how']
    rule = RULES.get(result['case'])
    return rule(result) if rule else None
