/* Memory that one side of an interface allocates and the other frees: the process's heap has it. */
#include <litewin/windows.h>

void *WINAPI CoTaskMemAlloc(SIZE_T size)
{
    return HeapAlloc(GetProcessHeap(), 0, size);
}

void WINAPI CoTaskMemFree(void *block)
{
    if (block)
        HeapFree(GetProcessHeap(), 0, block);
}

/* A size of 0 frees the block. */
void *WINAPI CoTaskMemRealloc(void *block, SIZE_T size)
{
    if (!block)
        return CoTaskMemAlloc(size);
    if (size)
        return HeapReAlloc(GetProcessHeap(), 0, block, size);
    CoTaskMemFree(block);
    return NULL;
}
