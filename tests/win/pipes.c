/* Anonymous pipes: what comes out of them, what can be seen in them, and how they end. */
#include "check.h"
#include <string.h>

static HANDLE reader, writer;

static void make_pipe(void)
{
    CHECK(CreatePipe(&reader, &writer, NULL, 0));
}

static void close_pipe(void)
{
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(writer));
}

static void put(const char *text)
{
    DWORD done;

    CHECK(WriteFile(writer, text, (DWORD)strlen(text), &done, NULL));
    CHECK_EQ(done, strlen(text));
}

static void get(DWORD size, const char *expected)
{
    char text[100] = "";
    DWORD done = 99;

    CHECK(ReadFile(reader, text, size, &done, NULL));
    CHECK_EQ(done, strlen(expected));
    CHECK_STR(text, expected);
}

TEST(bytes_come_out_in_order)
{
    make_pipe();
    put("one");
    put("two");
    get(2, "on");
    get(99, "etwo");
    close_pipe();
}

TEST(a_look_takes_nothing_out)
{
    char text[100] = "";
    DWORD seen = 99, available = 99, left = 99;

    make_pipe();
    CHECK(PeekNamedPipe(reader, text, sizeof text, &seen, &available, &left));
    CHECK_EQ(seen, 0);
    CHECK_EQ(available, 0);
    put("hello");
    CHECK(PeekNamedPipe(reader, text, 3, &seen, &available, &left));
    CHECK_EQ(seen, 3);
    CHECK_EQ(available, 5);
    UNLESS_WINE("it counts bytes as if they were a message") CHECK_EQ(left, 0);
    CHECK_MEM(text, "hel", 4);
    CHECK(PeekNamedPipe(reader, NULL, 0, NULL, &available, NULL));
    CHECK_EQ(available, 5);
    CHECK(PeekNamedPipe(reader, NULL, 0, NULL, NULL, NULL));
    get(99, "hello");
    close_pipe();
}

TEST(an_end_is_an_error)
{
    char text[10];
    DWORD done = 99, available;

    make_pipe();
    put("last");
    CHECK(CloseHandle(writer));
    CHECK(PeekNamedPipe(reader, NULL, 0, NULL, &available, NULL));
    CHECK_EQ(available, 4);
    get(99, "last");
    CHECK_ERROR(!ReadFile(reader, text, sizeof text, &done, NULL), ERROR_BROKEN_PIPE);
    CHECK_EQ(done, 0);
    CHECK_ERROR(!PeekNamedPipe(reader, NULL, 0, NULL, &available, NULL), ERROR_BROKEN_PIPE);
    CHECK(CloseHandle(reader));
    make_pipe();
    CHECK(CloseHandle(reader));
    CHECK_ERROR(!WriteFile(writer, "x", 1, &done, NULL), ERROR_NO_DATA);
    CHECK(CloseHandle(writer));
}

TEST(each_end_goes_one_way)
{
    char text[10];
    DWORD done, available;

    make_pipe();
    CHECK_ERROR(!ReadFile(writer, text, 1, &done, NULL), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!WriteFile(reader, text, 1, &done, NULL), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!PeekNamedPipe(writer, NULL, 0, NULL, &available, NULL), ERROR_ACCESS_DENIED);
    close_pipe();
}

TEST(what_a_pipe_is)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    DWORD flags = 99, instances = 99;

    make_pipe();
    CHECK_EQ(GetFileType(reader), FILE_TYPE_PIPE);
    CHECK_EQ(GetFileType(writer), FILE_TYPE_PIPE);
    CHECK(GetNamedPipeInfo(reader, &flags, NULL, NULL, &instances));
    CHECK_EQ(flags, PIPE_SERVER_END | PIPE_TYPE_BYTE);
    CHECK_EQ(instances, 1);
    CHECK(GetNamedPipeInfo(writer, NULL, &flags, &instances, NULL));
    CHECK_EQ(flags, 4096);
    CHECK_EQ(instances, 4096);
    CHECK(GetHandleInformation(reader, &flags));
    CHECK_EQ(flags, 0);
    close_pipe();
    CHECK(CreatePipe(&reader, &writer, &inherit, 100000));
    CHECK(GetHandleInformation(reader, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(GetHandleInformation(writer, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    close_pipe();
}

TEST(what_is_no_pipe)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    DWORD available;

    CHECK_ERROR(!PeekNamedPipe(INVALID_HANDLE_VALUE, NULL, 0, NULL, &available, NULL), ERROR_INVALID_HANDLE);
    CHECK_ERROR(!PeekNamedPipe(event, NULL, 0, NULL, &available, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}

#define LARGE 1000000

static DWORD WINAPI write_much(void *unused)
{
    static char block[LARGE];
    DWORD done;

    (void)unused;
    memset(block, 'x', LARGE);
    CHECK(WriteFile(writer, block, LARGE, &done, NULL));
    CHECK_EQ(done, LARGE);
    return 0;
}

TEST(a_full_pipe_waits_for_its_reader)
{
    static char block[65536];
    HANDLE thread;
    DWORD done, total = 0;

    make_pipe();
    thread = CreateThread(NULL, 0, write_much, NULL, 0, NULL);
    while (total < LARGE && ReadFile(reader, block, sizeof block, &done, NULL))
        total += done;
    CHECK_EQ(total, LARGE);
    CHECK_EQ(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    close_pipe();
}

int main(void)
{
    RUN(bytes_come_out_in_order);
    RUN(a_look_takes_nothing_out);
    RUN(an_end_is_an_error);
    RUN(each_end_goes_one_way);
    RUN(what_a_pipe_is);
    RUN(what_is_no_pipe);
    RUN(a_full_pipe_waits_for_its_reader);
    return CHECK_END();
}
