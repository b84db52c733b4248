// The table that --trace-summary prints. A click on a head sorts, one on a row shows the function's calls.

const SUMMARY_COLUMNS = [
  ['% own', row => row.own],
  ['own s', row => row.own],
  ['total s', row => row.total],
  ['own µs/call', row => row.own / row.calls],
  ['slowest µs', row => row.slowest],
  ['calls', row => row.calls],
  ['failed', row => row.failures],
  ['function', row => row.name],
];

class Summary {
  constructor(trace, table) {
    this.table = table;
    this.rows = trace.summary.map(([name, calls, failures, total, own, slowest]) => ({name, calls, failures, total, own, slowest}));
    this.allOwn = this.rows.reduce((sum, row) => sum + row.own, 0) || 1;
    this.onChoose = () => {};
    this.heads = SUMMARY_COLUMNS.map(([name], i) =>
      element('th', {scope: 'col'}, element('button', {textContent: name, onclick: () => this.sort(i)})));
    table.tHead.append(element('tr', {}, ...this.heads));
    this.sorted = this.descending = null;
    this.draw();
  }

  sort(column) {
    this.descending = this.sorted === column ? !this.descending : column !== SUMMARY_COLUMNS.length - 1;
    this.sorted = column;
    const value = SUMMARY_COLUMNS[column][1], sign = this.descending ? -1 : 1;
    this.rows.sort((a, b) => sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
    this.heads.forEach((head, i) => head.removeAttribute('aria-sort', i));
    this.heads[column].setAttribute('aria-sort', this.descending ? 'descending' : 'ascending');
    this.draw();
  }

  draw() {
    this.table.tBodies[0].replaceChildren(...this.rows.map(row => this.makeRow(row)));
  }

  makeRow(row) {
    const share = 100 * row.own / this.allOwn;
    const cells = [share.toFixed(2), (row.own / 1e9).toFixed(6), (row.total / 1e9).toFixed(6),
                   (row.own / row.calls / 1e3).toFixed(3), (row.slowest / 1e3).toFixed(3),
                   formatCount(row.calls), row.failures ? formatCount(row.failures) : '', row.name];
    const made = element('tr', {onclick: () => this.onChoose(row.name)}, ...cells.map(text => element('td', {textContent: text})));
    made.cells[0].style.setProperty('--share', `${share.toFixed(1)}%`);
    if (row.failures) made.cells[6].className = 'failed-text';
    return made;
  }
}
