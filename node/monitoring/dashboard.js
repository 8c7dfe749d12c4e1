
'use strict';
// All that comes from the node may come from strangers: it is shown as text and nothing else.

const kInterval = 2000;
const kTimeout = 8000;
const $ = (id) => document.getElementById(id);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// --- how figures are written ---------------------------------------------------------------------

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    ++unit;
  }
  return (unit && count < 100 ? count.toFixed(1) : Math.round(count)) + '\u00a0' + units[unit];
}

const rate = (count) => bytes(count || 0) + '/s';

function duration(seconds) {
  const s = Math.floor(seconds);
  if (s < 60) return s + '\u00a0s';
  const pair = (a, an, b, bn) => a + '\u00a0' + an + (b ? '\u00a0' + b + '\u00a0' + bn : '');
  if (s < 3600) return pair(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 86400) return pair(Math.floor(s / 3600), 'h', Math.floor(s % 3600 / 60), 'min');
  return pair(Math.floor(s / 86400), 'd', Math.floor(s % 86400 / 3600), 'h');
}

function roundTrip(nanoseconds) {
  if (!nanoseconds) return '–';
  const ms = nanoseconds / 1e6;
  return (ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)) + '\u00a0ms';
}

const counted = (list) => list.total + (list.shown.length < list.total ? ', ' + list.shown.length + ' of them shown' : '');

// --- lists that are brought up to date in place, so that what is selected stays so ----------------

/** One row for each of `items`; `cells` gives [label, text, small text below, class] for each cell. */
function fillTable(table, items, name, cells) {
  const body = table.tBodies[0];
  const rows = new Map([...body.rows].map((row) => [row.dataset.name, row]));
  items.forEach((item, at) => {
    let row = rows.get(name(item));
    rows.delete(name(item));
    if (!row) {
      row = element('tr');
      row.dataset.name = name(item);
    }
    if (body.rows[at] !== row) body.insertBefore(row, body.rows[at] || null);
    row.className = item.up === false ? 'down' : '';
    cells(item).forEach(([label, text, below, className], column) => fillCell(row, column, label, text, below, className));
  });
  for (const row of rows.values()) row.remove();
  table.hidden = items.length === 0;
  table.nextElementSibling.hidden = items.length > 0;
}

function fillCell(row, column, label, text, below, className) {
  let cell = row.cells[column];
  if (!cell) {
    cell = row.insertCell();
    cell.append(element('span'), element('div'));
  }
  cell.dataset.label = label;
  cell.className = text.length > 24 && column ? 'wide' : '';
  cell.firstChild.className = className || '';
  setText(cell.firstChild, text);
  setText(cell.lastChild, below || '');
}

/** `tiles`: [name, figure] */
function fillTiles(list, tiles) {
  while (list.children.length > tiles.length) list.lastChild.remove();
  tiles.forEach(([name, figure], at) => {
    let tile = list.children[at];
    if (!tile) {
      tile = element('li');
      tile.append(element('b'), element('span'));
      list.append(tile);
    }
    setText(tile.firstChild, String(figure));
    setText(tile.lastChild, name);
  });
}

function fillNames(list, names) {
  names.forEach(([name, text], at) => {
    if (!list.children[2 * at]) list.append(element('dt', '', name), element('dd'));
    setText(list.children[2 * at + 1], text);
  });
}

// --- the tree ------------------------------------------------------------------------------------

const kRow = 26;
const kIndent = 22;
let treeShown = '';

