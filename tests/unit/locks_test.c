/* uses: dlls/ntdll/critsec.c dlls/ntdll/srwlock.c dlls/ntdll/condvar.c dlls/ntdll/initonce.c
 * dlls/ntdll/waitonaddress.c dlls/ntdll/slist.c kernel/lock.c kernel/segment_x86_64.c kernel/peek_x86_64.S */
/* The locks of the run-time library among plain pthreads, where ThreadSanitizer can watch them: what a lock
 * guards is not atomic here, so that a lock which does not order its holders is a race. */
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include "dlls/ntdll/sync.h"
#include "kernel/process.h"
#include "kernel/segment.h"
#include "kernel/thread.h"
#include <cmocka.h>

enum { THREADS = 8, ROUNDS = 5000 };

/* Nobody is suspended here. */
/* No process ends here. */
bool process_is_last_thread(void)
{
    return false;
}

void process_acquire_orphan(bool (*try_lock)(void *lock), void *lock) {}

void suspend_checkpoint(void) {}

struct task {
    struct thread thread;
    pthread_t pthread;
    int index;
    void (*function)(int index);
};

static void *run_task(void *argument)
{
    struct task *task = argument;
    task->thread.teb.Tib.Self = &task->thread.teb.Tib;
    task->thread.teb.ClientId.UniqueThread = (HANDLE)(uintptr_t)(100 + task->index);
    segment_set(&task->thread.teb);
    task->function(task->index);
    return NULL;
}

static void run_all(void (*function)(int index))
{
    struct task *tasks = calloc(THREADS, sizeof *tasks);
    for (int i = 0; i < THREADS; i++) {
        tasks[i].index = i;
        tasks[i].function = function;
        pthread_create(&tasks[i].pthread, NULL, run_task, &tasks[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(tasks[i].pthread, NULL);
    free(tasks);
}

static RTL_CRITICAL_SECTION section;
static RTL_SRWLOCK srw;
static RTL_CONDITION_VARIABLE not_full, not_empty;
static int guarded, filled;

static void enter_and_count(int index)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 4 || !RtlTryEnterCriticalSection(&section))
            RtlEnterCriticalSection(&section);
        RtlEnterCriticalSection(&section);
        guarded++;
        RtlLeaveCriticalSection(&section);
        RtlLeaveCriticalSection(&section);
    }
}

static void critical_sections(void **state)
{
    RtlInitializeCriticalSection(&section);
    guarded = 0;
    run_all(enter_and_count);
    assert_int_equal(guarded, THREADS * ROUNDS);
    assert_int_equal(section.LockCount, -1);
}

static void read_or_count(int index)
{
    int seen = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 4) {
            if (i % 3 || !RtlTryAcquireSRWLockShared(&srw))
                RtlAcquireSRWLockShared(&srw);
            assert_true(guarded >= seen);
            seen = guarded;
            RtlReleaseSRWLockShared(&srw);
        } else {
            if (i % 3 || !RtlTryAcquireSRWLockExclusive(&srw))
                RtlAcquireSRWLockExclusive(&srw);
            guarded++;
            RtlReleaseSRWLockExclusive(&srw);
        }
    }
}

static void srw_locks(void **state)
{
    guarded = 0;
    run_all(read_or_count);
    assert_int_equal(guarded, THREADS * (ROUNDS / 4));
    assert_null(srw.Ptr);
}

static void exchange_by_section(int index)
{
    for (int i = 0; i < ROUNDS; i++) {
        RtlEnterCriticalSection(&section);
        while (filled == (index % 2 ? 3 : 0))
            RtlSleepConditionVariableCS(index % 2 ? &not_full : &not_empty, &section, NULL);
        filled += index % 2 ? 1 : -1;
        RtlWakeConditionVariable(index % 2 ? &not_empty : &not_full);
        RtlLeaveCriticalSection(&section);
    }
}

