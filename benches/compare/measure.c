/* measure FILE PROGRAM...: runs PROGRAM and writes into FILE its wall time and its processor time, with that of the
 * programs it waited for, in microseconds, the peak memory of the largest of them in KiB, and its exit code. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec began, ended;
    struct rusage usage;
    int status;
    if (argc < 3)
        return 100;
    clock_gettime(CLOCK_MONOTONIC, &began);
    pid_t pid = vfork();
    if (!pid) {
        execv(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        return 111;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    long wall = (ended.tv_sec - began.tv_sec) * 1000000 + (ended.tv_nsec - began.tv_nsec) / 1000;
    long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    FILE *file = fopen(argv[1], "w");
    if (!file)
        return 111;
    fprintf(file, "%ld %ld %ld %d\n", wall, cpu, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return fclose(file);
}
