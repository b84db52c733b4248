/* Prints the command line and the arguments as the C library sees them, one to a line: `command TEXT`, then
 * `wide TEXT` and `narrow TEXT` for each; what is not printable ASCII is \uXXXX, a backslash \u005c. With
 * WILDCARDS defined it asks the C library to expand them. */
#include <windows.h>
#include <stdio.h>

#ifdef WILDCARDS
int _dowildcard = -1;
#else
int _dowildcard = 0;
#endif

typedef struct {
    int new_mode;
} startup_info;

int __wgetmainargs(int *count, WCHAR ***arguments, WCHAR ***environment, int wildcards, startup_info *info);

static void print_wide(const char *label, const WCHAR *text)
{
    printf("%s ", label);
    for (; *text; text++) {
        if (*text < 0x20 || *text > 0x7E || *text == '\\')
            printf("\\u%04x", *text);
        else
            putchar(*text);
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    startup_info info = {0};
    WCHAR **wide, **environment;
    int count;

    print_wide("command", GetCommandLineW());
    __wgetmainargs(&count, &wide, &environment, _dowildcard, &info);
    for (int i = 0; i < count; i++)
        print_wide("wide", wide[i]);
    for (int i = 0; i < argc; i++) {
        static WCHAR text[0x8000];

        MultiByteToWideChar(CP_ACP, 0, argv[i], -1, text, 0x8000);
        print_wide("narrow", text);
    }
    return 0;
}
