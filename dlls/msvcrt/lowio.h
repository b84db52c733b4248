/* Files by number: what open, read and write work on, below the streams. */
#ifndef MSVCRT_LOWIO_H
#define MSVCRT_LOWIO_H

#include <litewin/windows.h>
#include "dlls/msvcrt/mutex.h"

enum {
    LOWIO_BLOCK = 32, /* entries that a pointer of __pioinfo leads to */
    LOWIO_BLOCKS = 64,
    LOWIO_FILES = LOWIO_BLOCK * LOWIO_BLOCKS,
    LOWIO_NO_CONSOLE = -2, /* the handle of a standard file that the process started without */
};

/* fcntl.h's. */
enum crt_open_flag {
    CRT_O_RDONLY = 0x0000,
    CRT_O_WRONLY = 0x0001,
    CRT_O_RDWR = 0x0002,
    CRT_O_ACCESS = 0x0003,
    CRT_O_APPEND = 0x0008,
    CRT_O_RANDOM = 0x0010,
    CRT_O_SEQUENTIAL = 0x0020,
    CRT_O_TEMPORARY = 0x0040,
    CRT_O_NOINHERIT = 0x0080,
    CRT_O_CREAT = 0x0100,
    CRT_O_TRUNC = 0x0200,
    CRT_O_EXCL = 0x0400,
    CRT_O_SHORT_LIVED = 0x1000,
    CRT_O_TEXT = 0x4000,
    CRT_O_BINARY = 0x8000,
    CRT_O_WTEXT = 0x10000,
    CRT_O_U16TEXT = 0x20000,
    CRT_O_U8TEXT = 0x40000,
    CRT_O_ANY_TEXT = CRT_O_TEXT | CRT_O_WTEXT | CRT_O_U16TEXT | CRT_O_U8TEXT,
};

enum crt_share {
    CRT_SH_DENYRW = 0x10,
    CRT_SH_DENYWR = 0x20,
    CRT_SH_DENYRD = 0x30,
    CRT_SH_DENYNO = 0x40,
    CRT_SH_SECURE = 0x80,
};

enum crt_permission {
    CRT_S_IREAD = 0x100,
    CRT_S_IWRITE = 0x80,
};

/* struct lowio_file's flags. Programs read them, and the processes they start inherit them. */
enum lowio_flag {
    LOWIO_OPEN = 0x01,
    LOWIO_END = 0x02,  /* a Ctrl-Z was read: there is no more text */
    LOWIO_CRLF = 0x04, /* text was read that begins with LF */
    LOWIO_PIPE = 0x08,
    LOWIO_NO_INHERIT = 0x10,
    LOWIO_APPEND = 0x20,
    LOWIO_DEVICE = 0x40,
    LOWIO_TEXT = 0x80,
};

enum lowio_extra_flag {
    LOWIO_EXTRA_UTF8 = 0x1,
    LOWIO_EXTRA_UTF16 = 0x2,
    LOWIO_EXTRA_LOCK = 0x4, /* the lock can be used */
    LOWIO_EXTRA_WIDE = 0x8,
};

/* An entry as Windows has it: programs that are at odds with the C runtime find it through __pioinfo. The
 * lock is theirs. */
struct lowio_file {
    HANDLE handle;
    uint8_t flags;
    char lookahead; /* of a pipe, what followed a CR that was not LF; LF is none */
    int32_t extra_flags;
    CRITICAL_SECTION lock;
};

static_assert(sizeof(struct lowio_file) == (sizeof(void *) == 8 ? 56 : 36), "programs walk arrays of it");

enum lowio_encoding {
    LOWIO_ANSI,
    LOWIO_UTF8, /* text is UTF-16 for the program, UTF-8 in the file */
    LOWIO_UTF16,
};

/* What programs do not see. */
struct lowio_state {
    struct crt_mutex lock;
    bool type_is_known; /* LOWIO_PIPE and LOWIO_DEVICE are found out on demand */
    uint8_t encoding;   /* enum lowio_encoding; only in text mode */
    uint8_t held_count; /* bytes of a UTF-8 character whose end is yet to be read */
    uint8_t held[4];
    uint32_t bytes_read; /* by the last read, as they are in the file */
};

extern struct lowio_file lowio_files[LOWIO_FILES];
extern struct lowio_state lowio_states[LOWIO_FILES];

/* The program's default for files that are opened without O_TEXT or O_BINARY (startup.c). */
extern int *crt_fmode;

void lowio_attach(void);

static inline bool lowio_is_open(int fd)
{
    return (unsigned)fd < LOWIO_FILES && (lowio_files[fd].flags & LOWIO_OPEN);
}

static inline struct lowio_state *lowio_state_of(const struct lowio_file *file)
{
    return &lowio_states[file - lowio_files];
}

/* Takes the file's lock; NULL with errno EBADF where none is open. */
struct lowio_file *lowio_acquire(int fd);

static inline void lowio_release(struct lowio_file *file)
{
    crt_mutex_unlock(&lowio_state_of(file)->lock);
}

/* While a thread sleeps in a read, with the lock, others may ask what kind of file it is. */
static inline void lowio_set_flags(struct lowio_file *file, uint8_t flags)
{
    __atomic_fetch_or(&file->flags, flags, __ATOMIC_RELAXED);
}

static inline void lowio_clear_flags(struct lowio_file *file, uint8_t flags)
{
    __atomic_fetch_and(&file->flags, (uint8_t)~flags, __ATOMIC_RELAXED);
}

/* Of all flags, LOWIO_PIPE and LOWIO_DEVICE need this. */
uint8_t lowio_flags(struct lowio_file *file);

/* Gives a handle the lowest free number; -1 with errno EMFILE where there is none. */
int lowio_add(HANDLE handle, uint8_t flags, enum lowio_encoding encoding);
/* Gives it a certain number, of which nothing is open. */
void lowio_set(int fd, HANDLE handle, uint8_t flags, enum lowio_encoding encoding);
void lowio_remove(int fd);

/* The open files as a started process inherits them, in its STARTUPINFO: a block to crt_free, or NULL. */
void *lowio_inheritance(uint16_t *size);

/* umask's. */
int lowio_creation_mask(void);

/* Whether text mode or binary is meant by flags that may not say so. */
bool lowio_wants_text(int open_flags);
enum lowio_encoding lowio_wanted_encoding(int open_flags);

/* Reading and writing text in UTF-16 (lowio_unicode.c). The file is locked. */
int lowio_read_unicode(struct lowio_file *file, char *buffer, unsigned size);
int lowio_write_unicode(struct lowio_file *file, const char *buffer, unsigned size);

/* One ReadFile or WriteFile; false with errno. The end of a pipe is the end of a file. */
bool lowio_read_bytes(struct lowio_file *file, void *buffer, DWORD size, DWORD *done);
bool lowio_write_bytes(struct lowio_file *file, const void *buffer, DWORD size, DWORD *done);

/* The C library's own. */
int crt_wsopen(const WCHAR *path, int open_flags, int share, int permission);
int crt_sopen(const char *path, int open_flags, int share, int permission);
int crt_close(int fd);
int crt_read(int fd, void *buffer, unsigned size);
int crt_write(int fd, const void *buffer, unsigned size);
int64_t crt_lseeki64(int fd, int64_t offset, int whence);
int crt_isatty(int fd);
int crt_commit(int fd);
int crt_setmode(int fd, int mode);

#endif
