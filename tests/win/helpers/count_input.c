/* Reads standard input through the C library: characters, lines, and whether the end is one. */
#include <stdio.h>

int main(void)
{
    unsigned long characters = 0, lines = 0;
    int c;

    while ((c = getchar()) != EOF) {
        characters++;
        lines += c == '\n';
    }
    printf("%lu characters %lu lines eof %d error %d\n", characters, lines, feof(stdin) != 0,
           ferror(stdin) != 0);
    return 0;
}
