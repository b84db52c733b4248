/* Imports from a DLL that imports from one that refuses to be loaded: never comes to run. */
#include <stdio.h>

__declspec(dllimport) int needs_value(void);

int main(void)
{
    puts("started");
    return needs_value();
}
