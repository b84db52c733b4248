/* Paths taken apart and put together, for one kind of character. path_parts.c defines, for each kind,
 * CHARACTER, PARTS(name), which names the function, and STEP, which gives the length of the character at a
 * place. */

/* The extents of a path's parts. */
struct PARTS(extents) {
    const CHARACTER *drive_end, *name, *extension, *end;
};

static struct PARTS(extents) PARTS(find)(const CHARACTER *path)
{
    struct PARTS(extents) found = {.drive_end = path};
    if (path[0] && path[1] == ':')
        found.drive_end = path + 2;
    found.name = found.drive_end;
    const CHARACTER *p = found.drive_end;
    for (; *p; p += STEP(p)) {
        if (*p == '/' || *p == '\\') {
            found.name = p + 1;
            found.extension = NULL;
        } else if (*p == '.') {
            found.extension = p;
        }
    }
    found.end = p;
    if (!found.extension)
        found.extension = p;
    return found;
}

/* Copies a part, cut off where there is no more room; false if it was. */
static bool PARTS(copy)(CHARACTER *target, size_t size, const CHARACTER *begin, const CHARACTER *end)
{
    size_t length = end - begin;
    if (!target)
        return true;
    bool fits = length < size;
    if (!fits)
        length = size - 1;
    memcpy(target, begin, length * sizeof *target);
    target[length] = 0;
    return fits;
}

void PARTS(splitpath)(const CHARACTER *path, CHARACTER *drive, CHARACTER *directory, CHARACTER *name,
                      CHARACTER *extension)
{
    struct PARTS(extents) found = PARTS(find)(path);
    PARTS(copy)(drive, DRIVE_SIZE, path, found.drive_end);
    PARTS(copy)(directory, PART_SIZE, found.drive_end, found.name);
    PARTS(copy)(name, PART_SIZE, found.name, found.extension);
    PARTS(copy)(extension, PART_SIZE, found.extension, found.end);
}

/* A part that is not wanted has neither a buffer nor a size. Nothing is returned in parts. */
int PARTS(splitpath_s)(const CHARACTER *path, CHARACTER *drive, size_t drive_size, CHARACTER *directory,
                       size_t directory_size, CHARACTER *name, size_t name_size, CHARACTER *extension,
                       size_t extension_size)
{
    bool valid = path && !drive == !drive_size && !directory == !directory_size && !name == !name_size &&
                 !extension == !extension_size;
    bool fits = false;
    if (valid) {
        struct PARTS(extents) found = PARTS(find)(path);
        fits = PARTS(copy)(drive, drive_size, path, found.drive_end) &&
               PARTS(copy)(directory, directory_size, found.drive_end, found.name) &&
               PARTS(copy)(name, name_size, found.name, found.extension) &&
               PARTS(copy)(extension, extension_size, found.extension, found.end);
    }
    if (fits)
        return 0;
    if (drive && drive_size)
        *drive = 0;
    if (directory && directory_size)
        *directory = 0;
    if (name && name_size)
        *name = 0;
    if (extension && extension_size)
        *extension = 0;
    return crt_invalid_parameter(valid ? CRT_ERANGE : CRT_EINVAL);
}

struct PARTS(output) {
    CHARACTER *text;
    size_t size, used; /* `used` passes `size` where there is no more room */
};

static void PARTS(put)(struct PARTS(output) * output, CHARACTER c)
{
    if (output->used < output->size)
        output->text[output->used] = c;
    output->used++;
}

static void PARTS(append)(struct PARTS(output) * output, const CHARACTER *text)
{
    while (*text)
        PARTS(put)(output, *text++);
}

static bool PARTS(ends_with_separator)(const CHARACTER *directory)
{
    const CHARACTER *last = directory;
    for (const CHARACTER *p = directory; *p; p += STEP(p))
        last = p;
    return *last == '/' || *last == '\\';
}

/* Adds the separators that are missing: the colon, the directory's last one, the extension's point. */
int PARTS(makepath_s)(CHARACTER *path, size_t size, const CHARACTER *drive, const CHARACTER *directory,
                      const CHARACTER *name, const CHARACTER *extension)
{
    struct PARTS(output) output = {path, size, 0};
    if (!path || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    if (drive && *drive) {
        PARTS(put)(&output, *drive);
        PARTS(put)(&output, ':');
    }
    if (directory && *directory) {
        PARTS(append)(&output, directory);
        if (!PARTS(ends_with_separator)(directory))
            PARTS(put)(&output, '\\');
    }
    if (name)
        PARTS(append)(&output, name);
    if (extension && *extension) {
        if (*extension != '.')
            PARTS(put)(&output, '.');
        PARTS(append)(&output, extension);
    }
    PARTS(put)(&output, 0);
    if (output.used <= size)
        return 0;
    *path = 0;
    return crt_invalid_parameter(CRT_ERANGE);
}

void PARTS(makepath)(CHARACTER *path, const CHARACTER *drive, const CHARACTER *directory,
                     const CHARACTER *name, const CHARACTER *extension)
{
    PARTS(makepath_s)(path, PATH_SIZE, drive, directory, name, extension);
}

#undef CHARACTER
#undef PARTS
#undef STEP
