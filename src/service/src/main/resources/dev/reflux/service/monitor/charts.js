'use strict';

/** Colours of the page's theme; they change with it. */
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

function studentColor(index) {
  return color('s' + (index % 5));
}

const format = {
  share: v => (v == null ? '–' : (100 * v).toFixed(1) + ' %'),
  wholeShare: v => Math.round(100 * v) + ' %',
  count: v => (v == null ? '–' : short(v)),
  rate: v => (v == null ? '–' : short(v) + '/s'),
  seconds: v =>
    v == null ? '–' : v === 0 ? '0' : v >= 1 ? v.toFixed(2) + ' s' : v >= 0.001 ? (v * 1e3).toFixed(1) + ' ms' : (v * 1e6).toFixed(0) + ' µs',
  bytes: v => (v == null ? '–' : v >= 1 << 30 ? (v / (1 << 30)).toFixed(2) + ' GiB'
    : v >= 1 << 20 ? (v / (1 << 20)).toFixed(0) + ' MiB' : (v / 1024).toFixed(0) + ' KiB'),
  time: v => new Date(v).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  age: seconds => {
    const s = Math.max(0, Math.round(seconds));
    return s < 60 ? s + ' s' : s < 3600 ? Math.floor(s / 60) + ' min' : Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
  },
};

/** Rounded, without zeros at the end. */
function digits(v, most) {
  return String(Number(v.toFixed(most)));
}

function short(v) {
  const size = Math.abs(v);
  if (size >= 1e9) return digits(v / 1e9, 2) + ' G';
  if (size >= 1e6) return digits(v / 1e6, 2) + ' M';
  if (size >= 1e4) return digits(v / 1e3, 1) + ' k';
  return size >= 100 || Number.isInteger(v) ? Math.round(v).toLocaleString('en') : v.toFixed(1);
}

/**
 * One chart.
 *
 * options: { id, over: 'time'|'events', value: format, axis: format, series: [{label, color()}], range(min, max), marks() }
 */
class Chart {
  constructor(options) {
    this.options = options;
    this.box = document.getElementById(options.id);
    this.plot = null;
    this.data = [[], ...options.series.map(() => [])];
    new ResizeObserver(() => this.resize()).observe(this.box);
  }

  size() {
    const tall = this.box.classList.contains('tall');
    return { width: Math.max(180, this.box.clientWidth), height: tall ? (innerWidth < 560 ? 230 : 290) : 165 };
  }

  resize() {
    const size = this.size();
    if (this.plot && (size.width !== this.plot.width || size.height !== this.plot.height)) {
      this.plot.setSize(size);
    }
  }

  /** Draws anew, with the colours of the theme as it is now. */
  restyle() {
    if (this.plot) {
      this.plot.destroy();
      this.plot = null;
      this.set(this.data);
    }
  }

  set(data) {
    this.data = data;
    if (data[0].length === 0) return;
    if (!this.plot) this.plot = this.create(data);
    else this.plot.setData(data);
    if (this.plot.cursor.idx == null) this.plot.setLegend({ idx: data[0].length - 1 });
  }

  create(data) {
    const { over, value, series, range, marks } = this.options;
    const label = this.options.axis || value;
    const axis = { stroke: color('quiet'), grid: { stroke: color('grid'), width: 1 }, ticks: { stroke: color('grid'), width: 1 },
      font: '12px system-ui, sans-serif' };
    return new uPlot({
      ...this.size(),
      scales: { x: { time: over === 'time' }, y: { range: (u, min, max) => range(min, max) } },
      legend: { show: series.length > 1, live: true },
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      series: [
        { label: over === 'time' ? 'time' : 'events', value: (u, v) => v == null ? '–' : over === 'time' ? format.time(v * 1e3) : short(v) },
        ...series.map(one => ({
          label: one.label, stroke: one.color(), width: one.width || 2, dash: one.dash, spanGaps: false,
          value: (u, v) => value(v), points: { show: false },
        })),
      ],
      axes: [
        { ...axis, size: 30, space: 70,
          values: over === 'time' ? undefined : (u, all) => all.map(v => short(v)) },
        { ...axis, space: 34, values: (u, all) => all.map(v => label(v)),
          size: (u, all) => 16 + Math.max(30, ...(all || []).map(text => 7 * text.length)) },
      ],
      hooks: marks ? { drawAxes: [u => this.drawMarks(u, marks())] } : {},
    }, data, this.box);
  }

  drawMarks(u, marks) {
    const { ctx, bbox } = u;
    ctx.save();
    for (const mark of marks) {
      const x = Math.round(u.valToPos(mark.x, 'x', true)) + 0.5;
      if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
      ctx.strokeStyle = color(mark.kind);
      ctx.lineWidth = devicePixelRatio * (mark.kind === 'drift' ? 2 : 1.5);
      const tall = mark.kind === 'drift';
      ctx.globalAlpha = tall ? 0.75 : 0.9;
      ctx.setLineDash(tall ? [5 * devicePixelRatio, 3 * devicePixelRatio] : []);
      ctx.beginPath();
      ctx.moveTo(x, tall ? bbox.top : bbox.top + bbox.height - 11 * devicePixelRatio);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}

/** Shares: the upper part of [0, 1] that the data need, with some room. */
function shareRange(min, max) {
  if (min == null || max == null) return [0, 1];
  const low = Math.max(0, Math.floor((min - 0.02) * 20) / 20);
  const high = Math.min(1, Math.ceil((max + 0.01) * 20) / 20);
  return high > low ? [low, high] : [low, low + 0.05];
}

/** From zero on. */
function zeroRange(min, max) {
  return [0, max > 0 ? max * 1.1 : 10];
}
