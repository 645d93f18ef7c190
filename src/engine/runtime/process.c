/* SPDX-License-Identifier: BSD-3-Clause */
/* process.c - what the kernel knows of this job's processes on this node. */
#include "config.h"

#include "engine/runtime/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                         "SLURM_PROCID"};

/* What a launcher sets for each rank. Open MPI's mpirun comes first: within a step of Slurm, or
 * a job of Flux, a rank that it started has the variables of both. MPI_Init of a process on its
 * own sets none of these. */
static const struct {
    const char *variable, *launcher;
} launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "mpirun"},
    {"SLURM_STEP_NUM_TASKS", "srun"},
    {"FLUX_TASK_RANK", "flux"},
    {"PMI_RANK", "mpiexec"},
};

/* What names the job, beside the rank. */
static const char *const job_names[] = {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid",
                                        "SLURM_STEP_ID", "SLURM_JOB_ID"};

#define EXITING 0x4 /* of a process's flags: PF_EXITING in the kernel's sched.h */

/* What the kernel says of a process in one line. */
struct stat_line {
    char state; /* 0: there is none */
    bool exiting;
    pid_t parent;
    uint64_t born;
};

/* The whole number that a text is, as /proc and launchers write it; -1 where it is none. */
static int read_whole(const char *text)
{
    char *end;

    errno = 0;
    long n = strtol(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && n >= 0 && n <= INT_MAX ? (int)n : -1;
}

static struct stat_line read_stat(pid_t pid)
{
    struct stat_line out = {0};
    char file[64], line[1024];

    snprintf(file, sizeof file, "/proc/%ld/stat", (long)pid);
    FILE *f = fopen(file, "re");
    if (!f)
        return out;
    if (fgets(line, sizeof line, f)) {
        char *at = strrchr(line, ')'); /* the name may hold anything */
        if (at && at[1] && at[2]) {
            out.state = at[2];
            out.parent = (pid_t)strtol(at + 3, NULL, 10);
            at += 2;
            for (int field = 3; at && field < 22; field++) {
                at = strchr(at + 1, ' ');
                if (at && field + 1 == 9)
                    out.exiting = strtoul(at, NULL, 10) & EXITING;
            }
            out.born = at ? strtoull(at, NULL, 10) : 0;
        }
    }
    fclose(f);
    return out;
}

/* One that is being ended counts as dead: nothing stops it any more, though it may take seconds
 * to give back its memory. */
char xb_process_state(pid_t pid, uint64_t born)
{
    struct stat_line found = read_stat(pid);

    if (born && found.born != born)
        return 0;
    return found.exiting && found.state != 'Z' ? 'X' : found.state;
}

uint64_t xb_process_born(pid_t pid)
{
    return read_stat(pid).born;
}

int xb_process_is_gone(char state)
{
    return state == 0 || state == 'Z' || state == 'X';
}

int xb_process_is_stopped(char state)
{
    return state == 'T' || state == 't';
}

/* ---- what this process has started ---- */

struct relative {
    pid_t pid, parent;
    bool lives;
};

static int by_pid(const void *a, const void *b)
{
    const struct relative *x = a, *y = b;

    return (x->pid > y->pid) - (x->pid < y->pid);
}

/* All processes of this node, by pid; the caller frees them. */
static size_t read_all(struct relative **out)
{
    DIR *dir = opendir("/proc");
    size_t n = 0, room = 0;

    *out = NULL;
    for (struct dirent *d; dir && (d = readdir(dir));) {
        if (!isdigit((unsigned char)d->d_name[0]))
            continue;
        if (n == room) {
            room = room ? 2 * room : 256;
            struct relative *more = realloc(*out, room * sizeof **out);
            if (!more)
                break;
            *out = more;
        }
        pid_t pid = read_whole(d->d_name);
        struct stat_line line = read_stat(pid);
        (*out)[n++] = (struct relative){pid, line.parent, line.state && line.state != 'Z'};
    }
    if (dir)
        closedir(dir);
    if (n > 0)
        qsort(*out, n, sizeof **out, by_pid);
    return n;
}

/* Does a process come from this one, by none of these children? */
static bool descends(const struct relative *all, size_t n, const struct relative *from,
                     const pid_t *but, size_t nbut)
{
    pid_t self = getpid();

    for (size_t steps = 0; from && steps < n; steps++) {
        if (from->parent == self) {
            for (size_t i = 0; i < nbut; i++)
                if (but[i] == from->pid)
                    return false;
            return true;
        }
        struct relative parent = {.pid = from->parent};
        from = bsearch(&parent, all, n, sizeof *all, by_pid);
    }
    return false;
}

size_t xb_process_descendants(const pid_t *but, size_t nbut, pid_t **out)
{
    struct relative *all;
    size_t n = read_all(&all), found = 0;

    *out = n > 0 ? malloc(n * sizeof **out) : NULL;
    for (size_t i = 0; *out && i < n; i++)
        if (all[i].lives && descends(all, n, &all[i], but, nbut))
            (*out)[found++] = all[i].pid;
    free(all);
    return found;
}

/* ---- the ranks of a job ---- */

int xb_process_rank(void)
{
    for (size_t i = 0; i < sizeof rank_names / sizeof rank_names[0]; i++) {
        const char *text = getenv(rank_names[i]);
        int rank = text ? read_whole(text) : -1;
        if (text)
            return rank > 0 ? rank : 0;
    }
    return 0;
}

const char *xb_process_launcher(void)
{
    for (size_t i = 0; i < sizeof launchers / sizeof launchers[0]; i++)
        if (getenv(launchers[i].variable))
            return launchers[i].launcher;
    return NULL;
}

/* The name of a process's program, as the kernel has it. */
static void read_name(const char *pid, char name[32])
{
    char file[300];

    snprintf(file, sizeof file, "/proc/%s/comm", pid);
    FILE *f = fopen(file, "re");
    if (!f || !fgets(name, 32, f))
        name[0] = '\0';
    if (f)
        fclose(f);
}

/* The value of a name in an environment as /proc shows it, of so many bytes. */
static const char *value_in(const char *env, size_t bytes, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = env; at < env + bytes; at += strlen(at) + 1)
        if (strncmp(at, name, len) == 0 && at[len] == '=')
            return at + len + 1;
    return NULL;
}

