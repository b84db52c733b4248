/* What starts and ends fastest: the same source is the Windows program and the ELF one. */
#include <stdio.h>

int main(void)
{
    puts("Hello, world");
    return 0;
}
