/* Threads against every lock that is not an object: none is lost, none hangs, nothing is counted twice. */
#include "storm.h"

enum { THREADS = 16 };

/* Enough for the kernel to put a thread aside in the middle of it now and then. */
static void linger(struct storm_thread *self)
{
    for (unsigned i = storm_random(self) % 64; i > 0; i--)
        YieldProcessor();
}

/* Critical sections */

static CRITICAL_SECTION section;
static LONG guarded;

static void critical_section(struct storm_thread *self)
{
    while (storm_next(self)) {
        storm_at(self, "entering");
        if (self->rest % 4 != 0 || !TryEnterCriticalSection(&section))
            EnterCriticalSection(&section);
        if (self->rest % 8 == 0) {
            EnterCriticalSection(&section);
            LeaveCriticalSection(&section);
        }
        guarded++;
        if (self->rest % 16 == 0)
            linger(self);
        storm_at(self, "leaving");
        LeaveCriticalSection(&section);
    }
}

static void run_critical_sections(void)
{
    static const DWORD spins[] = {0, 4000};

    for (int i = 0; i < 2; i++) {
        guarded = 0;
        InitializeCriticalSectionAndSpinCount(&section, spins[i]);
        STORM(critical_section, THREADS, 1);
        CHECK_EQ(guarded, THREADS * storm_share(THREADS, 1));
        CHECK_EQ(section.LockCount, -1);
        CHECK_EQ(section.RecursionCount, 0);
        DeleteCriticalSection(&section);
    }
}

/* SRW locks */

static SRWLOCK srw = SRWLOCK_INIT;
static volatile LONG left, right;

static void write_both(struct storm_thread *self)
{
    storm_at(self, "acquiring exclusively");
    if (self->rest % 3 != 0 || !TryAcquireSRWLockExclusive(&srw))
        AcquireSRWLockExclusive(&srw);
    left++;
    if (self->rest % 16 == 0)
        linger(self);
    right++;
    ReleaseSRWLockExclusive(&srw);
}

static void read_both(struct storm_thread *self)
{
    storm_at(self, "acquiring shared");
    if (self->rest % 3 != 0 || !TryAcquireSRWLockShared(&srw))
        AcquireSRWLockShared(&srw);
    LONG seen = left;
    if (self->rest % 16 == 1)
        linger(self);
    STORM_CHECK(seen == right);
    ReleaseSRWLockShared(&srw);
}

static void srw_writers(struct storm_thread *self)
{
    while (storm_next(self))
        write_both(self);
}

static void srw_readers_and_writers(struct storm_thread *self)
{
    while (storm_next(self)) {
        if (storm_random(self) % 4 == 0)
            write_both(self);
        else
            read_both(self);
    }
}

/* Condition variables */

enum { BUFFER = 5 };
static CONDITION_VARIABLE not_full, not_empty;
static LONG filled, put, taken;

/* Half of the threads put into a small buffer, the others take from it, each as often. */
static void buffer_of_section(struct storm_thread *self)
{
    while (storm_next(self)) {
        storm_at(self, "entering");
        EnterCriticalSection(&section);
        if (self->index % 2) {
            storm_at(self, "sleeping until the buffer is not full");
            while (filled == BUFFER)
                SleepConditionVariableCS(&not_full, &section, INFINITE);
            filled++, put++;
            WakeConditionVariable(&not_empty);
        } else {
            storm_at(self, "sleeping until the buffer is not empty");
            while (filled == 0)
                SleepConditionVariableCS(&not_empty, &section, INFINITE);
            filled--, taken++;
            WakeConditionVariable(&not_full);
        }
        LeaveCriticalSection(&section);
    }
}

