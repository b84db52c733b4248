// The timeline: a canvas with a track for each thread, in which calls that are made within others lie below them, and
// above it the whole run in a strip. What is drawn depends on the pixels, not on the number of calls: within a row the
// calls lie one behind the other, so those that share a pixel are found by bisection and drawn as one.

const GUTTER = 148, RULER = 22, ROW = 18, MARKS = 15, GAP = 9, PROCESS = 20;
const SHORTEST_SPAN = 200;  // nanoseconds

const HUES = {
  file_io: 212, console_io: 184, memory: 36, threading: 280, synchronization: 322, environment: 96, process: 12,
  registry: 58, dll: 236, network: 162, exception: 352, string: 130, time: 256,
};

function categoryColour(category, dark) {
  const hue = HUES[category];
  if (hue === undefined) return dark ? 'hsl(215 10% 48%)' : 'hsl(215 12% 66%)';
  return dark ? `hsl(${hue} 48% 52%)` : `hsl(${hue} 58% 66%)`;
}

// The shape, colour and meaning of each event's mark; what is drawn later lies above.
const MARK_KINDS = {
  'load': {shape: 'up', colour: 'dll', meaning: 'a DLL is loaded'},
  'unload': {shape: 'down', colour: 'dll', meaning: 'a DLL is unloaded'},
  'thread-start': {shape: 'begin', colour: 'network', meaning: 'a thread starts'},
  'thread-end': {shape: 'end', colour: 'network', meaning: 'a thread ends'},
  'process-end': {shape: 'end', colour: 'process', meaning: 'the process ends'},
  'continued-by': {shape: 'circle', colour: 'memory', meaning: 'an exception is settled by a handler'},
  'unwind': {shape: 'circle', colour: 'exception', meaning: 'an exception or longjmp unwinds the stack'},
  'exception': {shape: 'diamond', colour: 'exception', meaning: 'an exception'},
};

function drawMark(context, shape, x, y) {
  context.beginPath();
  switch (shape) {
  case 'up': context.moveTo(x - 4, y + 4); context.lineTo(x, y - 4); context.lineTo(x + 4, y + 4); break;
  case 'down': context.moveTo(x - 4, y - 4); context.lineTo(x, y + 4); context.lineTo(x + 4, y - 4); break;
  case 'begin': context.rect(x - 1, y - 5, 2, 10); context.moveTo(x + 1, y - 4); context.lineTo(x + 6, y); context.lineTo(x + 1, y + 4); break;
  case 'end': context.rect(x - 4, y - 4, 8, 8); break;
  case 'diamond': context.moveTo(x, y - 6); context.lineTo(x + 5, y); context.lineTo(x, y + 6); context.lineTo(x - 5, y); break;
  default: context.arc(x, y, 3.5, 0, 7);
  }
  context.fill();
}

// The calls of one thread and depth, in order. `busy` and `failures` count up to each call.
class Row {
  constructor(trace, calls) {
    const count = calls.length;
    this.calls = Uint32Array.from(calls);
    this.start = new Float64Array(count);
    this.end = new Float64Array(count);
    this.busy = new Float64Array(count + 1);
    this.failures = new Uint32Array(count + 1);
    this.matches = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) {
      this.start[i] = trace.start[calls[i]];
      this.end[i] = trace.end(calls[i]);
      this.busy[i + 1] = this.busy[i] + trace.duration[calls[i]];
      this.failures[i + 1] = this.failures[i] + trace.hasFailed(calls[i]);
    }
  }

  countMatches(isMatch) {
    for (let i = 0; i < this.calls.length; i++) this.matches[i + 1] = this.matches[i] + isMatch[this.calls[i]];
  }

  // The longest of some of the calls from `from` up to `to`.
  longest(from, to) {
    const step = Math.max(1, Math.floor((to - from) / 8));
    let best = from;
    for (let i = from; i < to; i += step)
      if (this.end[i] - this.start[i] > this.end[best] - this.start[best]) best = i;
    return best;
  }
}

