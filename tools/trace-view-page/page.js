// Brings the parts together: the timeline, the list with its filters, the table, keys and theme.

const byId = id => document.getElementById(id);

class Page {
  constructor(trace) {
    this.trace = trace;
    this.timeline = new Timeline(trace, byId('tracks'), byId('overview'), byId('tip'));
    this.list = new CallList(trace, byId('list-body'), byId('list-space'), byId('list-rows'));
    this.summary = new Summary(trace, byId('summary').querySelector('table'));
    this.selected = -1;
    this.timeline.onSelect = call => this.select(call, {timeline: false});
    this.timeline.onView = moving => this.viewChanged(moving);
    this.list.onSelect = call => this.select(call, {list: false});
    this.list.onHover = call => this.timeline.hover(call);
    this.list.onZoom = call => this.timeline.zoomTo(call);
    this.summary.onChoose = name => this.showFunction(name);
    this.fillHeader();
    this.fillFilters();
    this.fillLegend();
    this.listen();
    this.setTheme(this.keptTheme() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
    this.applyFilter();
    this.select(-1);
  }

  // -- what is selected, everywhere --

  select(call, reveal = {}) {
    this.selected = call;
    this.timeline.select(call, reveal.timeline ?? true);
    this.list.select(call, reveal.list ?? true);
    const details = byId('details');
    if (call < 0) {
      details.replaceChildren(element('p', {textContent: 'Select a call in the timeline or in the list. Press ? for the keys.'}));
      return;
    }
    details.replaceChildren(...describeFully(this.trace, call),
                            element('button', {type: 'button', textContent: 'zoom to it', onclick: () => this.timeline.zoomTo(call)}));
    if (!this.trace.isEvent(call))
      details.append(element('button', {type: 'button', textContent: 'only this function', onclick: () => this.showFunction(this.trace.functionOf(call).full)}));
  }

  showFunction(name) {
    byId('function').value = name;
    this.showTab('calls');
    this.applyFilter();
  }

  showTab(tab) {
    for (const name of ['calls', 'summary']) {
      byId(name).hidden = name !== tab;
      byId(`${name}-tab`).setAttribute('aria-pressed', name === tab);
    }
    this.list.draw();
  }

  // -- filters --

  readFilter() {
    const [kind, number] = byId('thread').value.split(' ');
    const span = byId('visible').checked ? {...this.timeline.target} : null;
    return {
      text: byId('search').value.trim(), function: byId('function').value, category: byId('category').value,
      thread: kind === 'thread' ? Number(number) : null, process: kind === 'process' ? Number(number) : null,
      failed: byId('failed').checked, span,
    };
  }

  applyFilter() {
    const filter = this.readFilter();
    const inSpan = selectCalls(this.trace, filter);
    // What is out of view does not fade in the timeline only for that.
    this.timeline.setMatches(filter.span ? selectCalls(this.trace, {...filter, span: null}) : inSpan);
    this.list.setCalls(inSpan);
    if (this.selected >= 0) this.list.select(this.selected);
    const all = inSpan.length === this.trace.count;
    byId('count').textContent = all ? `${formatCount(inSpan.length)} lines` : `${formatCount(inSpan.length)} of ${formatCount(this.trace.count)} lines`;
    byId('clear').hidden = all;
  }

  // Typing goes on while the filter waits for a moment's rest.
  applyFilterSoon() {
    clearTimeout(this.filterTimer);
    this.filterTimer = setTimeout(() => this.applyFilter(), this.trace.count > 50_000 ? 160 : 0);
  }

  viewChanged(moving) {
    if (!moving && byId('visible').checked) {
      const {start, end} = this.timeline.target, key = `${start} ${end}`;
      if (key !== this.filteredView) this.applyFilterSoon();
      this.filteredView = key;
    }
  }

  clearFilter() {
    byId('filters').reset();
    this.applyFilter();
  }

  // -- the parts that do not change --

  fillHeader() {
    const {trace} = this;
    let calls = 0, failures = 0;
    for (let i = 0; i < trace.count; i++) {
      calls += !trace.isEvent(i);
      failures += trace.hasFailed(i);
    }
    const fact = (number, word, className = '') =>
      element('li', {className}, element('b', {textContent: number}), ` ${word}${number === '1' ? '' : 's'}`);
    const facts = [fact(formatCount(calls), 'call'),
                   element('li', {className: failures ? 'failed' : ''}, element('b', {textContent: formatCount(failures)}), ' failed'),
                   fact(formatCount(trace.threads.length), 'thread')];
    if (trace.processes.length > 1) facts.push(element('li', {}, element('b', {textContent: formatCount(trace.processes.length)}), ' processes'));
    facts.push(element('li', {}, element('b', {textContent: formatTime(trace.last - trace.first)})));
    byId('facts').append(...facts);
    const problems = byId('problems-button');
    problems.hidden = !trace.problems.length;
    problems.textContent = trace.problems.length === 1 ? '1 bad line' : `${formatCount(trace.problems.length)} bad lines`;
    problems.onclick = () => byId('problems').showModal();
    byId('problems').querySelector('ol').append(...trace.problems.slice(0, 1000).map(([line, problem]) =>
      element('li', {textContent: `line ${line}: ${problem}`})));
  }

  fillFilters() {
    const {trace} = this, option = (value, textContent) => element('option', {value, textContent});
    byId('category').append(option('', 'every category'), ...trace.categories.map(name => option(name, name)));
    const threads = byId('thread');
    threads.append(option('', trace.processes.length > 1 ? 'all processes' : 'all threads'));
    for (const process of trace.processes) {
      if (trace.processes.length > 1) threads.append(option(`process ${process}`, `${trace.programs.get(process) ?? 'process'} ${process}`));
      for (const thread of trace.threads.filter(t => t.process === process)) threads.append(option(`thread ${thread.number}`, `thread ${thread.id}`));
    }
  }

  fillLegend() {
    for (const [name, kind] of Object.entries(MARK_KINDS)) {
      const canvas = element('canvas', {width: 32, height: 32});
      canvas.style.cssText = 'width:16px;height:16px;vertical-align:middle';
      const context = canvas.getContext('2d');
      context.scale(2, 2);
      context.fillStyle = name === 'exception' ? '#d8404c' : categoryColour(kind.colour, false);
      drawMark(context, kind.shape, 8, 8);
      byId('legend').append(element('dt', {}, canvas), element('dd', {textContent: kind.meaning}));
    }
    const bar = element('span');
    bar.style.cssText = 'display:inline-block;width:22px;height:4px;background:var(--failed);vertical-align:middle';
    byId('legend').append(element('dt', {}, bar), element('dd', {textContent: 'a call that failed'}));
  }

  // -- theme --

  // A page that is opened from a file may have no storage.
  keptTheme() {
    try { return localStorage.getItem('litewin-trace-theme'); } catch { return null; }
  }

  setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    this.timeline.readTheme();
    this.list.draw();
  }

