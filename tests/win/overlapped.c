/* Overlapped input and output: what is pending, how its end is told, and how it is cancelled. */
#include "check.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LONG_WAIT 30000

static char name[100];
static HANDLE server, client;
static OVERLAPPED first, second;
static char text[100];

static OVERLAPPED fresh(HANDLE event)
{
    OVERLAPPED overlapped = {.hEvent = event};
    return overlapped;
}

static OVERLAPPED with_event(void)
{
    return fresh(CreateEventW(NULL, TRUE, FALSE, NULL));
}

static void make_pair(DWORD mode)
{
    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, 4096, 4096, 0, NULL);
    CHECK(server != INVALID_HANDLE_VALUE);
    client =
        CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    CHECK(client != INVALID_HANDLE_VALUE);
    memset(text, 0, sizeof text);
}

static void close_pair(void)
{
    CHECK(CloseHandle(client));
    CHECK(CloseHandle(server));
}

static void begin_read(HANDLE pipe, DWORD size, OVERLAPPED *overlapped)
{
    CHECK_ERROR(!ReadFile(pipe, text, size, NULL, overlapped), ERROR_IO_PENDING);
    CHECK(!HasOverlappedIoCompleted(overlapped));
}

static void write_now(HANDLE pipe, const char *what)
{
    OVERLAPPED overlapped = with_event();
    DWORD done = 99;

    CHECK(WriteFile(pipe, what, (DWORD)strlen(what), &done, &overlapped));
    CHECK_EQ(done, strlen(what));
    CHECK(CloseHandle(overlapped.hEvent));
}

static bool is_signaled(HANDLE handle)
{
    return WaitForSingleObject(handle, 0) == WAIT_OBJECT_0;
}

static void expect_result(HANDLE handle, OVERLAPPED *overlapped, DWORD size)
{
    DWORD done = 99;

    CHECK(GetOverlappedResult(handle, overlapped, &done, TRUE));
    CHECK_EQ(done, size);
    CHECK(HasOverlappedIoCompleted(overlapped));
}

static void expect_failure(HANDLE handle, OVERLAPPED *overlapped, DWORD error)
{
    DWORD done = 99;

    CHECK_ERROR(!GetOverlappedResult(handle, overlapped, &done, TRUE), error);
    CHECK_EQ(done, 0);
}

TEST(a_disk_file)
{
    char path[MAX_PATH], file_name[MAX_PATH];
    HANDLE file;
    DWORD done;

    GetTempPathA(sizeof path, path);
    GetTempFileNameA(path, "ovl", 0, file_name);
    file = CreateFileA(file_name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                       FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    first = with_event();
    first.Offset = 10;
    CHECK(WriteFile(file, "hello", 5, NULL, &first) || GetLastError() == ERROR_IO_PENDING);
    expect_result(file, &first, 5);
    CHECK(is_signaled(first.hEvent));
    first.Offset = 12;
    CHECK(ReadFile(file, text, 50, NULL, &first) || GetLastError() == ERROR_IO_PENDING);
    expect_result(file, &first, 3);
    CHECK_MEM(text, "llo", 3);
    CHECK_ERROR(!ReadFile(file, text, 1, &done, NULL), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(file));
}

TEST(what_is_pending)
{
    DWORD done = 99;

    make_pair(PIPE_TYPE_BYTE);
    CHECK(is_signaled(server));
    first = with_event();
    first.InternalHigh = 77;
    begin_read(server, sizeof text, &first);
    CHECK(!is_signaled(first.hEvent));
    CHECK(!is_signaled(server));
    CHECK_EQ(first.Internal, 0x103);
    CHECK_EQ(first.InternalHigh, 77);
    CHECK_ERROR(!GetOverlappedResult(server, &first, &done, FALSE), ERROR_IO_INCOMPLETE);
    CHECK_ERROR(!GetOverlappedResultEx(server, &first, &done, 0, FALSE), ERROR_IO_INCOMPLETE);
    CHECK_ERROR(!GetOverlappedResultEx(server, &first, &done, 1, FALSE), WAIT_TIMEOUT);
    write_now(client, "hello");
    CHECK(is_signaled(first.hEvent));
    expect_result(server, &first, 5);
    CHECK_STR(text, "hello");
    CHECK(!is_signaled(server));
    CHECK(CloseHandle(first.hEvent));
    close_pair();
}

TEST(the_handle_is_signaled_where_there_is_no_event)
{
    make_pair(PIPE_TYPE_BYTE);
    first = fresh(NULL);
    begin_read(server, sizeof text, &first);
    CHECK(!is_signaled(server));
    write_now(client, "x");
    CHECK(is_signaled(server));
    expect_result(server, &first, 1);
    close_pair();
}

TEST(requests_end_in_order)
{
    char a[2] = "", b[3] = "";

    make_pair(PIPE_TYPE_BYTE);
    first = with_event();
    second = with_event();
    CHECK_ERROR(!ReadFile(server, a, 1, NULL, &first), ERROR_IO_PENDING);
    CHECK_ERROR(!ReadFile(server, b, 2, NULL, &second), ERROR_IO_PENDING);
    write_now(client, "1");
    CHECK(is_signaled(first.hEvent));
    CHECK(!is_signaled(second.hEvent));
    write_now(client, "23");
    expect_result(server, &second, 2);
    CHECK_STR(a, "1");
    CHECK_STR(b, "23");
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(second.hEvent));
    close_pair();
}

