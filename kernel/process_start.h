/* What a process hands to a child that litewin runs: a block of shared memory behind a descriptor, whose
 * number is on the child's command line (--start-block). It holds what a Linux program start has no place
 * for, and brings the exit code back in full width. Both architectures read it, so it has 4-byte fields
 * alone; a handle is its low half, which is sign-extended. */
#ifndef KERNEL_PROCESS_START_H
#define KERNEL_PROCESS_START_H

#include "kernel/process.h"

/* Bytes, at an offset from the block's beginning. */
struct start_part {
    uint32_t offset, size;
};

/* A handle that the child inherits. */
struct start_handle {
    uint32_t handle, access, attributes;
    uint32_t kind;                /* enum shared_kind; 0: a file */
    int32_t descriptor, contents; /* as in struct handed_object */
    uint32_t file_flags;          /* FILE_OVERLAPPED, FILE_PIPE_* */
};

struct start_block {
    uint32_t size;
    uint32_t exit_code_known;       /* atomic: whoever makes it 1 ... */
    uint32_t exit_code, exit_ready; /* ... writes the code, and then 1 (atomic) */
    uint32_t suspended; /* atomic, a futex that processes share: while it is not 0, the program may not
                           begin; and then it stays so */
    uint32_t ignores_ctrl_c;
    uint32_t standard[3]; /* inherited handles; 0: the child makes one for the descriptor */
    uint32_t window_flags, show_window, fill;
    uint32_t geometry[6]; /* STARTUPINFO's dwX to dwYCountChars */
    /* The first three are UTF-16 and terminated. */
    struct start_part command_line, title, desktop, environment, runtime_data, handles;
};

/* The part that stays mapped after the start. */
#define START_BLOCK_KEPT 4096

/* Makes the block, which lies in memory at `*block` and behind `*descriptor`. Only START_BLOCK_KEPT bytes of
 * it stay mapped. `header` has all but the parts. */
struct start_contents {
    const WCHAR *command_line, *title, *desktop, *environment; /* the environment ends with an empty string */
    const void *runtime_data;
    size_t runtime_size;
    const struct start_handle *handles;
    size_t handle_count;
};
NTSTATUS start_block_create(const struct start_block *header, const struct start_contents *contents,
                            struct start_block **block, int *descriptor);
void start_block_release(struct start_block *block);

/* The first code that either side sets is the one that counts. */
void start_block_set_exit_code(struct start_block *block, uint32_t code);
bool start_block_exit_code(const struct start_block *block, uint32_t *code);
/* Changes by 1 or -1 how often a child is suspended that has not begun. False if it has. */
bool start_block_suspend(struct start_block *block, int change, DWORD *previous);

/* In the child */

/* Takes over everything that the block says: handles, environment, parameters. The process's image path is
 * the loader's to set. */
EXPORTED NTSTATUS process_start_adopt(int descriptor);
/* Waits until the program may begin. */
EXPORTED void process_start_wait(void);
/* NULL where the process was not started by a Windows program. */
extern struct start_block *process_start_block;

#endif
