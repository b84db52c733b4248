/* Writes to both outputs by every road there is, in an order that must be kept. */
#include <windows.h>
#include <io.h>
#include <stdio.h>

static void write_file(DWORD which, const char *text)
{
    DWORD count;

    WriteFile(GetStdHandle(which), text, lstrlenA(text), &count, NULL);
}

int main(void)
{
    printf("one\n");
    fflush(stdout);
    write_file(STD_OUTPUT_HANDLE, "two\n");
    puts("three");
    fflush(stdout);
    _write(1, "four\n", 5);
    write_file(STD_OUTPUT_HANDLE, "five\r\n");
    fprintf(stdout, "six%c", '\n');
    fprintf(stderr, "error one\n");
    fflush(stderr);
    write_file(STD_ERROR_HANDLE, "error two\n");
    _write(2, "error three\n", 12);
    fputs("seven, unflushed until the end", stdout);
    return 0;
}
