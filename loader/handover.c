#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>
#include <litewin/windows.h>
#include "loader/handover.h"

/* The tree is the same where it is built and where it is installed: each architecture's loader and its DLLs are
 * in lib/litewin/ARCH. */
#define X86_64_DIRECTORY "/lib/litewin/x86_64"
#define I386_DIRECTORY   "/lib/litewin/i386"
#define LOADER_NAME      "/litewin-load"
#ifdef __x86_64__
#define OWN_DIRECTORY     X86_64_DIRECTORY
#define SIBLING_DIRECTORY I386_DIRECTORY
#else
#define OWN_DIRECTORY     I386_DIRECTORY
#define SIBLING_DIRECTORY X86_64_DIRECTORY
#endif
#define OWN_NAME OWN_DIRECTORY LOADER_NAME

/* Appends to the directory that holds all of this; false if this executable is not where it belongs. */
static bool path_in_tree(const char *name, char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1), own = strlen(OWN_NAME);
    if (length < own || memcmp(path + length - own, OWN_NAME, own))
        return false;
    return snprintf(path + length - own, PATH_MAX - (length - own), "%s", name) < PATH_MAX - (length - own);
}

const char *handover_system_directory(void)
{
    static char directory[PATH_MAX];
    return path_in_tree(OWN_DIRECTORY, directory) ? directory : NULL;
}

void handover(const struct pe_image *image, char **arguments)
{
    char sibling[PATH_MAX];
    if (!path_in_tree(SIBLING_DIRECTORY LOADER_NAME, sibling))
        return;
    /* Linux lays an i386 process out from the top of its 4 GiB. A program that does not know of more
     * than 2 GiB must be laid out from the bottom. */
    if (image->machine == IMAGE_FILE_MACHINE_I386 &&
        !(image->characteristics & IMAGE_FILE_LARGE_ADDRESS_AWARE))
        personality(personality(0xffffffff) | ADDR_COMPAT_LAYOUT);
    execv(sibling, arguments);
}
