/* Reads standard input to its end with ReadFile and tells what it is, how much there was and how it ended. */
#include <windows.h>
#include <stdio.h>

int main(void)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    char buffer[4096];
    unsigned long total = 0, sum = 0;
    DWORD count = 0;
    BOOL success;

    SetLastError(0);
    printf("type %lu\n", (unsigned long)GetFileType(input));
    SetLastError(0);
    while ((success = ReadFile(input, buffer, sizeof buffer, &count, NULL)) && count > 0) {
        total += count;
        for (DWORD i = 0; i < count; i++)
            sum = sum * 31 + (unsigned char)buffer[i];
        SetLastError(0);
    }
    printf("bytes %lu sum %lu\n", total, sum);
    printf("end %s %lu\n", success ? "TRUE" : "FALSE", success ? 0 : (unsigned long)GetLastError());
    return 0;
}
