/* Processes that a program starts: this program again, told by its arguments what to do. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static char program[MAX_PATH];

/* What the child does */

static int write_handle(const char *handle, const char *text)
{
    DWORD written;

    return WriteFile((HANDLE)(ULONG_PTR)strtoul(handle, NULL, 16), text, (DWORD)strlen(text), &written, NULL)
               ? 0
               : (int)GetLastError();
}

static int play(int count, char **arguments)
{
    const char *role = arguments[1];
    char text[1024];
    DWORD flags, done;

    if (!strcmp(role, "exit"))
        ExitProcess(strtoul(arguments[2], NULL, 16));
    if (!strcmp(role, "terminate"))
        TerminateProcess(GetCurrentProcess(), strtoul(arguments[2], NULL, 16));
    if (!strcmp(role, "count"))
        return count;
    if (!strcmp(role, "sleep"))
        Sleep(INFINITE);
    if (!strcmp(role, "read")) /* until standard input ends */
        return ReadFile(GetStdHandle(STD_INPUT_HANDLE), text, sizeof text, &done, NULL) ? (int)done : -1;
    if (!strcmp(role, "write"))
        return write_handle(arguments[2], arguments[3]);
    if (!strcmp(role, "flags"))
        return GetHandleInformation((HANDLE)(ULONG_PTR)strtoul(arguments[2], NULL, 16), &flags) ? (int)flags
                                                                                                : 100;
    if (!strcmp(role, "directory")) {
        GetCurrentDirectoryA(sizeof text, text);
        return strcmp(strrchr(text, '\\') + 1, arguments[2]) != 0;
    }
    if (!strcmp(role, "variable")) { /* 0: it has that value */
        if (!GetEnvironmentVariableA(arguments[2], text, sizeof text))
            return (int)GetLastError();
        return count > 3 ? strcmp(text, arguments[3]) != 0 : 1;
    }
    if (!strcmp(role, "line"))
        printf("%s", GetCommandLineA());
    if (!strcmp(role, "title")) {
        STARTUPINFOA startup;

        GetStartupInfoA(&startup);
        return strcmp(startup.lpTitle, "a title") != 0 || startup.dwX != 12 || startup.wShowWindow != SW_HIDE;
    }
    return 0;
}

/* What the parent does */

static int start(const char *arguments, BOOL inherit, DWORD flags, PROCESS_INFORMATION *process)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    char line[1024];

    snprintf(line, sizeof line, "\"%s\" %s", program, arguments);
    return CHECK(CreateProcessA(program, line, NULL, NULL, inherit, flags, NULL, NULL, &startup, process));
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = 0xDDDD;

    CHECK_EQ(WaitForSingleObject(process->hProcess, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process->hProcess, &code));
    CHECK(CloseHandle(process->hThread));
    CHECK(CloseHandle(process->hProcess));
    return code;
}

static DWORD run(const char *arguments)
{
    PROCESS_INFORMATION process;

    return start(arguments, TRUE, 0, &process) ? finish(&process) : 0xDDDD;
}

TEST(exit_codes_have_32_bits)
{
    CHECK_EQ(run("exit 0"), 0);
    CHECK_EQ(run("exit 2a"), 42);
    CHECK_EQ(run("exit 100"), 256);
    CHECK_EQ(run("exit 12345678"), 0x12345678);
    CHECK_EQ(run("exit c0000005"), 0xC0000005);
    CHECK_EQ(run("exit ffffffff"), 0xFFFFFFFF);
    CHECK_EQ(run("terminate 80000001"), 0x80000001);
    CHECK_EQ(run("count a b"), 4);
}

