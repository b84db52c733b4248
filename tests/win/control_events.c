/* Ctrl+C and Ctrl+Break: who is told, in which order, and what becomes of a process that nobody told. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static HANDLE told;
static volatile LONG first_calls, second_calls, last_event, calling_thread;
static volatile BOOL second_answer = TRUE;

static BOOL WINAPI first(DWORD event)
{
    (void)event;
    InterlockedIncrement(&first_calls);
    SetEvent(told);
    return TRUE;
}

static BOOL WINAPI second(DWORD event)
{
    BOOL answer = second_answer; /* which changes as soon as the event is told */

    InterlockedIncrement(&second_calls);
    last_event = (LONG)event;
    calling_thread = (LONG)GetCurrentThreadId();
    if (answer)
        SetEvent(told);
    return answer;
}

static void send_and_wait(DWORD event)
{
    ResetEvent(told);
    CHECK(GenerateConsoleCtrlEvent(event, 0));
    CHECK_EQ(WaitForSingleObject(told, 10000), WAIT_OBJECT_0);
}

TEST(the_newest_handler_is_asked_first)
{
    CHECK(SetConsoleCtrlHandler(first, TRUE));
    CHECK(SetConsoleCtrlHandler(second, TRUE));
    send_and_wait(CTRL_C_EVENT);
    CHECK_EQ(second_calls, 1);
    CHECK_EQ(first_calls, 0);
    CHECK_EQ(last_event, CTRL_C_EVENT);
    CHECK(calling_thread != (LONG)GetCurrentThreadId());
    second_answer = FALSE;
    send_and_wait(CTRL_BREAK_EVENT);
    CHECK_EQ(second_calls, 2);
    CHECK_EQ(first_calls, 1);
    CHECK_EQ(last_event, CTRL_BREAK_EVENT);
    CHECK(SetConsoleCtrlHandler(second, FALSE));
    send_and_wait(CTRL_C_EVENT);
    CHECK_EQ(second_calls, 2);
    CHECK_EQ(first_calls, 2);
}

TEST(ctrl_c_can_be_ignored)
{
    CHECK(SetConsoleCtrlHandler(NULL, TRUE));
    CHECK(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    send_and_wait(CTRL_BREAK_EVENT);
    CHECK_EQ(first_calls, 3);
    CHECK(SetConsoleCtrlHandler(NULL, FALSE));
    send_and_wait(CTRL_C_EVENT);
    CHECK_EQ(first_calls, 4);
}

/* The thread that handles an event is one like any other: its faults are exceptions, and it can be suspended.
 */
static volatile LONG faults;

static LONG CALLBACK count_and_skip(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    faults++;
#ifdef _WIN64
    pointers->ContextRecord->Rip += 2;
#else
    pointers->ContextRecord->Eip += 2;
#endif
    return EXCEPTION_CONTINUE_EXECUTION;
}

static HANDLE handling_thread, may_return;

static BOOL WINAPI fault_and_wait(DWORD event)
{
    (void)event;
    __asm__ volatile("movb (%0), %%al" : : "c"((void *)0) : "al", "memory");
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &handling_thread, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    SetEvent(told);
    WaitForSingleObject(may_return, 10000);
    return TRUE;
}

TEST(a_handler_in_a_thread_like_any_other)
{
    void *handler = AddVectoredExceptionHandler(1, count_and_skip);

    may_return = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(SetConsoleCtrlHandler(fault_and_wait, TRUE));
    send_and_wait(CTRL_BREAK_EVENT);
    CHECK_EQ(faults, 1);
    CHECK_EQ(SuspendThread(handling_thread), 0);
    CHECK_EQ(ResumeThread(handling_thread), 1);
    SetEvent(may_return);
    CHECK_EQ(WaitForSingleObject(handling_thread, 10000), WAIT_OBJECT_0);
    CHECK(SetConsoleCtrlHandler(fault_and_wait, FALSE));
    CloseHandle(handling_thread);
    CloseHandle(may_return);
    RemoveVectoredExceptionHandler(handler);
}

TEST(other_events_cannot_be_sent)
{
    UNLESS_WINE("it sets no error")
    CHECK_ERROR(!GenerateConsoleCtrlEvent(CTRL_CLOSE_EVENT, 0), ERROR_INVALID_PARAMETER);
    UNLESS_WINE("it sets no error")
    CHECK_ERROR(!GenerateConsoleCtrlEvent(99, 0), ERROR_INVALID_PARAMETER);
}

TEST(a_group_of_its_own)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    HANDLE reader;
    char line[MAX_PATH + 20], ready;
    DWORD code, done;

    GetModuleFileNameA(NULL, line, MAX_PATH);
    strcat(line, " child");
    CHECK(CreatePipe(&reader, &startup.hStdOutput, &inherit, 0));
    if (!CHECK(CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP, NULL, NULL, &startup,
                              &process)))
        return;
    CHECK(CloseHandle(startup.hStdOutput));
    CHECK(ReadFile(reader, &ready, 1, &done, NULL));
    CHECK(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, process.dwProcessId));
    CHECK_EQ(WaitForSingleObject(process.hProcess, 10000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    CHECK_EQ(code, STATUS_CONTROL_C_EXIT);
    CHECK_EQ(first_calls, 4);
    CHECK(CloseHandle(reader));
    CHECK(CloseHandle(process.hThread));
    CHECK(CloseHandle(process.hProcess));
}

static int be_the_child(void)
{
    DWORD done;

    SetConsoleCtrlHandler(second, TRUE);
    second_answer = FALSE;
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "x", 1, &done, NULL);
    Sleep(10000);
    return 1;
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return be_the_child();
    /* Wine has no console where the tests run. */
    if (!check_on_wine()) {
        told = CreateEventW(NULL, FALSE, FALSE, NULL);
        RUN(the_newest_handler_is_asked_first);
        RUN(ctrl_c_can_be_ignored);
        RUN(a_group_of_its_own);
        RUN(a_handler_in_a_thread_like_any_other);
    }
    RUN(other_events_cannot_be_sent);
    CHECK(SetConsoleCtrlHandler(first, TRUE));
    CHECK(SetConsoleCtrlHandler(first, FALSE));
    return CHECK_END();
}
