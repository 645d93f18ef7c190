/* SPDX-License-Identifier: BSD-3-Clause */
/* shm.c - shared-memory segments, and how much memory a node has left. */
#include "config.h"

#include "engine/runtime/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/runtime/near_memory.h"

/* As other processes of this user open it. */
static void name_segment(int fd, char name[XB_SHM_NAME_LEN])
{
    snprintf(name, XB_SHM_NAME_LEN, "/proc/%ld/fd/%d", (long)getpid(), fd);
}

static int map_segment(int fd, const char *name, uint64_t bytes, struct xb_shm *out,
                       struct xb_error *err)
{
    struct stat st;
    void *ptr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ptr == MAP_FAILED)
        return xb_fail(err, "shared memory %s: cannot map %" PRIu64 " bytes: %s", name, bytes,
                       strerror(errno));
    snprintf(out->name, sizeof out->name, "%s", name);
    out->ptr = ptr;
    out->bytes = bytes;
    out->inode = fstat(fd, &st) == 0 ? st.st_ino : 0;
    return 0;
}

int xb_shm_create(uint64_t bytes, struct xb_shm *out, struct xb_error *err)
{
    struct xb_near_memory policy;
    char name[XB_SHM_NAME_LEN];

    *out = (struct xb_shm){.fd = -1};
    if (bytes > xb_host_free_bytes())
        return xb_fail(err,
                       "shared memory: cannot have %" PRIu64 " bytes, %" PRIu64 " are free",
                       bytes, xb_host_free_bytes());
    int fd = memfd_create("xferbench", MFD_CLOEXEC);
    if (fd < 0)
        return xb_fail(err, "shared memory: cannot create: %s", strerror(errno));
    name_segment(fd, name);
    /* fallocate, since a sparse segment that finds no memory kills its first writer */
    xb_near_memory_begin(&policy);
    int rc = posix_fallocate(fd, 0, (off_t)bytes);
    xb_near_memory_end(&policy);
    if (rc != 0)
        rc = xb_fail(err, "shared memory: cannot have %" PRIu64 " bytes: %s", bytes,
                     strerror(rc));
    else
        rc = map_segment(fd, name, bytes, out, err);
    if (rc == 0)
        out->fd = fd;
    else
        close(fd);
    return rc;
}

int xb_shm_attach(const char *name, uint64_t bytes, struct xb_shm *out, struct xb_error *err)
{
    *out = (struct xb_shm){.fd = -1};
    int fd = open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return xb_fail(err, "shared memory %s: cannot open what another rank made: %s", name,
                       strerror(errno));
    struct stat st;
    int rc = fstat(fd, &st);
    if (rc < 0 || (uint64_t)st.st_size < bytes)
        rc = xb_fail(err, "shared memory %s: has %" PRId64 " bytes, expected %" PRIu64, name,
                     rc < 0 ? (int64_t)-1 : (int64_t)st.st_size, bytes);
    else
        rc = map_segment(fd, name, bytes, out, err);
    close(fd);
    return rc;
}

bool xb_shm_has_name(const struct xb_shm *shm, const char *name)
{
    struct stat st;

    return strcmp(shm->name, name) == 0 && stat(name, &st) == 0 && st.st_ino == shm->inode;
}

void xb_shm_detach(struct xb_shm *shm)
{
    if (shm->ptr)
        munmap(shm->ptr, shm->bytes);
    if (shm->ptr && shm->fd >= 0)
        close(shm->fd);
    *shm = (struct xb_shm){.fd = -1};
}

/* A number from a file, after the key where one is given; false if it is not there. */
static bool read_number(const char *file, const char *key, uint64_t *out)
{
    char line[256];
    bool found = false;
    FILE *f = fopen(file, "re");
    if (!f)
        return false;
    while (!found && fgets(line, sizeof line, f)) {
        const char *at = line;
        if (key && strncmp(line, key, strlen(key)) != 0)
            continue;
        at += key ? strlen(key) : 0;
        char *end;
        *out = strtoull(at, &end, 10);
        found = end != at;
    }
    fclose(f);
    return found;
}

/* Files of the two cgroup versions: where a folder's memory limit and use stand. */
struct cgroup_version {
    const char *controller; /* as /proc/self/cgroup names it, between the colons */
    const char *root, *limit, *used;
};

static const struct cgroup_version cgroup_versions[] = {
    {"", "/sys/fs/cgroup", "memory.max", "memory.current"},
    {"memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"},
};

/* What the limit of one folder leaves; all there is where it sets none. */
static uint64_t folder_leaves(const struct cgroup_version *v, const char *path)
{
    uint64_t limit, used;
    char file[640];

    snprintf(file, sizeof file, "%s%s/%s", v->root, path, v->limit);
    if (!read_number(file, NULL, &limit)) /* "max" is no number: no limit */
        return UINT64_MAX;
    snprintf(file, sizeof file, "%s%s/%s", v->root, path, v->used);
    if (!read_number(file, NULL, &used))
        return UINT64_MAX;
    return limit > used ? limit - used : 0;
}

/* The least that the folder of a line "ID:CONTROLLER:PATH" and those above it leave: a batch
 * system sets its limits on the job's folder, above that of the process. */
static uint64_t line_leaves(char *line)
{
    char *controller = strchr(line, ':'),
         *path = controller ? strchr(controller + 1, ':') : NULL;
    uint64_t least = UINT64_MAX;

    if (!path)
        return least;
    *path++ = '\0';
    for (size_t i = 0; i < sizeof cgroup_versions / sizeof cgroup_versions[0]; i++) {
        if (strcmp(controller + 1, cgroup_versions[i].controller) != 0)
            continue;
        for (char *end = path + strlen(path); end && end >= path; end = strrchr(path, '/')) {
            *end = '\0';
            uint64_t leaves = folder_leaves(&cgroup_versions[i], path);
            least = leaves < least ? leaves : least;
        }
    }
    return least;
}

/* What the limit of the address space (ulimit -v) leaves. */
static uint64_t address_space_leaves(void)
{
    struct rlimit limit;
    uint64_t pages;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        !read_number("/proc/self/statm", NULL, &pages))
        return UINT64_MAX;
    uint64_t used = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

uint64_t xb_host_free_bytes(void)
{
    uint64_t kib = 0, least;
    char line[512];
    FILE *f;

    if (!read_number("/proc/meminfo", "MemAvailable:", &kib))
        return 0;
    least = kib * 1024;
    uint64_t space = address_space_leaves();
    least = space < least ? space : least;
    if (!(f = fopen("/proc/self/cgroup", "re")))
        return least;
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        uint64_t leaves = line_leaves(line);
        least = leaves < least ? leaves : least;
    }
    fclose(f);
    return least;
}