TEST(a_process_that_runs)
{
    PROCESS_INFORMATION process;
    DWORD code;
    HANDLE other;

    if (!start("sleep", FALSE, 0, &process))
        return;
    CHECK_EQ(WaitForSingleObject(process.hProcess, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(process.hProcess, 30), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(process.hThread, 0), WAIT_TIMEOUT);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK(GetExitCodeThread(process.hThread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(GetProcessId(process.hProcess), process.dwProcessId);
    CHECK_EQ(GetThreadId(process.hThread), process.dwThreadId);
    CHECK_EQ(GetProcessIdOfThread(process.hThread), process.dwProcessId);
    other = OpenProcess(PROCESS_ALL_ACCESS, FALSE, process.dwProcessId);
    CHECK(other != NULL);
    CHECK(TerminateProcess(other, 0xDEADBEEF));
    CHECK_EQ(WaitForSingleObject(process.hThread, 20000), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(other, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(other, &code));
    CHECK_EQ(code, 0xDEADBEEF);
    CHECK(GetExitCodeThread(process.hThread, &code));
    CHECK_EQ(code, 0xDEADBEEF);
    UNLESS_WINE("it succeeds") CHECK_ERROR(TerminateProcess(other, 1) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(other));
    CHECK_EQ(finish(&process), 0xDEADBEEF);
    CHECK_ERROR(CloseHandle(process.hProcess) == FALSE, ERROR_INVALID_HANDLE);
}

TEST(rights_of_handles)
{
    PROCESS_INFORMATION process;
    HANDLE weak;
    DWORD code;

    if (!start("sleep", FALSE, 0, &process))
        return;
    weak = OpenProcess(SYNCHRONIZE, FALSE, process.dwProcessId);
    CHECK(weak != NULL);
    CHECK_ERROR(TerminateProcess(weak, 1) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(GetExitCodeProcess(weak, &code) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(GetExitCodeProcess(process.hThread, &code) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(TerminateProcess(process.hProcess, 5));
    CHECK_EQ(WaitForSingleObject(weak, 20000), WAIT_OBJECT_0);
    CHECK(CloseHandle(weak));
    CHECK_EQ(finish(&process), 5);
}

TEST(many_at_once)
{
    PROCESS_INFORMATION processes[8];
    HANDLE handles[8];
    char line[32];
    DWORD code;

    for (int i = 0; i < 8; i++) {
        sprintf(line, "exit %x", 0x1000 + i);
        if (!start(line, FALSE, 0, &processes[i]))
            return;
        handles[i] = processes[i].hProcess;
        CloseHandle(processes[i].hThread);
    }
    CHECK_EQ(WaitForMultipleObjects(8, handles, TRUE, 20000), WAIT_OBJECT_0);
    for (int i = 0; i < 8; i++) {
        CHECK(GetExitCodeProcess(handles[i], &code));
        CHECK_EQ(code, 0x1000 + i);
        CloseHandle(handles[i]);
    }
}

TEST(a_process_that_begins_suspended)
{
    PROCESS_INFORMATION process;

    if (!start("exit 9", FALSE, CREATE_SUSPENDED, &process))
        return;
    CHECK_EQ(WaitForSingleObject(process.hProcess, 200), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(process.hThread), 1);
    CHECK_EQ(finish(&process), 9);
}

TEST(handles_are_inherited_if_they_may_be)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE reader, writer, copy;
    PROCESS_INFORMATION process;
    char line[100], text[100] = "";
    DWORD done;

    CHECK(CreatePipe(&reader, &writer, &inherit, 0));
    CHECK(SetHandleInformation(reader, HANDLE_FLAG_INHERIT, 0));
    sprintf(line, "write %x hello", (unsigned)(ULONG_PTR)writer);
    CHECK_EQ(run(line), 0);
    CHECK(ReadFile(reader, text, sizeof text, &done, NULL));
    CHECK_EQ(done, 5);
    CHECK_STR(text, "hello");
    sprintf(line, "flags %x", (unsigned)(ULONG_PTR)writer);
    CHECK_EQ(run(line), HANDLE_FLAG_INHERIT);
    sprintf(line, "flags %x", (unsigned)(ULONG_PTR)reader);
    CHECK_EQ(run(line), 100);
    sprintf(line, "flags %x", (unsigned)(ULONG_PTR)writer);
    if (start(line, FALSE, 0, &process))
        CHECK_EQ(finish(&process), 100);
    /* A duplicate is a handle of its own. */
    CHECK(DuplicateHandle(GetCurrentProcess(), writer, GetCurrentProcess(), &copy, 0, TRUE,
                          DUPLICATE_SAME_ACCESS));
    sprintf(line, "write %x again", (unsigned)(ULONG_PTR)copy);
    CHECK_EQ(run(line), 0);
    CHECK(ReadFile(reader, text, sizeof text, &done, NULL));
    CHECK_EQ(done, 5);
    CHECK(CloseHandle(copy));
    CHECK(CloseHandle(writer));
    CHECK_ERROR(ReadFile(reader, text, sizeof text, &done, NULL) == FALSE, ERROR_BROKEN_PIPE);
    CHECK(CloseHandle(reader));
}

TEST(files_share_their_position)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE file = CreateFileA("shared", GENERIC_READ | GENERIC_WRITE, 7, &inherit, CREATE_ALWAYS, 0, NULL);
    char line[100], text[100] = "";
    DWORD done;

    CHECK(WriteFile(file, "one ", 4, &done, NULL));
    sprintf(line, "write %x two", (unsigned)(ULONG_PTR)file);
    CHECK_EQ(run(line), 0);
    CHECK(WriteFile(file, " three", 6, &done, NULL));
    CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_BEGIN), 0);
    CHECK(ReadFile(file, text, sizeof text, &done, NULL));
    CHECK_STR(text, "one two three");
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("shared"));
}

TEST(a_list_of_handles)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOEXA startup = {.StartupInfo.cb = sizeof startup};
    PROCESS_INFORMATION process;
    HANDLE reader, writer;
    SIZE_T size = 0;
    char line[1024];

    CHECK(CreatePipe(&reader, &writer, &inherit, 0));
    CHECK_ERROR(!InitializeProcThreadAttributeList(NULL, 1, 0, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK(size > 0 && size < 1000);
    startup.lpAttributeList = malloc(size);
    CHECK(InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size));
    CHECK(UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &writer,
                                    sizeof writer, NULL, NULL));
    snprintf(line, sizeof line, "\"%s\" flags %x", program, (unsigned)(ULONG_PTR)writer);
    if (CHECK(CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL,
                             &startup.StartupInfo, &process)))
        CHECK_EQ(finish(&process), HANDLE_FLAG_INHERIT);
    snprintf(line, sizeof line, "\"%s\" flags %x", program, (unsigned)(ULONG_PTR)reader);
    if (CHECK(CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL,
                             &startup.StartupInfo, &process)))
        CHECK_EQ(finish(&process), 100);
    DeleteProcThreadAttributeList(startup.lpAttributeList);
    free(startup.lpAttributeList);
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(writer));
}

