/* Barriers, and the native keyed events. */
#include "threading.h"
#include <winternl.h>

/* Barriers */

enum { THREADS = 5, ROUNDS = 200 };

struct rounds {
    SYNCHRONIZATION_BARRIER barrier;
    DWORD flags;
    LONG present[ROUNDS], last[ROUNDS], missed;
};

static DWORD WINAPI go_round(void *parameter)
{
    struct rounds *rounds = parameter;

    for (int i = 0; i < ROUNDS; i++) {
        InterlockedIncrement(&rounds->present[i]);
        if (EnterSynchronizationBarrier(&rounds->barrier, rounds->flags))
            InterlockedIncrement(&rounds->last[i]);
        if (rounds->present[i] != THREADS)
            InterlockedIncrement(&rounds->missed);
    }
    return 0;
}

static void run_rounds(LONG spins, DWORD flags)
{
    static struct rounds rounds;
    HANDLE threads[THREADS];
    LONG wrong = 0;

    rounds = (struct rounds){.flags = flags};
    CHECK(InitializeSynchronizationBarrier(&rounds.barrier, THREADS, spins));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(go_round, &rounds);
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    CHECK_EQ(rounds.missed, 0);
    for (int i = 0; i < ROUNDS; i++)
        wrong += rounds.last[i] != 1;
    CHECK_EQ(wrong, 0);
    CHECK(DeleteSynchronizationBarrier(&rounds.barrier));
}

TEST(barriers)
{
    SYNCHRONIZATION_BARRIER barrier;

    run_rounds(-1, 0);
    run_rounds(0, 0);
    run_rounds(100, SYNCHRONIZATION_BARRIER_FLAGS_BLOCK_ONLY);
    run_rounds(-1, SYNCHRONIZATION_BARRIER_FLAGS_SPIN_ONLY);
    run_rounds(-1, SYNCHRONIZATION_BARRIER_FLAGS_NO_DELETE);
    CHECK(InitializeSynchronizationBarrier(&barrier, 1, -1));
    CHECK(EnterSynchronizationBarrier(&barrier, 0));
    CHECK(EnterSynchronizationBarrier(&barrier, 0));
    CHECK(DeleteSynchronizationBarrier(&barrier));
    CHECK_ERROR(!InitializeSynchronizationBarrier(&barrier, 0, -1), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitializeSynchronizationBarrier(&barrier, -1, -1), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitializeSynchronizationBarrier(&barrier, 2, -2), ERROR_INVALID_PARAMETER);
}

/* Keyed events */

typedef NTSTATUS(NTAPI *create_keyed_event)(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                            ULONG flags);
typedef NTSTATUS(NTAPI *open_keyed_event)(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes);
typedef NTSTATUS(NTAPI *use_keyed_event)(HANDLE handle, const void *key, BOOLEAN alertable,
                                         LARGE_INTEGER *timeout);

static create_keyed_event create;
static open_keyed_event open;
static use_keyed_event wait, release;

static void *native(const char *name)
{
    void *function = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name);

    CHECK(function != NULL);
    return function;
}

#define KEY(number) ((void *)(ULONG_PTR)(number))

enum { SUCCESS = 0, USER_APC = 0xC0, TIMED_OUT = 0x102 };
#define ACCESS_DENIED       ((NTSTATUS)0xC0000022)
#define INVALID_PARAMETER_1 ((NTSTATUS)0xC00000EF)
#define INVALID_PARAMETER_4 ((NTSTATUS)0xC00000F2)
#define TYPE_MISMATCH       ((NTSTATUS)0xC0000024)
#define INVALID_HANDLE      ((NTSTATUS)0xC0000008)

struct meeting {
    HANDLE event;
    void *key;
    BOOLEAN alertable;
};

static DWORD WINAPI wait_for_key(void *parameter)
{
    struct meeting *meeting = parameter;

    return wait(meeting->event, meeting->key, meeting->alertable, NULL);
}

static DWORD WINAPI release_key(void *parameter)
{
    struct meeting *meeting = parameter;

    return release(meeting->event, meeting->key, meeting->alertable, NULL);
}

static void CALLBACK no_call(ULONG_PTR parameter)
{
    (void)parameter;
}

