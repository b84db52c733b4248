/* Threads in every state that a program brings them into are suspended, looked at, sent on and resumed at
 * random, by two threads at once: none may lose its registers, its way, or a lock. The argument says for how
 * many milliseconds (300). */
#include "check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __x86_64__
#define IP Rip
#define SP Rsp
#else
#define IP Eip
#define SP Esp
#endif

struct worker {
    const char *name;
    void (*step)(struct worker *worker);
    HANDLE thread, event, read, write;
    CRITICAL_SECTION section;
    volatile LONG steps, wrong;
};

static volatile LONG calm, stop; /* the storm ends before those who are in it */

/* What threads do */

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* All kinds of registers hold what the result depends on. */
static void compute(struct worker *worker)
{
    static const double expected = 1000;
    double sum = 0, products[4] = {1, 1, 1, 1};
    unsigned long long bits = 1;
    int i;

    for (i = 0; i < 1000; i++) {
        sum += sqrt((double)i * i) == i;
        products[i % 4] *= i % 2 ? 2.0 : 0.5;
        bits = bits << 7 | bits >> 57;
    }
    if (sum != expected || products[0] * products[1] * products[2] * products[3] != 1 || bits != 1ull << 24)
        worker->wrong++;
}

static void allocate(struct worker *worker)
{
    size_t size = 16 + worker->steps % 3000;
    char *block = malloc(size);

    memset(block, 'x', size);
    block = realloc(block, size * 2);
    if (block[0] != 'x' || block[size - 1] != 'x')
        worker->wrong++;
    free(block);
}