static DWORD WINAPI read_all(void *pipe)
{
    static char block[65536];
    DWORD total = 0, done;

    while (total < 4000000 && ReadFile(pipe, block, sizeof block, &done, NULL))
        total += done;
    return total;
}

TEST(a_write_that_does_not_fit)
{
    static char block[4000000];
    HANDLE thread;
    DWORD total;

    make_pair(PIPE_TYPE_BYTE);
    first = with_event();
    CHECK_ERROR(!WriteFile(server, block, sizeof block, NULL, &first), ERROR_IO_PENDING);
    CHECK(!is_signaled(first.hEvent));
    thread = CreateThread(NULL, 0, read_all, client, 0, NULL);
    expect_result(server, &first, sizeof block);
    CHECK_EQ(WaitForSingleObject(thread, LONG_WAIT), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &total));
    CHECK_EQ(total, sizeof block);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(first.hEvent));
    close_pair();
}

TEST(a_server_waits_for_its_client)
{
    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 0, 0, 0, NULL);
    first = with_event();
    CHECK_ERROR(!ConnectNamedPipe(server, &first), ERROR_IO_PENDING);
    CHECK(!is_signaled(first.hEvent));
    client = CreateFileA(name, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(client != INVALID_HANDLE_VALUE);
    CHECK(is_signaled(first.hEvent));
    expect_result(server, &first, 0);
    CHECK_ERROR(!ConnectNamedPipe(server, &first), ERROR_PIPE_CONNECTED);
    CHECK(CloseHandle(client));
    CHECK(DisconnectNamedPipe(server));
    CHECK_ERROR(!ConnectNamedPipe(server, &first), ERROR_IO_PENDING);
    CHECK(CancelIo(server));
    expect_failure(server, &first, ERROR_OPERATION_ABORTED);
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(server));
}

static void expect_packet(HANDLE port, OVERLAPPED *overlapped, DWORD size, DWORD error)
{
    OVERLAPPED *found = NULL;
    ULONG_PTR key = 0;
    DWORD done = 99;

    BOOL result = GetQueuedCompletionStatus(port, &done, &key, &found, LONG_WAIT);
    CHECK_EQ(result, !error);
    if (error)
        CHECK_EQ(GetLastError(), error);
    CHECK_PTR(found, overlapped);
    CHECK_EQ(key, 7);
    CHECK_EQ(done, size);
}

