'use strict';

/** All that is shown; a snapshot replaces it, the other events add to it. */
let state = null;
let charts = {};
let connection = 'connecting';
let dirty = new Set();
const HOUR = 3600e3;

const byId = id => document.getElementById(id);

function who() {
  const all = state.hasTeacher ? [{ name: 'teacher', label: 'teacher', color: () => color('teacher') }] : [];
  state.students.forEach((name, i) => all.push({ name, label: 'student ' + name, color: () => studentColor(i) }));
  return all;
}

function build() {
  document.querySelectorAll('.chart').forEach(box => box.replaceChildren());
  byId('pipeline').textContent = state.pipeline;
  document.title = 'Reflux ' + state.pipeline;
  const students = who().filter(one => one.name !== 'teacher');
  const plain = name => [{ label: name, color: () => color('s0') }];
  charts = {
    accuracy: new Chart({ id: 'accuracy', over: 'events', value: format.share, axis: format.wholeShare, series: who(), range: shareRange, marks }),
    agreement: new Chart({ id: 'agreement', over: 'time', value: format.share, axis: format.wholeShare, series: students, range: shareRange }),
    rate: new Chart({ id: 'rate', over: 'time', value: format.rate, series: plain('events'), range: zeroRange }),
    lag: new Chart({ id: 'lag', over: 'time', value: format.count, series: plain('lag'), range: zeroRange }),
    delay: new Chart({ id: 'delay', over: 'time', value: format.seconds, series: plain('delay'), range: zeroRange }),
  };
}

/** Drift where the change was, else where it was found; students where they stood when offered. */
function marks() {
  const all = state.decisions.map(one =>
    ({ x: one.eventsSeen, kind: one.decision === 'PUBLISHED' || one.decision === 'FORCED' ? 'published' : 'held' }));
  state.alarms.forEach(one => all.push({ x: one.windowEnd, kind: 'drift' }));
  return all;
}

function accuracyOf(point, name) {
  return name === 'teacher' ? point.teacher : (point.students[name] || {}).accuracy;
}

/** Over the stream: after a restart some events come again, and what was drawn of them before gives way. */
function overEvents(points) {
  const kept = [];
  let next = Infinity;
  for (let i = points.length - 1; i >= 0; i--) {
    if (points[i].x != null && points[i].x < next) {
      next = points[i].x;
      kept.push(points[i]);
    }
  }
  return kept.reverse();
}

function drawCharts() {
  const points = state.points;
  const along = overEvents(points);
  charts.accuracy.set([along.map(p => p.x), ...who().map(one => along.map(p => accuracyOf(p, one.name) ?? null))]);
  const times = points.map(p => p.t / 1e3);
  charts.agreement.set([times, ...state.students.map(name => points.map(p => (p.students[name] || {}).agreement ?? null))]);
  charts.rate.set([times, points.map(p => p.rate ?? null)]);
  charts.lag.set([times, points.map(p => p.lag ?? null)]);
  charts.delay.set([times, points.map(p => p.delay ?? null)]);
}

/** How it stands; of a run that has ended, how it last stood. */
function now() {
  const last = state.points.length - 1;
  if (state.ended) {
    for (let i = last; i >= 0; i--) if (state.points[i].x != null) return state.points[i];
  }
  return state.points[last];
}

/** Counted by the job since it last began, and by the monitor as they came: the larger is nearer to all. */
function letters() {
  const counts = (now() || {}).reasons || {};
  return state.letters.map(one => ({ ...one, count: Math.max(one.count, counts[one.reason] || 0) }));
}

