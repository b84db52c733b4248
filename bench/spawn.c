/* Times whole processes: spawn ROUNDS COMMAND -- COMMAND -- ...
 * Runs each command in turn ROUNDS times, so that all see the same machine, with its output thrown away.
 * Prints a line for each: the median and the least wall time in microseconds, and the peak memory in KiB. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_COMMANDS 16

struct command {
    char **arguments;
    double *times;
    long memory;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void run(struct command *command, int round, const posix_spawn_file_actions_t *quiet)
{
    extern char **environ;
    pid_t child;
    int status;
    struct rusage usage;
    double start = now();
    int error = posix_spawnp(&child, command->arguments[0], quiet, NULL, command->arguments, environ);
    if (error || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "spawn: %s fails\n", command->arguments[0]);
        exit(1);
    }
    command->times[round] = now() - start;
    if (usage.ru_maxrss > command->memory)
        command->memory = usage.ru_maxrss;
}

int main(int argc, char **argv)
{
    struct command commands[MOST_COMMANDS];
    int count = 0, rounds = argc > 2 ? atoi(argv[1]) : 0;
    if (rounds < 1) {
        fputs("usage: spawn ROUNDS COMMAND [-- COMMAND]...\n", stderr);
        return 2;
    }
    for (int i = 2, start = 2; i <= argc && count < MOST_COMMANDS; i++) {
        if (i < argc && strcmp(argv[i], "--"))
            continue;
        argv[i] = NULL;
        commands[count++] = (struct command){argv + start, calloc(rounds, sizeof(double)), 0};
        start = i + 1;
    }
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < count; i++)
            run(&commands[i], round, &quiet);
    }
    for (int i = 0; i < count; i++) {
        qsort(commands[i].times, rounds, sizeof(double), compare);
        printf("%.0f\t%.0f\t%ld\n", commands[i].times[rounds / 2], commands[i].times[0], commands[i].memory);
    }
    return 0;
}