function svg(tag, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The nodes in the order of their rows, each with its depth and the row of its parent. */
function treeRows(entries) {
  const known = new Map(entries.map((entry) => [entry.key, entry]));
  const children = new Map();
  const tops = [];
  for (const entry of entries) {
    if (entry.parent === entry.key || !known.has(entry.parent)) {
      tops.push(entry);
    } else if (children.has(entry.parent)) {
      children.get(entry.parent).push(entry);
    } else {
      children.set(entry.parent, [entry]);
    }
  }
  const rows = [];
  const waiting = tops.reverse().map((entry) => ({entry, depth: 0, above: -1}));
  while (waiting.length) {
    const row = waiting.pop();
    const at = rows.push(row) - 1;
    const below = (children.get(row.entry.key) || []).sort((a, b) => (a.key < b.key ? 1 : -1));
    for (const entry of below) waiting.push({entry, depth: row.depth + 1, above: at});
  }
  return rows;
}

function tagsOf(entry, node, peers) {
  const tags = [];
  if (entry.key === node.key) tags.push('this node');
  if (entry.parent === entry.key) tags.push('root');
  if (entry.key === node.parent.key && node.parent.key !== node.key) tags.push('parent');
  if (peers.has(entry.key)) tags.push('peer');
  return tags;
}

/** Where there is no room for a whole address: how it begins. */
function named(address, narrow) {
  const groups = address.split(':');
  return narrow && groups.length > 5 ? groups.slice(0, 4).join(':') + '…' : address;
}

function drawTree(place, status) {
  const node = status.node;
  const peers = new Set(status.peers.shown.filter((peer) => peer.up).map((peer) => peer.key));
  const narrow = place.clientWidth < 480;
  const structure = narrow + status.tree.shown.map((entry) => entry.key + entry.parent).join() + [...peers].join() + node.parent.key;
  if (structure === treeShown) return;
  treeShown = structure;
  const rows = treeRows(status.tree.shown);
  const ours = new Set();
  for (let at = rows.findIndex((row) => row.entry.key === node.key); at >= 0; at = rows[at].above) ours.add(at);
  const lines = svg('g', {});
  const nodes = svg('g', {});
  let width = 0;
  rows.forEach((row, at) => {
    const [x, y] = [10 + row.depth * kIndent, 14 + at * kRow];
    if (row.above >= 0) {
      const line = svg('path', {d: `M${x - kIndent} ${14 + row.above * kRow}V${y}H${x}`, class: ours.has(at) ? 'ours' : ''});
      // Over the others, whose upper parts it shares.
      if (ours.has(at)) lines.append(line); else lines.prepend(line);
    }
    const tags = tagsOf(row.entry, node, peers);
    const group = svg('g', {class: row.entry.key === node.key ? 'self' : peers.has(row.entry.key) ? 'peer' : ''});
    const label = svg('text', {x: x + 12, y: y + 4}, named(row.entry.address, narrow));
    const tag = svg('tspan', {class: 'tag', dx: 10}, tags.join(', '));
    label.append(tag);
    group.append(svg('circle', {cx: x, cy: y, r: 5}), label, svg('title', {}, row.entry.address + ' ' + row.entry.key));
    nodes.append(group);
    width = Math.max(width, x + 22 + 8 * named(row.entry.address, narrow).length + 8 * tags.join(', ').length);
  });
  const height = rows.length * kRow + 6;
  const drawing = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, role: 'img',
                              'aria-label': 'Spanning tree of ' + rows.length + ' nodes'});
  drawing.append(lines, nodes);
  place.replaceChildren(drawing);
}

// --- the page ------------------------------------------------------------------------------------

let last = null;  // traffic at the last answer, to tell rates from

function showHealth(health) {
  $('health').className = health.healthy ? 'good' : 'bad';
  setText($('health'), health.healthy ? 'healthy' : 'unhealthy');
  $('problems').hidden = health.healthy;
  $('problems').replaceChildren(...health.problems.map((problem) => element('li', '', problem.reason)));
}