TEST(standard_handles_of_the_child)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    HANDLE reader, writer;
    char line[MAX_PATH + 20];
    DWORD done;

    CHECK(CreatePipe(&reader, &writer, &inherit, 0));
    CHECK(SetHandleInformation(writer, HANDLE_FLAG_INHERIT, 0));
    startup.hStdInput = reader;
    snprintf(line, sizeof line, "\"%s\" read", program);
    if (!CHECK(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)))
        return;
    CHECK(CloseHandle(reader));
    CHECK_EQ(WaitForSingleObject(process.hProcess, 30), WAIT_TIMEOUT);
    CHECK(WriteFile(writer, "12345678901", 11, &done, NULL));
    CHECK_EQ(finish(&process), 11);
    CHECK_ERROR(WriteFile(writer, "x", 1, &done, NULL) == FALSE, ERROR_NO_DATA);
    CHECK(CloseHandle(writer));
}

static DWORD run_with(const char *arguments, DWORD flags, void *environment, const char *directory)
{
    STARTUPINFOA startup = {.cb = sizeof startup,
                            .dwFlags = STARTF_USESHOWWINDOW | STARTF_USEPOSITION,
                            .lpTitle = (char *)"a title",
                            .wShowWindow = SW_HIDE,
                            .dwX = 12};
    PROCESS_INFORMATION process;
    char line[1024];

    snprintf(line, sizeof line, "\"%s\" %s", program, arguments);
    if (!CHECK(
            CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, environment, directory, &startup, &process)))
        return 0xDDDD;
    return finish(&process);
}

