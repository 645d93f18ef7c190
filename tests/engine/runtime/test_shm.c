/* SPDX-License-Identifier: BSD-3-Clause */
/* test_shm.c - segments that two processes share, what is left of them, and how much there can
 * be. */
#include "engine/runtime/shm.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define BYTES (1024 * 1024 + 100) /* no multiple of a page */
#define MANY  500                 /* segments at once */

/* Files of the program that anybody could find in /dev/shm and that name this process. */
static int names_left(void)
{
    char pid[32];
    int count = 0;
    DIR *dir = opendir("/dev/shm");

    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    for (struct dirent *e; dir && (e = readdir(dir));)
        count += strstr(e->d_name, "xferbench") && strstr(e->d_name, pid);
    if (dir)
        closedir(dir);
    return dir ? count : 0;
}

/* What a process has open that is a segment. */
static int segments_of(long pid)
{
    char folder[64], file[400], target[PATH_MAX];
    int count = 0;

    snprintf(folder, sizeof folder, "/proc/%ld/fd", pid);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        snprintf(file, sizeof file, "%s/%s", folder, e->d_name);
        ssize_t n = readlink(file, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        count += strstr(target, "memfd:xferbench") != NULL;
    }
    if (dir)
        closedir(dir);
    return count;
}

static bool is_empty(const struct xb_shm *shm)
{
    return !shm->ptr && shm->bytes == 0 && shm->fd < 0 && shm->name[0] == '\0';
}

static void write_bytes(struct xb_shm *shm, unsigned salt)
{
    for (size_t i = 0; i < BYTES; i++)
        ((unsigned char *)shm->ptr)[i] = (unsigned char)(i * 7 + (i >> 8) + salt);
}

static bool has_bytes(const struct xb_shm *shm, unsigned salt)
{
    for (size_t i = 0; i < BYTES; i++)
        if (((unsigned char *)shm->ptr)[i] != (unsigned char)(i * 7 + (i >> 8) + salt))
            return false;
    return true;
}

static bool is_zero(const struct xb_shm *shm)
{
    for (size_t i = 0; i < BYTES; i++)
        if (((unsigned char *)shm->ptr)[i] != 0)
            return false;
    return true;
}

/* Bytes of memory that stand behind a segment. */
static long long backed_bytes(const struct xb_shm *shm)
{
    char file[80];
    struct stat st;

    snprintf(file, sizeof(file), "%s", shm->name);
    return stat(file, &st) == 0 ? (long long)st.st_blocks * 512 : -1;
}

/* What the peer does: its exit status says which step went wrong. */
static int be_the_peer(const char *name)
{
    struct xb_shm shm;
    struct xb_error err;

    if (xb_shm_attach(name, BYTES, &shm, &err) < 0)
        return 1;
    if (shm.bytes != BYTES || strcmp(shm.name, name) != 0 || shm.fd >= 0)
        return 2;
    if (!has_bytes(&shm, 1))
        return 3;
    write_bytes(&shm, 2);
    xb_shm_detach(&shm);
    return is_empty(&shm) ? 0 : 4;
}

static int run_peer(const char *name)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(be_the_peer(name));
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void test_two_processes(void)
{
    struct xb_shm shm, late;
    struct xb_error err = {""};
    char name[XB_SHM_NAME_LEN];

    if (!ok(xb_shm_create(BYTES, &shm, &err) == 0, "create a segment")) {
        printf("# %s\n", err.text);
        return;
    }
    is_int((long long)shm.bytes, BYTES, "of the size that was asked for");
    ok((uintptr_t)shm.ptr % (uintptr_t)sysconf(_SC_PAGESIZE) == 0, "page-aligned");
    ok(backed_bytes(&shm) >= BYTES, "backed by memory before it is touched");
    ok(is_zero(&shm), "and zeroed");
    is_int(names_left(), 0, "and nobody finds it in /dev/shm");
    memcpy(name, shm.name, sizeof(name));

    write_bytes(&shm, 1);
    is_int(run_peer(name), 0, "another process attaches and sees the same bytes");
    ok(has_bytes(&shm, 2), "and what it writes is seen here");
    is_int(xb_shm_attach(name, BYTES, &late, &err), 0, "a second mapping");
    is_int(segments_of(getpid()), 1, "keeps nothing open");
    is_int(names_left(), 0, "nor makes it a file");

    xb_shm_detach(&shm);
    ok(is_empty(&shm), "a detached one is empty");
    is_int(segments_of(getpid()), 0, "and closed");
    ok(has_bytes(&late, 2), "who has it mapped keeps it");
    xb_shm_detach(&shm);
    ok(is_empty(&shm), "an empty one can be detached");
    xb_shm_detach(&late);
    is_int(xb_shm_attach(name, BYTES, &late, &err), -1, "then nobody can attach any more");
    contains(err.text, name, "the error names the segment");
    ok(is_empty(&late), "and nothing is mapped");
}

static void test_missing(void)
{
    struct xb_error err = {""};
    struct xb_shm shm = {"/old", &err, 7, 3, 5}, small;

    is_int(xb_shm_attach("/proc/self/fd/4095", 4096, &shm, &err), -1,
           "attach to a name that is not there");
    contains(err.text, "/proc/self/fd/4095", "the error names it");
    contains(err.text, "No such file or directory", "and the reason");
    ok(is_empty(&shm), "and nothing is mapped");

    is_int(xb_shm_create(4096, &small, &err), 0, "a small segment");
    is_int(xb_shm_attach(small.name, 8192, &shm, &err), -1, "is not attached as a larger one");
    contains(err.text, "has 4096 bytes, expected 8192", "as the error says");
    ok(is_empty(&shm), "and nothing is mapped");
    is_int(xb_shm_attach(small.name, 100, &shm, &err), 0, "but as a smaller one");
    is_int((long long)shm.bytes, 100, "of that size");
    xb_shm_detach(&shm);
    xb_shm_detach(&small);
}