static void expect_no_packet(HANDLE port)
{
    OVERLAPPED *found;
    ULONG_PTR key;
    DWORD done;

    CHECK_ERROR(!GetQueuedCompletionStatus(port, &done, &key, &found, 0), WAIT_TIMEOUT);
}

TEST(a_port_is_told)
{
    HANDLE port;
    DWORD done;

    make_pair(PIPE_TYPE_BYTE);
    port = CreateIoCompletionPort(server, NULL, 7, 0);
    CHECK(port != NULL);
    first = fresh(NULL);
    begin_read(server, sizeof text, &first);
    expect_no_packet(port);
    write_now(client, "abc");
    expect_packet(port, &first, 3, 0);
    /* What is done at once is told as well, */
    write_now(client, "abc");
    CHECK(ReadFile(server, text, sizeof text, &done, &first));
    expect_packet(port, &first, 3, 0);
    /* unless it is said that it must not be, */
    CHECK(SetFileCompletionNotificationModes(server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    write_now(client, "abc");
    CHECK(ReadFile(server, text, sizeof text, &done, &first));
    expect_no_packet(port);
    begin_read(server, sizeof text, &first);
    write_now(client, "abc");
    expect_packet(port, &first, 3, 0);
    /* or by a bit of the event, */
    first = with_event();
    first.hEvent = (HANDLE)((ULONG_PTR)first.hEvent | 1);
    begin_read(server, sizeof text, &first);
    write_now(client, "abc");
    expect_result(server, &first, 3);
    expect_no_packet(port);
    CHECK(CloseHandle((HANDLE)((ULONG_PTR)first.hEvent & ~(ULONG_PTR)1)));
    /* and failures are told if they come later. */
    first = fresh(NULL);
    begin_read(server, sizeof text, &first);
    CHECK(CloseHandle(client));
    expect_packet(port, &first, 0, ERROR_BROKEN_PIPE);
    CHECK_ERROR(!ReadFile(server, text, sizeof text, &done, &first), ERROR_BROKEN_PIPE);
    expect_no_packet(port);
    CHECK(CloseHandle(server));
    CHECK(CloseHandle(port));
}

static HANDLE callback_ran;
static ULONG callback_result;
static ULONG_PTR callback_size;
static void *callback_overlapped;

static void CALLBACK io_callback(TP_CALLBACK_INSTANCE *instance, void *context, void *overlapped,
                                 ULONG result, ULONG_PTR size, TP_IO *io)
{
    (void)instance, (void)context, (void)io;
    callback_result = result;
    callback_size = size;
    callback_overlapped = overlapped;
    SetEvent(callback_ran);
}

TEST(a_pool_is_told)
{
    TP_IO *io;

    make_pair(PIPE_TYPE_BYTE);
    callback_ran = CreateEventW(NULL, FALSE, FALSE, NULL);
    io = CreateThreadpoolIo(server, io_callback, NULL, NULL);
    CHECK(io != NULL);
    first = fresh(NULL);
    StartThreadpoolIo(io);
    begin_read(server, sizeof text, &first);
    CHECK(!is_signaled(callback_ran));
    write_now(client, "abc");
    CHECK_EQ(WaitForSingleObject(callback_ran, LONG_WAIT), WAIT_OBJECT_0);
    CHECK_EQ(callback_result, 0);
    CHECK_EQ(callback_size, 3);
    CHECK_PTR(callback_overlapped, &first);
    StartThreadpoolIo(io);
    begin_read(server, sizeof text, &first);
    CHECK(CancelIoEx(server, &first));
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CHECK_EQ(callback_result, ERROR_OPERATION_ABORTED);
    CloseThreadpoolIo(io);
    CHECK(CloseHandle(callback_ran));
    close_pair();
}

static DWORD routine_error, routine_size, routine_calls;
static OVERLAPPED *routine_overlapped;

static void CALLBACK routine(DWORD error, DWORD size, OVERLAPPED *overlapped)
{
    routine_error = error;
    routine_size = size;
    routine_overlapped = overlapped;
    routine_calls++;
}

TEST(a_routine_is_called)
{
    make_pair(PIPE_TYPE_BYTE);
    routine_calls = 0;
    first = fresh((HANDLE)(ULONG_PTR)0x1234);
    CHECK(ReadFileEx(server, text, sizeof text, &first, routine));
    CHECK_EQ(SleepEx(0, TRUE), 0);
    write_now(client, "abcd");
    CHECK_EQ(routine_calls, 0);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_calls, 1);
    CHECK_EQ(routine_error, 0);
    CHECK_EQ(routine_size, 4);
    CHECK_PTR(routine_overlapped, &first);
    CHECK_STR(text, "abcd");
    CHECK(WriteFileEx(server, "xyz", 3, &first, routine));
    CHECK_EQ(routine_calls, 1);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_calls, 2);
    CHECK_EQ(routine_size, 3);
    /* A failure comes to the routine as well. */
    CHECK(ReadFileEx(server, text, sizeof text, &first, routine));
    CHECK(CancelIo(server));
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_calls, 3);
    CHECK_EQ(routine_error, ERROR_OPERATION_ABORTED);
    close_pair();
}