TEST(the_environment_of_the_child)
{
    char narrow[] = "GIVEN=narrow value\0LW_B=b=c\0";
    WCHAR wide[] = L"GIVEN=wide \x20ac\0LW_B=\0";

    SetEnvironmentVariableA("LW_INHERITED", "from the parent");
    CHECK_EQ(run_with("variable LW_INHERITED \"from the parent\"", 0, NULL, NULL), 0);
    CHECK_EQ(run_with("variable GIVEN \"narrow value\"", 0, narrow, NULL), 0);
    CHECK_EQ(run_with("variable lw_b b=c", 0, narrow, NULL), 0);
    CHECK_EQ(run_with("variable LW_INHERITED", 0, narrow, NULL), ERROR_ENVVAR_NOT_FOUND);
    CHECK_EQ(run_with("variable GIVEN", CREATE_UNICODE_ENVIRONMENT, wide, NULL), 1);
    CHECK_EQ(run_with("variable LW_INHERITED", CREATE_UNICODE_ENVIRONMENT, wide, NULL),
             ERROR_ENVVAR_NOT_FOUND);
    SetEnvironmentVariableA("LW_INHERITED", NULL);
    CHECK_EQ(run_with("variable LW_INHERITED", 0, NULL, NULL), ERROR_ENVVAR_NOT_FOUND);
}

TEST(the_directory_of_the_child)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    char line[MAX_PATH + 20];

    CHECK(CreateDirectoryA("Folder", NULL));
    CHECK_EQ(run_with("directory Folder", 0, NULL, "Folder"), 0);
    snprintf(line, sizeof line, "\"%s\" exit 0", program);
    CHECK_ERROR(!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, "no such folder", &startup, &process),
                ERROR_DIRECTORY);
    CHECK(RemoveDirectoryA("Folder"));
}

TEST(the_start_up_information_of_the_child)
{
    CHECK_EQ(run_with("title", 0, NULL, NULL), 0);
}

static DWORD start_line(const char *application, const char *command_line)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    char line[1024];

    strcpy(line, command_line);
    SetLastError(CHECK_SENTINEL);
    if (!CreateProcessA(application, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
        return 10000 + GetLastError();
    return finish(&process);
}

TEST(the_program_is_found)
{
    CHECK(CopyFileA(program, "copied.exe", FALSE));
    CHECK(CreateDirectoryA("with blank", NULL));
    CHECK(CopyFileA(program, "with blank\\my tool.exe", FALSE));
    CHECK_EQ(start_line(NULL, "copied exit 1"), 1);
    CHECK_EQ(start_line(NULL, "copied.exe exit 2"), 2);
    CHECK_EQ(start_line(NULL, "COPIED.EXE exit 3"), 3);
    CHECK_EQ(start_line(NULL, "\"copied\" exit 4"), 4);
    CHECK_EQ(start_line(NULL, "\"copied.exe\" exit 5"), 5);
    CHECK_EQ(start_line(NULL, ".\\copied exit 6"), 6);
    CHECK_EQ(start_line(NULL, "\"with blank\\my tool\" exit 7"), 7);
    CHECK_EQ(start_line(NULL, "\"with blank\\my tool.exe\" exit 8"), 8);
    CHECK_EQ(start_line(NULL, "with blank\\my tool.exe exit 9"), 9);
    CHECK_EQ(start_line("copied.exe", "anything exit 10"), 16);
    CHECK_EQ(start_line("with blank\\my tool.exe", "x exit 11"), 17);
    CHECK_EQ(start_line("copied", "copied exit 12"), 10000 + ERROR_FILE_NOT_FOUND);
    CHECK_EQ(start_line(NULL, "absent exit 13"), 10000 + ERROR_FILE_NOT_FOUND);
    CHECK_EQ(start_line("absent\\copied.exe", "copied"), 10000 + ERROR_PATH_NOT_FOUND);
    UNLESS_WINE("it says that the handle is invalid")
    CHECK_EQ(start_line("with blank", "x"), 10000 + ERROR_ACCESS_DENIED);
    CHECK(DeleteFileA("with blank\\my tool.exe"));
    CHECK(RemoveDirectoryA("with blank"));
    CHECK(DeleteFileA("copied.exe"));
}

TEST(what_is_no_program)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    HANDLE file = CreateFileA("text.exe", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD done;

    CHECK(WriteFile(file, "no program at all", 17, &done, NULL));
    CHECK(CloseHandle(file));
    CHECK_EQ(start_line(NULL, "text.exe"), 10000 + ERROR_BAD_EXE_FORMAT);
    CHECK(DeleteFileA("text.exe"));
    UNLESS_WINE("it crashes")
    CHECK_ERROR(!CreateProcessA(NULL, NULL, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process),
                ERROR_INVALID_PARAMETER);
    UNLESS_WINE("it starts the program")
    CHECK_ERROR(!CreateProcessA(program, NULL, NULL, NULL, FALSE, DETACHED_PROCESS | CREATE_NEW_CONSOLE, NULL,
                                NULL, &startup, &process),
                ERROR_INVALID_PARAMETER);
}

TEST(the_command_line_of_the_child)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    static const char *const lines[] = {"copied line", "copied.exe  line   \"a  b\" \\\"",
                                        "\"copied\" line x"};
    PROCESS_INFORMATION process;
    char line[100], text[200];
    DWORD done;

    CHECK(CopyFileA(program, "copied.exe", FALSE));
    for (unsigned i = 0; i < 3; i++) {
        STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
        HANDLE reader;

        CHECK(CreatePipe(&reader, &startup.hStdOutput, &inherit, 0));
        strcpy(line, lines[i]);
        memset(text, 0, sizeof text);
        if (CHECK(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)))
            finish(&process);
        CHECK(CloseHandle(startup.hStdOutput));
        CHECK(ReadFile(reader, text, sizeof text, &done, NULL));
        CHECK_STR(text, lines[i]);
        CHECK(CloseHandle(reader));
    }
    CHECK(DeleteFileA("copied.exe"));
}

