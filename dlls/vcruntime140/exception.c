/* What C++ programs ask of their runtime about exceptions. */
#include <litewin/windows.h>

/* std::exception's part that is copied with it. */
struct exception_text {
    char *text;
    bool is_owned;
};

static __thread void *current_exception, *current_context;

/* Where the program's own start-up code notes what nobody has handled. */
void **vc_current_exception(void)
{
    return &current_exception;
}

void **vc_current_exception_context(void)
{
    return &current_context;
}

/* A text that a constructor was given is copied, one that is a constant shared. */
void vc_exception_copy(const struct exception_text *from, struct exception_text *to)
{
    *to = (struct exception_text){from->text, false};
    if (!from->is_owned || !from->text)
        return;
    size_t size = strlen(from->text) + 1;
    to->text = HeapAlloc(GetProcessHeap(), 0, size);
    to->is_owned = to->text != NULL;
    if (to->text)
        memcpy(to->text, from->text, size);
}

void vc_exception_destroy(struct exception_text *text)
{
    if (text->is_owned)
        HeapFree(GetProcessHeap(), 0, text->text);
    *text = (struct exception_text){0};
}
