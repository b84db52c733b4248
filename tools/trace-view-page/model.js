// What the trace holds, as trace-view's page_data packed it: columns with a number for each call, in the order in
// which they start. An event (an exception, a DLL that is loaded) is a call without duration that has the flag.

const FAILED = 1, LEFT = 2, OPEN = 4, EVENT = 8;

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}

class Trace {
  constructor(data) {
    const columns = data.columns;
    this.title = data.title;
    this.functions = data.functions.map(([dll, name, category]) =>
      ({dll, name, category, full: dll ? `${dll}!${name}` : name}));
    this.threads = data.threads.map(([process, id], number) => ({number, process, id}));
    this.problems = data.problems;
    this.summary = data.summary;
    this.texts = data.texts;
    this.count = columns.start.length;
    this.start = Float64Array.from(columns.start);
    for (let i = 1; i < this.count; i++) this.start[i] += this.start[i - 1];
    this.duration = Float64Array.from(columns.duration);
    this.own = Float64Array.from(columns.own);
    this.function = Uint32Array.from(columns.function);
    this.thread = Uint32Array.from(columns.thread);
    this.depth = Uint16Array.from(columns.depth);
    this.flags = Uint8Array.from(columns.flags);
    this.arguments = Uint32Array.from(columns.arguments);
    this.result = Uint32Array.from(columns.result);
    this.first = this.count ? this.start[0] : 0;
    this.last = this.first + 1000;
    for (let i = 0; i < this.count; i++) this.last = Math.max(this.last, this.end(i));
    this.processes = [...new Set(this.threads.map(thread => thread.process))];
    this.categories = [...new Set(this.functions.map(f => f.category))].sort();
    this.programs = this.findPrograms();
  }

  end(call) { return this.start[call] + this.duration[call]; }
  functionOf(call) { return this.functions[this.function[call]]; }
  threadOf(call) { return this.threads[this.thread[call]]; }
  argumentsOf(call) { return this.texts[this.arguments[call]]; }
  resultOf(call) { return this.texts[this.result[call]]; }
  isEvent(call) { return (this.flags[call] & EVENT) !== 0; }
  hasFailed(call) { return (this.flags[call] & FAILED) !== 0; }

  // A process is called by the first program that it loads.
  findPrograms() {
    const programs = new Map();
    for (let i = 0; i < this.count; i++) {
      if (!this.isEvent(i) || this.functionOf(i).name !== 'load') continue;
      const process = this.threadOf(i).process;
      const match = /([^\\"]*\.exe)"/i.exec(this.argumentsOf(i)['']);
      if (match && !programs.has(process)) programs.set(process, match[1]);
    }
    return programs;
  }

  describe(call) {
    const f = this.functionOf(call);
    const values = Object.entries(this.argumentsOf(call));
    if (this.isEvent(call)) return {name: f.name, values: values[0][1], result: ''};
    const result = Object.entries(this.resultOf(call)).map(([name, value]) =>
      name === 'returns' ? value : name === 'left' ? value : `${name}=${value}`).join(' ');
    const open = this.flags[call] & OPEN ? 'has not returned' : '';
    return {name: f.name, values: `(${values.map(([name, value]) => `${name}=${value}`).join(', ')})`, result: result || open};
  }
}

// `*` is any number of characters and `?` one; without a `!` inside, the DLL does not matter.
function globExpression(pattern) {
  const whole = pattern.includes('!') ? pattern.replace(/\.dll!/i, '!') : `*!${pattern}`;
  const source = whole.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i');
}

// Whether each function matches words such as `Nt*File !NtClose`.
function matchFunctions(functions, words) {
  const patterns = words.split(/[\s,]+/).filter(word => word.replace('!', ''));
  const wanted = patterns.filter(word => !word.startsWith('!')).map(globExpression);
  const excluded = patterns.filter(word => word.startsWith('!')).map(word => globExpression(word.slice(1)));
  return functions.map(f => {
    const name = `${f.dll}!${f.name}`;
    return (!wanted.length || wanted.some(e => e.test(name))) && !excluded.some(e => e.test(name));
  });
}

// The calls that a filter lets through, as an array of their numbers. What is asked of texts and functions is asked
// once of each, not once of each call.
function selectCalls(trace, filter) {
  const text = filter.text.toLowerCase();
  const contains = words => Object.entries(words).some(([name, value]) => `${name}=${value}`.toLowerCase().includes(text));
  const inText = text && trace.texts.map(contains);
  const inName = text && trace.functions.map(f => f.full.toLowerCase().includes(text));
  const functions = matchFunctions(trace.functions, filter.function)
    .map((match, i) => match && (!filter.category || trace.functions[i].category === filter.category));
  const threads = trace.threads.map(thread => filter.thread === null ? filter.process === null || filter.process === thread.process
    : filter.thread === thread.number);
  const found = new Uint32Array(trace.count);
  let count = 0;
  for (let i = 0; i < trace.count; i++) {
    if (!functions[trace.function[i]] || !threads[trace.thread[i]]) continue;
    if (filter.failed && !(trace.flags[i] & FAILED)) continue;
    if (filter.span && (trace.start[i] > filter.span.end || trace.end(i) < filter.span.start)) continue;
    if (text && !inName[trace.function[i]] && !inText[trace.arguments[i]] && !inText[trace.result[i]]) continue;
    found[count++] = i;
  }
  return found.subarray(0, count);
}

// The first place in the ascending array, from `low` on, whose value is not below.
function lowerBound(array, value, low = 0, high = array.length) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (array[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function formatTime(nanoseconds, digits = 3) {
  const size = Math.abs(nanoseconds);
  if (size >= 1e9) return `${(nanoseconds / 1e9).toFixed(digits)} s`;
  if (size >= 1e6) return `${(nanoseconds / 1e6).toFixed(digits)} ms`;
  return `${(nanoseconds / 1e3).toFixed(size < 1e3 ? 3 : Math.min(digits, 2))} µs`;
}

const formatCount = number => number.toLocaleString('en').replaceAll(',', '\u202f');
