/*
 * What a power cut would leave: a library to preload under a program, which keeps a second copy
 * (the shadow) of exactly those bytes and directory entries that the program asked to be durable.
 *
 *     cc -shared -fPIC -O2 -o libpowercut.so powercut.c -ldl
 *     LD_PRELOAD=./libpowercut.so POWERCUT_ROOT=/data POWERCUT_KEPT=/shadow program
 *
 * POWERCUT_ROOT     the watched tree; what it holds before the first start counts as durable
 * POWERCUT_KEPT     the shadow, outside of the tree, made on the first start, carried on by later ones
 * POWERCUT_BOOT_ID  a file to be opened in place of /proc/sys/kernel/random/boot_id
 *
 * The model. A file's bytes and size are kept when fsync or fdatasync of it returns, or an O_SYNC or
 * O_DSYNC write of them does; a directory's entries, each with its mode, when fsync or fdatasync of
 * the directory does; sync and syncfs keep everything. Nothing else keeps anything: not close, not
 * sync_file_range, not msync, and a file's fsync does not keep its name. The kernel already knows
 * what was written, renamed and removed, so only the calls that sync are intercepted, and what is
 * there at that moment is copied. The real sync is left out: the shadow has to outlive the process,
 * not the machine.
 *
 * The shadow, written for reconstruct.py:
 *
 *     KEPT/root         "<mode> <id>" LF of the watched directory; empty until the shadow has begun
 *     KEPT/dirs/<id>    for each entry "<f or d> <mode> <id> <name>" NUL, modes in octal
 *     KEPT/files/<id>   the bytes
 *
 * An id is the inode's number and a random tag that the library puts on the inode as an extended
 * attribute: a number that is used again is then another file. Works on 64-bit Linux with glibc, for
 * programs that sync by way of the C library (a raw system call or io_uring is as good as no sync).
 * Any trouble of the library's own ends the process: it never lets a sync pass that it did not keep.
 */

#define _GNU_SOURCE
#undef _FORTIFY_SOURCE /* its inline versions of open and write would stand in the way of ours */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define TAG_NAME "user.powercut"
#define TAG_LENGTH 16
#define ID_SIZE 48
#define CHUNK 65536
#define TO_THE_END INT64_MAX
#define WHERE_THE_FILE_STANDS (-1)

static char root[PATH_MAX]; /* canonical; empty while nothing is watched */
static char kept[PATH_MAX];
static dev_t root_device;
static const char *boot_id;

static void die(const char *what, const char *about)
{
    dprintf(STDERR_FILENO, "powercut: %s: %s: %s\n", what, about, strerror(errno));
    abort();
}

static void kept_path(char path[PATH_MAX], const char *folder, const char *name)
{
    if (snprintf(path, PATH_MAX, "%s/%s%s", kept, folder, name) >= PATH_MAX)
        die("path too long", kept);
}

/* A lock belongs to the open file, so it holds between threads as between processes, and a killed
 * process lets go of it. It is let go of by name, because a forked child may share the open file. */
static int open_locked(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        die("open", path);
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            die("flock", path);
    return fd;
}

static void close_locked(int fd)
{
    flock(fd, LOCK_UN);
    close(fd);
}

/* Held while a directory is listed and by every rename: a listing that runs beside a rename may show the
 * file under neither name, which no power cut would. It also keeps an older list from replacing a newer. */
static int lock_names(void)
{
    char path[PATH_MAX];
    kept_path(path, "", "names.lock");
    return open_locked(path);
}

static void identify(int fd, char id[ID_SIZE])
{
    char self[64], tag[TAG_LENGTH + 1] = {0};
    struct stat st;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd); /* so that O_PATH will do */
    if (fstat(fd, &st) < 0)
        die("fstat", self);
    while (getxattr(self, TAG_NAME, tag, TAG_LENGTH) != TAG_LENGTH) {
        uint64_t fresh;
        if (errno != ENODATA)
            die("getxattr " TAG_NAME " (POWERCUT_ROOT must allow user attributes)", self);
        if (getrandom(&fresh, sizeof fresh, 0) != sizeof fresh)
            die("getrandom", self);
        snprintf(tag, sizeof tag, "%016" PRIx64, fresh);
        if (setxattr(self, TAG_NAME, tag, TAG_LENGTH, XATTR_CREATE) < 0 && errno != EEXIST)
            die("setxattr " TAG_NAME " (POWERCUT_ROOT must allow user attributes)", self);
    }
    /* The number stays in the id: who copies a file with its attributes gets another number. */
    snprintf(id, ID_SIZE, "%ju-%s", (uintmax_t)st.st_ino, tag);
}

