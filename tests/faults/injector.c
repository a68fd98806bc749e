/* injector LOG NUMBER FAULT PROGRAM...
 *
 * Runs PROGRAM and counts its system calls that touch the file system, from its first umask(2) on, over all of its
 * threads and none of its children. The call of that NUMBER fails with the errno FAULT, or the process is killed
 * "before" or "after" it. LOG gets a line for each call until then. Exits as PROGRAM does, with 128 + n for signal n.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "only the registers of x86_64 are known here"
#endif

/* What the call works on: a path in that argument, or a descriptor in the first. */
enum { PATH0, PATH1, DESCRIPTOR };

static const struct call {
    long number;
    const char *name;
    int on;
} calls[] = {
    {SYS_open, "open", PATH0},
    {SYS_openat, "openat", PATH1},
    {SYS_openat2, "openat2", PATH1},
    {SYS_read, "read", DESCRIPTOR},
    {SYS_write, "write", DESCRIPTOR},
    {SYS_pread64, "pread", DESCRIPTOR},
    {SYS_pwrite64, "pwrite", DESCRIPTOR},
    {SYS_getdents64, "getdents", DESCRIPTOR},
    {SYS_lseek, "lseek", DESCRIPTOR},
    {SYS_fstat, "fstat", DESCRIPTOR},
    {SYS_stat, "stat", PATH0},
    {SYS_lstat, "lstat", PATH0},
    {SYS_newfstatat, "fstatat", PATH1},
    {SYS_statx, "statx", PATH1},
    {SYS_statfs, "statfs", PATH0},
    {SYS_fstatfs, "fstatfs", DESCRIPTOR},
    {SYS_access, "access", PATH0},
    {SYS_faccessat, "faccessat", PATH1},
    {SYS_readlink, "readlink", PATH0},
    {SYS_readlinkat, "readlinkat", PATH1},
    {SYS_mkdir, "mkdir", PATH0},
    {SYS_mkdirat, "mkdirat", PATH1},
    {SYS_mknod, "mknod", PATH0},
    {SYS_mknodat, "mknodat", PATH1},
    {SYS_link, "link", PATH0},
    {SYS_linkat, "linkat", PATH1},
    {SYS_symlink, "symlink", PATH0},
    {SYS_symlinkat, "symlinkat", PATH0},
    {SYS_rename, "rename", PATH0},
    {SYS_renameat, "renameat", PATH1},
    {SYS_renameat2, "renameat2", PATH1},
    {SYS_unlink, "unlink", PATH0},
    {SYS_unlinkat, "unlinkat", PATH1},
    {SYS_rmdir, "rmdir", PATH0},
    {SYS_chmod, "chmod", PATH0},
    {SYS_fchmod, "fchmod", DESCRIPTOR},
    {SYS_fchmodat, "fchmodat", PATH1},
    {SYS_chown, "chown", PATH0},
    {SYS_lchown, "lchown", PATH0},
    {SYS_fchown, "fchown", DESCRIPTOR},
    {SYS_fchownat, "fchownat", PATH1},
    {SYS_truncate, "truncate", PATH0},
    {SYS_ftruncate, "ftruncate", DESCRIPTOR},
    {SYS_fsync, "fsync", DESCRIPTOR},
    {SYS_fdatasync, "fdatasync", DESCRIPTOR},
    {SYS_flock, "flock", DESCRIPTOR},
    {SYS_inotify_add_watch, "inotify_add_watch", PATH1},
    {SYS_utimensat, "utimensat", PATH1},
};
enum { CALLS = sizeof calls / sizeof *calls };

static const struct {
    const char *name;
    int number;
} faults[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EACCES", EACCES}, {"EMFILE", EMFILE}, {"EINTR", EINTR},
              {"before", 0}, {"after", -1}};

static void die(const char *what)
{
    fprintf(stderr, "injector: %s: %s\n", what, strerror(errno));
    exit(99);
}