static void test_many(void)
{
    static struct xb_shm all[MANY];
    struct xb_error err = {""};
    int made = 0, twins = 0;

    while (made < MANY && xb_shm_create(4096, &all[made], &err) == 0)
        made++;
    is_int(made, MANY, "as many segments as are asked for");
    is_int(segments_of(getpid()), made, "each is open");
    is_int(names_left(), 0, "and none is a file");
    for (int i = 0; i < made; i++)
        for (int k = 0; k < i; k++)
            twins += strcmp(all[i].name, all[k].name) == 0;
    is_int(twins, 0, "each has a name of its own");
    for (int i = 0; i < made; i++)
        xb_shm_detach(&all[i]);
    is_int(segments_of(getpid()), 0, "all are gone");
}

/* A process that is killed while it has a segment leaves nothing: who has it mapped keeps it,
 * and nobody else can come. */
static void test_killed_creator(void)
{
    struct xb_error err = {""};
    struct xb_shm shm = {0}, late;
    char name[XB_SHM_NAME_LEN] = "", path[64];
    int pipes[2], status;

    fflush(stdout);
    pid_t pid = pipe(pipes) == 0 ? fork() : -1;
    if (pid == 0) {
        struct xb_shm mine;
        if (xb_shm_create(BYTES, &mine, &err) == 0)
            write_bytes(&mine, 3);
        if (write(pipes[1], mine.name, sizeof mine.name) > 0)
            pause();
        _exit(1);
    }
    ok(pid > 0 && read(pipes[0], name, sizeof name) == (ssize_t)sizeof name,
       "another process makes a segment");
    close(pipes[0]);
    close(pipes[1]);
    is_int(xb_shm_attach(name, BYTES, &shm, &err), 0, "which this one maps");
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    ok(shm.ptr && has_bytes(&shm, 3), "it outlives its creator here");
    is_int(xb_shm_attach(name, BYTES, &late, &err), -1, "and is gone for everybody else");
    snprintf(path, sizeof path, "/proc/%ld", (long)pid);
    ok(access(path, F_OK) != 0, "with the process");
    xb_shm_detach(&shm);
}

/* A figure of /proc/meminfo in bytes, or 0. */
static uint64_t meminfo(const char *key)
{
    char line[128];
    uint64_t kib = 0;
    FILE *f = fopen("/proc/meminfo", "re");

    while (f && kib == 0 && fgets(line, sizeof(line), f))
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtoull(line + strlen(key), NULL, 10);
    if (f)
        fclose(f);
    return kib * 1024;
}

static void refuse(uint64_t bytes, const char *what)
{
    char figure[32];
    struct xb_error err = {""};
    struct xb_shm shm = {"/old", &err, 7, 3, 5};

    is_int(xb_shm_create(bytes, &shm, &err), -1, what);
    snprintf(figure, sizeof(figure), " %" PRIu64 " bytes", bytes);
    contains(err.text, figure, "the error says how much was asked for");
    const char *has = strstr(err.text, " bytes, ");
    uint64_t free_bytes = has ? strtoull(has + strlen(" bytes, "), NULL, 10) : 0;
    ok(free_bytes > 0 && free_bytes <= meminfo("MemTotal:"), "and how much there is");
    ok(is_empty(&shm), "nothing is mapped");
    is_int(segments_of(getpid()), 0, "and nothing is open");
}

static void test_too_large(void)
{
    refuse(UINT64_MAX, "more bytes than a file can have");
    refuse(meminfo("MemTotal:") + 4096, "more than the node has memory");
}

static void test_free_bytes(void)
{
    uint64_t total = meminfo("MemTotal:"), host = xb_host_free_bytes();

    ok(host > 0, "some host memory is free");
    ok(host <= total, "but no more than there is");
    ok(host > total / 1000, "and the figure is bytes");
}

/* What a limit of the address space leaves, where that is less than what the machine has. */
static void test_address_space(void)
{
    const uint64_t left = UINT64_C(256) << 20;
    struct rlimit before, less;
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (!f || fscanf(f, "%lu", &pages) != 1 || getrlimit(RLIMIT_AS, &before) != 0) {
        ok(false, "the address space in use");
        return;
    }
    fclose(f);
    less = before;
    less.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + left;
    is_int(setrlimit(RLIMIT_AS, &less), 0, "a limit of the address space");
    uint64_t host = xb_host_free_bytes();
    setrlimit(RLIMIT_AS, &before);
    ok(host > 0 && host <= left + (4 << 20), "is heeded");
    ok(xb_host_free_bytes() >= host, "as long as it stands");
}

int main(void)
{
    is_int(segments_of(getpid()), 0, "no segment at first");
    test_two_processes();
    test_missing();
    test_many();
    test_killed_creator();
    test_too_large();
    test_free_bytes();
    test_address_space();
    is_int(segments_of(getpid()), 0, "no segment is left");
    is_int(names_left(), 0, "nor a name");
    return done_testing();
}
