/* measure FILE DIRECTORY PROGRAM...: runs PROGRAM and writes into FILE its wall time, how long it took until the last
 * entry appeared in DIRECTORY, and its processor time, with that of the programs it waited for, in microseconds; the
 * peak memory of the largest of them in KiB; and its exit code. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long micros_since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - began->tv_sec) * 1000000 + (now.tv_nsec - began->tv_nsec) / 1000;
}

int main(int argc, char **argv)
{
    char events[65536];
    struct timespec began;
    struct rusage usage;
    long appeared = 0;
    int status;
    if (argc < 4)
        return 100;
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (inotify_add_watch(watch, argv[2], IN_CREATE | IN_MOVED_TO) < 0)
        return 111;
    clock_gettime(CLOCK_MONOTONIC, &began);
    pid_t pid = vfork();
    if (!pid) {
        execv(argv[3], argv + 3);
        _exit(127);
    }
    if (pid < 0)
        return 111;
    struct pollfd waited[] = {{.fd = watch, .events = POLLIN}, {.fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN}};
    while (!waited[1].revents) {
        if (poll(waited, 2, -1) < 0)
            return 111;
        while (read(watch, events, sizeof events) > 0)
            appeared = micros_since(&began);
    }
    if (wait4(pid, &status, 0, &usage) < 0)
        return 111;
    long wall = micros_since(&began);
    long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    FILE *file = fopen(argv[1], "w");
    if (!file)
        return 111;
    fprintf(file, "%ld %ld %ld %ld %d\n", wall, appeared, cpu, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return fclose(file);
}
