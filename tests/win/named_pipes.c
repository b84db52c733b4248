/* Named pipes: their names, instances and connections, and what goes through them. */
#include "check.h"
#include <winternl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char name[100];
static HANDLE server, client;

static HANDLE create(DWORD open_mode, DWORD mode, DWORD instances)
{
    return CreateNamedPipeA(name, open_mode, mode, instances, 65536, 65536, 0, NULL);
}

static HANDLE open_client(DWORD access)
{
    return CreateFileA(name, access, 0, NULL, OPEN_EXISTING, 0, NULL);
}

static void make_pair(DWORD mode)
{
    server = create(PIPE_ACCESS_DUPLEX, mode, 1);
    CHECK(server != INVALID_HANDLE_VALUE);
    client = open_client(GENERIC_READ | GENERIC_WRITE);
    CHECK(client != INVALID_HANDLE_VALUE);
}

static void close_pair(void)
{
    CHECK(CloseHandle(client));
    CHECK(CloseHandle(server));
}

static void put(HANDLE pipe, const char *text)
{
    DWORD done = 99;

    CHECK(WriteFile(pipe, text, (DWORD)strlen(text), &done, NULL));
    CHECK_EQ(done, strlen(text));
}

static void get(HANDLE pipe, DWORD size, const char *expected)
{
    char text[100] = "";
    DWORD done = 99;

    CHECK(ReadFile(pipe, text, size, &done, NULL));
    CHECK_EQ(done, strlen(expected));
    CHECK_STR(text, expected);
}

static void get_part(HANDLE pipe, DWORD size, const char *expected)
{
    char text[100] = "";
    DWORD done = 99;

    CHECK_ERROR(!ReadFile(pipe, text, size, &done, NULL), ERROR_MORE_DATA);
    CHECK_EQ(done, strlen(expected));
    CHECK_STR(text, expected);
}

TEST(what_cannot_be_created)
{
    CHECK_ERROR(create(0, 0, 1) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_READMODE_MESSAGE, 1) == INVALID_HANDLE_VALUE,
                ERROR_INVALID_PARAMETER);
    UNLESS_WINE("it takes any number")
    CHECK_ERROR(create(PIPE_ACCESS_DUPLEX, 0, 0) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    UNLESS_WINE("it takes any number")
    CHECK_ERROR(create(PIPE_ACCESS_DUPLEX, 0, 256) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateNamedPipeA("no pipe", PIPE_ACCESS_DUPLEX, 0, 1, 0, 0, 0, NULL) == INVALID_HANDLE_VALUE,
                ERROR_INVALID_NAME);
    CHECK_ERROR(CreateNamedPipeA(NULL, PIPE_ACCESS_DUPLEX, 0, 1, 0, 0, 0, NULL) == INVALID_HANDLE_VALUE,
                ERROR_PATH_NOT_FOUND);
}

