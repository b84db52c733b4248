#include <stdio.h>
#include <strings.h>
#include "loader/image.h"
#include "loader/program.h"

static bool is_batch(const char *host_path)
{
    const char *dot = strrchr(host_path, '.');
    return dot && (!strcasecmp(dot, ".bat") || !strcasecmp(dot, ".cmd"));
}

static NTSTATUS identify_other(const char *host_path, enum program_kind *kind)
{
    char start[4] = "";
    FILE *file = fopen(host_path, "re");
    if (!file)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    size_t size = fread(start, 1, sizeof start, file);
    fclose(file);
    *kind = PROGRAM_HOST;
    if ((size == 4 && !memcmp(start, "\177ELF", 4)) || (size >= 2 && !memcmp(start, "#!", 2)))
        return STATUS_SUCCESS;
    *kind = PROGRAM_BATCH;
    return is_batch(host_path) ? STATUS_SUCCESS : STATUS_INVALID_IMAGE_FORMAT;
}

NTSTATUS program_identify(const char *host_path, enum program_kind *kind, uint16_t *machine)
{
    struct image_file file;
    struct load_failure failure = {0};
    struct pe_error error;
    NTSTATUS status = image_open(host_path, &file, &failure);
    if (status == STATUS_INVALID_IMAGE_FORMAT || status == STATUS_INVALID_IMAGE_NOT_MZ)
        return identify_other(host_path, kind);
    if (status)
        return status;
    *kind = PROGRAM_WINDOWS;
    *machine = file.image.machine;
    bool can_run = !(file.image.characteristics & IMAGE_FILE_DLL) && pe_check_program(&file.image, &error);
    image_close(&file);
    return can_run ? STATUS_SUCCESS : STATUS_INVALID_IMAGE_FORMAT;
}
