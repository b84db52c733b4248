/* The part of kernel/fault.c that kernel/peek.h needs, for tests that have no more of it. cmocka handles the
 * signals itself when a test begins. */
#ifndef PEEK_FAULTS_H
#define PEEK_FAULTS_H

#include <signal.h>
#include "kernel/peek.h"

static void recover_or_die(int number, siginfo_t *information, void *host)
{
    if (!peek_recover(host))
        signal(number, SIG_DFL);
}

static inline void handle_peek_faults(void)
{
    const struct sigaction action = {.sa_sigaction = recover_or_die, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

#endif
