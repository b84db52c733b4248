/* registry_text get NAME | set NAME TEXT | fill NAME: values below a key of the user, which is made by `set`.
 * `fill` says so when it has begun, and writes without an end. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define KEY "Software\\litewin text"

static int get(const char *name)
{
    char text[256];
    DWORD size = sizeof text;
    LSTATUS error = RegGetValueA(HKEY_CURRENT_USER, KEY, name, RRF_RT_REG_SZ, NULL, text, &size);

    if (error)
        printf("error %ld\n", error);
    else
        printf("%s\n", text);
    return error != 0;
}

static int set(const char *name, const char *text)
{
    LSTATUS error = RegSetKeyValueA(HKEY_CURRENT_USER, KEY, name, REG_SZ, text, strlen(text) + 1);

    if (error)
        printf("error %ld\n", error);
    return error != 0;
}

static int fill(const char *name)
{
    static BYTE bytes[20000];

    for (int i = 0;; i++) {
        LSTATUS error = RegSetKeyValueA(HKEY_CURRENT_USER, KEY, name, REG_BINARY, bytes, sizeof bytes);
        if (error) {
            printf("error %ld\n", error);
            return 1;
        }
        if (i == 3) {
            puts("begun");
            fflush(stdout);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "get"))
        return get(argv[2]);
    if (argc == 4 && !strcmp(argv[1], "set"))
        return set(argv[2], argv[3]);
    return argc == 3 ? fill(argv[2]) : 2;
}