static DWORD WINAPI begin_and_cancel_own(void *unused)
{
    (void)unused;
    begin_read(server, 1, &second);
    CHECK(CancelIo(server));
    expect_failure(server, &second, ERROR_OPERATION_ABORTED);
    return 0;
}

TEST(requests_are_cancelled)
{
    HANDLE thread;

    make_pair(PIPE_TYPE_BYTE);
    first = with_event();
    second = with_event();
    CHECK(CancelIo(server));
    UNLESS_WINE("it says that there was something") CHECK_ERROR(!CancelIoEx(server, NULL), ERROR_NOT_FOUND);
    begin_read(server, 1, &first);
    begin_read(server, 1, &second);
    CHECK(CancelIoEx(server, &second));
    expect_failure(server, &second, ERROR_OPERATION_ABORTED);
    CHECK(!is_signaled(first.hEvent));
    CHECK_ERROR(!CancelIoEx(server, &second), ERROR_NOT_FOUND);
    /* CancelIo concerns what this very thread has begun. */
    thread = CreateThread(NULL, 0, begin_and_cancel_own, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, LONG_WAIT), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK(!is_signaled(first.hEvent));
    CHECK(CancelIoEx(server, NULL));
    expect_failure(server, &first, ERROR_OPERATION_ABORTED);
    CHECK_ERROR(!CancelIoEx((HANDLE)(ULONG_PTR)0x7ffffff0, NULL), ERROR_INVALID_HANDLE);
    /* Nothing has been lost. */
    write_now(client, "kept");
    CHECK(ReadFile(server, text, sizeof text, NULL, &first));
    expect_result(server, &first, 4);
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(second.hEvent));
    close_pair();
}

static DWORD WINAPI begin_and_leave(void *unused)
{
    (void)unused;
    begin_read(server, 1, &first);
    return 0;
}

TEST(a_thread_takes_its_requests_with_it)
{
    HANDLE thread;

    make_pair(PIPE_TYPE_BYTE);
    first = with_event();
    thread = CreateThread(NULL, 0, begin_and_leave, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, LONG_WAIT), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    expect_failure(server, &first, ERROR_OPERATION_ABORTED);
    CHECK(CloseHandle(first.hEvent));
    close_pair();
}

TEST(a_thread_has_something_pending)
{
    BOOL pending = 99;

    make_pair(PIPE_TYPE_BYTE);
    first = with_event();
    CHECK(GetThreadIOPendingFlag(GetCurrentThread(), &pending));
    CHECK_EQ(pending, FALSE);
    begin_read(server, 1, &first);
    CHECK(GetThreadIOPendingFlag(GetCurrentThread(), &pending));
    UNLESS_WINE("it never does") CHECK_EQ(pending, TRUE);
    write_now(client, "x");
    expect_result(server, &first, 1);
    CHECK(GetThreadIOPendingFlag(GetCurrentThread(), &pending));
    CHECK_EQ(pending, FALSE);
    CHECK(CloseHandle(first.hEvent));
    close_pair();
}

