#include "loader/trace/summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "loader/trace/format.h"
#include "loader/trace/output.h"

static uint64_t start_clock, start_time;

/* The processor's: in half the time that Linux takes to tell its own. */
static uint64_t summary_clock(void)
{
    return __builtin_ia32_rdtsc();
}

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void summary_start(void)
{
    start_clock = summary_clock();
    start_time = nanoseconds();
}

static struct trace_figures *grow(struct trace_thread *thread, uint32_t number)
{
    uint32_t count = trace_export_count();
    struct trace_figures *figures = realloc(thread->figures, count * sizeof *figures);
    if (!figures)
        return NULL;
    memset(figures + thread->figures_count, 0, (count - thread->figures_count) * sizeof *figures);
    thread->figures = figures;
    thread->figures_count = count;
    return &figures[number];
}

static struct trace_figures *figures_of(struct trace_thread *thread, const struct trace_export *export)
{
    uint32_t number = export->number;
    return number < thread->figures_count ? &thread->figures[number] : grow(thread, number);
}

static void count(struct trace_figures *figures, uint64_t duration, uint64_t inner, bool failed)
{
    figures->calls++;
    figures->failures += failed;
    figures->total += duration;
    figures->own += duration > inner ? duration - inner : 0;
    if (duration > figures->slowest)
        figures->slowest = duration;
}

bool summary_enter(const struct trace_frame *frame)
{
    struct trace_thread *thread = trace_thread_self;
    uintptr_t here = (uintptr_t)frame;
    if (!thread || thread->busy || thread->depth == thread->capacity)
        return false;
    struct trace_call *call = &thread->calls[thread->depth];
    if (thread->depth && (call[-1].frame <= here || !trace_is_on_this_stack(call[-1].frame)))
        return false;
    thread->depth++;
    call->export = frame->export;
    call->frame = here;
    call->inner = 0;
    recent_enter(&thread->recent, frame);
    call->start = summary_clock();
    return true;
}

bool summary_leave(const struct trace_frame *frame)
{
    uint64_t now = summary_clock();
    struct trace_thread *thread = trace_thread_self;
    const struct trace_export *export = frame->export;
    if (!thread || thread->busy || !thread->depth || export->number >= thread->figures_count)
        return false;
    struct trace_call *call = &thread->calls[thread->depth - 1];
    if (call->frame != (uintptr_t)frame)
        return false;
    bool failed = trace_type_failed(&export->result, frame->result);
    recent_leave(&thread->recent, frame, failed ? format_last_error(frame) : 0);
    uint64_t duration = now - call->start;
    if (--thread->depth)
        call[-1].inner += duration;
    count(&thread->figures[export->number], duration, call->inner, failed);
    return true;
}

void summary_begin(struct trace_call *call)
{
    call->start = summary_clock();
}

void summary_count(struct trace_thread *thread, const struct trace_call *call, bool failed)
{
    uint64_t duration = summary_clock() - call->start;
    struct trace_figures *figures = figures_of(thread, call->export);
    if (thread->depth)
        thread->calls[thread->depth - 1].inner += duration;
    if (figures)
        count(figures, duration, call->inner, failed);
}

void summary_count_pass(struct trace_thread *thread, const struct trace_export *export)
{
    struct trace_figures *figures = figures_of(thread, export);
    if (figures)
        figures->calls++;
}

/* The table */

struct row {
    const struct trace_export *export;
    struct trace_figures figures;
};

static void add(struct trace_figures *sum, const struct trace_figures *figures)
{
    sum->calls += figures->calls;
    sum->failures += figures->failures;
    sum->total += figures->total;
    sum->own += figures->own;
    if (figures->slowest > sum->slowest)
        sum->slowest = figures->slowest;
}

static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->figures.own != y->figures.own)
        return x->figures.own < y->figures.own ? 1 : -1;
    return strcmp(x->export->name, y->export->name);
}

static uint32_t collect(struct row *rows)
{
    uint32_t count = trace_export_count(), used = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct row row = {.export = trace_export_at(i)};
        for (const struct trace_thread *thread = trace_thread_first(); thread; thread = thread->next)
            if (i < thread->figures_count)
                add(&row.figures, &thread->figures[i]);
        if (row.figures.calls)
            rows[used++] = row;
    }
    qsort(rows, used, sizeof *rows, compare);
    return used;
}

static void print_row(FILE *out, const struct trace_figures *figures, double unit, double all_own,
                      const char *name)
{
    double calls = figures->calls ? figures->calls : 1;
    fprintf(out, "%6.2f %12.6f %12.6f %11.3f %11.3f %9llu %9llu %s\n",
            all_own ? 100 * figures->own / all_own : 0, figures->own * unit / 1e9,
            figures->total * unit / 1e9, figures->own * unit / calls / 1e3, figures->slowest * unit / 1e3,
            (unsigned long long)figures->calls, (unsigned long long)figures->failures, name);
}

static void print_table(FILE *out, const struct row *rows, uint32_t count)
{
    uint64_t clock = summary_clock() - start_clock;
    double unit = clock ? (double)(nanoseconds() - start_time) / clock : 0;
    struct trace_figures all = {0};
    char name[300];
    for (uint32_t i = 0; i < count; i++)
        add(&all, &rows[i].figures);
    fputs("% own      own s        total s     own us/call  slowest us     calls    failed function\n", out);
    fputs(
        "------ ------------ ------------ ----------- ----------- --------- --------- --------------------\n",
        out);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s!%s", rows[i].export->dll, rows[i].export->name);
        print_row(out, &rows[i].figures, unit, all.own, name);
    }
    fputs(
        "------ ------------ ------------ ----------- ----------- --------- --------- --------------------\n",
        out);
    print_row(out, &all, unit, all.own, "total");
}

void summary_print(void)
{
    char *text = NULL;
    size_t size = 0;
    struct row *rows = calloc(trace_export_count() + 1, sizeof *rows);
    FILE *out = rows ? open_memstream(&text, &size) : NULL;
    if (out) {
        print_table(out, rows, collect(rows));
        fclose(out);
        output_write(text, size);
    }
    free(text);
    free(rows);
}