/* Only the calls above stop the program; everything else runs at full speed. */
static void filter(void)
{
    struct sock_filter code[CALLS + 4];
    int n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < CALLS; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, CALLS - i + 1, 0);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_umask, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    struct sock_fprog program = {n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        die("seccomp");
}

static pid_t start(char **argv)
{
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) < 0)
        die("pipe");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (!pid) {
        char byte;
        close(gate[1]);
        if (read(gate[0], &byte, 1) < 0)
            die("read");
        filter();
        execv(argv[0], argv);
        die(argv[0]);
    }
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0)
        die("ptrace");
    close(gate[0]);
    close(gate[1]);
    return pid;
}

static int is_thread_of(pid_t pid, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d", pid, tid);
    return access(path, F_OK) == 0;
}

static void text_at(pid_t tid, unsigned long address, char *text, size_t size)
{
    size_t n = 0;
    while (n + sizeof(long) < size) {
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, tid, address + n, 0);
        if (errno)
            break;
        memcpy(text + n, &word, sizeof word);
        if (memchr(&word, 0, sizeof word))
            return;
        n += sizeof word;
    }
    text[n] = 0;
}

/* Whether the descriptor is of a file or directory, and its path. A pipe is not on the file system. */
static int named(pid_t tid, int fd, char *text, size_t size)
{
    char path[64];
    struct stat found;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
    ssize_t length = readlink(path, text, size - 1);
    if (length < 0 || stat(path, &found) < 0)
        return 0;
    text[length] = 0;
    return S_ISREG(found.st_mode) || S_ISDIR(found.st_mode);
}

/* The call that the thread is about to make, if it counts. */
static const struct call *call_of(pid_t tid, const struct user_regs_struct *regs, char *text, size_t size)
{
    for (int i = 0; i < CALLS; i++) {
        if (calls[i].number != (long)regs->orig_rax)
            continue;
        if (calls[i].on == DESCRIPTOR)
            return named(tid, (int)regs->rdi, text, size) ? &calls[i] : NULL;
        text_at(tid, calls[i].on == PATH0 ? regs->rdi : regs->rsi, text, size);
        return &calls[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: injector LOG NUMBER FAULT PROGRAM...\n");
        return 99;
    }
    FILE *log = fopen(argv[1], "we");
    if (!log)
        die(argv[1]);
    long wanted = atol(argv[2]), count = 0;
    int fault = 0, began = 0, result = 99;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (!strcmp(argv[3], faults[i].name))
            fault = faults[i].number;
    pid_t program = start(argv + 4);

    for (;;) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0)
            break;
        if (!WIFSTOPPED(status)) {
            if (tid == program)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_SECCOMP) {
            struct user_regs_struct regs;
            char text[4096] = "";
            const struct call *call = NULL;
            if (is_thread_of(program, tid) && ptrace(PTRACE_GETREGS, tid, 0, &regs) == 0) {
                if (regs.orig_rax == SYS_umask)
                    began = 1;
                else if (began)
                    call = call_of(tid, &regs, text, sizeof text);
            }
            if (call && !(wanted && count >= wanted)) {
                fprintf(log, "%s %s\n", call->name, text);
                fflush(log);
                if (++count == wanted && fault > 0) {
                    regs.orig_rax = -1;
                    regs.rax = -fault;
                    ptrace(PTRACE_SETREGS, tid, 0, &regs);
                } else if (count == wanted && fault == 0) {
                    kill(program, SIGKILL);
                } else if (count == wanted) {
                    ptrace(PTRACE_SYSCALL, tid, 0, 0);
                    continue;
                }
            }
            signal = 0;
        } else if (signal == (SIGTRAP | 0x80)) {
            /* It has returned from the call after which it is to die. */
            kill(program, SIGKILL);
            signal = 0;
        } else if (event) {
            signal = 0;
        }
        ptrace(PTRACE_CONT, tid, 0, signal);
    }
    return result;
}
