/* Runs the command line that its arguments make when they are put beside each other unquoted. */
#include <windows.h>
#include <string.h>

int main(int argc, char **argv)
{
    char line[4096] = "";
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 99;

    for (int i = 1; i < argc; i++) {
        strcat(line, i > 1 ? " " : "");
        strcat(line, argv[i]);
    }
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return 98;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
