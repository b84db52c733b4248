/* dump_file FILE...: what `litewin-load --dump FILE` writes, without the rest of the loader. Ends with
 * 1 if a part of a file is malformed, 126 if one cannot be opened. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "loader/dump.h"
#include "loader/pe.h"

static int dump_file(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        perror(path);
        return 126;
    }
    size_t size = (size_t)status.st_size;
    const void *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : "";
    close(fd);
    if (bytes == MAP_FAILED) {
        perror(path);
        return 126;
    }
    struct pe_image image;
    struct pe_error error;
    if (!pe_open(&image, bytes, size, PE_LAYOUT_FILE, &error)) {
        fprintf(stderr, "%s: %s\n", path, error.message);
        return 126;
    }
    return dump_image(stdout, &image);
}

int main(int argc, char **argv)
{
    int worst = 0;
    for (int i = 1; i < argc; i++) {
        int result = dump_file(argv[i]);
        worst = result > worst ? result : worst;
    }
    return worst;
}