TEST(nobody_serves)
{
    CHECK_ERROR(open_client(GENERIC_READ) == INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(!WaitNamedPipeA(name, 1), ERROR_FILE_NOT_FOUND);
}

TEST(bytes_go_both_ways)
{
    make_pair(PIPE_TYPE_BYTE);
    CHECK_EQ(GetFileType(server), FILE_TYPE_PIPE);
    CHECK_EQ(GetFileType(client), FILE_TYPE_PIPE);
    CHECK_ERROR(!ConnectNamedPipe(server, NULL), ERROR_PIPE_CONNECTED);
    CHECK_ERROR(!ConnectNamedPipe(client, NULL), ERROR_INVALID_FUNCTION);
    put(server, "one");
    put(server, "two");
    get(client, 4, "onet");
    get(client, 99, "wo");
    put(client, "back");
    get(server, 99, "back");
    close_pair();
    nobody_serves();
}

TEST(a_name_has_no_case_and_several_forms)
{
    char upper[100];

    server = create(PIPE_ACCESS_DUPLEX, 0, 4);
    CHECK(server != INVALID_HANDLE_VALUE);
    strcpy(upper, name);
    _strupr(upper + 9);
    client = CreateFileA(upper, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(client != INVALID_HANDLE_VALUE);
    close_pair();
}

TEST(messages_stay_whole)
{
    DWORD mode = PIPE_READMODE_MESSAGE, read, available, left;
    char text[20] = "";

    make_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    put(client, "first");
    put(client, "");
    put(client, "second");
    CHECK(PeekNamedPipe(server, text, 3, &read, &available, &left));
    CHECK_EQ(read, 3);
    CHECK_EQ(available, 11);
    CHECK_EQ(left, 2);
    get_part(server, 2, "fi");
    CHECK(PeekNamedPipe(server, text, 2, &read, &available, &left));
    CHECK_MEM(text, "rs", 2);
    CHECK_EQ(available, 9);
    CHECK_EQ(left, 1);
    get(server, 99, "rst");
    get(server, 99, "");
    get_part(server, 3, "sec");
    get(server, 3, "ond");
    /* A client reads bytes until it says otherwise. */
    put(server, "ab");
    put(server, "cd");
    get(client, 3, "abc");
    get(client, 3, "d");
    CHECK(SetNamedPipeHandleState(client, &mode, NULL, NULL));
    put(server, "ab");
    put(server, "cd");
    get(client, 3, "ab");
    get(client, 3, "cd");
    close_pair();
}

TEST(large_messages)
{
    static char block[100000], copy[100000];
    DWORD done;

    make_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    for (DWORD i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 7 + i / 256);
    CHECK(WriteFile(client, block, 60000, &done, NULL));
    CHECK_ERROR(!ReadFile(server, copy, 1000, &done, NULL), ERROR_MORE_DATA);
    CHECK_EQ(done, 1000);
    CHECK(ReadFile(server, copy + 1000, sizeof copy - 1000, &done, NULL));
    CHECK_EQ(done, 59000);
    CHECK_MEM(copy, block, 60000);
    close_pair();
}

static DWORD WINAPI write_huge(void *block)
{
    DWORD done;

    CHECK(WriteFile(client, block, 5000000, &done, NULL));
    CHECK_EQ(done, 5000000);
    put(client, "small");
    return 0;
}

TEST(a_huge_message)
{
    static char block[5000000], copy[5000000];
    DWORD done, left;
    HANDLE thread;

    make_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    for (DWORD i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 7 + i / 256);
    thread = CreateThread(NULL, 0, write_huge, block, 0, NULL);
    CHECK_ERROR(!ReadFile(server, copy, 1000, &done, NULL), ERROR_MORE_DATA);
    CHECK_EQ(done, 1000);
    CHECK(PeekNamedPipe(server, copy + 1000, 10, &done, NULL, &left));
    CHECK_EQ(done, 10);
    CHECK_EQ(left, 5000000 - 1010);
    CHECK(ReadFile(server, copy + 1000, sizeof copy - 1000, &done, NULL));
    CHECK_EQ(done, 5000000 - 1000);
    CHECK(!memcmp(copy, block, sizeof copy));
    get(server, 99, "small");
    CHECK_EQ(WaitForSingleObject(thread, 30000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    close_pair();
}

TEST(modes)
{
    DWORD mode = PIPE_READMODE_MESSAGE, instances = 99, flags, out_size, in_size;

    make_pair(PIPE_TYPE_BYTE);
    CHECK_ERROR(!SetNamedPipeHandleState(client, &mode, NULL, NULL), ERROR_INVALID_PARAMETER);
    mode = 0x40;
    CHECK_ERROR(!SetNamedPipeHandleState(client, &mode, NULL, NULL), ERROR_INVALID_PARAMETER);
    mode = PIPE_NOWAIT;
    CHECK(SetNamedPipeHandleState(client, &mode, NULL, NULL));
    CHECK(GetNamedPipeHandleStateA(client, &mode, &instances, NULL, NULL, NULL, 0));
    CHECK_EQ(mode, PIPE_NOWAIT);
    CHECK_EQ(instances, 1);
    CHECK_ERROR(!ReadFile(client, &mode, 1, &flags, NULL), ERROR_NO_DATA);
    CHECK(GetNamedPipeInfo(client, &flags, &out_size, &in_size, &instances));
    CHECK_EQ(flags, PIPE_CLIENT_END | PIPE_TYPE_BYTE);
    CHECK_EQ(out_size, 65536);
    CHECK_EQ(in_size, 65536);
    CHECK_EQ(instances, 1);
    CHECK(GetNamedPipeInfo(server, &flags, NULL, NULL, NULL));
    CHECK_EQ(flags, PIPE_SERVER_END | PIPE_TYPE_BYTE);
    close_pair();
    server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, PIPE_UNLIMITED_INSTANCES);
    CHECK(GetNamedPipeInfo(server, &flags, NULL, NULL, &instances));
    CHECK_EQ(flags, PIPE_SERVER_END | PIPE_TYPE_MESSAGE);
    UNLESS_WINE("it says -1") CHECK_EQ(instances, PIPE_UNLIMITED_INSTANCES);
    CHECK(CloseHandle(server));
}

TEST(instances_are_counted)
{
    HANDLE second;
    DWORD instances = 0;

    server = create(PIPE_ACCESS_DUPLEX, 0, 2);
    second = create(PIPE_ACCESS_DUPLEX, 0, 2);
    CHECK(server != INVALID_HANDLE_VALUE && second != INVALID_HANDLE_VALUE);
    CHECK_ERROR(create(PIPE_ACCESS_DUPLEX, 0, 2) == INVALID_HANDLE_VALUE, ERROR_PIPE_BUSY);
    CHECK(GetNamedPipeHandleStateA(server, NULL, &instances, NULL, NULL, NULL, 0));
    CHECK_EQ(instances, 2);
    CHECK(CloseHandle(second));
    CHECK_ERROR(create(PIPE_ACCESS_INBOUND, 0, 2) == INVALID_HANDLE_VALUE, ERROR_ACCESS_DENIED);
    UNLESS_WINE("it does not know the flag")
    CHECK_ERROR(create(PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE, 0, 2) == INVALID_HANDLE_VALUE,
                ERROR_ACCESS_DENIED);
    CHECK(WaitNamedPipeA(name, 1));
    client = open_client(GENERIC_READ | GENERIC_WRITE);
    CHECK(client != INVALID_HANDLE_VALUE);
    CHECK_ERROR(open_client(GENERIC_READ) == INVALID_HANDLE_VALUE, ERROR_PIPE_BUSY);
    CHECK_ERROR(!WaitNamedPipeA(name, 1), ERROR_SEM_TIMEOUT);
    CHECK(CloseHandle(client));
    CHECK(CloseHandle(server));
    server = create(PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE, 0, 2);
    CHECK(server != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(server));
}

TEST(directions)
{
    char text[10];
    DWORD done;

    server = create(PIPE_ACCESS_INBOUND, 0, 1);
    CHECK_ERROR(open_client(GENERIC_READ) == INVALID_HANDLE_VALUE, ERROR_ACCESS_DENIED);
    client = open_client(GENERIC_WRITE);
    CHECK(client != INVALID_HANDLE_VALUE);
    CHECK_ERROR(!WriteFile(server, "x", 1, &done, NULL), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!ReadFile(client, text, 1, &done, NULL), ERROR_ACCESS_DENIED);
    put(client, "in");
    get(server, 99, "in");
    close_pair();
    server = create(PIPE_ACCESS_OUTBOUND, 0, 1);
    CHECK_ERROR(open_client(GENERIC_WRITE) == INVALID_HANDLE_VALUE, ERROR_ACCESS_DENIED);
    client = open_client(GENERIC_READ);
    CHECK(client != INVALID_HANDLE_VALUE);
    put(server, "out");
    get(client, 99, "out");
    close_pair();
}

TEST(nobody_is_there_yet)
{
    char text[10];
    DWORD done;

    server = create(PIPE_ACCESS_DUPLEX, 0, 1);
    CHECK_ERROR(!ReadFile(server, text, 1, &done, NULL), ERROR_PIPE_LISTENING);
    CHECK_ERROR(!WriteFile(server, text, 1, &done, NULL), ERROR_PIPE_LISTENING);
    CHECK_ERROR(!PeekNamedPipe(server, NULL, 0, NULL, &done, NULL), ERROR_BAD_PIPE);
    CHECK(CloseHandle(server));
}

TEST(the_client_leaves)
{
    char text[10];
    DWORD done;

    make_pair(PIPE_TYPE_BYTE);
    put(client, "last");
    CHECK(CloseHandle(client));
    CHECK_ERROR(!ConnectNamedPipe(server, NULL), ERROR_NO_DATA);
    get(server, 99, "last");
    CHECK_ERROR(!ReadFile(server, text, 1, &done, NULL), ERROR_BROKEN_PIPE);
    CHECK_ERROR(!WriteFile(server, text, 1, &done, NULL), ERROR_NO_DATA);
    CHECK_ERROR(!PeekNamedPipe(server, NULL, 0, NULL, &done, NULL), ERROR_BROKEN_PIPE);
    CHECK_ERROR(open_client(GENERIC_READ) == INVALID_HANDLE_VALUE, ERROR_PIPE_BUSY);
    CHECK(DisconnectNamedPipe(server));
    CHECK(CloseHandle(server));
}

TEST(the_server_leaves)
{
    char text[10];
    DWORD done;

    make_pair(PIPE_TYPE_MESSAGE);
    put(server, "last");
    put(client, "unread");
    CHECK(CloseHandle(server));
    get(client, 99, "last");
    CHECK_ERROR(!ReadFile(client, text, 1, &done, NULL), ERROR_BROKEN_PIPE);
    CHECK_ERROR(!WriteFile(client, text, 1, &done, NULL), ERROR_NO_DATA);
    CHECK(CloseHandle(client));
}

static DWORD WINAPI wait_for_client(void *unused)
{
    (void)unused;
    BOOL connected = ConnectNamedPipe(server, NULL) || GetLastError() == ERROR_PIPE_CONNECTED;
    CHECK(connected);
    return 0;
}

TEST(a_server_disconnects_and_listens_again)
{
    char text[10];
    DWORD done;
    HANDLE thread;

    make_pair(PIPE_TYPE_BYTE);
    put(server, "lost");
    CHECK(DisconnectNamedPipe(server));
    CHECK_ERROR(!DisconnectNamedPipe(server), ERROR_PIPE_NOT_CONNECTED);
    UNLESS_WINE("it says that this is not supported")
    CHECK_ERROR(!DisconnectNamedPipe(client), ERROR_INVALID_FUNCTION);
    CHECK_ERROR(!ReadFile(client, text, 1, &done, NULL), ERROR_PIPE_NOT_CONNECTED);
    CHECK_ERROR(!WriteFile(client, text, 1, &done, NULL), ERROR_PIPE_NOT_CONNECTED);
    CHECK_ERROR(!ReadFile(server, text, 1, &done, NULL), ERROR_PIPE_NOT_CONNECTED);
    CHECK_ERROR(!PeekNamedPipe(client, NULL, 0, NULL, &done, NULL), ERROR_PIPE_NOT_CONNECTED);
    CHECK_ERROR(open_client(GENERIC_READ) == INVALID_HANDLE_VALUE, ERROR_PIPE_BUSY);
    CHECK(CloseHandle(client));
    thread = CreateThread(NULL, 0, wait_for_client, NULL, 0, NULL);
    CHECK(WaitNamedPipeA(name, NMPWAIT_WAIT_FOREVER));
    client = open_client(GENERIC_READ | GENERIC_WRITE);
    CHECK(client != INVALID_HANDLE_VALUE);
    put(client, "again");
    CHECK_EQ(WaitForSingleObject(thread, 30000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    get(server, 99, "again");
    close_pair();
}

static DWORD WINAPI answer(void *unused)
{
    char text[100];
    DWORD done;

    (void)unused;
    CHECK(ConnectNamedPipe(server, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
    CHECK(ReadFile(server, text, sizeof text, &done, NULL));
    CHECK_EQ(done, 8);
    CHECK_MEM(text, "question", 8);
    put(server, "answer");
    CHECK(FlushFileBuffers(server));
    CHECK(DisconnectNamedPipe(server));
    return 0;
}

TEST(a_call_has_an_answer)
{
    char text[100];
    DWORD done;
    HANDLE thread;

    server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1);
    thread = CreateThread(NULL, 0, answer, NULL, 0, NULL);
    CHECK(CallNamedPipeA(name, (void *)"question", 8, text, sizeof text, &done, NMPWAIT_WAIT_FOREVER));
    CHECK_EQ(done, 6);
    CHECK_MEM(text, "answer", 6);
    CHECK_EQ(WaitForSingleObject(thread, 30000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(server));
}

TEST(who_is_there)
{
    ULONG id = 0;

    make_pair(PIPE_TYPE_BYTE);
    CHECK(GetNamedPipeClientProcessId(server, &id));
    CHECK_EQ(id, GetCurrentProcessId());
    id = 0;
    CHECK(GetNamedPipeServerProcessId(client, &id));
    CHECK_EQ(id, GetCurrentProcessId());
    close_pair();
}

static bool is_found(const char *pattern)
{
    WIN32_FIND_DATAA data;
    bool found = false;
    HANDLE search = FindFirstFileA(pattern, &data);

    if (search == INVALID_HANDLE_VALUE)
        return false;
    do
        found |= !strcmp(data.cFileName, name + 9);
    while (FindNextFileA(search, &data));
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    CHECK(FindClose(search));
    return found;
}

TEST(names_are_found)
{
    UNLESS_WINE("it finds none")
    {
        CHECK(!is_found("\\\\.\\pipe\\*"));
        server = create(PIPE_ACCESS_DUPLEX, 0, 1);
        CHECK(is_found("\\\\.\\pipe\\*"));
        CHECK(is_found("\\\\.\\pipe\\litewin n*"));
        CHECK(!is_found("\\\\.\\pipe\\litewin m*"));
        CHECK(CloseHandle(server));
        CHECK_ERROR(!is_found(name), ERROR_FILE_NOT_FOUND);
    }
}

TEST(a_place_in_the_network)
{
    char network[120];

    server = create(PIPE_ACCESS_DUPLEX, 0, 2);
    sprintf(network, "\\\\localhost\\pipe\\%s", name + 9);
    UNLESS_WINE("it knows no network")
    {
        client = CreateFileA(network, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
        CHECK(client != INVALID_HANDLE_VALUE);
        CHECK(CloseHandle(client));
    }
    CHECK(CloseHandle(server));
}

/* By NT's names */

#define NTDLL(name) ((void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name))

typedef struct {
    ULONG NamedPipeType, NamedPipeConfiguration, MaximumInstances, CurrentInstances, InboundQuota,
        ReadDataAvailable, OutboundQuota, WriteQuotaAvailable, NamedPipeState, NamedPipeEnd;
} local_information;

static HANDLE open_relative(HANDLE root, const WCHAR *path, ACCESS_MASK access)
{
    NTSTATUS(WINAPI * open_file)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG) = NTDLL("NtOpenFile");
    UNICODE_STRING text = {0};
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .RootDirectory = root, .ObjectName = &text};
    IO_STATUS_BLOCK io;
    HANDLE handle = NULL;

    text.Buffer = (WCHAR *)path;
    text.Length = text.MaximumLength = (USHORT)(2 * lstrlenW(path));
    CHECK_EQ(open_file(&handle, access | SYNCHRONIZE, &attributes, &io, FILE_SHARE_READ | FILE_SHARE_WRITE,
                       FILE_SYNCHRONOUS_IO_NONALERT),
             0);
    return handle;
}

TEST(a_pipe_without_a_name)
{
    NTSTATUS(WINAPI * create_pipe)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG, ULONG, ULONG, ULONG, ULONG,
     ULONG, ULONG, ULONG, LARGE_INTEGER *) = NTDLL("NtCreateNamedPipeFile");
    NTSTATUS(WINAPI * query)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, int) = NTDLL("NtQueryInformationFile");
    UNICODE_STRING empty = {0};
    LARGE_INTEGER timeout = {.QuadPart = -500000};
    IO_STATUS_BLOCK io;
    local_information local;

    HANDLE root = open_relative(NULL, L"\\Device\\NamedPipe\\", GENERIC_READ);
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .RootDirectory = root, .ObjectName = &empty};
    CHECK_EQ(create_pipe(&server, GENERIC_READ | SYNCHRONIZE, &attributes, &io, FILE_SHARE_WRITE, FILE_CREATE,
                         FILE_SYNCHRONOUS_IO_NONALERT, 0, 0, 0, 1, 4096, 4096, &timeout),
             0);
    client = open_relative(server, L"", GENERIC_WRITE);
    put(client, "unnamed");
    CHECK_EQ(query(server, &io, &local, sizeof local, 24), 0);
    CHECK_EQ(local.NamedPipeConfiguration, 0);
    CHECK_EQ(local.ReadDataAvailable, 7);
    CHECK_EQ(local.NamedPipeState, 3);
    CHECK_EQ(local.NamedPipeEnd, 1);
    get(server, 99, "unnamed");
    close_pair();
    CHECK(CloseHandle(root));
}

int main(void)
{
    sprintf(name, "\\\\.\\pipe\\litewin named pipe %lu", GetCurrentProcessId());
    RUN(what_cannot_be_created);
    RUN(nobody_serves);
    RUN(bytes_go_both_ways);
    RUN(a_name_has_no_case_and_several_forms);
    RUN(messages_stay_whole);
    RUN(large_messages);
    RUN(a_huge_message);
    RUN(modes);
    RUN(instances_are_counted);
    RUN(directions);
    RUN(nobody_is_there_yet);
    RUN(the_client_leaves);
    RUN(the_server_leaves);
    RUN(a_server_disconnects_and_listens_again);
    RUN(a_call_has_an_answer);
    RUN(who_is_there);
    RUN(names_are_found);
    RUN(a_place_in_the_network);
    if (!check_on_wine()) /* which refuses empty names */
        RUN(a_pipe_without_a_name);
    return CHECK_END();
}
