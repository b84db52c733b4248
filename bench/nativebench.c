/* Linux side of the benchmark: the closest direct way to do what winbench.c does. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <math.h>

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}
#define ROUNDS 5
#define BENCH(name, count, ...)                                            \
    do {                                                                   \
        if (want(name)) {                                                  \
            double best = 1e18;                                            \
            for (int r_ = 0; r_ < ROUNDS; r_++) {                          \
                double t0_ = now_ns();                                     \
                for (long i = 0; i < (count); i++) { __VA_ARGS__; }        \
                double t_ = (now_ns() - t0_) / (double)(count);            \
                if (t_ < best) best = t_;                                  \
            }                                                              \
            printf("%s\t%.1f\n", name, best);                              \
            fflush(stdout);                                                \
        }                                                                  \
    } while (0)
static const char *only;
static int want(const char *name) { return !only || strstr(name, only); }
static volatile uintptr_t sink;
static char big[1 << 20];
static int compare_ints(const void *a, const void *b)
{
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}
static void *return_at_once(void *arg) { return arg; }
static int ping = 0, pong = 0;
static void fwait(int *w)
{
    while (!__atomic_exchange_n(w, 0, __ATOMIC_ACQUIRE)) syscall(SYS_futex, w, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}
static void fset(int *w)
{
    __atomic_store_n(w, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, w, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
static void *ponger(void *arg)
{
    for (long n = (long)arg; n--;) { fwait(&ping); fset(&pong); }
    return NULL;
}
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile long shared_counter;
static void *contender(void *arg)
{
    for (long n = (long)arg; n--;) { pthread_mutex_lock(&mutex); shared_counter++; pthread_mutex_unlock(&mutex); }
    return NULL;
}

int main(int argc, char **argv)
{
    only = argc > 1 ? argv[1] : NULL;
    setvbuf(stdout, NULL, _IONBF, 0);
    struct timespec ts;
    pthread_key_t key;
    pthread_key_create(&key, NULL);
    /* a function of another shared object that does no work of its own */
    BENCH("call.thunk", 5000000, sink = (uintptr_t)gnu_get_libc_version());
    BENCH("call.direct", 5000000, sink = (uintptr_t)gnu_get_libc_version());
    BENCH("call.GetLastError", 5000000, sink = (uintptr_t)errno);
    BENCH("call.GetCurrentThreadId", 5000000, sink = pthread_self());
    BENCH("call.TlsGetValue", 5000000, sink = (uintptr_t)pthread_getspecific(key));
    BENCH("call.QueryPerformanceCounter", 2000000, clock_gettime(CLOCK_MONOTONIC, &ts));
    BENCH("call.GetSystemTimeAsFileTime", 2000000, clock_gettime(CLOCK_REALTIME, &ts));
    BENCH("call.GetTickCount64", 2000000, clock_gettime(CLOCK_MONOTONIC_COARSE, &ts));
    BENCH("call.GetProcAddress", 200000, sink = (uintptr_t)dlsym(RTLD_DEFAULT, "write"));
    BENCH("sync.CriticalSection", 2000000, pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex));
    BENCH("sync.SRWLock", 2000000, pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex));
    BENCH("sync.CreateCloseEvent", 100000, close(eventfd(0, 0)));
    if (want("sync.EventPingPong")) {
        long n = 20000;
        pthread_t t;
        pthread_create(&t, NULL, ponger, (void *)n);
        double t0 = now_ns();
        for (long i = 0; i < n; i++) { fset(&ping); fwait(&pong); }
        printf("sync.EventPingPong\t%.1f\n", (now_ns() - t0) / n);
        pthread_join(t, NULL);
    }
    if (want("sync.ContendedCriticalSection")) {
        long n = 500000;
        pthread_t t[2];
        double t0 = now_ns();
        for (int k = 0; k < 2; k++) pthread_create(&t[k], NULL, contender, (void *)n);
        for (int k = 0; k < 2; k++) pthread_join(t[k], NULL);
        printf("sync.ContendedCriticalSection\t%.1f\n", (now_ns() - t0) / (2.0 * n));
    }
    BENCH("thread.CreateJoin", 1000, { pthread_t t; pthread_create(&t, NULL, return_at_once, NULL); pthread_join(t, NULL); });
    BENCH("heap.HeapAllocFree64", 1000000, { void *p = malloc(64); __asm__ volatile("" : "+r"(p)); free(p); });
    BENCH("heap.mallocfree64", 1000000, { void *p = malloc(64); __asm__ volatile("" : "+r"(p)); free(p); });
    if (want("heap.mixed")) {
        static void *slot[4096];
        unsigned seed = 1;
        double t0 = now_ns();
        for (long i = 0; i < 2000000; i++) {
            seed = seed * 1664525u + 1013904223u;
            unsigned k = (seed >> 12) & 4095;
            free(slot[k]);
            slot[k] = malloc(16 + ((seed >> 8) & 1023));
        }
        printf("heap.mixed\t%.1f\n", (now_ns() - t0) / 2000000);
    }
    BENCH("vm.VirtualAllocFree64K", 20000, munmap(mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 65536));
    void *page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    BENCH("vm.VirtualProtect", 50000, mprotect(page, 4096, (i & 1) ? PROT_READ : PROT_READ | PROT_WRITE));
    int f = open("bench.tmp", O_RDWR | O_CREAT | O_TRUNC, 0644);
    BENCH("file.WriteFile4K", 50000, { lseek(f, 0, SEEK_SET); sink = write(f, big, 4096); });
    BENCH("file.ReadFile4K", 50000, { lseek(f, 0, SEEK_SET); sink = read(f, big, 4096); });
    BENCH("file.WriteFile1M", 200, { lseek(f, 0, SEEK_SET); sink = write(f, big, sizeof big); });
    BENCH("file.ReadFile1M", 200, { lseek(f, 0, SEEK_SET); sink = read(f, big, sizeof big); });
    close(f);
    struct stat st;
    BENCH("file.OpenClose", 10000, close(open("bench.tmp", O_RDONLY | O_CLOEXEC)));
    BENCH("file.GetFileAttributes", 20000, sink = stat("bench.tmp", &st));
    BENCH("file.OpenMissing", 20000, sink = open("no-such-file", O_RDONLY));
    BENCH("file.CreateDelete", 3000, { close(open("bench2.tmp", O_WRONLY | O_CREAT | O_TRUNC, 0644)); unlink("bench2.tmp"); });
    unlink("bench.tmp");
    if (want("dir.Enumerate")) {
        mkdir("benchdir", 0755);
        char name[64];
        for (int i = 0; i < 2000; i++) { snprintf(name, 64, "benchdir/file%05d.txt", i); close(open(name, O_WRONLY | O_CREAT, 0644)); }
        BENCH("dir.Enumerate2000", 5, {
            DIR *d = opendir("benchdir");
            struct dirent *e;
            long n = 0;
            while ((e = readdir(d))) { fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW); n++; }
            closedir(d);
            sink = n;
        });
        for (int i = 0; i < 2000; i++) { snprintf(name, 64, "benchdir/file%05d.txt", i); unlink(name); }
        rmdir("benchdir");
    }
    FILE *out = fopen("bench.txt", "w");
    BENCH("crt.fprintf", 100000, fprintf(out, "%ld %s %08x %.3f\n", i, "word", (unsigned)i * 2654435761u, i * 0.5));
    fclose(out);
    out = fopen("bench.txt", "r");
    if (want("crt.fgetc")) {
        double t0 = now_ns();
        long n = 0;
        while (fgetc(out) != EOF) n++;
        printf("crt.fgetc\t%.2f\n", (now_ns() - t0) / n);
        rewind(out);
    }
    if (want("crt.fgets")) {
        char line[256];
        double t0 = now_ns();
        long n = 0;
        while (fgets(line, sizeof line, out)) n++;
        printf("crt.fgets\t%.1f\n", (now_ns() - t0) / n);
    }
    fclose(out);
    remove("bench.txt");
    static int numbers[100000];
    BENCH("crt.qsort100k", 3, {
        unsigned s = 1;
        for (int k = 0; k < 100000; k++) { s = s * 1664525u + 1013904223u; numbers[k] = (int)(s >> 4); }
        qsort(numbers, 100000, sizeof(int), compare_ints);
    });
    static char text[] = "0123456789abcdef0123456789abcdef";
    BENCH("crt.strlen32", 5000000, { char *p = text + (i & 1); __asm__ volatile("" : "+r"(p)); sink = strlen(p); });
    BENCH("crt.memcpy4K", 1000000, memcpy(big, big + 8192 + (i & 1), 4096); sink = big[i & 4095]);
    char num[64];
    BENCH("crt.snprintf", 300000, snprintf(num, sizeof num, "%ld:%s:%g", i, "abc", i * 1.25));
    BENCH("crt.strtod", 500000, { const char *p = "3.14159265358979"; __asm__ volatile("" : "+r"(p)); sink = (uintptr_t)strtod(p, NULL); });
    volatile double x = 0.5;
    BENCH("crt.sin", 2000000, x = sin(x) + 0.5);

    return 0;
}
