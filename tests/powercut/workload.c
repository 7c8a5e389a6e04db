/*
 * Syncs as heavily as it can from several threads until it is killed, and says on standard output, a
 * line each, what it takes to be durable. test_powercut.py holds it to that. Its argument "early" makes
 * the appenders say so before they sync: a fault that has to be found.
 *
 *     appended <thread> <number>   log-<thread> holds its records up to that one
 *     written <thread> <number>    that record is in the file `dsync`, which syncs each write
 *     shared <thread> <number>     that record is in the file `shared`, which several threads sync
 *     replaced <number>            `head` is that one or a later one, whole
 *     created <number>             segment-<number> is there, whole; removed no sooner than 3 later
 *     removed <number>             segment-<number> is gone
 *
 * And without a word: one of `walker-a` and `walker-b` is there, however often it is renamed.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 32, BODY_MAX = 9000, WHOLE = 20000, RECORD = 512 };

static int early, directory, dsync_file, shared_file;

static void require(int holds, const char *what)
{
    if (!holds) {
        perror(what);
        _exit(3);
    }
}

static void acknowledge(const char *what, int thread, int number)
{
    char line[64];
    int length = thread < 0 ? snprintf(line, sizeof line, "%s %d\n", what, number)
                            : snprintf(line, sizeof line, "%s %d %d\n", what, thread, number);
    require(write(STDOUT_FILENO, line, (size_t)length) == length, "write to standard output");
}

/* A header "<number> <length>" padded with spaces, then the body, of a letter that goes with the number. */
static size_t fill(char *record, int number, size_t body)
{
    memset(record, ' ', HEADER);
    record[snprintf(record, HEADER, "%d %zu", number, body)] = ' ';
    memset(record + HEADER, 'a' + number % 26, body);
    return HEADER + body;
}

static void write_new(const char *name, int number)
{
    char record[HEADER + WHOLE];
    size_t length = fill(record, number, WHOLE);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    require(fd >= 0 && write(fd, record, length) == (ssize_t)length && fdatasync(fd) == 0, name);
    close(fd);
}

static void *append(void *argument)
{
    int thread = (int)(long)argument;
    char name[32], record[HEADER + BODY_MAX];
    unsigned random = (unsigned)(getpid() + thread);
    off_t end = 0;
    snprintf(name, sizeof name, "log-%d", thread);
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    require(fd >= 0 && fsync(directory) == 0, name);
    for (int number = 0;; number++) {
        size_t length = fill(record, number, (size_t)(rand_r(&random) % BODY_MAX));
        require(pwrite(fd, record, length, end) == (ssize_t)length, "pwrite");
        end += (off_t)length;
        if (early)
            acknowledge("appended", thread, number);
        require(fdatasync(fd) == 0, "fdatasync");
        if (!early)
            acknowledge("appended", thread, number);
    }
    return argument;
}

static void fill_small(char record[RECORD + 1], int thread, int number)
{
    snprintf(record, RECORD + 1, "%-*s", RECORD, "");
    record[snprintf(record, RECORD + 1, "%d %d", thread, number)] = ' ';
}

static void *write_dsync(void *argument)
{
    int thread = (int)(long)argument;
    char record[RECORD + 1];
    for (int number = 0;; number++) {
        fill_small(record, thread, number);
        require(write(dsync_file, record, RECORD) == RECORD, "write to dsync");
        acknowledge("written", thread, number);
        usleep(200);
    }
    return argument;
}

static void *write_shared(void *argument)
{
    int thread = (int)(long)argument;
    char record[RECORD + 1];
    for (int number = 0;; number++) {
        fill_small(record, thread, number);
        require(pwrite(shared_file, record, RECORD, (2L * number + thread % 2) * RECORD) == RECORD, "write to shared");
        require(fdatasync(shared_file) == 0, "fdatasync");
        acknowledge("shared", thread, number);
    }
    return argument;
}

static void *replace_head(void *argument)
{
    for (int number = 0;; number++) {
        write_new("head.new", number);
        require(rename("head.new", "head") == 0 && fsync(directory) == 0, "replace head");
        acknowledge("replaced", -1, number);
    }
    return argument;
}

static void *make_segments(void *argument)
{
    char name[32];
    for (int number = 0;; number++) {
        snprintf(name, sizeof name, "segment-%d", number);
        write_new(name, number);
        require(fsync(directory) == 0, "fsync of the directory");
        acknowledge("created", -1, number);
        if (number < 3)
            continue;
        snprintf(name, sizeof name, "segment-%d", number - 3);
        require(unlink(name) == 0 && fsync(directory) == 0, "remove a segment");
        acknowledge("removed", -1, number - 3);
    }
    return argument;
}

static void *walk(void *argument)
{
    for (;;) {
        require(rename("walker-a", "walker-b") == 0 && rename("walker-b", "walker-a") == 0, "rename walker");
        usleep(50);
    }
    return argument;
}

int main(int argc, char **argv)
{
    void *(*const work[])(void *) = {append, append, write_dsync, write_dsync, write_shared, write_shared,
                                  replace_head, make_segments, walk};
    pthread_t thread;
    early = argc > 1 && strcmp(argv[1], "early") == 0;
    directory = open(".", O_RDONLY | O_DIRECTORY);
    dsync_file = open("dsync", O_WRONLY | O_CREAT | O_APPEND | O_DSYNC, 0600);
    shared_file = open("shared", O_WRONLY | O_CREAT, 0600);
    write_new("walker-a", 0);
    require(directory >= 0 && dsync_file >= 0 && shared_file >= 0 && fsync(directory) == 0, "start");
    for (size_t i = 0; i < sizeof work / sizeof *work; i++)
        require(pthread_create(&thread, NULL, work[i], (void *)(long)i) == 0, "pthread_create");
    for (;;)
        pause();
}
