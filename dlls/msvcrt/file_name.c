#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/os_error.h"

bool file_name_open(struct file_name *file_name, const char *name)
{
    file_name->text = file_name->fixed;
    if (!name) {
        crt_invalid_parameter(CRT_EINVAL);
        return false;
    }
    if (MultiByteToWideChar(CP_ACP, 0, name, -1, file_name->fixed, MAX_PATH))
        return true;
    int length = MultiByteToWideChar(CP_ACP, 0, name, -1, NULL, 0);
    if (!length) {
        os_error_last();
        return false;
    }
    file_name->text = crt_malloc((size_t)length * sizeof(WCHAR));
    if (!file_name->text)
        return false;
    MultiByteToWideChar(CP_ACP, 0, name, -1, file_name->text, length);
    return true;
}

void file_name_close(struct file_name *file_name)
{
    if (file_name->text != file_name->fixed)
        crt_free(file_name->text);
}

int file_name_to_ansi(char *buffer, int size, const WCHAR *name)
{
    int length = WideCharToMultiByte(CP_ACP, 0, name, -1, NULL, 0, NULL, NULL);
    if (length > size) {
        crt_fail(CRT_ERANGE);
        return 0;
    }
    return WideCharToMultiByte(CP_ACP, 0, name, -1, buffer, size, NULL, NULL);
}
