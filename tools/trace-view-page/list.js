// The list of calls. Only the rows in view are in the document, however many calls there are.

const ROW_HEIGHT = 22, TALLEST = 10_000_000;  // browsers have a highest element

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  const {dataset, ...others} = properties;
  Object.assign(made, others);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

class CallList {
  constructor(trace, body, space, rows) {
    Object.assign(this, {trace, body, space, rows});
    this.calls = new Uint32Array(0);
    this.selected = -1;
    this.onSelect = this.onHover = this.onZoom = () => {};
    body.addEventListener('scroll', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(body);
    const callOf = event => { const row = event.target.closest('.row'); return row ? Number(row.dataset.call) : -1; };
    rows.addEventListener('click', event => { const call = callOf(event); if (call >= 0) this.onSelect(call); });
    rows.addEventListener('dblclick', event => { const call = callOf(event); if (call >= 0) this.onZoom(call); });
    rows.addEventListener('pointerover', event => this.onHover(callOf(event)));
    rows.addEventListener('pointerleave', () => this.onHover(-1));
  }

  setCalls(calls) {
    this.calls = calls;
    this.space.style.height = `${Math.min(calls.length * ROW_HEIGHT, TALLEST)}px`;
    this.draw();
  }

  get rowsInView() { return this.body.clientHeight / ROW_HEIGHT; }
  get mostScroll() { return Math.max(0, Math.min(this.calls.length * ROW_HEIGHT, TALLEST) - this.body.clientHeight); }
  get mostFirst() { return Math.max(0, this.calls.length - this.rowsInView); }

  // The number of the row at the top, with a fraction.
  get firstRow() {
    return this.mostScroll ? Math.min(1, this.body.scrollTop / this.mostScroll) * this.mostFirst : 0;
  }

  scrollToRow(row) {
    const first = Math.max(0, Math.min(row, this.mostFirst));
    this.body.scrollTop = this.mostFirst ? first / this.mostFirst * this.mostScroll : 0;
  }

  // Where the call is in the list, -1 if the filter keeps it out.
  place(call) {
    const place = lowerBound(this.calls, call);
    return this.calls[place] === call ? place : -1;
  }

  select(call, reveal = true) {
    this.selected = call;
    const place = this.place(call);
    if (reveal && place >= 0) {
      const first = this.firstRow;
      if (place < first) this.scrollToRow(place - 2);
      else if (place + 1 > first + this.rowsInView) this.scrollToRow(place + 3 - this.rowsInView);
    }
    this.draw();
  }

  // The next call behind the selected one, or before it; only those that failed if `failed` says so.
  neighbour(direction, failed) {
    let place = lowerBound(this.calls, this.selected);
    if (direction > 0 && this.calls[place] !== this.selected) place--;
    for (place += direction; place >= 0 && place < this.calls.length; place += direction)
      if (!failed || this.trace.hasFailed(this.calls[place])) return this.calls[place];
    return this.selected;
  }

  draw() {
    const first = Math.floor(this.firstRow), offset = (this.firstRow - first) * ROW_HEIGHT;
    const last = Math.min(this.calls.length, first + Math.ceil(this.rowsInView) + 1);
    const made = [];
    for (let place = first; place < last; place++) made.push(this.makeRow(this.calls[place]));
    this.rows.style.transform = `translateY(${this.body.scrollTop - offset}px)`;
    this.rows.replaceChildren(...made);
  }

  makeRow(call) {
    const {trace} = this, described = trace.describe(call), event = trace.isEvent(call);
    const colour = categoryColour(trace.functionOf(call).category, document.documentElement.dataset.theme === 'dark');
    const dot = element('i');
    dot.style.background = colour;
    const text = element('span', {}, dot, element('b', {textContent: described.name}),
                         element('span', {className: 'values', textContent: event ? ` ${described.values}` : described.values}));
    text.style.paddingLeft = `${Math.min(12, trace.depth[call]) * 14}px`;
    if (described.result) text.append(' → ', element('span', {className: 'result', textContent: described.result}));
    const classes = ['row', event && 'event', trace.hasFailed(call) && 'failed', call === this.selected && 'selected'];
    return element('div', {className: classes.filter(Boolean).join(' '), dataset: {call}},
                   element('span', {textContent: formatTime(trace.start[call], 6)}),
                   element('span', {textContent: event ? '' : formatTime(trace.duration[call])}),
                   element('span', {textContent: trace.threadOf(call).id}), text);
  }
}

// -- one call, in words --

function nameList(values) {
  return element('dl', {}, ...Object.entries(values).flatMap(([name, value]) =>
    [element('dt', {textContent: name}), element('dd', {textContent: value, className: name === 'error' ? 'failed-text' : ''})]));
}

// For the timeline's tip.
function describeShortly(trace, call) {
  const described = trace.describe(call), nodes = [element('b', {textContent: trace.functionOf(call).full})];
  nodes.push(described.values || ' ');
  if (described.result)
    nodes.push(element('div', {textContent: `→ ${described.result}`, className: trace.hasFailed(call) ? 'failed-text' : ''}));
  const time = `at ${formatTime(trace.start[call])}`;
  nodes.push(element('div', {textContent: trace.isEvent(call) ? time : `${formatTime(trace.duration[call])}, ${time}`}));
  return nodes;
}

function describeFully(trace, call) {
  const f = trace.functionOf(call), thread = trace.threadOf(call);
  const nodes = [element('h2', {textContent: f.full, className: trace.hasFailed(call) ? 'failed-text' : ''}),
                 element('p', {textContent: `${f.category}, thread ${thread.id}, process ${thread.process}`})];
  if (trace.isEvent(call)) {
    nodes.push(nameList({'at': formatTime(trace.start[call], 6), 'what': trace.argumentsOf(call)['']}));
    return nodes;
  }
  nodes.push(nameList({
    'start': formatTime(trace.start[call], 6), 'duration': formatTime(trace.duration[call], 6),
    'own time': formatTime(trace.own[call], 6),
  }));
  nodes.push(element('h3', {textContent: 'Arguments'}), nameList(trace.argumentsOf(call)));
  if (trace.flags[call] & OPEN) nodes.push(element('p', {textContent: 'It had not returned when the trace ended.'}));
  else nodes.push(element('h3', {textContent: trace.hasFailed(call) ? 'Result: failed' : 'Result'}), nameList(trace.resultOf(call)));
  return nodes;
}
