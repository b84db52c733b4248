#include <pthread.h>
#include <signal.h>

#include "kernel/helper_thread.h"

enum { STACK_SIZE = 0x40000 };

static void *begin(void *run)
{
    pthread_setname_np(pthread_self(), HELPER_THREAD_NAME);
    ((void (*)(void))run)();
    return NULL;
}

static void set_attributes(pthread_attr_t *attributes)
{
    sigset_t signals;
    sigfillset(&signals);
    sigdelset(&signals, SIGSEGV);
    sigdelset(&signals, SIGBUS);
    pthread_attr_init(attributes);
    pthread_attr_setdetachstate(attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(attributes, STACK_SIZE);
    pthread_attr_setsigmask_np(attributes, &signals);
}

bool helper_thread_start(void (*run)(void))
{
    pthread_t thread;
    pthread_attr_t attributes;
    set_attributes(&attributes);
    bool started = pthread_create(&thread, &attributes, begin, run) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}