static void exchange_by_srw_lock(int index)
{
    const LARGE_INTEGER soon = {.QuadPart = -10000};
    for (int i = 0; i < ROUNDS; i++) {
        RtlAcquireSRWLockExclusive(&srw);
        while (filled == (index % 2 ? 3 : 0))
            RtlSleepConditionVariableSRW(index % 2 ? &not_full : &not_empty, &srw, i % 2 ? &soon : NULL, 0);
        filled += index % 2 ? 1 : -1;
        RtlReleaseSRWLockExclusive(&srw);
        (i % 8 ? RtlWakeConditionVariable : RtlWakeAllConditionVariable)(index % 2 ? &not_empty : &not_full);
    }
}

static void condition_variables(void **state)
{
    RtlInitializeCriticalSection(&section);
    run_all(exchange_by_section);
    assert_int_equal(filled, 0);
    run_all(exchange_by_srw_lock);
    assert_int_equal(filled, 0);
}

static struct {
    RTL_RUN_ONCE once;
    int value;
} onces[ROUNDS];

static GUEST_STDCALL ULONG initialize(RTL_RUN_ONCE *once, void *parameter, void **context)
{
    *(int *)parameter += 1;
    *context = parameter;
    return (ULONG_PTR)parameter % 64 != 0 || *(int *)parameter > 1;
}

static void initialize_each(int index)
{
    for (int i = 0; i < ROUNDS; i++) {
        void *context = NULL;
        while (RtlRunOnceExecuteOnce(&onces[i].once, initialize, &onces[i].value, &context))
            ;
        assert_int_equal(*(int *)context, (uintptr_t)context % 64 ? 1 : 2);
    }
}

static void one_time_initialization(void **state)
{
    run_all(initialize_each);
}

static uint32_t units = 2;
static int users[3];

static void take_a_unit(int index)
{
    const uint32_t none = 0;
    const LARGE_INTEGER soon = {.QuadPart = -10000};
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t seen = __atomic_load_n(&units, __ATOMIC_RELAXED);
        while (!seen || !__atomic_compare_exchange_n(&units, &seen, seen - 1, false, __ATOMIC_ACQUIRE,
                                                     __ATOMIC_RELAXED)) {
            if (!seen)
                RtlWaitOnAddress(&units, &none, sizeof units, i % 2 ? &soon : NULL);
            seen = __atomic_load_n(&units, __ATOMIC_RELAXED);
        }
        __atomic_add_fetch(&users[seen], 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&units, 1, __ATOMIC_RELEASE);
        (i % 8 ? RtlWakeAddressSingle : RtlWakeAddressAll)(&units);
    }
}

static void waiting_on_addresses(void **state)
{
    run_all(take_a_unit);
    assert_int_equal(units, 2);
    assert_int_equal(users[0] + users[1] + users[2], THREADS * ROUNDS);
}

struct item {
    SLIST_ENTRY entry;
    int value;
} __attribute__((aligned(16)));

static SLIST_HEADER list __attribute__((aligned(16)));
static struct item items[16];

static void push_and_pop(int index)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct item *item = (struct item *)RtlInterlockedPopEntrySList(&list);
        if (!item)
            continue;
        item->value++;
        RtlInterlockedPushEntrySList(&list, &item->entry);
    }
}

static void lists(void **state)
{
    RtlInitializeSListHead(&list);
    for (int i = 0; i < 16; i++)
        RtlInterlockedPushEntrySList(&list, &items[i].entry);
    run_all(push_and_pop);
    assert_int_equal(RtlQueryDepthSList(&list), 16);
}

/* Of an exchange of 16 bytes, ThreadSanitizer sees nothing. */
#ifdef __SANITIZE_THREAD__
#define WATCHED_LISTS
#else
#define WATCHED_LISTS cmocka_unit_test(lists),
#endif

int main(void)
{
    static struct thread self;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(critical_sections),    cmocka_unit_test(srw_locks),
        cmocka_unit_test(condition_variables),  cmocka_unit_test(one_time_initialization),
        cmocka_unit_test(waiting_on_addresses), WATCHED_LISTS};
    self.teb.Tib.Self = &self.teb.Tib;
    segment_set(&self.teb);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
