/* Streams to and from a command that the shell runs. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/environ.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

struct command {
    struct command *next;
    struct crt_file *file;
    HANDLE process;
};

static struct command *commands;
static struct crt_mutex commands_lock;

static size_t append(WCHAR *line, size_t length, const WCHAR *text)
{
    do
        line[length] = *text;
    while (*text++ && ++length);
    return length;
}

static size_t wide_length(const WCHAR *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

/* The shell of COMSPEC with /c. To be freed. */
static WCHAR *shell_command_line(const WCHAR *command)
{
    static const WCHAR option[] = L" /c ";
    const WCHAR *shell = crt_wgetenv(L"COMSPEC");
    if (!shell)
        shell = L"cmd.exe";
    size_t size = wide_length(shell) + sizeof option / sizeof *option + wide_length(command) + 1;
    WCHAR *line = crt_malloc(size * sizeof *line);
    if (line)
        append(line, append(line, append(line, 0, shell), option), command);
    return line;
}

/* The command inherits its end of the pipe in place of one of its standard files; the others are ours. */
static bool start(const WCHAR *command, HANDLE pipe_end, int standard_file, HANDLE *process)
{
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    HANDLE *standard[] = {&startup.hStdInput, &startup.hStdOutput, &startup.hStdError};
    PROCESS_INFORMATION information;
    WCHAR *line = shell_command_line(command);

    if (!line)
        return false;
    for (int fd = 0; fd < 3; fd++)
        *standard[fd] = fd == standard_file ? pipe_end : lowio_files[fd].handle;
    SetHandleInformation(pipe_end, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    bool started = CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &information);
    if (!started)
        os_error_last();
    crt_free(line);
    if (!started)
        return false;
    CloseHandle(information.hThread);
    *process = information.hProcess;
    return true;
}

/* Takes the handle over, also where it fails. */
static struct crt_file *open_stream(HANDLE pipe_end, const WCHAR *mode, bool text)
{
    int fd = lowio_add(pipe_end, LOWIO_PIPE | LOWIO_NO_INHERIT | (text ? LOWIO_TEXT : 0), LOWIO_ANSI);
    if (fd < 0) {
        CloseHandle(pipe_end);
        return NULL;
    }
    struct crt_file *file = crt_wfdopen(fd, mode);
    if (!file)
        crt_close(fd);
    return file;
}

static bool wants_text(const WCHAR *mode)
{
    int flags = 0;
    for (; *mode; mode++)
        flags |= *mode == 'b' ? CRT_O_BINARY : *mode == 't' ? CRT_O_TEXT : 0;
    return lowio_wants_text(flags);
}

static struct crt_file *open_command(const WCHAR *text, const WCHAR *mode, struct command *command)
{
    bool reads = *mode == 'r';
    HANDLE ends[2]; /* what is read from, what is written to */

    if (!CreatePipe(&ends[0], &ends[1], NULL, 0)) {
        os_error_last();
        return NULL;
    }
    bool started = start(text, ends[reads], reads, &command->process);
    CloseHandle(ends[reads]);
    if (!started) {
        CloseHandle(ends[!reads]);
        return NULL;
    }
    command->file = open_stream(ends[!reads], mode, wants_text(mode));
    if (!command->file)
        CloseHandle(command->process);
    return command->file;
}

struct crt_file *crt_wpopen(const WCHAR *text, const WCHAR *mode)
{
    if (!text || !mode || (*mode != 'r' && *mode != 'w')) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    struct command *command = crt_malloc(sizeof *command);
    if (!command)
        return NULL;
    struct crt_file *file = open_command(text, mode, command);
    if (!file) {
        crt_free(command);
        return NULL;
    }
    crt_mutex_lock(&commands_lock);
    command->next = commands;
    commands = command;
    crt_mutex_unlock(&commands_lock);
    return file;
}

struct crt_file *crt_popen(const char *text, const char *mode)
{
    struct file_name wide_text, wide_mode;
    struct crt_file *file = NULL;

    if (!file_name_open(&wide_text, text))
        return NULL;
    if (file_name_open(&wide_mode, mode)) {
        file = crt_wpopen(wide_text.text, wide_mode.text);
        file_name_close(&wide_mode);
    }
    file_name_close(&wide_text);
    return file;
}

static struct command *take_command(const struct crt_file *file)
{
    crt_mutex_lock(&commands_lock);
    struct command **link = &commands;
    while (*link && (*link)->file != file)
        link = &(*link)->next;
    struct command *command = *link;
    if (command)
        *link = command->next;
    crt_mutex_unlock(&commands_lock);
    return command;
}

/* The command's exit code, once it ends. */
int crt_pclose(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return -1;
    struct command *command = take_command(file);
    if (!command)
        return crt_fail(CRT_EBADF);
    DWORD code = (DWORD)-1;
    crt_fclose(file);
    WaitForSingleObject(command->process, INFINITE);
    GetExitCodeProcess(command->process, &code);
    CloseHandle(command->process);
    crt_free(command);
    return (int)code;
}
