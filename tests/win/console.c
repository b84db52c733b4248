/* The console functions of a process that has no console: pipes, files and NUL are none. */
#include "check.h"
#include <string.h>

static void check_is_no_console(HANDLE handle)
{
    CONSOLE_SCREEN_BUFFER_INFO screen;
    INPUT_RECORD record;
    DWORD mode, count = 99;

    CHECK_ERROR(GetConsoleMode(handle, &mode) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SetConsoleMode(handle, 0) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(WriteConsoleW(handle, L"not shown", 9, &count, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(WriteConsoleA(handle, "not shown", 9, &count, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetConsoleScreenBufferInfo(handle, &screen) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SetConsoleTextAttribute(handle, 7) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetNumberOfConsoleInputEvents(handle, &count) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(PeekConsoleInputW(handle, &record, 1, &count) == FALSE, ERROR_INVALID_HANDLE);
    CHECK_ERROR(FlushConsoleInputBuffer(handle) == FALSE, ERROR_INVALID_HANDLE);
}

TEST(a_pipe_is_no_console)
{
    HANDLE reader, writer;
    DWORD available = 99;

    CHECK(CreatePipe(&reader, &writer, NULL, 0));
    check_is_no_console(writer);
    check_is_no_console(reader);
    CHECK(PeekNamedPipe(reader, NULL, 0, NULL, &available, NULL));
    CHECK_EQ(available, 0);
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(writer));
}

TEST(a_file_is_no_console)
{
    HANDLE file = CreateFileA("file", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    check_is_no_console(file);
    CHECK_EQ(GetFileSize(file, NULL), 0);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("file"));
}

TEST(the_null_device_is_no_console)
{
    HANDLE nul = CreateFileA("NUL", GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);

    check_is_no_console(nul);
    CHECK(CloseHandle(nul));
}

TEST(no_handle_is_no_console)
{
    check_is_no_console(INVALID_HANDLE_VALUE);
    check_is_no_console(NULL);
}

static BOOL WINAPI handle_nothing(DWORD event)
{
    (void)event;
    return FALSE;
}

TEST(control_handlers)
{
    CHECK(SetConsoleCtrlHandler(handle_nothing, TRUE));
    CHECK(SetConsoleCtrlHandler(handle_nothing, TRUE));
    CHECK(SetConsoleCtrlHandler(handle_nothing, FALSE));
    CHECK(SetConsoleCtrlHandler(handle_nothing, FALSE));
    CHECK_ERROR(SetConsoleCtrlHandler(handle_nothing, FALSE) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleCtrlHandler(NULL, TRUE));
    CHECK(SetConsoleCtrlHandler(NULL, FALSE));
}

TEST(debug_output_goes_nowhere)
{
    OutputDebugStringA("not shown");
    OutputDebugStringW(L"not shown");
    OutputDebugStringA("");
    CHECK(!IsDebuggerPresent());
}

int main(void)
{
    RUN(a_pipe_is_no_console);
    RUN(a_file_is_no_console);
    RUN(the_null_device_is_no_console);
    RUN(no_handle_is_no_console);
    RUN(control_handlers);
    RUN(debug_output_goes_nowhere);
    return CHECK_END();
}