static void map_memory(struct worker *worker)
{
    char *block = VirtualAlloc(NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    block[5] = 1;
    if (!block || !VirtualFree(block, 0, MEM_RELEASE))
        worker->wrong++;
}

static void sleep_briefly(struct worker *worker)
{
    Sleep(worker->steps % 2);
}

static void wait_briefly(struct worker *worker)
{
    if (WaitForSingleObject(worker->event, 1) != WAIT_TIMEOUT)
        worker->wrong++;
}

static void CALLBACK apc(ULONG_PTR argument)
{
    ((struct worker *)argument)->steps++;
}

static void be_alerted(struct worker *worker)
{
    LONG before = worker->steps;

    QueueUserAPC(apc, GetCurrentThread(), (ULONG_PTR)worker);
    if (SleepEx(INFINITE, TRUE) != WAIT_IO_COMPLETION || worker->steps != before + 1)
        worker->wrong++;
}

static void use_pipe(struct worker *worker)
{
    char byte = (char)worker->steps, back = 0;
    DWORD count;

    if (!WriteFile(worker->write, &byte, 1, &count, NULL) ||
        !ReadFile(worker->read, &back, 1, &count, NULL) || back != byte)
        worker->wrong++;
}

static void use_section(struct worker *worker)
{
    EnterCriticalSection(&worker->section);
    worker->wrong++;
    SwitchToThread();
    worker->wrong--;
    LeaveCriticalSection(&worker->section);
}

static int compare(const void *first, const void *second)
{
    return *(const int *)first - *(const int *)second;
}

/* Windows code below Linux code below Windows code. */
static void sort(struct worker *worker)
{
    int numbers[64], i;
    unsigned seed = (unsigned)worker->steps;

    for (i = 0; i < 64; i++)
        numbers[i] = (int)(next_random(&seed) % 1000);
    qsort(numbers, 64, sizeof *numbers, compare);
    for (i = 1; i < 64; i++)
        if (numbers[i] < numbers[i - 1])
            worker->wrong++;
}

static void format(struct worker *worker)
{
    char text[100];

    sprintf(text, "%d %.3f %s", 42, 2.5, worker->name);
    if (memcmp(text, "42 2.500 ", 9))
        worker->wrong++;
}

#define RAISED 0xE0001234u

static LONG CALLBACK go_on(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != RAISED)
        return EXCEPTION_CONTINUE_SEARCH;
    ++*(volatile LONG *)pointers->ExceptionRecord->ExceptionInformation[0];
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void raise_exception(struct worker *worker)
{
    volatile LONG seen = 0;
    ULONG_PTR argument = (ULONG_PTR)&seen;

    RaiseException(RAISED, 0, 1, &argument);
    if (seen != 1)
        worker->wrong++;
}

static DWORD WINAPI nothing(void *argument)
{
    return (DWORD)(ULONG_PTR)argument;
}

static void make_thread(struct worker *worker)
{
    HANDLE thread = CreateThread(NULL, 0, nothing, (void *)3, 0, NULL);
    DWORD code = 0;

    if (!thread || WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0 ||
        !GetExitCodeThread(thread, &code) || code != 3)
        worker->wrong++;
    CloseHandle(thread);
}

static struct worker workers[] = {
    {.name = "compute", .step = compute},
    {.name = "allocate", .step = allocate},
    {.name = "map memory", .step = map_memory},
    {.name = "sleep", .step = sleep_briefly},
    {.name = "wait", .step = wait_briefly},
    {.name = "be alerted", .step = be_alerted},
    {.name = "use a pipe", .step = use_pipe},
    {.name = "use a critical section", .step = use_section},
    {.name = "sort", .step = sort},
    {.name = "format", .step = format},
    {.name = "raise exceptions", .step = raise_exception},
    {.name = "make threads", .step = make_thread},
};

static DWORD WINAPI work(void *argument)
{
    struct worker *worker = argument;

    do {
        worker->step(worker);
        worker->steps++;
    } while (!stop);
    return 1;
}

/* What is done to them */

/* Go's runtime puts a call at the interrupted instruction; where a thread is sent here does nothing, and goes
 * back. */
static void look(struct worker *worker, unsigned how)
{
    CONTEXT context, again;

    memset(&context, 0, sizeof context);
    context.ContextFlags = how & 1 ? CONTEXT_FULL : CONTEXT_CONTROL;
    if (!GetThreadContext(worker->thread, &context) || !context.IP || !context.SP) {
        CHECK(!"GetThreadContext");
        return;
    }
    if (how & 2)
        CHECK(SetThreadContext(worker->thread, &context));
    memset(&again, 0, sizeof again);
    again.ContextFlags = CONTEXT_FULL;
    CHECK(GetThreadContext(worker->thread, &again));
    if (again.SP != context.SP)
        CHECK_PTR(again.SP, context.SP);
}

static void torment(struct worker *worker, unsigned how)
{
    LONG steps;

    if (SuspendThread(worker->thread) == (DWORD)-1) {
        CHECK(!"SuspendThread");
        return;
    }
    steps = worker->steps;
    if (how & 4)
        look(worker, how);
    if (how & 8)
        SwitchToThread();
    if (worker->steps != steps)
        CHECK_EQ(worker->steps, steps);
    CHECK(ResumeThread(worker->thread) != 0);
}

static DWORD WINAPI storm(void *argument)
{
    unsigned seed = (unsigned)(ULONG_PTR)argument;

    while (!calm) {
        unsigned how = next_random(&seed);
        torment(&workers[next_random(&seed) % ARRAYSIZE(workers)], how);
        if (how % 16 == 0)
            Sleep(0);
    }
    return 0;
}

static void begin(struct worker *worker)
{
    worker->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    InitializeCriticalSection(&worker->section);
    CHECK(CreatePipe(&worker->read, &worker->write, NULL, 0));
    worker->thread = CreateThread(NULL, 0, work, worker, 0, NULL);
    CHECK(worker->thread != NULL);
}

static void end(struct worker *worker)
{
    LONG wrong = worker->wrong;

    CHECK_EQ(WaitForSingleObject(worker->thread, 60000), WAIT_OBJECT_0);
    if (wrong || !worker->steps) {
        check_note(worker->name);
        CHECK_EQ(wrong, 0);
        CHECK(worker->steps > 0);
    }
    CHECK(CloseHandle(worker->thread));
}

int main(int argc, char **argv)
{
    DWORD milliseconds = argc > 1 ? (DWORD)atoi(argv[1]) : 300;
    HANDLE storms[2];
    unsigned i;

    AddVectoredExceptionHandler(1, go_on);
    for (i = 0; i < ARRAYSIZE(workers); i++)
        begin(&workers[i]);
    for (i = 0; i < ARRAYSIZE(storms); i++)
        storms[i] = CreateThread(NULL, 0, storm, (void *)(ULONG_PTR)(i + 1), 0, NULL);
    Sleep(milliseconds);
    calm = 1;
    CHECK_EQ(WaitForMultipleObjects(ARRAYSIZE(storms), storms, TRUE, 60000), WAIT_OBJECT_0);
    stop = 1;
    for (i = 0; i < ARRAYSIZE(workers); i++)
        end(&workers[i]);
    return CHECK_END();
}