function showNode(status, now) {
  const node = status.node;
  const traffic = status.traffic;
  const seconds = last && now > last.now ? (now - last.now) / 1000 : 0;
  const since = (name) => seconds ? rate(Math.max(0, traffic[name] - last.traffic[name]) / seconds) : '–';
  fillNames($('names'), [
    ['Address', node.address], ['Subnet', node.subnet], ['Public key', node.key],
    ['Root', node.root.key === node.key ? 'this node' : node.root.address],
    ['Parent', node.parent.key === node.key ? '–' : node.parent.address],
    ['Coordinates', '[' + node.coordinates.join(' ') + ']'],
    ['TUN', node.tun.enabled ? node.tun.name + ', MTU ' + node.tun.mtu : 'none'],
    ['Version', node.build_name + ' ' + node.build_version],
  ]);
  fillTiles($('tiles'), [
    ['running for', duration(node.uptime)],
    ['peers up', status.peers.up],
    ['sessions', status.sessions.total],
    ['links to the root', node.coordinates.length],
    ['in', since('bytes_recvd')], ['out', since('bytes_sent')],
    ['received in all', bytes(traffic.bytes_recvd)], ['sent in all', bytes(traffic.bytes_sent)],
  ]);
  last = {now, traffic};
}

const aboutOther = (item) => [item.agent, ...(item.capabilities || [])].filter(Boolean).join(', ');

function showPeers(peers) {
  setText($('peers-count'), counted(peers));
  const count = new Map();
  const name = (peer) => peer.remote + ' ' + peer.key + ' ' + peer.inbound;
  // The same peer may be dialled through two interfaces.
  for (const peer of peers.shown) {
    const times = (count.get(name(peer)) || 0) + 1;
    count.set(name(peer), times);
    peer.name = name(peer) + ' ' + times;
  }
  fillTable($('peers'), peers.shown, (peer) => peer.name, (peer) => [
    ['Peer', peer.up ? peer.address : 'not up', peer.remote + (peer.up ? '' : peer.last_error ? ': ' + peer.last_error : ''), peer.up ? 'mono' : ''],
    ['Link', peer.up ? (peer.inbound ? 'inbound' : 'outbound') : 'down', peer.up ? aboutOther(peer) : ''],
    ['Round trip', peer.up ? roundTrip(peer.latency) : '–'],
    ['In', peer.up ? rate(peer.rate_recvd) : '–', peer.up ? bytes(peer.bytes_recvd) : ''],
    ['Out', peer.up ? rate(peer.rate_sent) : '–', peer.up ? bytes(peer.bytes_sent) : ''],
    ['Up for', peer.up ? duration(peer.uptime) : '–'],
  ]);
}

function showSessions(sessions) {
  setText($('sessions-count'), counted(sessions));
  fillTable($('sessions'), sessions.shown, (session) => session.key, (session) => [
    ['Node', session.address, aboutOther(session), 'mono'],
    ['Received', bytes(session.bytes_recvd)], ['Sent', bytes(session.bytes_sent)],
    ['For', duration(session.uptime)],
  ]);
}

function showLookups(lookups) {
  setText($('lookups-policy'), 'Lookup: ' + lookups.lookup);
  const tiles = [['paths known', lookups.paths], ['by bloom filters', lookups.bloom_lookups]];
  if (lookups.enabled) {
    tiles.push(['in the DHT', lookups.lookups], ['found there', lookups.hits], ['not there', lookups.misses],
               ['timed out', lookups.timeouts], ['nodes of the DHT, about', Math.round(lookups.estimated_nodes)],
               ['records kept for others', lookups.records]);
  }
  fillTiles($('lookups'), tiles);
}

function show(status) {
  showHealth(status.health);
  showNode(status, performance.now());
  showPeers(status.peers);
  setText($('tree-count'), counted(status.tree));
  drawTree($('tree'), status);
  showSessions(status.sessions);
  showLookups(status.lookups);
  setText($('age'), 'as of ' + new Date().toLocaleTimeString());
  document.querySelector('main').hidden = false;
}

function showNoAnswer() {
  $('health').className = 'bad';
  setText($('health'), 'the node does not answer');
}

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch('/status.json', {signal: AbortSignal.timeout(kTimeout)});
      if (!answer.ok) throw new Error('status ' + answer.status);
      show(await answer.json());
    } catch {
      showNoAnswer();
    }
  }
  setTimeout(refresh, kInterval);
}

refresh();