static DWORD WINAPI wait_for_client(void *pipe)
{
    CHECK_ERROR(!ConnectNamedPipe(pipe, NULL), ERROR_OPERATION_ABORTED);
    return 0;
}

TEST(a_sleep_in_a_synchronous_file_is_cancelled)
{
    HANDLE thread;

    CHECK_ERROR(!CancelSynchronousIo(GetCurrentThread()), ERROR_NOT_FOUND);
    CHECK_ERROR(!CancelSynchronousIo((HANDLE)(ULONG_PTR)0x7ffffff0), ERROR_INVALID_HANDLE);
    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, 0, 1, 0, 0, 0, NULL);
    thread = CreateThread(NULL, 0, wait_for_client, server, 0, NULL);
    while (!CancelSynchronousIo(thread) && WaitForSingleObject(thread, 1) == WAIT_TIMEOUT)
        continue;
    CHECK_EQ(WaitForSingleObject(thread, LONG_WAIT), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(server));
}

TEST(the_other_end_goes)
{
    make_pair(PIPE_TYPE_BYTE);
    first = with_event();
    begin_read(server, 1, &first);
    CHECK(CloseHandle(client));
    expect_failure(server, &first, ERROR_BROKEN_PIPE);
    CHECK(CloseHandle(server));
    make_pair(PIPE_TYPE_MESSAGE);
    begin_read(client, 1, &first);
    CHECK(DisconnectNamedPipe(server));
    expect_failure(client, &first, ERROR_PIPE_NOT_CONNECTED);
    CHECK(CloseHandle(first.hEvent));
    close_pair();
}

TEST(a_message_is_cut_short)
{
    DWORD done = 99;

    make_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    first = with_event();
    begin_read(server, 2, &first);
    write_now(client, "abcde");
    CHECK_ERROR(!GetOverlappedResult(server, &first, &done, TRUE), ERROR_MORE_DATA);
    CHECK_EQ(done, 2);
    CHECK_ERROR(!ReadFile(server, text, 1, &done, &first), ERROR_MORE_DATA);
    CHECK_EQ(done, 0);
    CHECK(is_signaled(first.hEvent));
    CHECK(ReadFile(server, text, 10, &done, &first));
    CHECK_EQ(done, 2);
    CHECK(CloseHandle(first.hEvent));
    close_pair();
}

TEST(a_transaction)
{
    char answer[10] = "";
    DWORD mode = PIPE_READMODE_MESSAGE;

    make_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    first = with_event();
    second = with_event();
    CHECK(SetNamedPipeHandleState(client, &mode, NULL, NULL));
    begin_read(server, sizeof text, &second);
    CHECK_ERROR(!TransactNamedPipe(client, (void *)"ask", 3, answer, sizeof answer, NULL, &first),
                ERROR_IO_PENDING);
    expect_result(server, &second, 3);
    CHECK_STR(text, "ask");
    CHECK(!is_signaled(first.hEvent));
    write_now(server, "told");
    expect_result(client, &first, 4);
    CHECK_STR(answer, "told");
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(second.hEvent));
    close_pair();
}

TEST(without_an_overlapped)
{
    DWORD done = 99;

    make_pair(PIPE_TYPE_BYTE);
    CHECK(WriteFile(client, "now", 3, &done, NULL));
    CHECK_EQ(done, 3);
    CHECK(ReadFile(server, text, sizeof text, &done, NULL));
    CHECK_EQ(done, 3);
    close_pair();
}

