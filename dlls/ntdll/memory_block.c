/* Copying, filling and comparing memory. Some of these names are macros to compilers. */
#include <litewin/windows.h>

#undef RtlCompareMemory
#undef RtlFillMemory
#undef RtlMoveMemory
#undef RtlZeroMemory

SIZE_T NTAPI RtlCompareMemory(const void *a, const void *b, SIZE_T size);
void NTAPI RtlFillMemory(void *block, SIZE_T size, UCHAR value);
void NTAPI RtlMoveMemory(void *to, const void *from, SIZE_T size);
void NTAPI RtlZeroMemory(void *block, SIZE_T size);

/* How many bytes are equal before the first that is not. */
SIZE_T NTAPI RtlCompareMemory(const void *a, const void *b, SIZE_T size)
{
    const UCHAR *left = a, *right = b;
    SIZE_T equal = 0;
    while (equal < size && left[equal] == right[equal])
        equal++;
    return equal;
}

void NTAPI RtlFillMemory(void *block, SIZE_T size, UCHAR value)
{
    memset(block, value, size);
}

void NTAPI RtlMoveMemory(void *to, const void *from, SIZE_T size)
{
    memmove(to, from, size);
}

void NTAPI RtlZeroMemory(void *block, SIZE_T size)
{
    memset(block, 0, size);
}