function drawTiles() {
  const p = now();
  if (!p) return;
  const tiles = [['events', p.x == null ? '–' : short(p.x), 'events learned']];
  if (state.hasTeacher) tiles.push(['teacher', format.share(p.teacher), 'teacher']);
  const shown = state.students.slice(0, 3);
  shown.forEach(name => tiles.push(['student-' + name, format.share((p.students[name] || {}).accuracy), 'student ' + name]));
  shown.forEach(name => {
    const gain = (p.students[name] || {}).gain;
    if (gain != null) {
      tiles.push(['gain-' + name, (gain >= 0 ? '+' : '−') + Math.abs(100 * gain).toFixed(1) + ' pts', name + ' over labels alone']);
    }
  });
  tiles.push(['rate', format.rate(p.rate), 'throughput']);
  tiles.push(['lag', format.count(p.lag), 'events waiting']);
  const newest = Math.max(...state.students.map(name => (p.students[name] || {}).published || 0));
  tiles.push(['published', newest > 0 ? format.age(p.t / 1e3 - newest) : '–', 'since publication']);
  tiles.push(['alarms', format.count(p.alarms), 'drift alarms']);
  tiles.push(['letters', format.count(letters().reduce((sum, one) => sum + one.count, 0)), 'dead letters']);
  if (p.restarts) tiles.push(['restarts', format.count(p.restarts), p.restarts === 1 ? 'restart' : 'restarts']);
  tiles.push(['memory', format.bytes(p.memory), 'memory']);
  showTiles(tiles);
}

function drawStatus() {
  const status = byId('status');
  const point = state && now();
  const checks = point && point.checks;
  let text = { connecting: 'connecting …', lost: 'connection lost, trying again …', live: 'live' }[connection];
  let look = connection === 'lost' ? 'bad' : '';
  if (connection === 'live' && state) {
    const wrong = (checks || []).filter(one => !one.ok);
    if (state.ended) {
      text = 'ended; this is how it was';
    } else if (wrong.length) {
      text = wrong.map(one => one.name).join(', ') + (wrong.length > 1 ? ' are' : ' is') + ' not ready';
      look = 'bad';
    } else {
      text = 'live and ready';
      look = 'good';
    }
  }
  status.textContent = text;
  status.className = 'status ' + look;
}

function draw() {
  if (state) {
    if (dirty.has('points')) {
      drawCharts();
      drawTiles();
      const point = now();
      showClasses(state.classes, state.classErrors, who());
      changed('checks', point && point.checks, showChecks);
      changed('letters', letters(), showLetters);
    }
    if (dirty.has('decisions')) showDecisions(state.decisions, state.students);
    if (dirty.has('heat')) showHeat(state.heat);
  }
  drawStatus();
  dirty = new Set();
  scheduled = false;
}

/** Draws what is not as it was: text that stays can be selected, and scrolled. */
const drawn = {};
function changed(id, data, show) {
  const key = JSON.stringify(data);
  if (drawn[id] !== key) {
    drawn[id] = key;
    show(data);
  }
}

let scheduled = false;
function redraw(...what) {
  what.forEach(one => dirty.add(one));
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(draw);
  }
}

function keepHour(points) {
  const oldest = points.length ? points[points.length - 1].t - HOUR : 0;
  while (points.length && points[0].t < oldest) points.shift();
}

const handlers = {
  snapshot(all) {
    const same = state && state.pipeline === all.pipeline && state.students.join() === all.students.join();
    state = all;
    if (!same) build();
    redraw('points', 'decisions', 'heat');
  },
  point(point) {
    if (point.x != null) state.classErrors = point.classErrors;
    state.points.push(point);
    keepHour(state.points);
    redraw('points');
  },
  decision(one) {
    state.decisions.push(one);
    if (state.decisions.length > 200) state.decisions.shift();
    redraw('decisions', 'points');
  },
  alarm(one) {
    state.alarms.push(one);
    redraw('points');
  },
  heat(one) {
    state.heat.push(one);
    if (state.heat.length > 8000) state.heat.splice(0, 1000);
    redraw('heat');
  },
  letter(one) {
    state.letters = state.letters.filter(other => other.reason !== one.reason).concat(one);
    redraw('points');
  },
  end() {
    state.ended = true;
    redraw('points');
  },
};

const stream = follow({
  event: (name, data) => handlers[name] && (state || name === 'snapshot') && handlers[name](data),
  state: now => { connection = now; redraw(); },
  unauthorized: () => {
    byId('login').hidden = false;
    byId('main').hidden = true;
    byId('status').textContent = 'a token is needed';
  },
});

byId('login').addEventListener('submit', event => {
  event.preventDefault();
  sessionStorage.setItem('token', byId('token').value);
  byId('login').hidden = true;
  byId('main').hidden = false;
  stream.retry();
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  Object.values(charts).forEach(chart => chart.restyle());
  redraw('points', 'decisions', 'heat');
});
addEventListener('resize', () => redraw('heat'));
