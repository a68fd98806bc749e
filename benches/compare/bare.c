/* bare SCANDIR SLOT COUNT GROUP [S6-SVSCANCTL]
 *
 * What a boot cannot do without: makes COUNT copies of the service directory SLOT in SCANDIR, each staged and published
 * in one rename, control files included. With S6-SVSCANCTL it then asks for one scan and waits until every service and
 * logger is supervised. No check, no plan, no record: nothing but the system calls. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct file {
    char path[256];
    mode_t mode;
    size_t size;
    char *bytes;
    struct file *next;
};

static struct file *files, **end = &files;
static char *scandir_path;

static void must(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(111);
    }
}

/* Directories come before what they hold. */
static void load(const char *root, const char *relative)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, relative);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        struct stat found;
        if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "supervise") || !strcmp(entry->d_name, "event"))
            continue;
        struct file *file = calloc(1, sizeof *file);
        snprintf(file->path, sizeof file->path, "%s%s%s", relative, *relative ? "/" : "", entry->d_name);
        snprintf(path, sizeof path, "%s/%s", root, file->path);
        must(stat(path, &found), path);
        file->mode = found.st_mode;
        *end = file;
        end = &file->next;
        if (S_ISDIR(found.st_mode)) {
            load(root, file->path);
            continue;
        }
        file->size = found.st_size;
        file->bytes = malloc(file->size + 1);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        must(read(fd, file->bytes, file->size), path);
        close(fd);
    }
    closedir(directory);
}

static void make_event(int slot, const char *path, gid_t group)
{
    must(mkdirat(slot, path, 0700), path);
    must(fchownat(slot, path, -1, group, 0), path);
    must(fchmodat(slot, path, 03730, 0), path);
}

static void publish(int index, gid_t group)
{
    char staged[4096], slot[4096], path[64];
    snprintf(staged, sizeof staged, "%s/.bare/new", scandir_path);
    snprintf(slot, sizeof slot, "%s/gateway-p%04d", scandir_path, index);
    must(mkdir(staged, 0700), staged);
    int root = open(staged, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(root, staged);
    for (struct file *file = files; file; file = file->next) {
        if (S_ISDIR(file->mode)) {
            must(mkdirat(root, file->path, 0700), file->path);
            must(fchmodat(root, file->path, file->mode & 07777, 0), file->path);
        } else {
            int fd = openat(root, file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
            must(fd, file->path);
            if (file->size)
                must(write(fd, file->bytes, file->size), file->path);
            must(fchmod(fd, file->mode & 07777), file->path);
            close(fd);
        }
    }
    must(fchmod(root, 0755), staged);
    const char *services[] = {"", "log/"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%ssupervise", services[i]);
        must(mkdirat(root, path, 0700), path);
        must(fchmodat(root, path, 0711, 0), path);
        snprintf(path, sizeof path, "%ssupervise/event", services[i]);
        make_event(root, path, group);
        snprintf(path, sizeof path, "%sevent", services[i]);
        make_event(root, path, group);
        snprintf(path, sizeof path, "%ssupervise/control", services[i]);
        must(mkfifoat(root, path, 0600), path);
        must(fchownat(root, path, -1, group, 0), path);
        must(fchmodat(root, path, 0620, 0), path);
    }
    close(root);
    must(renameat2(AT_FDCWD, staged, AT_FDCWD, slot, RENAME_NOREPLACE), slot);
}

/* To open it for writing takes until somebody reads it. */
static void wait_for(const char *control)
{
    int fd = open(control, O_WRONLY | O_CLOEXEC);
    must(fd, control);
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 100;
    scandir_path = argv[1];
    int count = atoi(argv[3]);
    gid_t group = atoi(argv[4]);
    char path[4096];
    load(argv[2], "");
    snprintf(path, sizeof path, "%s/.bare", scandir_path);
    must(mkdir(path, 0700), path);
    for (int i = 0; i < count; i++)
        publish(i, group);
    if (argc < 6)
        return 0;
    pid_t pid;
    int status;
    char *command[] = {argv[5], "-a", scandir_path, NULL}, *environment[] = {NULL};
    if (posix_spawn(&pid, argv[5], NULL, NULL, command, environment) || waitpid(pid, &status, 0) < 0 || status)
        return 111;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/gateway-p%04d/supervise/control", scandir_path, i);
        wait_for(path);
        snprintf(path, sizeof path, "%s/gateway-p%04d/log/supervise/control", scandir_path, i);
        wait_for(path);
    }
    return 0;
}