TEST(a_lock_is_waited_for)
{
    char path[MAX_PATH], file_name[MAX_PATH];
    HANDLE one, other;

    GetTempPathA(sizeof path, path);
    GetTempFileNameA(path, "ovl", 0, file_name);
    one = CreateFileA(file_name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                      OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    other = CreateFileA(file_name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                        OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    first = with_event();
    second = with_event();
    CHECK(LockFileEx(one, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, &first));
    CHECK_ERROR(!LockFileEx(other, LOCKFILE_FAIL_IMMEDIATELY, 0, 5, 0, &second), ERROR_LOCK_VIOLATION);
    CHECK_ERROR(!LockFileEx(other, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, 0, &second), ERROR_IO_PENDING);
    CHECK(!is_signaled(second.hEvent));
    CHECK(UnlockFileEx(one, 0, 10, 0, &first));
    expect_result(other, &second, 0);
    UNLESS_WINE("it takes the lock from nobody") CHECK(UnlockFileEx(other, 0, 5, 0, &second));
    CHECK(CloseHandle(one));
    CHECK(CloseHandle(other));
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(second.hEvent));
    CHECK(DeleteFileA(file_name));
}

#define NTDLL(name) ((void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name))

typedef struct {
    LONG_PTR status;
    ULONG_PTR information;
} status_block;

TEST(a_port_of_the_kernel)
{
    LONG(WINAPI * create)(HANDLE *, ACCESS_MASK, void *, ULONG) = NTDLL("NtCreateIoCompletion");
    LONG(WINAPI * query)(HANDLE, int, void *, ULONG, ULONG *) = NTDLL("NtQueryIoCompletion");
    LONG(WINAPI * post)(HANDLE, ULONG_PTR, ULONG_PTR, LONG, SIZE_T) = NTDLL("NtSetIoCompletion");
    LONG(WINAPI * take)
    (HANDLE, ULONG_PTR *, ULONG_PTR *, status_block *, LARGE_INTEGER *) = NTDLL("NtRemoveIoCompletion");
    LONG(WINAPI * set)(HANDLE, status_block *, void *, ULONG, int) = NTDLL("NtSetInformationFile");
    LONG(WINAPI * read)
    (HANDLE, HANDLE, void *, void *, status_block *, void *, ULONG, LARGE_INTEGER *, ULONG *) =
        NTDLL("NtReadFile");
    struct {
        HANDLE port;
        ULONG_PTR key;
    } tie = {NULL, 5};
    LARGE_INTEGER at_once = {.QuadPart = 0};
    ULONG_PTR key = 0, value = 0;
    status_block io = {0}, own = {0};
    LONG depth = 99;

    CHECK_EQ(create(&tie.port, IO_COMPLETION_ALL_ACCESS, NULL, 0), 0);
    CHECK_EQ(query(tie.port, 0, &depth, sizeof depth, NULL), 0);
    CHECK_EQ(depth, 0);
    CHECK_EQ(post(tie.port, 1, 2, 3, 4), 0);
    CHECK_EQ(query(tie.port, 0, &depth, sizeof depth, NULL), 0);
    CHECK_EQ(depth, 1);
    CHECK_EQ(take(tie.port, &key, &value, &io, &at_once), 0);
    CHECK_EQ(key, 1);
    CHECK_EQ(value, 2);
    CHECK_EQ((LONG)io.status, 3);
    CHECK_EQ(io.information, 4);
    CHECK_EQ(take(tie.port, &key, &value, &io, &at_once), 0x102);
    make_pair(PIPE_TYPE_BYTE);
    CHECK_EQ(set(server, &io, &tie, sizeof tie, 30), 0);
    CHECK_EQ(read(server, NULL, NULL, (void *)9, &own, text, sizeof text, NULL, NULL), 0x103);
    write_now(client, "abc");
    CHECK_EQ(take(tie.port, &key, &value, &io, &at_once), 0);
    CHECK_EQ(key, 5);
    CHECK_EQ(value, 9);
    CHECK_EQ(io.information, 3);
    CHECK_EQ(own.information, 3);
    close_pair();
    CHECK(CloseHandle(tie.port));
}

/* In another process: connects, and echoes what it hears. */
/* ---- memory ---- */

enum { PAGE = 4096, PAGES = 8 };

static char *allocate(DWORD type)
{
    char *memory = VirtualAlloc(NULL, PAGES * PAGE, MEM_RESERVE | MEM_COMMIT | type, PAGE_READWRITE);

    CHECK(memory != NULL);
    return memory;
}

/* The pages of `memory` written since the last look. */
static ULONG_PTR written(char *memory, void **pages)
{
    ULONG_PTR count = PAGES;
    DWORD granularity;

    CHECK_EQ(GetWriteWatch(WRITE_WATCH_FLAG_RESET, memory, PAGES * PAGE, pages, &count, &granularity), 0);
    return count;
}

/* The bytes go to the second page, and the end is told in the last. */
static void read_into_watched_memory(DWORD mode)
{
    void *pages[PAGES];
    char *memory = allocate(MEM_WRITE_WATCH);
    OVERLAPPED *overlapped = (OVERLAPPED *)(memory + PAGES * PAGE) - 1;

    make_pair(mode);
    *overlapped = with_event();
    CHECK_ERROR(!ReadFile(server, memory + PAGE, 3 * PAGE, NULL, overlapped), ERROR_IO_PENDING);
    written(memory, pages);
    CHECK_EQ(written(memory, pages), 0);
    write_now(client, "hello");
    CHECK_EQ(WaitForSingleObject(overlapped->hEvent, LONG_WAIT), WAIT_OBJECT_0);
    CHECK_EQ(written(memory, pages), 2);
    CHECK_PTR(pages[0], memory + PAGE);
    CHECK_PTR(pages[1], memory + (PAGES - 1) * PAGE);
    expect_result(server, overlapped, 5);
    CHECK_MEM(memory + PAGE, "hello", 5);
    CHECK(CloseHandle(overlapped->hEvent));
    close_pair();
    CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(memory_that_is_watched)
{
    read_into_watched_memory(PIPE_TYPE_BYTE);
    read_into_watched_memory(PIPE_TYPE_MESSAGE);
    read_into_watched_memory(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
}

static DWORD CALLBACK read_and_wait(void *memory)
{
    DWORD done = 0;

    return ReadFile(server, memory, 3 * PAGE, &done, NULL) ? done : 0;
}

/* Watched anew while a thread that waits for its input is in ReadFile, which touches all of its buffer first.
 */
static void wait_into_watched_memory(DWORD mode)
{
    ULONG_PTR touched = 0;
    void *pages[PAGES];
    char *memory = allocate(MEM_WRITE_WATCH);
    DWORD done = 0;
    HANDLE thread;

    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, mode, 1, 4096, 4096, 0, NULL);
    client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(client != INVALID_HANDLE_VALUE);
    thread = CreateThread(NULL, 0, read_and_wait, memory, 0, NULL);
    while (touched < 3) {
        touched += written(memory, pages);
        Sleep(1);
    }
    CHECK(WriteFile(client, "hello", 5, &done, NULL));
    CHECK_EQ(WaitForSingleObject(thread, LONG_WAIT), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &done));
    CHECK_EQ(done, 5);
    CHECK_EQ(written(memory, pages), 1);
    CHECK_PTR(pages[0], memory);
    CHECK_MEM(memory, "hello", 5);
    CHECK(CloseHandle(thread));
    close_pair();
    CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(memory_that_is_watched_during_a_synchronous_read)
{
    wait_into_watched_memory(PIPE_TYPE_BYTE);
    wait_into_watched_memory(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
}

TEST(memory_that_is_freed_meanwhile)
{
    OVERLAPPED *overlapped = (OVERLAPPED *)allocate(0);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    char *buffer = allocate(0);

    make_pair(PIPE_TYPE_BYTE);
    *overlapped = fresh(event);
    begin_read(server, 5, overlapped);
    CHECK(VirtualFree(overlapped, 0, MEM_RELEASE));
    write_now(client, "hello");
    CHECK_EQ(WaitForSingleObject(event, LONG_WAIT), WAIT_OBJECT_0);
    CHECK_STR(text, "hello");
    overlapped = (OVERLAPPED *)allocate(0);
    *overlapped = fresh(event);
    begin_read(server, 5, overlapped);
    CHECK(VirtualFree(overlapped, 0, MEM_RELEASE));
    CHECK(CancelIo(server));
    CHECK_EQ(WaitForSingleObject(event, LONG_WAIT), WAIT_OBJECT_0);
    first = fresh(event);
    CHECK_ERROR(!ReadFile(server, buffer, PAGE, NULL, &first), ERROR_IO_PENDING);
    CHECK(VirtualFree(buffer, 0, MEM_RELEASE));
    write_now(client, "hello");
    expect_failure(server, &first, ERROR_NOACCESS);
    CHECK(CloseHandle(event));
    close_pair();
}

static int be_client(const char *pipe_name)
{
    DWORD mode = PIPE_READMODE_MESSAGE, done;
    HANDLE pipe;

    if (!WaitNamedPipeA(pipe_name, LONG_WAIT))
        return 1;
    pipe = CreateFileA(pipe_name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE || !SetNamedPipeHandleState(pipe, &mode, NULL, NULL))
        return 2;
    while (ReadFile(pipe, text, sizeof text, &done, NULL))
        if (!WriteFile(pipe, text, done, &done, NULL))
            return 3;
    return GetLastError() == ERROR_PIPE_NOT_CONNECTED ? 0 : 4;
}

TEST(another_process)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    char path[MAX_PATH], command[2 * MAX_PATH];
    ULONG id = 0;
    DWORD code = 99;

    server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                              PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1, 4096, 4096, 0, NULL);
    first = with_event();
    CHECK_ERROR(!ConnectNamedPipe(server, &first), ERROR_IO_PENDING);
    GetModuleFileNameA(NULL, path, sizeof path);
    snprintf(command, sizeof command, "\"%s\" \"%s\"", path, name);
    CHECK(CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
    expect_result(server, &first, 0);
    CHECK(GetNamedPipeClientProcessId(server, &id));
    CHECK_EQ(id, process.dwProcessId);
    for (int i = 0; i < 20; i++) {
        memset(text, 0, sizeof text);
        CHECK(!ReadFile(server, text, sizeof text, NULL, &first));
        write_now(server, "message");
        expect_result(server, &first, 7);
        CHECK_STR(text, "message");
    }
    CHECK(DisconnectNamedPipe(server));
    CHECK_EQ(WaitForSingleObject(process.hProcess, LONG_WAIT), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    CHECK_EQ(code, 0);
    CHECK(CloseHandle(process.hProcess));
    CHECK(CloseHandle(process.hThread));
    CHECK(CloseHandle(first.hEvent));
    CHECK(CloseHandle(server));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return be_client(argv[1]);
    sprintf(name, "\\\\.\\pipe\\litewin-overlapped-%lu", GetCurrentProcessId());
    RUN(a_disk_file);
    RUN(what_is_pending);
    RUN(the_handle_is_signaled_where_there_is_no_event);
    RUN(requests_end_in_order);
    RUN(a_write_that_does_not_fit);
    RUN(a_server_waits_for_its_client);
    RUN(a_port_is_told);
    RUN(a_port_of_the_kernel);
    RUN(a_pool_is_told);
    RUN(a_routine_is_called);
    RUN(requests_are_cancelled);
    RUN(a_thread_takes_its_requests_with_it);
    RUN(a_thread_has_something_pending);
    RUN(a_sleep_in_a_synchronous_file_is_cancelled);
    RUN(the_other_end_goes);
    RUN(a_message_is_cut_short);
    RUN(a_transaction);
    RUN(without_an_overlapped);
    RUN(a_lock_is_waited_for);
    RUN(memory_that_is_watched);
    RUN(memory_that_is_watched_during_a_synchronous_read);
    UNLESS_WINE("Wine 8 ends a process whose OVERLAPPED is gone") RUN(memory_that_is_freed_meanwhile);
    RUN(another_process);
    return CHECK_END();
}