static void use_event(HANDLE event)
{
    struct meeting first = {event, KEY(0x100), FALSE}, second = {event, KEY(0x200), FALSE};
    LARGE_INTEGER soon = {.QuadPart = -200000}, never = {.QuadPart = 0};
    HANDLE one, two;

    CHECK_EQ(wait(event, KEY(0x100), FALSE, &soon), TIMED_OUT);
    CHECK_EQ(release(event, KEY(0x100), FALSE, &soon), TIMED_OUT);
    CHECK_EQ(wait(event, KEY(0x100), FALSE, &never), TIMED_OUT);
    CHECK_EQ(wait(event, KEY(0x101), FALSE, &never), INVALID_PARAMETER_1);
    CHECK_EQ(release(event, KEY(0x101), FALSE, &never), INVALID_PARAMETER_1);
    one = start(wait_for_key, &first);
    two = start(wait_for_key, &second);
    CHECK_EQ(WaitForSingleObject(one, 10), WAIT_TIMEOUT);
    CHECK_EQ(release(event, KEY(0x200), FALSE, NULL), SUCCESS);
    CHECK_EQ(join(two), SUCCESS);
    CHECK_EQ(WaitForSingleObject(one, 10), WAIT_TIMEOUT);
    CHECK_EQ(release(event, KEY(0x100), FALSE, NULL), SUCCESS);
    CHECK_EQ(join(one), SUCCESS);
    /* It is the same the other way around. */
    one = start(release_key, &first);
    CHECK_EQ(WaitForSingleObject(one, 10), WAIT_TIMEOUT);
    CHECK_EQ(wait(event, KEY(0x100), FALSE, NULL), SUCCESS);
    CHECK_EQ(join(one), SUCCESS);
    /* An APC ends an alertable wait. */
    QueueUserAPC(no_call, GetCurrentThread(), 0);
    CHECK_EQ(wait(event, KEY(0x100), TRUE, NULL), USER_APC);
    CHECK_EQ(wait(event, KEY(0x100), TRUE, &never), TIMED_OUT);
}

static DWORD WINAPI meet_often(void *event)
{
    for (int i = 0; i < 500; i++)
        if (wait(event, KEY(0x10), FALSE, NULL) || release(event, KEY(0x20), FALSE, NULL))
            return 1;
    return 0;
}

TEST(keyed_events)
{
    WCHAR path[] = L"\\BaseNamedObjects\\litewin keyed event";
    UNICODE_STRING name = {sizeof path - sizeof *path, sizeof path, path};
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .ObjectName = &name};
    HANDLE event = NULL, second = NULL, weak = NULL, thread;
    LARGE_INTEGER never = {.QuadPart = 0};

    create = native("NtCreateKeyedEvent");
    open = native("NtOpenKeyedEvent");
    wait = native("NtWaitForKeyedEvent");
    release = native("NtReleaseKeyedEvent");
    CHECK_EQ(create(&event, GENERIC_ALL, NULL, 0), SUCCESS);
    use_event(event);
    thread = start(meet_often, event);
    for (int i = 0; i < 500; i++) {
        CHECK_EQ(release(event, KEY(0x10), FALSE, NULL), SUCCESS);
        CHECK_EQ(wait(event, KEY(0x20), FALSE, NULL), SUCCESS);
    }
    CHECK_EQ(join(thread), 0);
    CHECK(CloseHandle(event));
    CHECK_EQ(wait(event, KEY(0x100), FALSE, &never), INVALID_HANDLE);
    /* The process has one of its own. */
    use_event(NULL);
    UNLESS_WINE("Wine 8 takes any flags")
    CHECK_EQ(create(&event, GENERIC_ALL, NULL, 1), INVALID_PARAMETER_4);
    CHECK_EQ(create(&event, GENERIC_ALL, &attributes, 0), SUCCESS);
    CHECK_EQ(open(&second, GENERIC_ALL, &attributes), SUCCESS);
    struct meeting meeting = {second, KEY(8), FALSE};
    thread = start(wait_for_key, &meeting);
    CHECK_EQ(release(event, KEY(8), FALSE, NULL), SUCCESS);
    CHECK_EQ(join(thread), SUCCESS);
    CHECK_EQ(open(&weak, 1, &attributes), SUCCESS);
    CHECK_EQ(release(weak, KEY(8), FALSE, &never), ACCESS_DENIED);
    CHECK_EQ(wait(weak, KEY(8), FALSE, &never), TIMED_OUT);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(second));
    CHECK(CloseHandle(weak));
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(wait(event, KEY(8), FALSE, &never), TYPE_MISMATCH);
    CHECK(CloseHandle(event));
}

int main(void)
{
    UNLESS_WINE("Wine 8 has none")
    RUN(barriers);
    RUN(keyed_events);
    return CHECK_END();
}
