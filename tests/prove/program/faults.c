// What a disk can do to the program: loaded before it (LD_PRELOAD), for the files under
// PROVE_FOLDER only.
//   PROVE_KILL_AT=n      dies (SIGKILL) at the n-th write or sync of data; a write is torn in the middle
//   PROVE_COPIES=folder  copies a file there when it was synced: what would be left after a power cut
//   PROVE_SWALLOW=end    files that end so are not synced, and not copied until another file is: as synchronous=NORMAL has it
//   PROVE_FULL=switch    while this file is there, the disk is full
//   PROVE_FILES_FULL=switch  the same for the folder of files alone, which may be another disk
//   PROVE_EIO=switch     while this file is there, syncing fails for files that end as it says
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder, *copies, *swallow, *full, *files_full, *eio;
static long kill_at;
static atomic_long ops;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("PROVE_FOLDER");
    copies = getenv("PROVE_COPIES");
    swallow = getenv("PROVE_SWALLOW");
    full = getenv("PROVE_FULL");
    files_full = getenv("PROVE_FILES_FULL");
    eio = getenv("PROVE_EIO");
    const char *at = getenv("PROVE_KILL_AT");
    kill_at = at ? atol(at) : 0;
}

static int ends(const char *path, const char *end) {
    size_t p = strlen(path), e = strlen(end);
    return p >= e && !strcmp(path + p - e, end);
}

// Whether this is a file in the folder, and which.
static int is_ours(int fd, char *path) {
    char link[40];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return !strncmp(path, folder, strlen(folder));
}

// Whether this is a file of data, and which.
static int is_data(int fd, char *path) { return is_ours(fd, path) && strstr(path, ".sqlite") != NULL; }

static int is_there(const char *file) { return file && access(file, F_OK) == 0; }

static int is_last_op(void) { return kill_at && atomic_fetch_add(&ops, 1) + 1 == kill_at; }

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void copy_aside(const char *path) {
    char to[PATH_MAX], part[PATH_MAX + 32];
    const char *name = strrchr(path, '/');
    snprintf(to, sizeof to, "%s%s", copies, name);
    snprintf(part, sizeof part, "%s.part%d", to, (int)gettid());
    int in = open(path, O_RDONLY), out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct stat about;
    int whole = in >= 0 && out >= 0 && fstat(in, &about) == 0;
    for (off_t left = whole ? about.st_size : 0; whole && left > 0;) {
        ssize_t sent = sendfile(out, in, NULL, (size_t)left);
        if (sent <= 0) whole = 0;
        else left -= sent;
    }
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    if (!whole || rename(part, to) != 0) {
        fprintf(stderr, "faults: %s could not be copied aside\n", path);
        abort();
    }
}

static int fails(const char *path) {
    char end[64] = "";
    int file = eio ? open(eio, O_RDONLY) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, end, sizeof end - 1);
    close(file);
    return length > 0 && ends(path, end);
}

static int synced(int fd, const char *which) {
    int (*real)(int) = dlsym(RTLD_NEXT, which);
    char path[PATH_MAX];
    if (!is_data(fd, path)) return real(fd);
    if (is_last_op()) die();
    if (fails(path)) { errno = EIO; return -1; }
    if (swallow && ends(path, swallow)) return 0;
    int done = real(fd);
    if (done == 0 && copies) {
        if (swallow) {
            char other[PATH_MAX + 16];
            snprintf(other, sizeof other, "%s%s", path, swallow);
            if (is_there(other)) copy_aside(other);
        }
        copy_aside(path);
    }
    return done;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }

// What is deleted is gone after a power cut as well: SQLite syncs the folder.
int unlink(const char *path) {
    int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
    const char *name = strrchr(path, '/');
    if (copies && name && folder && !strncmp(path, folder, strlen(folder))) {
        char copy[PATH_MAX];
        snprintf(copy, sizeof copy, "%s%s", copies, name);
        real(copy);
    }
    return real(path);
}

// Before a write: 0 to go on, -1 when it fails, else how much of it is still done before the end.
static int before(int fd) {
    char path[PATH_MAX];
    if (!is_ours(fd, path)) return 0;
    int data = strstr(path, ".sqlite") != NULL, shared = strstr(path, "/files/") != NULL;
    if (((data || shared) && is_there(full)) || (shared && is_there(files_full))) { errno = ENOSPC; return -1; }
    return data ? is_last_op() : 0;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    int what = before(fd);
    if (what < 0) return -1;
    if (what) { real(fd, bytes, count / 2); die(); }
    return real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
    int what = before(fd);
    if (what < 0) return -1;
    if (what) { real(fd, bytes, count / 2, at); die(); }
    return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return pwrite(fd, bytes, count, at); }