/* The same with wake-ups outside the lock, for one and for all, and with timeouts. */
static void buffer_of_srw_lock(struct storm_thread *self)
{
    CONDITION_VARIABLE *wake = self->index % 2 ? &not_empty : &not_full;
    CONDITION_VARIABLE *sleep = self->index % 2 ? &not_full : &not_empty;
    LONG limit = self->index % 2 ? BUFFER : 0;

    while (storm_next(self)) {
        storm_at(self, "acquiring");
        AcquireSRWLockExclusive(&srw);
        storm_at(self, "sleeping");
        while (filled == limit)
            SleepConditionVariableSRW(sleep, &srw, self->rest % 2 ? INFINITE : 5, 0);
        filled += self->index % 2 ? 1 : -1;
        ReleaseSRWLockExclusive(&srw);
        storm_at(self, "waking");
        if (self->rest % 8)
            WakeConditionVariable(wake);
        else
            WakeAllConditionVariable(wake);
    }
}

/* Rounds: each thread that arrives sleeps with the lock shared until the last one has come. */
static LONG arrived;
static volatile LONG round_number;

static void rounds_of_shared_sleepers(struct storm_thread *self)
{
    while (storm_next(self)) {
        storm_at(self, "arriving");
        AcquireSRWLockExclusive(&srw);
        LONG round = round_number;
        BOOL last = ++arrived == self->count;
        if (last) {
            arrived = 0;
            round_number++;
        }
        ReleaseSRWLockExclusive(&srw);
        if (last) {
            WakeAllConditionVariable(&not_empty);
            continue;
        }
        AcquireSRWLockShared(&srw);
        storm_at(self, "sleeping until the round is over");
        while (round_number == round)
            SleepConditionVariableSRW(&not_empty, &srw, INFINITE, CONDITION_VARIABLE_LOCKMODE_SHARED);
        ReleaseSRWLockShared(&srw);
    }
}

static void run_condition_variables(void)
{
    InitializeCriticalSection(&section);
    STORM(buffer_of_section, THREADS, 1);
    CHECK_EQ(filled, 0);
    CHECK_EQ(put, THREADS / 2 * storm_share(THREADS, 1));
    CHECK_EQ(put, taken);
    DeleteCriticalSection(&section);
    STORM(buffer_of_srw_lock, THREADS, 1);
    CHECK_EQ(filled, 0);
    STORM(rounds_of_shared_sleepers, THREADS, 4);
    CHECK_EQ(round_number, storm_share(THREADS, 4));
}

/* One-time initialization */

struct once {
    INIT_ONCE once;
    volatile LONG tries, successes;
};
static struct once *onces;

/* Every fourth fails the first time. */
static BOOL CALLBACK initialize(INIT_ONCE *once, void *parameter, void **context)
{
    struct once *one = (struct once *)parameter;
    LONG number = (LONG)(one - onces);

    STORM_CHECK(&one->once == once);
    if (one->tries++ == 0 && number % 4 == 0)
        return FALSE;
    InterlockedIncrement(&one->successes);
    *context = (void *)((ULONG_PTR)one & ~(ULONG_PTR)3);
    return TRUE;
}

static void init_once(struct storm_thread *self)
{
    for (struct once *one = onces; storm_next(self); one++) {
        void *context = NULL;
        storm_at(self, "initializing");
        while (!InitOnceExecuteOnce(&one->once, initialize, one, &context))
            ;
        STORM_CHECK(one->successes == 1);
        STORM_CHECK(context == (void *)((ULONG_PTR)one & ~(ULONG_PTR)3));
    }
}

static void run_init_once(void)
{
    onces = (struct once *)calloc((size_t)storm_share(THREADS, 1), sizeof *onces);
    STORM(init_once, THREADS, 1);
    free(onces);
}

/* Waiting on addresses */

/* Semaphores of every size, made of nothing else. The units are a byte, so that no size overflows. */
static union {
    volatile unsigned char byte;
    volatile unsigned short word;
    volatile LONG dword;
    volatile LONG64 qword;
    char line[64];
} units[4] __attribute__((aligned(64)));

static unsigned long long units_of(int size)
{
    return size == 0   ? units[0].byte
           : size == 1 ? units[1].word
           : size == 2 ? (DWORD)units[2].dword
                       : (DWORD)units[3].qword;
}

