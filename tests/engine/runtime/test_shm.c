/* test_shm.c - segments that two processes share, what is left of them, and how much there can
 * be. */
#include "engine/runtime/shm.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define BYTES (1024 * 1024 + 100) /* no multiple of a page */
#define MOST  64                  /* segments of one case */

/* Names in /dev/shm that this process made. */
static int names_left(void)
{
    char prefix[64];
    int count = 0;
    DIR *dir = opendir("/dev/shm");

    snprintf(prefix, sizeof(prefix), "xferbench-%ld-", (long)getpid());
    for (struct dirent *e; dir && (e = readdir(dir));)
        count += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    if (dir)
        closedir(dir);
    return dir ? count : -1;
}

static bool is_empty(const struct xb_shm *shm)
{
    return !shm->ptr && shm->bytes == 0 && shm->name[0] == '\0';
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

    snprintf(file, sizeof(file), "/dev/shm%s", shm->name);
    return stat(file, &st) == 0 ? (long long)st.st_blocks * 512 : -1;
}

/* What the peer does: its exit status says which step went wrong. */
static int be_the_peer(const char *name)
{
    struct xb_shm shm;
    struct xb_error err;

    if (xb_shm_attach(name, BYTES, &shm, &err) < 0)
        return 1;
    if (shm.bytes != BYTES || strcmp(shm.name, name) != 0)
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
    is_int(names_left(), 1, "it has a name");
    memcpy(name, shm.name, sizeof(name));

    write_bytes(&shm, 1);
    is_int(run_peer(name), 0, "another process attaches and sees the same bytes");
    ok(has_bytes(&shm, 2), "and what it writes is seen here");
    is_int(names_left(), 1, "detaching leaves the name");

    xb_shm_unlink_created();
    is_int(names_left(), 0, "no name is left after unlinking");
    ok(has_bytes(&shm, 2), "the mapping stays");
    is_int(xb_shm_attach(name, BYTES, &late, &err), -1, "nobody can attach any more");
    contains(err.text, name, "the error names the segment");
    xb_shm_unlink_created();
    is_int(names_left(), 0, "unlinking twice is allowed");

    xb_shm_detach(&shm);
    ok(is_empty(&shm), "a detached one is empty");
    xb_shm_detach(&shm);
    ok(is_empty(&shm), "an empty one can be detached");
}

static void test_missing(void)
{
    struct xb_error err = {""};
    struct xb_shm shm = {"/old", &err, 7};

    is_int(xb_shm_attach("/xferbench-no-such-segment", 4096, &shm, &err), -1,
           "attach to a name that is not there");
    contains(err.text, "/xferbench-no-such-segment", "the error names it");
    contains(err.text, "No such file or directory", "and the reason");
    ok(is_empty(&shm), "and nothing is mapped");
}

static void test_many(void)
{
    static struct xb_shm all[MOST + 1];
    struct xb_error err = {""};
    int made = 0, twins = 0;

    while (made < MOST && xb_shm_create(4096, &all[made], &err) == 0)
        made++;
    is_int(made, MOST, "as many segments as a case may have");
    is_int(names_left(), made, "each under a name");
    for (int i = 0; i < made; i++)
        for (int k = 0; k < i; k++)
            twins += strcmp(all[i].name, all[k].name) == 0;
    is_int(twins, 0, "of its own");
    is_int(xb_shm_create(4096, &all[MOST], &err), -1, "one more is refused");
    contains(err.text, "more than 64 segments", "as the error says");
    ok(is_empty(&all[MOST]), "and is empty");
    is_int(names_left(), made, "without a name");

    xb_shm_unlink_created();
    is_int(names_left(), 0, "all names go at once");
    is_int(xb_shm_create(4096, &all[MOST], &err), 0, "then there is room again");
    xb_shm_unlink_created();
    for (int i = 0; i <= MOST; i++)
        xb_shm_detach(&all[i]);
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
    struct xb_shm shm = {"/old", &err, 7};

    is_int(xb_shm_create(bytes, &shm, &err), -1, what);
    snprintf(figure, sizeof(figure), " %" PRIu64 " bytes", bytes);
    contains(err.text, figure, "the error says how much was asked for");
    const char *has = strstr(err.text, "/dev/shm has ");
    uint64_t free_bytes = has ? strtoull(has + strlen("/dev/shm has "), NULL, 10) : 0;
    ok(free_bytes > 0 && free_bytes <= meminfo("MemTotal:"), "and how much there is");
    ok(is_empty(&shm), "nothing is mapped");
    is_int(names_left(), 0, "and no name is left");
}

static void test_too_large(void)
{
    struct statvfs fs;

    refuse(UINT64_MAX, "more bytes than a file can have");
    /* Where /dev/shm has no limit, the attempt would take all memory there is. */
    if (statvfs("/dev/shm", &fs) != 0 || fs.f_blocks == 0) {
        ok(true, "a segment larger than /dev/shm # SKIP /dev/shm has no limit");
        return;
    }
    uint64_t all = (uint64_t)fs.f_blocks * fs.f_frsize;
    refuse(all + 4096, "a segment larger than /dev/shm");
    refuse(all * 1000, "much larger");
}

static void test_free_bytes(void)
{
    uint64_t total = meminfo("MemTotal:"), host = xb_host_free_bytes();
    uint64_t shared = xb_shm_free_bytes();
    struct statvfs fs;

    ok(host > 0, "some host memory is free");
    ok(host <= total, "but no more than there is");
    ok(host > total / 1000, "and the figure is bytes");
    ok(shared > 0, "some shared memory is free");
    ok(shared <= total, "but no more than there is memory");
    ok(statvfs("/dev/shm", &fs) == 0 &&
           (fs.f_blocks == 0 || shared <= (uint64_t)fs.f_blocks * fs.f_frsize),
       "nor than /dev/shm can hold");
}

int main(void)
{
    is_int(names_left(), 0, "no segment at first");
    test_two_processes();
    test_missing();
    test_many();
    test_too_large();
    test_free_bytes();
    is_int(names_left(), 0, "no segment is left");
    return done_testing();
}
