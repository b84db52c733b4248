/* Imports from a DLL that nobody has. */
#include <stdio.h>

__declspec(dllimport) int no_such_function(void);

int main(void)
{
    puts("started");
    return no_such_function();
}
