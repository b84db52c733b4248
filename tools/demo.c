/* The demonstration of `make run`: an ordinary Windows program that shows where it finds itself. */
#include <windows.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char directory[MAX_PATH], module[MAX_PATH];
    SYSTEMTIME now;
    LARGE_INTEGER start, end, frequency;
    QueryPerformanceFrequency(&frequency);
    GetCurrentDirectoryA(sizeof directory, directory);
    GetModuleFileNameA(NULL, module, sizeof module);
    GetLocalTime(&now);
    printf("Hello from a %d-bit Windows program, process %lu\n", (int)sizeof(void *) * 8,
           GetCurrentProcessId());
    printf("  program    %s\n", module);
    printf("  directory  %s\n", directory);
    printf("  system     %s\n", getenv("SystemRoot"));
    printf("  date       %04d-%02d-%02d %02d:%02d\n", now.wYear, now.wMonth, now.wDay, now.wHour,
           now.wMinute);
    for (int i = 1; i < argc; i++)
        printf("  argument   %s\n", argv[i]);
    FILE *file = fopen("demo.tmp", "w+");
    fprintf(file, "written through msvcrt.dll\n");
    rewind(file);
    char line[64];
    printf("  a file     %s", fgets(line, sizeof line, file));
    fclose(file);
    remove("demo.tmp");
    QueryPerformanceCounter(&start);
    for (int i = 0; i < 1000000; i++)
        GetACP();
    QueryPerformanceCounter(&end);
    printf("  a call     %.1f ns\n", (double)(end.QuadPart - start.QuadPart) * 1e3 / frequency.QuadPart);
    return 0;
}