// Rows and marks of each thread, and where they lie from above.
function layOut(trace) {
  const tracks = trace.threads.map(thread => ({thread, rows: [], marks: []}));
  for (let i = 0; i < trace.count; i++) {
    const track = tracks[trace.thread[i]];
    if (trace.isEvent(i)) track.marks.push(i);
    else (track.rows[trace.depth[i]] ??= []).push(i);
  }
  tracks.sort((a, b) => trace.processes.indexOf(a.thread.process) - trace.processes.indexOf(b.thread.process));
  let top = GAP / 2, process = null;
  for (const track of tracks) {
    track.rows = Array.from(track.rows, calls => new Row(trace, calls ?? []));
    if (trace.processes.length > 1 && track.thread.process !== process) {
      process = track.thread.process;
      track.heading = {top, text: `${trace.programs.get(process) ?? 'process'} ${process}`};
      top += PROCESS;
    }
    track.top = top;
    track.rowsTop = top + (track.marks.length ? MARKS : 0);
    track.bottom = Math.max(track.rowsTop + track.rows.length * ROW, top + ROW);
    top = track.bottom + GAP;
  }
  return {tracks, height: top};
}

class Timeline {
  constructor(trace, tracksCanvas, overviewCanvas, tip) {
    Object.assign(this, {trace, canvas: tracksCanvas, overview: overviewCanvas, tip});
    Object.assign(this, layOut(trace));
    const margin = (trace.last - trace.first) * .01;
    this.whole = {start: trace.first - margin, end: trace.last + margin};
    this.view = {...this.whole};
    this.target = {...this.whole};
    this.scroll = 0;
    this.selected = this.hovered = -1;
    this.filtered = false;
    this.onSelect = this.onView = () => {};
    this.calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    new ResizeObserver(() => this.resize()).observe(tracksCanvas);
    this.listen();
  }

  // -- what is in view --

  get width() { return Math.max(1, this.canvas.clientWidth - GUTTER); }
  get span() { return this.view.end - this.view.start; }
  xOf(time) { return GUTTER + (time - this.view.start) / this.span * this.width; }
  timeOf(x) { return this.view.start + (x - GUTTER) / this.width * this.span; }

  show(start, end, atOnce = false) {
    const most = this.whole.end - this.whole.start;
    const span = Math.min(most, Math.max(SHORTEST_SPAN, end - start));
    start = (start + end - span) / 2;
    start = Math.min(Math.max(start, this.whole.start), this.whole.end - span);
    this.target = {start, end: start + span};
    if (atOnce || this.calm) this.view = {...this.target};
    this.draw();
  }

  showAll() { this.show(this.whole.start, this.whole.end); }

  zoom(factor, x = GUTTER + this.width / 2, atOnce = false) {
    const share = (x - GUTTER) / this.width, span = this.target.end - this.target.start;
    const centre = this.target.start + share * span;
    const wanted = Math.min(this.whole.end - this.whole.start, Math.max(SHORTEST_SPAN, span * factor));
    this.show(centre - share * wanted, centre + (1 - share) * wanted, atOnce);
  }

  pan(share, atOnce = false) {
    const distance = (this.target.end - this.target.start) * share;
    this.show(this.target.start + distance, this.target.end + distance, atOnce);
  }

  zoomTo(call) {
    const margin = Math.max(this.trace.duration[call] * .6, 2 * SHORTEST_SPAN);
    this.show(this.trace.start[call] - margin, this.trace.end(call) + margin);
    this.reveal(call);
  }

  // Moves no more than is needed to see the call.
  reveal(call) {
    const {start, end} = this.target, time = this.trace.start[call], span = end - start;
    if (this.trace.end(call) < start || time > end) this.show(time - span * .3, time + span * .7);
    const track = this.tracks.find(t => t.thread.number === this.trace.thread[call]);
    const top = track.rowsTop + (this.trace.isEvent(call) ? -MARKS : this.trace.depth[call] * ROW);
    const room = this.canvas.clientHeight - RULER;
    if (top < this.scroll) this.scrollTo(top - GAP);
    else if (top + ROW > this.scroll + room) this.scrollTo(top + ROW + GAP - room);
  }

  scrollTo(top) {
    this.scroll = Math.max(0, Math.min(top, this.height - (this.canvas.clientHeight - RULER)));
    this.draw();
  }

