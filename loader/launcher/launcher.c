/* litewin-load, as it is found along PATH: becomes the loader for the program's architecture.
 *
 * Each loader could find out by itself that a program is not for it, and does. But a process that uses the C
 * library takes several times as long to start as one that does not (in a virtual machine most of that is the
 * C library asking the processor for its features), so this one does without, and an i386 program does not
 * wait for an x86-64 C library to start first.
 *
 * Which argument names the program is a guess here: the first that is a Windows program's file. A wrong guess
 * costs time only, since the loader that is started then hands over to the other. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/limits.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#define LOADER_X86_64 "/lib/litewin/x86_64/litewin-load"
#define LOADER_I386   "/lib/litewin/i386/litewin-load"

#define MACHINE_I386        0x014c
#define LARGE_ADDRESS_AWARE 0x0020

struct program {
    uint16_t machine;
    uint16_t characteristics;
};

static long system_call(long number, long a, long b, long c, long d)
{
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

static size_t length_of(const char *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

static bool read_exactly(long fd, void *to, long size, long offset)
{
    return system_call(SYS_pread64, fd, (long)to, size, offset) == size;
}

/* The machine and the characteristics lie at fixed places behind the signature. */
static bool read_header(long fd, struct program *program)
{
    uint16_t magic;
    uint32_t signature, offset;
    return read_exactly(fd, &magic, sizeof magic, 0) && magic == 0x5a4d &&
           read_exactly(fd, &offset, sizeof offset, 0x3c) &&
           read_exactly(fd, &signature, sizeof signature, offset) && signature == 0x4550 &&
           read_exactly(fd, &program->machine, sizeof program->machine, offset + 4) &&
           read_exactly(fd, &program->characteristics, sizeof program->characteristics, offset + 22);
}

static bool find_program(char **arguments, struct program *program)
{
    bool found = false;
    for (char **argument = arguments + 1; !found && *argument; argument++) {
        long fd = **argument == '-' ? -1 : system_call(SYS_open, (long)*argument, O_RDONLY | O_CLOEXEC, 0, 0);
        if (fd < 0)
            continue;
        found = read_header(fd, program);
        system_call(SYS_close, fd, 0, 0, 0);
    }
    return found;
}

/* Replaces the end of this executable's own path, /bin/litewin-load. */
static bool locate(const char *loader, char path[PATH_MAX])
{
    long length = system_call(SYS_readlink, (long)"/proc/self/exe", (long)path, PATH_MAX, 0);
    size_t size = length_of(loader) + 1;
    for (int slashes = 0; length > 0 && slashes < 2;)
        slashes += path[--length] == '/';
    if (length <= 0 || length + size > PATH_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        path[length + i] = loader[i];
    return true;
}

__attribute__((noreturn, used)) static void launch(long *stack)
{
    char **arguments = (char **)(stack + 1), **environment = arguments + stack[0] + 1;
    char path[PATH_MAX];
    struct program program = {0};
    bool i386 = find_program(arguments, &program) && program.machine == MACHINE_I386;
    /* Linux lays an i386 process out from the top of its 4 GiB. A program that does not know of more than 2
     * GiB must be laid out from the bottom. */
    if (i386 && !(program.characteristics & LARGE_ADDRESS_AWARE))
        system_call(SYS_personality, system_call(SYS_personality, 0xffffffff, 0, 0, 0) | ADDR_COMPAT_LAYOUT,
                    0, 0, 0);
    if (locate(i386 ? LOADER_I386 : LOADER_X86_64, path))
        system_call(SYS_execve, (long)path, (long)arguments, (long)environment, 0);
    static const char message[] = "litewin: litewin-load must lie in bin, with lib/litewin beside that\n";
    system_call(SYS_write, 2, (long)message, sizeof message - 1, 0);
    for (;;)
        system_call(SYS_exit_group, 126, 0, 0, 0);
}

/* The kernel starts a process with its arguments on the stack. */
__asm__(".globl _start\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    movq %rsp, %rdi\n"
        "    andq $-16, %rsp\n"
        "    call launch\n");
