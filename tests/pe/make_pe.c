/* make_pe KIND MACHINE FILE writes a special PE file; without arguments it lists the kinds.
 * MACHINE is x86_64 or i386. */
#include <stdio.h>
#include "tests/pe/build_kinds.h"

static struct pe_build build;

static int list_kinds(void)
{
    for (size_t i = 0; i < build_kind_count; i++)
        printf("%-18s %s\n", build_kinds[i].name, build_kinds[i].description);
    return 0;
}

static int write_file(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        return 1;
    }
    bool written = fwrite(build.bytes, 1, build.size, file) == build.size;
    if (fclose(file) != 0 || !written) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return list_kinds();
    const struct build_kind *kind = argc == 4 ? build_find_kind(argv[1]) : NULL;
    if (!kind || (strcmp(argv[2], "x86_64") != 0 && strcmp(argv[2], "i386") != 0)) {
        fprintf(stderr, "usage: make_pe KIND x86_64|i386 FILE\n");
        return 2;
    }
    kind->build(&build, strcmp(argv[2], "i386") == 0 ? IMAGE_FILE_MACHINE_I386 : IMAGE_FILE_MACHINE_AMD64);
    return write_file(argv[3]);
}
