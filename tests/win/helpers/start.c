/* Starts the command line that follows its own name, waits for the end, and ends with the same exit code. */
#include <windows.h>
#include <stdio.h>
#include <wchar.h>

int main(void)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 0;
    WCHAR *line = GetCommandLineW();

    line = *line == L'"' ? wcschr(line + 1, L'"') + 1 : line + wcscspn(line, L" ");
    while (*line == L' ')
        line++;
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        printf("error %lu\n", GetLastError());
        return 100;
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    ExitProcess(code);
}
