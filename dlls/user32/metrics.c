/* There is no display, and neither windows nor a mouse. */
#include <litewin/windows.h>

/* 0 for all that cannot be measured without a display; of the rest, only the network is there. */
int WINAPI GetSystemMetrics(int index)
{
    return index == SM_NETWORK ? 3 : 0;
}
