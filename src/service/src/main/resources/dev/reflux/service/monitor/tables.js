'use strict';

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function empty(id, text) {
  document.getElementById(id).replaceChildren(element('p', { class: 'empty' }, text));
}

function table(heads, rows) {
  return element('table', {},
    element('thead', {}, element('tr', {}, ...heads.map(([text, type]) => element('th', type ? { class: type } : {}, text)))),
    element('tbody', {}, ...rows));
}

/** Each student offered, newest first. */
function showDecisions(decisions, students) {
  if (decisions.length === 0) return empty('decisions', 'No student has been offered yet.');
  const rows = decisions.slice().reverse().slice(0, 100).map(one => {
    const published = one.decision === 'PUBLISHED' || one.decision === 'FORCED';
    const quality = one.quality || {};
    const cell = (label, text) => element('td', { class: 'n', 'data-label': label }, text);
    return element('tr', {},
      element('td', { class: 'n', title: one.decided }, format.time(one.decided)),
      element('td', { class: 'who' }, one.student),
      element('td', { class: 'tagged' }, element('span', { class: 'tag ' + (published ? 'published' : 'held') }, one.decision.toLowerCase())),
      cell('events', short(one.eventsSeen)),
      cell('accuracy', format.share(quality.accuracy)),
      cell('agreement', format.share(quality.agreement)),
      element('td', { class: 'reasons' }, (one.reasons || []).map(reason => reason.text).join('; ')));
  });
  document.getElementById('decisions').replaceChildren(table(
    [['decided', 'n'], ['student'], ['decision'], ['events', 'n'], ['accuracy', 'n'], ['agreement', 'n'], ['why']], rows));
}

function showLetters(letters) {
  if (letters.length === 0) return empty('letters', 'None: every event could be used.');
  const rows = letters.slice().sort((a, b) => b.count - a.count).map(one => element('tr', {},
    element('td', { class: 'who' }, element('code', {}, one.reason)),
    element('td', { class: 'n' }, one.count == null ? '–' : short(one.count)),
    element('td', {}, one.message, element('pre', { title: one.position }, one.sample))));
  document.getElementById('letters').replaceChildren(table([['reason'], ['count', 'n'], ['newest']], rows));
}

function showChecks(checks) {
  if (!checks || checks.length === 0) return empty('checks', 'Nothing is known yet.');
  const rows = checks.map(one => element('tr', {},
    element('td', { class: 'who' }, one.name),
    element('td', {}, element('span', { class: 'tag ' + (one.ok ? 'ok' : 'bad') }, one.ok ? 'ok' : 'not ok')),
    element('td', { class: 'reasons' }, one.detail)));
  document.getElementById('checks').replaceChildren(table([['check'], ['state'], ['found']], rows));
}

function showTiles(tiles) {
  document.getElementById('tiles').replaceChildren(...tiles.map(([name, value, label]) =>
    element('div', { class: 'tile', 'data-tile': name }, element('b', {}, value), element('span', {}, label))));
}

/** Bars of error per class, the teacher's and each student's beside each other. */
function showClasses(classes, errors, who) {
  const box = document.getElementById('classes');
  if (!errors || who.every(one => !(errors[one.name] || []).some(v => v != null))) {
    return empty('classes', 'No labelled event has been predicted yet.');
  }
  let largest = 0.05;
  who.forEach(one => (errors[one.name] || []).forEach(v => { if (v > largest) largest = v; }));
  const legend = element('div', { class: 'legend' }, ...who.map(one => {
    const dot = element('i');
    dot.style.background = one.color();
    return element('span', {}, dot, one.label);
  }));
  const bars = element('div', { class: classes.length > 12 ? 'bars many' : 'bars' });
  classes.forEach((label, index) => {
    const column = element('div');
    who.forEach(one => {
      const value = (errors[one.name] || [])[index];
      const fill = element('i');
      fill.style.width = value == null ? '0' : (82 * value / largest).toFixed(1) + '%';
      fill.style.background = one.color();
      column.append(element('div', { class: 'bar' }, fill, element('small', {}, format.share(value))));
    });
    bars.append(element('div', { class: 'name', title: label }, label), column);
  });
  box.replaceChildren(legend, bars);
}

/** Rows of windows, one per feature and distance, oldest on the left. */
function showHeat(records) {
  const box = document.getElementById('heat');
  const rows = new Map();
  for (const one of records) {
    const key = one.feature + '\u0000' + one.detector;
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push(one);
  }
  if (rows.size === 0) {
    return empty('heat', 'No feature is compared, or no window has ended yet; see drift.distances in the pipeline file.');
  }
  const several = new Set(records.map(one => one.detector)).size > 1;
  const names = [...rows.keys()].map(key => {
    const [feature, detector] = key.split('\u0000');
    return several ? feature + ' · ' + detector : feature;
  });
  const cellHeight = rows.size > 24 ? 12 : 18;
  const width = Math.max(200, box.clientWidth);
  const height = rows.size * cellHeight + 20;
  const canvas = element('canvas', { class: 'heat', role: 'img', 'aria-label': 'Drift of ' + rows.size + ' features' });
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  canvas.style.height = height + 'px';
  const ctx = canvas.getContext('2d');
  ctx.scale(devicePixelRatio, devicePixelRatio);
  ctx.font = (cellHeight > 14 ? 12 : 10) + 'px system-ui, sans-serif';
  ctx.textBaseline = 'middle';
  const left = Math.min(width / 3, Math.max(...names.map(name => ctx.measureText(name).width)) + 10);
  const windows = [...new Set(records.map(one => one.windowEnd))].sort((a, b) => a - b).slice(-80);
  const cellWidth = Math.min(22, (width - left) / windows.length);
  const column = new Map(windows.map((end, i) => [end, i]));
  [...rows.values()].forEach((all, row) => {
    ctx.fillStyle = color('quiet');
    ctx.fillText(names[row], 0, row * cellHeight + cellHeight / 2, left - 6);
    for (const one of all) {
      if (!column.has(one.windowEnd)) continue;
      ctx.fillStyle = heatColor(one);
      ctx.fillRect(left + column.get(one.windowEnd) * cellWidth, row * cellHeight + 1, Math.max(1, cellWidth - 1), cellHeight - 2);
    }
  });
  ctx.fillStyle = color('quiet');
  ctx.font = '11px system-ui, sans-serif';
  ctx.fillText(short(windows[0]), left, height - 8);
  const last = short(windows[windows.length - 1]) + ' events';
  const end = left + windows.length * cellWidth;
  ctx.textAlign = 'right';
  if (windows.length > 1 && end - left > 120) ctx.fillText(last, end, height - 8);
  box.replaceChildren(canvas, heatLegend());
}

const HEAT_STEPS = [0, 0.25, 0.5, 0.75, 1, 1.5];

function heatColor(one) {
  const share = one.threshold > 0 && one.value != null ? one.value / one.threshold : 0;
  return shade(one.level === 'drift' ? Math.max(share, 1) : share);
}

function shade(share) {
  if (share >= 1) return color('drift');
  const mix = Math.round(6 + 74 * Math.min(1, Math.max(0, share)));
  return 'color-mix(in srgb, ' + color('held') + ' ' + mix + '%, ' + color('card') + ')';
}

function heatLegend() {
  const entry = (share, text) => {
    const dot = element('i');
    dot.style.background = shade(share);
    return element('span', {}, dot, text);
  };
  return element('div', { class: 'legend' }, entry(0, 'as the reference'), entry(0.5, 'half of the threshold'), entry(1, 'drift'));
}