#define TEXTS_MAX (1 << 20)

/* What a process ("self": this one) was started with, "environ" or "cmdline", as /proc shows
 * it: texts that end in a zero each, and one more behind them. Returns its bytes, 0 where it is
 * of another user. getenv would look at what MPI may be changing in another thread. */
static size_t read_texts(const char *pid, const char *which, char texts[TEXTS_MAX + 1])
{
    char file[300];

    snprintf(file, sizeof file, "/proc/%s/%s", pid, which);
    FILE *f = fopen(file, "re");
    size_t bytes = f ? fread(texts, 1, TEXTS_MAX, f) : 0;

    if (f)
        fclose(f);
    texts[bytes] = '\0';
    return bytes;
}

/* Is it a process of the job of one whose environment is self, and which rank? -1 where it is
 * none. */
static int rank_of(const char *env, size_t bytes, const char *self, size_t self_bytes)
{
    const char *mine = NULL, *other, *rank = NULL;

    for (size_t i = 0; !mine && i < sizeof job_names / sizeof job_names[0]; i++) {
        mine = value_in(self, self_bytes, job_names[i]);
        other = mine ? value_in(env, bytes, job_names[i]) : NULL;
        if (mine && (!other || strcmp(mine, other) != 0))
            return -1;
    }
    for (size_t i = 0; mine && !rank && i < sizeof rank_names / sizeof rank_names[0]; i++)
        rank = value_in(env, bytes, rank_names[i]);
    return rank ? read_whole(rank) : -1;
}

static int by_rank(const void *a, const void *b)
{
    const struct xb_process *x = a, *y = b;

    return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
                              : (x->pid > y->pid) - (x->pid < y->pid);
}

int xb_process_local_size(void)
{
    char *env = malloc(TEXTS_MAX + 1);
    size_t bytes = env ? read_texts("self", "environ", env) : 0;
    const char *size = value_in(env, bytes, "OMPI_COMM_WORLD_LOCAL_SIZE");
    int n = size ? read_whole(size) : 0;

    free(env);
    return n > 0 ? n : 0;
}

bool xb_process_told_to_yield(void)
{
    const char *told = getenv("OMPI_MCA_mpi_yield_when_idle");

    return told && (strcmp(told, "1") == 0 || strcmp(told, "true") == 0);
}

size_t xb_process_count_told(const char *first, const char *second)
{
    char *words = malloc(TEXTS_MAX + 1);
    DIR *dir = words ? opendir("/proc") : NULL;
    size_t n = 0;

    for (struct dirent *d; dir && (d = readdir(dir));) {
        if (!isdigit((unsigned char)d->d_name[0]))
            continue;
        size_t bytes = read_texts(d->d_name, "cmdline", words);
        bool told = false, after = false;
        for (const char *at = words; !told && at < words + bytes; at += strlen(at) + 1) {
            told = after && strcmp(at, second) == 0;
            after = strcmp(at, first) == 0;
        }
        n += told && !xb_process_is_gone(xb_process_state(read_whole(d->d_name), 0));
    }
    if (dir)
        closedir(dir);
    free(words);
    return n;
}

int xb_process_list(struct xb_process *out, int most)
{
    char *env = malloc(TEXTS_MAX + 1), *self = malloc(TEXTS_MAX + 1), own[32], name[32];
    size_t self_bytes = self ? read_texts("self", "environ", self) : 0;
    DIR *dir = opendir("/proc");
    int n = 0, kept = 0;

    read_name("self", own);
    for (struct dirent *d; env && self && dir && n < most && (d = readdir(dir));) {
        if (!isdigit((unsigned char)d->d_name[0]))
            continue;
        size_t bytes = read_texts(d->d_name, "environ", env);
        int rank = rank_of(env, bytes, self, self_bytes);
        read_name(d->d_name, name);
        if (rank < 0 || strcmp(name, own) != 0) /* what wraps a rank has its environment too */
            continue;
        pid_t pid = read_whole(d->d_name);
        out[n++] = (struct xb_process){rank, pid, xb_process_state(pid, 0)};
    }
    if (dir)
        closedir(dir);
    free(env);
    free(self);
    qsort(out, (size_t)n, sizeof *out, by_rank);
    /* what a rank has started has its environment; the rank itself began first */
    for (int i = 0; i < n; i++)
        if (i == 0 || out[i].rank != out[i - 1].rank)
            out[kept++] = out[i];
    return kept;
}
