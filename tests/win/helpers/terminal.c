/* Talks to a terminal: modes, writing in both widths, the C library's view, one line of input. */
#include <windows.h>
#include <io.h>
#include <stdio.h>

int main(void)
{
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE), input = GetStdHandle(STD_INPUT_HANDLE);
    DWORD mode, count = 0;
    char line[64];

    printf("type %lu output %d input %d isatty %d\n", (unsigned long)GetFileType(output),
           GetConsoleMode(output, &mode), GetConsoleMode(input, &mode), _isatty(1) != 0);
    fflush(stdout);
    WriteConsoleA(output, "narrow\r\n", 8, &count, NULL);
    printf("wrote %lu\n", (unsigned long)count);
    fflush(stdout);
    WriteConsoleW(output, L"\x20AC \xD83D\xDE00\r\n", 6, &count, NULL);
    printf("wrote %lu\n", (unsigned long)count);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin))
        printf("read %s", line);
    return 0;
}