static int change_units(int size, unsigned long long from, unsigned long long to)
{
    switch (size) {
    case 0: {
        unsigned char byte = (unsigned char)from;
        return __atomic_compare_exchange_n(&units[0].byte, &byte, (unsigned char)to, 0, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    }
    case 1: {
        unsigned short word = (unsigned short)from;
        return __atomic_compare_exchange_n(&units[1].word, &word, (unsigned short)to, 0, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    }
    case 2:
        return InterlockedCompareExchange(&units[2].dword, (LONG)to, (LONG)from) == (LONG)from;
    default:
        return InterlockedCompareExchange64(&units[3].qword, (LONG64)to, (LONG64)from) == (LONG64)from;
    }
}

static void take_unit(struct storm_thread *self, int size)
{
    unsigned long long none = 0, seen;

    storm_at(self, "waiting for a unit");
    for (;;) {
        seen = units_of(size);
        if (seen == 0)
            WaitOnAddress((volatile void *)&units[size], &none, (SIZE_T)1 << size,
                          self->rest % 2 ? INFINITE : 10);
        else if (change_units(size, seen, seen - 1))
            return;
    }
}

static void give_unit(struct storm_thread *self, int size)
{
    unsigned long long seen;

    storm_at(self, "giving a unit");
    do
        seen = units_of(size);
    while (!change_units(size, seen, seen + 1));
    if (self->rest % 8)
        WakeByAddressSingle((void *)&units[size]);
    else
        WakeByAddressAll((void *)&units[size]);
}

static void wait_on_address(struct storm_thread *self)
{
    int size = self->index % 4;

    while (storm_next(self)) {
        take_unit(self, size);
        if (self->rest % 32 == 0)
            linger(self);
        give_unit(self, size);
    }
}

static void run_wait_on_address(void)
{
    for (int size = 0; size < 4; size++)
        change_units(size, 0, 2);
    STORM(wait_on_address, THREADS, 1);
    for (int size = 0; size < 4; size++)
        CHECK_EQ(units_of(size), 2);
}

/* Lists */

struct item {
    SLIST_ENTRY entry;
    volatile LONG owned;
} __attribute__((aligned(16)));

static SLIST_HEADER list __attribute__((aligned(16)));
static struct item items[64];

static void own(struct item *item)
{
    STORM_CHECK(InterlockedExchange(&item->owned, 1) == 0);
}

static void push(struct item *item)
{
    STORM_CHECK(InterlockedExchange(&item->owned, 0) == 1);
    InterlockedPushEntrySList(&list, &item->entry);
}

static void lists(struct storm_thread *self)
{
    storm_at(self, "pushing and popping");
    while (storm_next(self)) {
        struct item *first = (struct item *)InterlockedPopEntrySList(&list);
        struct item *second = (struct item *)InterlockedPopEntrySList(&list);
        if (first)
            own(first);
        if (second)
            own(second);
        if (self->rest % 16 == 0)
            linger(self);
        if (first)
            push(first);
        if (second)
            push(second);
        if (self->rest % 1024)
            continue;
        for (SLIST_ENTRY *entry = InterlockedFlushSList(&list), *next; entry; entry = next) {
            next = entry->Next;
            own((struct item *)entry);
            push((struct item *)entry);
        }
    }
}

static void run_lists(void)
{
    int count = 0;

    InitializeSListHead(&list);
    for (int i = 0; i < 64; i++)
        InterlockedPushEntrySList(&list, &items[i].entry);
    STORM(lists, THREADS, 1);
    CHECK_EQ(QueryDepthSList(&list), 64);
    while (InterlockedPopEntrySList(&list))
        count++;
    CHECK_EQ(count, 64);
}

int main(int argc, char **argv)
{
    storm_length(argc, argv);
    run_critical_sections();
    STORM(srw_writers, THREADS, 1);
    STORM(srw_readers_and_writers, THREADS, 1);
    CHECK_EQ(left, right);
    run_condition_variables();
    run_init_once();
    run_wait_on_address();
    run_lists();
    return CHECK_END();
}