TEST(closing_all_handles_does_not_end_the_process)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE reader, writer;
    PROCESS_INFORMATION process;
    char line[100], text[10];
    DWORD done;

    CHECK(CreatePipe(&reader, &writer, &inherit, 0));
    sprintf(line, "write %x late", (unsigned)(ULONG_PTR)writer);
    if (start(line, TRUE, CREATE_SUSPENDED, &process)) {
        ResumeThread(process.hThread);
        CHECK(CloseHandle(process.hThread));
        CHECK(CloseHandle(process.hProcess));
        CHECK(ReadFile(reader, text, sizeof text, &done, NULL));
        CHECK_EQ(done, 4);
    }
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(writer));
}

TEST(times)
{
    PROCESS_INFORMATION process;
    FILETIME created, exited, kernel, user, now;

    if (!start("exit 0", FALSE, 0, &process))
        return;
    CHECK_EQ(WaitForSingleObject(process.hProcess, 20000), WAIT_OBJECT_0);
    CHECK(GetProcessTimes(process.hProcess, &created, &exited, &kernel, &user));
    GetSystemTimeAsFileTime(&now);
    CHECK(CompareFileTime(&created, &exited) <= 0);
    CHECK(CompareFileTime(&exited, &now) <= 0);
    finish(&process);
}

int main(int argc, char **argv)
{
    GetModuleFileNameA(NULL, program, MAX_PATH);
    if (argc > 1)
        return play(argc, argv);
    RUN(exit_codes_have_32_bits);
    RUN(a_process_that_runs);
    RUN(rights_of_handles);
    RUN(many_at_once);
    RUN(a_process_that_begins_suspended);
    RUN(handles_are_inherited_if_they_may_be);
    RUN(files_share_their_position);
    RUN(a_list_of_handles);
    RUN(standard_handles_of_the_child);
    RUN(the_environment_of_the_child);
    RUN(the_directory_of_the_child);
    RUN(the_start_up_information_of_the_child);
    RUN(the_program_is_found);
    RUN(what_is_no_program);
    RUN(the_command_line_of_the_child);
    RUN(closing_all_handles_does_not_end_the_process);
    RUN(times);
    return CHECK_END();
}
