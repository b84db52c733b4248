/* Handles: closing, duplicating, their flags, the standard handles and the types of files. */
#include "check.h"

static HANDLE create_file(const char *name)
{
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
}

TEST(a_handle_closes_once)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE file = create_file("once");

    CHECK(event != NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(event));
    CHECK_ERROR(CloseHandle(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(file));
    CHECK_ERROR(CloseHandle(file) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(DeleteFileA("once"));
}

TEST(what_is_no_handle_is_refused)
{
    DWORD flags, size;
    HANDLE nonsense = (HANDLE)(ULONG_PTR)0x0BAD0BAC;

    CHECK_ERROR(CloseHandle(NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(CloseHandle(nonsense) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetHandleInformation(nonsense, &flags) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(WaitForSingleObject(nonsense, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SetEvent(nonsense) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetFileType(nonsense) == FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetFileSize(nonsense, NULL) == INVALID_FILE_SIZE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(ReadFile(nonsense, &size, 1, &size, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(WriteFile(INVALID_HANDLE_VALUE, "x", 1, &size, NULL) == FALSE, ERROR_INVALID_HANDLE);
}

TEST(a_handle_has_the_type_of_its_object)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE file = create_file("type");
    DWORD size;

    CHECK_ERROR(SetEvent(file) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(ReleaseMutex(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(ReleaseSemaphore(event, 1, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetExitCodeThread(event, &size) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(WriteFile(event, "x", 1, &size, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(FlushFileBuffers(event) == FALSE, ERROR_INVALID_HANDLE);
    CloseHandle(event);
    CloseHandle(file);
    DeleteFileA("type");
}

TEST(handles_are_multiples_of_four_and_distinct)
{
    enum { COUNT = 1000 };
    static HANDLE handles[COUNT];
    int distinct = 1, aligned = 1, closed = 1;

    for (int i = 0; i < COUNT; i++) {
        handles[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        aligned &= handles[i] != NULL && ((ULONG_PTR)handles[i] & 3) == 0;
        for (int j = 0; j < i; j++)
            distinct &= handles[i] != handles[j];
    }
    CHECK(aligned);
    CHECK(distinct);
    for (int i = 0; i < COUNT; i++)
        closed &= CloseHandle(handles[i]);
    CHECK(closed);
}

TEST(opening_and_closing_often_leaks_nothing)
{
    HANDLE last = NULL;

    for (int i = 0; i < 10000; i++) {
        last = CreateFileA("NUL", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (last == INVALID_HANDLE_VALUE)
            break;
        CloseHandle(last);
    }
    CHECK(last != INVALID_HANDLE_VALUE);
}

TEST(the_low_two_bits_are_ignored)
{
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);

    CHECK_EQ(WaitForSingleObject((HANDLE)((ULONG_PTR)event | 3), 0), WAIT_OBJECT_0);
    CHECK(CloseHandle((HANDLE)((ULONG_PTR)event | 1)));
    CHECK_ERROR(CloseHandle(event) == FALSE, ERROR_INVALID_HANDLE);
}

TEST(a_duplicate_lives_on_its_own)
{
    HANDLE self = GetCurrentProcess();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE copy = NULL;

    CHECK(DuplicateHandle(self, event, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(copy != NULL && copy != event);
    CHECK(SetEvent(copy));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    CHECK_EQ(WaitForSingleObject(copy, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(copy));
    CHECK_ERROR(DuplicateHandle(self, event, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) == FALSE,
                ERROR_INVALID_HANDLE);
}

TEST(a_duplicate_may_close_its_source)
{
    HANDLE self = GetCurrentProcess();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE copy = NULL;

    CHECK(
        DuplicateHandle(self, event, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK(SetEvent(copy));
    if (copy != event)
        CHECK_ERROR(SetEvent(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(copy));
}

TEST(a_duplicate_may_have_less_access)
{
    HANDLE self = GetCurrentProcess();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE copy = NULL;

    CHECK(DuplicateHandle(self, event, self, &copy, SYNCHRONIZE, FALSE, 0));
    CHECK_EQ(WaitForSingleObject(copy, 0), WAIT_TIMEOUT);
    CHECK_ERROR(SetEvent(copy) == FALSE, ERROR_ACCESS_DENIED);
    CloseHandle(copy);
    CloseHandle(event);
}

TEST(duplicates_share_the_file_pointer)
{
    HANDLE self = GetCurrentProcess();
    HANDLE file = create_file("shared");
    HANDLE copy = NULL;
    DWORD written;

    CHECK(DuplicateHandle(self, file, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(WriteFile(file, "12345", 5, &written, NULL));
    CHECK_EQ(SetFilePointer(copy, 0, NULL, FILE_CURRENT), 5);
    CHECK(CloseHandle(file));
    CHECK(WriteFile(copy, "6", 1, &written, NULL));
    CHECK_EQ(GetFileSize(copy, NULL), 6);
    CHECK(CloseHandle(copy));
    CHECK(DeleteFileA("shared"));
}

TEST(pseudo_handles)
{
    HANDLE self = GetCurrentProcess();
    HANDLE real = NULL;

    CHECK_PTR(self, (LONG_PTR)-1);
    CHECK_PTR(GetCurrentThread(), (LONG_PTR)-2);
    CHECK(DuplicateHandle(self, self, self, &real, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(real != self);
    CHECK_EQ(GetProcessId(real), GetCurrentProcessId());
    CHECK(CloseHandle(real));
    CHECK(DuplicateHandle(self, GetCurrentThread(), self, &real, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_EQ(GetThreadId(real), GetCurrentThreadId());
    CHECK_EQ(WaitForSingleObject(real, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(real));
    CHECK(CloseHandle(self));
    CHECK(CloseHandle(GetCurrentThread()));
    CHECK_EQ(GetProcessId(self), GetCurrentProcessId());
}

TEST(handle_information)
{
    HANDLE self = GetCurrentProcess();
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE inherited = CreateEventW(&inherit, FALSE, FALSE, NULL);
    HANDLE copy = NULL;
    DWORD flags = 77;

    CHECK(GetHandleInformation(event, &flags));
    CHECK_EQ(flags, 0);
    CHECK(GetHandleInformation(inherited, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(DuplicateHandle(self, event, self, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS));
    CHECK(GetHandleInformation(copy, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(SetHandleInformation(copy, HANDLE_FLAG_INHERIT, 0));
    CHECK(GetHandleInformation(copy, &flags));
    CHECK_EQ(flags, 0);
    /* Bits outside the mask stay as they are. */
    CHECK(SetHandleInformation(copy, HANDLE_FLAG_INHERIT,
                               HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CHECK(GetHandleInformation(copy, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(CloseHandle(copy));
    CHECK(CloseHandle(inherited));
    CHECK(CloseHandle(event));
}

TEST(a_protected_handle_does_not_close)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CHECK_ERROR(CloseHandle(event) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(SetEvent(event));
    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    CHECK(CloseHandle(event));
}

TEST(standard_handles)
{
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);
    HANDLE error = GetStdHandle(STD_ERROR_HANDLE);

    CHECK(output != NULL && output != INVALID_HANDLE_VALUE);
    CHECK_ERROR(GetStdHandle(0) == INVALID_HANDLE_VALUE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetStdHandle((DWORD)-13) == INVALID_HANDLE_VALUE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SetStdHandle((DWORD)-13, output) == FALSE, ERROR_INVALID_HANDLE);
    /* The slot takes any value, and closing a handle does not clear it. */
    CHECK(SetStdHandle(STD_ERROR_HANDLE, (HANDLE)(ULONG_PTR)0x1234));
    CHECK_PTR(GetStdHandle(STD_ERROR_HANDLE), 0x1234);
    CHECK(SetStdHandle(STD_ERROR_HANDLE, NULL));
    CHECK_PTR(GetStdHandle(STD_ERROR_HANDLE), NULL);
    CHECK(SetStdHandle(STD_ERROR_HANDLE, error));
    CHECK_PTR(GetStdHandle(STD_ERROR_HANDLE), error);
}

TEST(file_types)
{
    HANDLE file = create_file("kind");
    HANDLE nul = CreateFileA("NUL", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE reader = NULL, writer = NULL;

    CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
    CHECK_EQ(GetFileType(nul), FILE_TYPE_CHAR);
    CHECK(CreatePipe(&reader, &writer, NULL, 0));
    CHECK_EQ(GetFileType(reader), FILE_TYPE_PIPE);
    CHECK_EQ(GetFileType(writer), FILE_TYPE_PIPE);
    CHECK_ERROR(GetFileType(event) == FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE);
    /* FILE_TYPE_UNKNOWN is no failure when the last error is NO_ERROR, so success sets it. */
    SetLastError(CHECK_SENTINEL);
    GetFileType(file);
    CHECK_EQ(GetLastError() == NO_ERROR || GetLastError() == CHECK_SENTINEL, TRUE);
    CHECK(CloseHandle(file));
    CHECK(CloseHandle(nul));
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(writer));
    CHECK(DeleteFileA("kind"));
}

TEST(a_pipe_carries_bytes_and_ends)
{
    HANDLE reader = NULL, writer = NULL;
    char buffer[16];
    DWORD count = 99, available = 99;

    CHECK(CreatePipe(&reader, &writer, NULL, 0));
    CHECK(PeekNamedPipe(reader, NULL, 0, NULL, &available, NULL));
    CHECK_EQ(available, 0);
    CHECK(WriteFile(writer, "abcdef", 6, &count, NULL));
    CHECK_EQ(count, 6);
    CHECK(PeekNamedPipe(reader, buffer, 2, &count, &available, NULL));
    CHECK_EQ(count, 2);
    CHECK_EQ(available, 6);
    CHECK(ReadFile(reader, buffer, 4, &count, NULL));
    CHECK_EQ(count, 4);
    CHECK_MEM(buffer, "abcd", 4);
    CHECK_ERROR(ReadFile(writer, buffer, 1, &count, NULL) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(WriteFile(reader, buffer, 1, &count, NULL) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(writer));
    CHECK(ReadFile(reader, buffer, sizeof buffer, &count, NULL));
    CHECK_EQ(count, 2);
    CHECK_ERROR(ReadFile(reader, buffer, 1, &count, NULL) == FALSE, ERROR_BROKEN_PIPE);
    CHECK_EQ(count, 0);
    CHECK(CloseHandle(reader));

    CHECK(CreatePipe(&reader, &writer, NULL, 0));
    CHECK(CloseHandle(reader));
    CHECK_ERROR(WriteFile(writer, "x", 1, &count, NULL) == FALSE, ERROR_NO_DATA);
    CHECK(CloseHandle(writer));
}

int main(void)
{
    RUN(a_handle_closes_once);
    RUN(what_is_no_handle_is_refused);
    RUN(a_handle_has_the_type_of_its_object);
    RUN(handles_are_multiples_of_four_and_distinct);
    RUN(opening_and_closing_often_leaks_nothing);
    RUN(the_low_two_bits_are_ignored);
    RUN(a_duplicate_lives_on_its_own);
    RUN(a_duplicate_may_close_its_source);
    RUN(a_duplicate_may_have_less_access);
    RUN(duplicates_share_the_file_pointer);
    RUN(pseudo_handles);
    RUN(handle_information);
    RUN(a_protected_handle_does_not_close);
    RUN(standard_handles);
    RUN(file_types);
    RUN(a_pipe_carries_bytes_and_ends);
    return CHECK_END();
}
