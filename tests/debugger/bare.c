/* A DLL without symbols, whose frames can be unwound by .pdata alone. */
#include <string.h>

__declspec(dllexport) int bare_call(int (*function)(int), int value)
{
    volatile char room[300];
    memset((char *)room, value, sizeof room);
    return function(value) + room[value];
}