  select(call, reveal = true) {
    this.selected = call;
    if (call >= 0 && reveal) this.reveal(call);
    this.draw();
  }

  // The calls that the list shows; all others fade.
  setMatches(calls) {
    this.filtered = calls.length < this.trace.count;
    if (this.filtered) {
      const isMatch = this.isMatch = new Uint8Array(this.trace.count);
      for (const call of calls) isMatch[call] = 1;
      for (const track of this.tracks) for (const row of track.rows) row.countMatches(isMatch);
    }
    this.draw();
  }

  // -- drawing --

  resize() {
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.overview]) {
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
      canvas.getContext('2d').setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.density = null;
    this.scrollTo(this.scroll);
  }

  readTheme() {
    const style = getComputedStyle(document.documentElement), colour = name => style.getPropertyValue(name).trim();
    this.dark = document.documentElement.dataset.theme === 'dark';
    this.colours = {
      panel: colour('--panel'), text: colour('--text'), faint: colour('--faint'), line: colour('--line'),
      accent: colour('--accent'), failed: colour('--failed'),
    };
    this.fills = this.trace.functions.map(f => categoryColour(f.category, this.dark));
    this.density = null;
    this.draw();
  }

  draw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.drawNow(); });
  }

  // One frame; more follow until the view has arrived where it is to be.
  drawNow() {
    if (!this.colours) return;
    const began = performance.now();
    const far = this.approach();
    const context = this.canvas.getContext('2d'), height = this.canvas.clientHeight;
    context.clearRect(0, 0, this.canvas.clientWidth, height);
    this.drawRuler(context, height);
    context.save();
    context.beginPath();
    context.rect(0, RULER, this.canvas.clientWidth, height - RULER);
    context.clip();
    context.translate(0, RULER - this.scroll);
    for (const track of this.tracks)
      if (track.bottom >= this.scroll && (track.heading ?? track).top <= this.scroll + height) this.drawTrack(context, track);
    context.restore();
    this.drawDragged(context, height);
    this.drawOverview();
    this.frameTime = performance.now() - began;
    this.onView(far);
    if (far) this.draw();
  }

  approach() {
    const step = (from, to) => from + (to - from) * .34;
    const rest = Math.abs(this.target.start - this.view.start) + Math.abs(this.target.end - this.view.end);
    if (rest < this.span / 2000) {
      this.view = {...this.target};
      return false;
    }
    this.view = {start: step(this.view.start, this.target.start), end: step(this.view.end, this.target.end)};
    return true;
  }

  drawRuler(context, height) {
    const least = this.span / this.width * 110;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= least);
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.fillStyle = this.colours.faint;
    context.strokeStyle = this.colours.line;
    context.lineWidth = 1;
    context.beginPath();
    for (let time = Math.ceil(this.view.start / step) * step; time < this.view.end; time += step) {
      const x = Math.round(this.xOf(time)) + .5;
      if (x < GUTTER) continue;
      context.moveTo(x, 0);
      context.lineTo(x, height);
      context.fillText(this.tick(time, step), x + 4, RULER / 2);
    }
    context.moveTo(0, RULER + .5);
    context.lineTo(this.canvas.clientWidth, RULER + .5);
    context.stroke();
    context.fillText(`${formatTime(this.span, 2)} in view`, 12, RULER / 2);
  }

  // As many digits as tell two neighbours apart.
  tick(time, step) {
    const [unit, name] = this.view.end >= 1e9 ? [1e9, 's'] : this.view.end >= 1e6 ? [1e6, 'ms'] : [1e3, 'µs'];
    const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / unit) - 1e-9)));
    return `${(time / unit).toFixed(digits)} ${name}`;
  }

  drawTrack(context, track) {
    const label = this.trace.processes.length > 1 ? `thread ${track.thread.id}`
      : track.thread.id === track.thread.process ? `main ${track.thread.id}` : `thread ${track.thread.id}`;
    context.font = '12px system-ui, sans-serif';
    if (track.heading) {
      context.fillStyle = this.colours.text;
      context.font = '600 12px system-ui, sans-serif';
      context.fillText(track.heading.text, 12, track.heading.top + PROCESS / 2);
      context.font = '12px system-ui, sans-serif';
    }
    context.fillStyle = this.colours.faint;
    context.fillText(label, 12, track.rowsTop + ROW / 2, GUTTER - 20);
    context.fillStyle = this.colours.line;
    context.fillRect(0, track.bottom + (GAP >> 1), this.canvas.clientWidth, 1);
    context.save();
    context.beginPath();
    context.rect(GUTTER, track.top - 4, this.width, track.bottom - track.top + 8);
    context.clip();
    track.rows.forEach((row, depth) => this.drawRow(context, row, track.rowsTop + depth * ROW));
    this.drawMarks(context, track);
    this.drawFrames(context, track);
    context.restore();
  }

  drawRow(context, row, top) {
    const perPixel = this.span / this.width;
    context.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
    for (let i = lowerBound(row.end, this.view.start); i < row.calls.length && row.start[i] <= this.view.end;) {
      const left = this.xOf(row.start[i]), right = this.xOf(row.end[i]);
      if (right - left >= 2) {
        this.drawCall(context, row, i, top, left, right);
        i++;
      } else {
        const x = Math.floor(left);
        let next = Math.max(i + 1, lowerBound(row.start, this.timeOf(x + 1), i));
        // The last that begins in this pixel may be a long one, which is drawn for itself.
        if (next - 1 > i && row.end[next - 1] - row.start[next - 1] >= 2 * perPixel) next--;
        this.drawGroup(context, row, i, next, top, x, perPixel);
        i = next;
      }
    }
  }

  fade(row, from, to) {
    return this.filtered && row.matches[to] === row.matches[from] ? .18 : 1;
  }

  drawCall(context, row, i, top, left, right) {
    const call = row.calls[i], x = Math.max(left, GUTTER - 2), width = Math.min(right, GUTTER + this.width + 2) - x;
    context.globalAlpha = this.fade(row, i, i + 1);
    context.fillStyle = this.fills[this.trace.function[call]];
    context.fillRect(x, top, Math.max(1, width - 1), ROW - 1);
    if (this.trace.hasFailed(call)) {
      context.fillStyle = this.colours.failed;
      context.fillRect(x, top + ROW - 4, Math.max(1, width - 1), 3);
    }
    if (width > 26) this.drawName(context, call, x, top, width);
    context.globalAlpha = 1;
  }

  drawName(context, call, x, top, width) {
    const letters = Math.floor((width - 8) / 6.7), described = this.trace.describe(call);
    let name = described.name;
    if (letters > name.length + 12) name += described.values;
    if (name.length > letters) name = letters > 3 ? `${name.slice(0, letters - 1)}…` : '';
    context.fillStyle = this.dark ? '#0d1117' : '#14202e';
    context.fillText(name, Math.max(x, GUTTER) + 4, top + ROW / 2);
  }

  // Calls that share a pixel: as dark as the part of it that they fill.
  drawGroup(context, row, from, to, top, x, perPixel) {
    const busy = Math.min(1, (row.busy[to] - row.busy[from]) / perPixel);
    context.globalAlpha = this.fade(row, from, to) * (.45 + .55 * busy);
    context.fillStyle = this.fills[this.trace.function[row.calls[row.longest(from, to)]]];
    context.fillRect(x, top, 1, ROW - 1);
    if (row.failures[to] > row.failures[from]) {
      context.globalAlpha = this.fade(row, from, to);
      context.fillStyle = this.colours.failed;
      context.fillRect(x, top + ROW - 5, 2, 4);
    }
    context.globalAlpha = 1;
  }

  drawMarks(context, track) {
    const y = track.top + MARKS / 2 - 1, previous = {};
    for (const kind of Object.keys(MARK_KINDS)) {
      for (const call of track.marks) {
        if (this.trace.functionOf(call).name !== kind) continue;
        const x = this.xOf(this.trace.start[call]);
        if (x < GUTTER - 8 || x > GUTTER + this.width + 8 || x - previous[kind] < 2) continue;
        previous[kind] = x;
        context.globalAlpha = this.filtered && !this.isMatch[call] ? .25 : 1;
        context.fillStyle = kind === 'exception' ? this.colours.failed : categoryColour(MARK_KINDS[kind].colour, this.dark);
        drawMark(context, MARK_KINDS[kind].shape, x, y);
      }
    }
    context.globalAlpha = 1;
  }

  drawFrames(context, track) {
    for (const [call, colour] of [[this.hovered, this.colours.text], [this.selected, this.colours.accent]]) {
      if (call < 0 || this.trace.thread[call] !== track.thread.number) continue;
      const left = this.xOf(this.trace.start[call]), right = Math.max(this.xOf(this.trace.end(call)), left + 3);
      const event = this.trace.isEvent(call);
      context.strokeStyle = colour;
      context.lineWidth = 2;
      if (event) context.strokeRect(left - 7, track.top - 1, 14, MARKS);
      else context.strokeRect(Math.max(left, GUTTER - 4), track.rowsTop + this.trace.depth[call] * ROW,
                              Math.min(right, GUTTER + this.width + 4) - Math.max(left, GUTTER - 4), ROW - 1);
    }
  }

  drawDragged(context, height) {
    if (!this.drag || !this.drag.zooms) return;
    context.globalAlpha = .18;
    context.fillStyle = this.colours.accent;
    context.fillRect(this.drag.x, RULER, this.drag.to - this.drag.x, height - RULER);
    context.globalAlpha = 1;
  }

  // -- the strip above --

  // How much of each pixel's time the threads spend in calls, and whether any fails.
  measure(width) {
    const busy = new Float64Array(width + 1), failed = new Uint8Array(width + 1), {start, end} = this.whole;
    const scale = width / (end - start), {trace} = this;
    for (let i = 0; i < trace.count; i++) {
      const x = (trace.start[i] - start) * scale, to = x + trace.duration[i] * scale;
      if (trace.flags[i] & FAILED) failed[Math.floor(x)] = 1;
      if (trace.depth[i] || trace.isEvent(i)) continue;
      for (let pixel = Math.floor(x); pixel <= to && pixel < width; pixel++)
        busy[pixel] += Math.min(to, pixel + 1) - Math.max(x, pixel);
    }
    return {busy, failed, most: busy.reduce((a, b) => Math.max(a, b), 1e-9)};
  }

  drawOverview() {
    const context = this.overview.getContext('2d'), height = this.overview.clientHeight, width = Math.floor(this.width);
    const density = this.density ??= this.measure(width);
    context.clearRect(0, 0, this.overview.clientWidth, height);
    context.fillStyle = this.colours.faint;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.fillText('whole run', 12, height / 2);
    for (let x = 0; x < width; x++) {
      const share = density.busy[x] / density.most;
      if (share) {
        context.fillStyle = categoryColour('file_io', this.dark);
        context.fillRect(GUTTER + x, height - 4 - Math.max(1, share * (height - 9)), 1, Math.max(1, share * (height - 9)));
      }
      if (density.failed[x]) {
        context.fillStyle = this.colours.failed;
        context.fillRect(GUTTER + x, height - 4, 2, 4);
      }
    }
    const scale = this.width / (this.whole.end - this.whole.start);
    const left = GUTTER + (this.view.start - this.whole.start) * scale, right = GUTTER + (this.view.end - this.whole.start) * scale;
    context.globalAlpha = .75;
    context.fillStyle = this.colours.panel;
    context.fillRect(GUTTER, 0, left - GUTTER, height);
    context.fillRect(right, 0, GUTTER + this.width - right, height);
    context.globalAlpha = 1;
    context.strokeStyle = this.colours.accent;
    context.lineWidth = 1.5;
    context.strokeRect(left, 1, Math.max(3, right - left), height - 2);
  }

  // -- pointing --

  // The call or mark at that place of the canvas, -1 for none.
  find(x, y) {
    if (x < GUTTER || y < RULER) return -1;
    const height = y - RULER + this.scroll;
    const track = this.tracks.find(t => height >= t.top - 2 && height < t.bottom);
    if (!track) return -1;
    if (height < track.rowsTop) return this.findMark(track, x);
    const row = track.rows[Math.floor((height - track.rowsTop) / ROW)];
    if (!row) return -1;
    const from = lowerBound(row.end, this.timeOf(x - 1.5)), to = lowerBound(row.start, this.timeOf(x + 1.5), from);
    return from < to ? row.calls[row.longest(from, to)] : -1;
  }

  findMark(track, x) {
    const distance = call => Math.abs(this.xOf(this.trace.start[call]) - x);
    const near = track.marks.filter(call => distance(call) < 7);
    const rank = call => Object.keys(MARK_KINDS).indexOf(this.trace.functionOf(call).name);
    return near.sort((a, b) => rank(b) - rank(a) || distance(a) - distance(b))[0] ?? -1;
  }

  hover(call, x, y) {
    this.canvas.classList.toggle('pointing', call >= 0);
    if (call !== this.hovered) {
      this.hovered = call;
      this.draw();
    }
    this.tip.hidden = call < 0 || x === undefined;
    if (this.tip.hidden) return;
    this.tip.replaceChildren(...describeShortly(this.trace, call));
    const width = this.tip.offsetWidth, height = this.tip.offsetHeight;
    this.tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
    this.tip.style.top = `${y + 18 + height < innerHeight ? y + 18 : y - height - 10}px`;
  }

  listen() {
    const {canvas, overview} = this;
    canvas.addEventListener('wheel', event => this.turnWheel(event), {passive: false});
    canvas.addEventListener('pointerdown', event => this.press(event));
    canvas.addEventListener('pointermove', event => this.movePointer(event));
    canvas.addEventListener('pointerup', event => this.release(event));
    canvas.addEventListener('pointercancel', () => { this.drag = null; });
    canvas.addEventListener('pointerleave', () => this.hover(-1));
    canvas.addEventListener('dblclick', () => { if (this.selected >= 0) this.zoomTo(this.selected); });
    const go = event => {
      if (!event.buttons) return;
      const share = (event.offsetX - GUTTER) / this.width, centre = this.whole.start + share * (this.whole.end - this.whole.start);
      const half = (this.target.end - this.target.start) / 2;
      this.show(centre - half, centre + half, true);
    };
    overview.addEventListener('pointerdown', event => { overview.setPointerCapture(event.pointerId); go(event); });
    overview.addEventListener('pointermove', go);
  }

  turnWheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1, down = event.deltaY * lines, right = event.deltaX * lines;
    if (event.offsetX < GUTTER && !event.ctrlKey) this.scrollTo(this.scroll + down);
    else if (event.shiftKey || Math.abs(right) > Math.abs(down)) this.pan((right || down) / this.width, true);
    else this.zoom(Math.exp(Math.max(-200, Math.min(200, down)) * (event.ctrlKey ? .01 : .0022)), event.offsetX);
  }

  press(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = {x: event.offsetX, to: event.offsetX, y: event.offsetY, scroll: this.scroll, view: {...this.view}, zooms: event.shiftKey, moved: false};
  }

  movePointer(event) {
    const drag = this.drag;
    if (!drag) {
      this.hover(this.find(event.offsetX, event.offsetY), event.clientX, event.clientY);
      return;
    }
    drag.to = event.offsetX;
    drag.moved ||= Math.hypot(event.offsetX - drag.x, event.offsetY - drag.y) > 3;
    if (!drag.moved) return;
    this.canvas.classList.add('dragged');
    this.tip.hidden = true;
    if (drag.zooms) {
      this.draw();
      return;
    }
    const distance = (drag.x - event.offsetX) / this.width * (drag.view.end - drag.view.start);
    this.show(drag.view.start + distance, drag.view.end + distance, true);
    this.scrollTo(drag.scroll + drag.y - event.offsetY);
  }

  release(event) {
    const drag = this.drag;
    this.drag = null;
    this.canvas.classList.remove('dragged');
    if (!drag) return;
    if (drag.moved && drag.zooms) this.show(this.timeOf(Math.min(drag.x, drag.to)), this.timeOf(Math.max(drag.x, drag.to)));
    else if (!drag.moved) this.onSelect(this.find(event.offsetX, event.offsetY));
  }
}
