/* Prints the number of its process, from two places that must agree. */
#include <windows.h>
#include <process.h>
#include <stdio.h>

int main(void)
{
    printf("%lu %d\n", GetCurrentProcessId(), _getpid());
    return 0;
}