static ssize_t read_fully(int fd, char *buffer, size_t length, off_t at)
{
    size_t done = 0;
    while (done < length) {
        ssize_t n = pread(fd, buffer + done, length - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die("pread", "a watched or kept file");
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Keeps what the file now holds of the bytes [from, to), and a size that is now smaller.
 *
 * CRASH: killed in the middle, the shadow has some of the new bytes and not the others, as a disk may.
 * What was kept before and is still the same is only ever overwritten by itself. */
static void keep_bytes(int fd, off_t from, off_t to)
{
    char id[ID_SIZE], path[PATH_MAX], now[CHUNK], before[CHUNK];
    struct stat st, shadow_st;
    int flags = fcntl(fd, F_GETFL), source = fd;

    identify(fd, id);
    kept_path(path, "files/", id);
    /* Locked before the file is looked at: what is copied later is never older. */
    int shadow = open_locked(path);
    if ((flags & O_ACCMODE) == O_WRONLY || flags & (O_PATH | O_DIRECT)) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        source = open(path, O_RDONLY | O_CLOEXEC);
        if (source < 0)
            die("open a watched file again, to read it", path);
    }
    if (fstat(source, &st) < 0 || fstat(shadow, &shadow_st) < 0)
        die("fstat", id);
    if (shadow_st.st_size > st.st_size && ftruncate(shadow, st.st_size) < 0)
        die("ftruncate", id);
    for (off_t at = from; at < to && at < st.st_size; at += CHUNK) {
        size_t length = to - at < CHUNK ? (size_t)(to - at) : CHUNK;
        ssize_t read = read_fully(source, now, length, at);
        if (read_fully(shadow, before, (size_t)read, at) == read && memcmp(now, before, (size_t)read) == 0)
            continue;
        for (ssize_t done = 0; done < read;) {
            ssize_t n = syscall(SYS_pwrite64, shadow, now + done, read - done, at + done);
            if (n < 0 && errno != EINTR)
                die("pwrite", id);
            done += n < 0 ? 0 : n;
        }
    }
    if (source != fd)
        close(source); /* gives up POSIX record locks (fcntl) of this process on the file */
    close_locked(shadow);
}

static void for_each_child(int dir, void (*visit)(int, const struct stat *, const char *, FILE *), FILE *list)
{
    int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* has a position of its own */
    DIR *stream = again < 0 ? NULL : fdopendir(again);
    struct dirent *entry;
    struct stat st;
    if (!stream)
        die("open a watched directory", root);
    while (errno = 0, (entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int child = openat(dir, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0 && errno == ENOENT)
            continue; /* removed since */
        if (child < 0 || fstat(child, &st) < 0)
            die("open", entry->d_name);
        if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
            visit(child, &st, entry->d_name, list);
        close(child);
    }
    if (errno)
        die("readdir", root);
    closedir(stream);
}

static void list_child(int child, const struct stat *st, const char *name, FILE *list)
{
    char id[ID_SIZE];
    identify(child, id);
    fprintf(list, "%c %o %s %s%c", S_ISDIR(st->st_mode) ? 'd' : 'f', (unsigned)st->st_mode & 07777, id, name, 0);
}

/* CRASH: the list is written beside and renamed, so that the old or the new one is there. */
static void keep_directory(int fd)
{
    char id[ID_SIZE], beside[PATH_MAX], path[PATH_MAX];
    identify(fd, id);
    kept_path(beside, "", "list.new");
    kept_path(path, "dirs/", id);

    int lock = lock_names();
    FILE *list = fopen(beside, "we");
    if (!list)
        die("fopen", beside);
    for_each_child(fd, list_child, list);
    bool failed = ferror(list);
    if (fclose(list) != 0 || failed || syscall(SYS_renameat2, AT_FDCWD, beside, AT_FDCWD, path, 0) < 0)
        die("write", path);
    close_locked(lock);
}

static void keep_tree(int dir);

static void keep_child(int child, const struct stat *st, const char *name, FILE *list)
{
    (void)name, (void)list;
    if (S_ISDIR(st->st_mode))
        keep_tree(child);
    else
        keep_bytes(child, 0, TO_THE_END);
}

static void keep_tree(int dir)
{
    for_each_child(dir, keep_child, NULL);
    keep_directory(dir);
}

static void keep_everything(void)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        die("open", root);
    keep_tree(fd);
    close(fd);
}

static bool lies_in_root(const char *path)
{
    size_t length = strlen(root);
    return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static bool is_watched(int fd)
{
    char self[64], path[PATH_MAX];
    if (!root[0])
        return false;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(self, path, sizeof path - 1);
    if (length <= 0)
        return false;
    path[length] = 0;
    return lies_in_root(path);
}

/* True if the file or directory is a watched one; it is kept then. */
static bool keep(int fd)
{
    struct stat st;
    if (!is_watched(fd) || fcntl(fd, F_GETFL) & O_PATH || fstat(fd, &st) < 0)
        return false;
    if (S_ISREG(st.st_mode))
        keep_bytes(fd, 0, TO_THE_END);
    else if (S_ISDIR(st.st_mode))
        keep_directory(fd);
    else
        return false;
    return true;
}

__attribute__((constructor)) static void start(void)
{
    const char *root_named = getenv("POWERCUT_ROOT"), *kept_named = getenv("POWERCUT_KEPT");
    char canonical[PATH_MAX], path[PATH_MAX], id[ID_SIZE];
    struct stat st;

    boot_id = getenv("POWERCUT_BOOT_ID");
    if (!root_named)
        return;
    if (!realpath(root_named, canonical) || stat(canonical, &st) < 0 || !S_ISDIR(st.st_mode))
        die("POWERCUT_ROOT must be a directory", root_named);
    if (!kept_named || (mkdir(kept_named, 0700) < 0 && errno != EEXIST) || !realpath(kept_named, kept))
        die("POWERCUT_KEPT must be a directory or one that can be made", kept_named ? kept_named : "not set");
    root_device = st.st_dev;
    strcpy(root, canonical);
    errno = 0;
    if (lies_in_root(kept))
        die("POWERCUT_KEPT must lie outside of POWERCUT_ROOT", kept);

    /* CRASH: the shadow has begun once its root file says so; killed before, the next start begins again. */
    kept_path(path, "", "root");
    int begun = open_locked(path);
    if (fstat(begun, &st) < 0)
        die("fstat", path);
    if (st.st_size == 0) {
        kept_path(path, "dirs", "");
        mkdir(path, 0700);
        kept_path(path, "files", "");
        mkdir(path, 0700);
        keep_everything();
        int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
            die("open", root);
        identify(fd, id);
        close(fd);
        if (dprintf(begun, "%o %s\n", (unsigned)st.st_mode & 07777, id) < 0)
            die("write", "KEPT/root");
    }
    close_locked(begun);
}

/* ---- what syncs ---- */

int fsync(int fd) { return keep(fd) ? 0 : (int)syscall(SYS_fsync, fd); }

int fdatasync(int fd) { return keep(fd) ? 0 : (int)syscall(SYS_fdatasync, fd); }

void sync(void)
{
    if (root[0])
        keep_everything();
    else
        syscall(SYS_sync);
}

int syncfs(int fd)
{
    struct stat st;
    if (!root[0] || fcntl(fd, F_GETFL) & O_PATH || fstat(fd, &st) < 0 || st.st_dev != root_device)
        return (int)syscall(SYS_syncfs, fd);
    keep_everything();
    return 0;
}

/* A write that syncs by itself keeps its own bytes and no others. Such writes go one at a time: where
 * one went can only be told as long as no other has moved the file's position or end. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static bool begin_write(int fd, int rwf)
{
    int flags = root[0] ? fcntl(fd, F_GETFL) : -1;
    if (flags < 0 || !(flags & O_DSYNC || rwf & (RWF_DSYNC | RWF_SYNC)) || !is_watched(fd))
        return false; /* O_SYNC has the bit of O_DSYNC in it */
    pthread_mutex_lock(&one_at_a_time);
    return true;
}

static ssize_t end_write(bool syncs, int fd, ssize_t written, off_t at, int rwf)
{
    struct stat st;
    if (!syncs)
        return written;
    if (written > 0) {
        if (at == WHERE_THE_FILE_STANDS)
            at = lseek(fd, 0, SEEK_CUR) - written;
        else if ((fcntl(fd, F_GETFL) & O_APPEND || rwf & RWF_APPEND) && fstat(fd, &st) == 0)
            at = st.st_size - written; /* Linux appends then, whatever the offset */
        keep_bytes(fd, at, at + written);
    }
    int why = errno;
    pthread_mutex_unlock(&one_at_a_time);
    errno = why;
    return written;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    bool syncs = begin_write(fd, 0);
    return end_write(syncs, fd, syscall(SYS_write, fd, bytes, length), WHERE_THE_FILE_STANDS, 0);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    bool syncs = begin_write(fd, 0);
    return end_write(syncs, fd, syscall(SYS_writev, fd, parts, count), WHERE_THE_FILE_STANDS, 0);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    bool syncs = begin_write(fd, 0);
    return end_write(syncs, fd, syscall(SYS_pwrite64, fd, bytes, length, at), at, 0);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    bool syncs = begin_write(fd, 0);
    return end_write(syncs, fd, syscall(SYS_pwritev, fd, parts, count, at, 0L), at, 0);
}

ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int rwf)
{
    bool syncs = begin_write(fd, rwf);
    return end_write(syncs, fd, syscall(SYS_pwritev2, fd, parts, count, at, 0L, rwf), at, rwf);
}

ssize_t pwrite64(int, const void *, size_t, off64_t) __attribute__((alias("pwrite")));
ssize_t pwritev64(int, const struct iovec *, int, off64_t) __attribute__((alias("pwritev")));
ssize_t pwritev64v2(int, const struct iovec *, int, off64_t, int) __attribute__((alias("pwritev2")));

/* ---- what moves names: see lock_names ---- */

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    int lock = root[0] ? lock_names() : -1;
    int result = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
    int why = errno;
    if (lock >= 0)
        close_locked(lock);
    errno = why;
    return result;
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return renameat2(from_dir, from, to_dir, to, 0);
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

/* ---- another boot ---- */

int openat(int dir, const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    if (boot_id && strcmp(path, BOOT_ID) == 0)
        path = boot_id;
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    return openat(AT_FDCWD, path, flags, mode);
}

int openat64(int, const char *, int, ...) __attribute__((alias("openat")));
int open64(const char *, int, ...) __attribute__((alias("open")));
