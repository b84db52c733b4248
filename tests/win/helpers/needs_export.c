/* Imports a function that kernel32 does not have, and calls it when it is given an argument. */
#include <windows.h>
#include <stdio.h>

__declspec(dllimport) int NoSuchExport(int argument);

int main(int argc, char **argv)
{
    (void)argv;
    puts("started");
    fflush(stdout);
    if (argc > 1)
        NoSuchExport(argc);
    puts("finished");
    return 0;
}
