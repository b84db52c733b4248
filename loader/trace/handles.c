#include "loader/trace/handles.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/lock.h"
#include "kernel/path.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/utf.h"

/* Linux is slow to tell a file's name, so those of the handles seen last are kept. An entry is good as long
 * as its handle is for the same file. */
#define KEPT_HANDLES 64
#define KEPT_TEXT    200

static struct {
    HANDLE handle;
    const struct file *file;
    ino_t inode;
    uint8_t size;
    char text[KEPT_TEXT];
} kept[KEPT_HANDLES];
static struct lock lock;

static void put_name(struct trace_text *text, const WCHAR *name, size_t length)
{
    char utf8[3 * KEPT_TEXT];
    size_t size =
        utf8_from_utf16(utf8, sizeof utf8, name, length < KEPT_TEXT ? length : KEPT_TEXT, UTF_REPLACE);
    text_string(text, " \"");
    text_escaped(text, QUOTE_C, utf8, size);
    text_char(text, '"');
}

static void describe_file(struct trace_text *text, const struct file *file)
{
    char host[PATH_MAX];
    WCHAR path[PATH_MAX + 32];
    switch (file_device_type(file)) {
    case FILE_TYPE_CHAR:
        text_string(text, file_is_terminal(file) ? " console" : " device");
        return;
    case FILE_TYPE_PIPE:
        text_string(text, " pipe");
        return;
    default:
        text_string(text, file_is_directory(file) ? " directory" : " file");
        if (!file_host_name(file, host))
            put_name(text, path, path_from_host(host, path, ARRAYSIZE(path)));
    }
}

static void put_file(struct trace_text *text, HANDLE handle, const struct file *file)
{
    unsigned place = (uintptr_t)handle / 4 % KEPT_HANDLES;
    ino_t inode = file_inode(file);
    lock_acquire(&lock);
    if (kept[place].handle != handle || kept[place].file != file || kept[place].inode != inode) {
        struct trace_text description = {kept[place].text, kept[place].text + KEPT_TEXT};
        describe_file(&description, file);
        kept[place].handle = handle;
        kept[place].file = file;
        kept[place].inode = inode;
        kept[place].size = description.at - kept[place].text;
    }
    text_bytes(text, kept[place].text, kept[place].size);
    lock_release(&lock);
}

static void put_type(struct trace_text *text, const char *type)
{
    text_char(text, ' ');
    for (; *type; type++)
        text_char(text, *type >= 'A' && *type <= 'Z' ? *type - 'A' + 'a' : *type);
}

static void describe(struct trace_text *text, HANDLE handle, struct object *object)
{
    if (object->type == &file_type) {
        put_file(text, handle, (struct file *)object);
        return;
    }
    put_type(text, object->type->name);
    if (object->type == &thread_type) {
        text_char(text, ' ');
        text_decimal(text, thread_from_object((struct waitable *)object)->id);
    } else if (object->type == &process_type) {
        text_char(text, ' ');
        text_decimal(text, CONTAINING_RECORD(object, struct process, object.object)->id);
    }
}

void handles_put(struct trace_text *text, HANDLE handle)
{
    struct object *object;
    if (handle == INVALID_HANDLE_VALUE) {
        text_string(text, "-1");
        return;
    }
    text_hex(text, (uintptr_t)handle);
    if (!handle || handle_reference(handle, NULL, 0, &object))
        return;
    describe(text, handle, object);
    object_release(object);
}
