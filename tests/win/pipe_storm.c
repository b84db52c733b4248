/* Threads against named pipes and pending operations: what is written is read, once and in order; what is
 * cancelled is gone; nobody hangs. */
#include "storm.h"
#include <stdio.h>

enum { THREADS = 8 };

static char shared_name[60];

static HANDLE serve(const char *name, DWORD instances)
{
    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, instances, 4096,
                            4096, 0, NULL);
}

static HANDLE connect_to(const char *name)
{
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED,
                       NULL);
}

/* A pipe of one's own, another thread of which cancels */

static HANDLE volatile servers[THREADS];

/* Reads until the number has come, however often a read is cancelled. */
static void expect_number(struct storm_thread *self, HANDLE pipe, HANDLE event, DWORD expected)
{
    OVERLAPPED overlapped = {.hEvent = event};
    DWORD number = 0, done = 0, error = 0;

    do {
        storm_at(self, "reading");
        error = ReadFile(pipe, &number, sizeof number, NULL, &overlapped) ? 0 : GetLastError();
        if (!error || error == ERROR_IO_PENDING)
            error = GetOverlappedResult(pipe, &overlapped, &done, TRUE) ? 0 : GetLastError();
    } while (error == ERROR_OPERATION_ABORTED);
    STORM_CHECK(!error && done == sizeof number && number == expected);
}

static DWORD WINAPI write_numbers(void *pipe)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    for (DWORD number = 0; number < 20; number++) {
        OVERLAPPED overlapped = {.hEvent = event};
        DWORD done;
        if (!WriteFile(pipe, &number, sizeof number, NULL, &overlapped))
            STORM_CHECK(GetLastError() == ERROR_IO_PENDING);
        STORM_CHECK(GetOverlappedResult(pipe, &overlapped, &done, TRUE) && done == sizeof number);
    }
    CHECK(CloseHandle(event));
    return 0;
}

static void read_while_others_cancel(struct storm_thread *self)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    char name[120];

    sprintf(name, "%s-%d", shared_name, self->index);
    while (storm_next(self)) {
        HANDLE server = serve(name, 1), client = connect_to(name);
        STORM_CHECK(server != INVALID_HANDLE_VALUE && client != INVALID_HANDLE_VALUE);
        servers[self->index] = server;
        HANDLE thread = CreateThread(NULL, 0, write_numbers, client, 0, NULL);
        for (DWORD number = 0; number < 20; number++) {
            expect_number(self, server, event, number);
            CancelIoEx(servers[storm_random(self) % THREADS], NULL);
        }
        storm_at(self, "waiting for the writer");
        STORM_CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0);
        CloseHandle(thread);
        servers[self->index] = NULL;
        CloseHandle(client);
        CloseHandle(server);
    }
    CHECK(CloseHandle(event));
}

/* A name for all, and ends that come and go */

static void come_and_go(struct storm_thread *self)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    char block[4096];

    while (storm_next(self)) {
        OVERLAPPED connecting = {.hEvent = event}, transfer = {0};
        DWORD done;
        storm_at(self, "connecting");
        HANDLE server = serve(shared_name, PIPE_UNLIMITED_INSTANCES);
        STORM_CHECK(server != INVALID_HANDLE_VALUE);
        if (!ConnectNamedPipe(server, &connecting))
            STORM_CHECK(GetLastError() == ERROR_IO_PENDING || GetLastError() == ERROR_PIPE_CONNECTED ||
                        GetLastError() == ERROR_NO_DATA);
        HANDLE client = connect_to(shared_name);
        STORM_CHECK(client != INVALID_HANDLE_VALUE || GetLastError() == ERROR_PIPE_BUSY ||
                    GetLastError() == ERROR_FILE_NOT_FOUND);
        HANDLE pipe = storm_random(self) % 2 && client != INVALID_HANDLE_VALUE ? client : server;
        if (storm_random(self) % 2)
            WriteFile(pipe, block, sizeof block, NULL, &transfer);
        else
            ReadFile(pipe, block, sizeof block, NULL, &transfer);
        if (storm_random(self) % 4 == 0)
            DisconnectNamedPipe(server);
        storm_at(self, "cancelling");
        CancelIo(pipe);
        CancelIo(server);
        STORM_CHECK(GetOverlappedResult(server, &connecting, &done, FALSE) ||
                    GetLastError() != ERROR_IO_INCOMPLETE || !HasOverlappedIoCompleted(&connecting));
        if (client != INVALID_HANDLE_VALUE)
            CloseHandle(client);
        CloseHandle(server);
    }
    CHECK(CloseHandle(event));
}

int main(int argc, char **argv)
{
    sprintf(shared_name, "\\\\.\\pipe\\litewin-storm-%lu", GetCurrentProcessId());
    storm_length(argc, argv);
    STORM(read_while_others_cancel, THREADS, 40);
    STORM(come_and_go, THREADS, 10);
    return CHECK_END();
}
