/* Prints an environment variable in UTF-8; the exit code is the error. */
#include <windows.h>

int main(int argc, char **argv)
{
    WCHAR value[256];
    char text[1024];
    DWORD count;

    if (argc < 2)
        return 1;
    MultiByteToWideChar(CP_UTF8, 0, argv[1], -1, value, 256);
    if (!GetEnvironmentVariableW(value, value, 256))
        return (int)GetLastError();
    count = WideCharToMultiByte(CP_UTF8, 0, value, -1, text, sizeof text, NULL, NULL);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, count - 1, &count, NULL);
    return 0;
}