  turnTheme() {
    const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem('litewin-trace-theme', theme); } catch { /* It lasts as long as the page. */ }
    this.setTheme(theme);
  }

  // -- keys and buttons --

  listen() {
    for (const id of ['search', 'function']) byId(id).addEventListener('input', () => this.applyFilterSoon());
    for (const id of ['thread', 'category', 'failed', 'visible']) byId(id).addEventListener('change', () => this.applyFilter());
    byId('clear').onclick = () => this.clearFilter();
    byId('calls-tab').onclick = () => this.showTab('calls');
    byId('summary-tab').onclick = () => this.showTab('summary');
    byId('theme-button').onclick = () => this.turnTheme();
    byId('help-button').onclick = () => byId('help').showModal();
    document.addEventListener('keydown', event => this.press(event));
    const splitter = byId('splitter');
    splitter.addEventListener('pointerdown', event => splitter.setPointerCapture(event.pointerId));
    splitter.addEventListener('pointermove', event => { if (event.buttons) this.split(event.clientY); });
  }

  split(y) {
    const top = byId('timeline').getBoundingClientRect().top;
    document.body.style.setProperty('--timeline-height', `${Math.max(90, Math.min(y - top, innerHeight - top - 120))}px`);
  }

  step(direction, failed) {
    this.select(this.list.neighbour(direction, failed));
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const typing = event.target.matches('input[type=search], select');
    if (event.key === 'Escape') {
      if (typing) event.target.blur();
      else this.select(-1);
      return;
    }
    if (typing && event.key === 'Enter') this.step(1, false);
    if (typing) return;
    const action = this.actionOf(event.key, event.target === byId('list-body'));
    if (!action) return;
    event.preventDefault();
    action();
  }

  actionOf(key, inList) {
    const {timeline} = this;
    const step = (direction, failed) => () => this.step(direction, failed);
    if (inList && key === 'ArrowDown') return step(1, false);
    if (inList && key === 'ArrowUp') return step(-1, false);
    const actions = {
      w: () => timeline.zoom(.6), s: () => timeline.zoom(1 / .6), a: () => timeline.pan(-.2), d: () => timeline.pan(.2),
      0: () => timeline.showAll(), f: () => { if (this.selected >= 0) timeline.zoomTo(this.selected); },
      j: step(1, false), k: step(-1, false), n: step(1, true), p: step(-1, true),
      '/': () => byId('search').select(), '?': () => byId('help').showModal(),
    };
    Object.assign(actions, {ArrowUp: actions.w, ArrowDown: actions.s, ArrowLeft: actions.a, ArrowRight: actions.d});
    return actions[key.length === 1 ? key.toLowerCase() : key];
  }
}

unpack(byId('data').textContent).then(data => {
  window.page = new Page(new Trace(data));
  document.documentElement.dataset.ready = 'true';
});
