/* Waits for its standard input, a console: without success, then for two lines, alone and among others. */
#include <stdio.h>
#include <windows.h>

static void read_line(HANDLE input)
{
    char line[100];
    DWORD length = 0;

    ReadFile(input, line, sizeof line - 1, &length, NULL);
    line[length] = 0;
    puts(strtok(line, "\r\n"));
    fflush(stdout);
}

int main(void)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    HANDLE both[2] = {CreateEventW(NULL, FALSE, FALSE, NULL), input};

    if (WaitForSingleObject(input, 0) != WAIT_TIMEOUT || WaitForSingleObject(input, 20) != WAIT_TIMEOUT)
        return 1;
    puts("nothing");
    fflush(stdout);
    if (WaitForSingleObject(input, 20000) != WAIT_OBJECT_0)
        return 2;
    read_line(input);
    if (WaitForMultipleObjects(2, both, FALSE, 20000) != WAIT_OBJECT_0 + 1)
        return 3;
    read_line(input);
    return WaitForSingleObject(input, 20) == WAIT_TIMEOUT ? 0 : 4;
}
