/* process.c - what the kernel knows of this job's processes on this node. */
#include "config.h"

#include "engine/runtime/process.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                         "SLURM_PROCID"};

/* What names the job, beside the rank. */
static const char *const job_names[] = {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid",
                                        "SLURM_STEP_ID", "SLURM_JOB_ID"};

/* State and time of birth. */
static char read_stat(pid_t pid, uint64_t *born)
{
    char file[64], line[1024], state = 0;

    *born = 0;
    snprintf(file, sizeof file, "/proc/%ld/stat", (long)pid);
    FILE *f = fopen(file, "re");
    if (!f)
        return 0;
    if (fgets(line, sizeof line, f)) {
        char *at = strrchr(line, ')'); /* the name may hold anything */
        if (at && at[1] && at[2]) {
            state = at[2];
            at += 2;
            for (int field = 3; at && field < 22; field++)
                at = strchr(at + 1, ' ');
            *born = at ? strtoull(at, NULL, 10) : 0;
        }
    }
    fclose(f);
    return state;
}

char xb_process_state(pid_t pid, uint64_t born)
{
    uint64_t found;
    char state = read_stat(pid, &found);

    return born && found != born ? 0 : state;
}

uint64_t xb_process_born(pid_t pid)
{
    uint64_t born;

    return read_stat(pid, &born) ? born : 0;
}

int xb_process_is_gone(char state)
{
    return state == 0 || state == 'Z' || state == 'X';
}

int xb_process_is_stopped(char state)
{
    return state == 'T' || state == 't';
}

int xb_process_rank(void)
{
    for (size_t i = 0; i < sizeof rank_names / sizeof rank_names[0]; i++)
        if (getenv(rank_names[i]))
            return atoi(getenv(rank_names[i]));
    return 0;
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

/* Is it a process of this job, and which rank? -1 where it is none. */
static int rank_of(const char *env, size_t bytes)
{
    const char *mine = NULL, *other, *rank = NULL;

    for (size_t i = 0; !mine && i < sizeof job_names / sizeof job_names[0]; i++) {
        mine = getenv(job_names[i]);
        other = mine ? value_in(env, bytes, job_names[i]) : NULL;
        if (mine && (!other || strcmp(mine, other) != 0))
            return -1;
    }
    for (size_t i = 0; mine && !rank && i < sizeof rank_names / sizeof rank_names[0]; i++)
        rank = value_in(env, bytes, rank_names[i]);
    return rank ? atoi(rank) : -1;
}

static int by_rank(const void *a, const void *b)
{
    const struct xb_process *x = a, *y = b;

    return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
                              : (x->pid > y->pid) - (x->pid < y->pid);
}

#define ENVIRONMENT_MAX (1 << 20)

int xb_process_list(struct xb_process *out, int most)
{
    char *env = malloc(ENVIRONMENT_MAX + 1), own[32], name[32];
    DIR *dir = opendir("/proc");
    int n = 0, kept = 0;

    read_name("self", own);
    for (struct dirent *d; env && dir && n < most && (d = readdir(dir));) {
        char file[300];
        if (!isdigit((unsigned char)d->d_name[0]))
            continue;
        snprintf(file, sizeof file, "/proc/%s/environ", d->d_name);
        FILE *f = fopen(file, "re");
        if (!f) /* of another user */
            continue;
        size_t bytes = fread(env, 1, ENVIRONMENT_MAX, f);
        fclose(f);
        env[bytes] = '\0';
        int rank = rank_of(env, bytes);
        read_name(d->d_name, name);
        if (rank < 0 || strcmp(name, own) != 0) /* what wraps a rank has its environment too */
            continue;
        pid_t pid = (pid_t)atol(d->d_name);
        out[n++] = (struct xb_process){rank, pid, xb_process_state(pid, 0)};
    }
    if (dir)
        closedir(dir);
    free(env);
    qsort(out, (size_t)n, sizeof *out, by_rank);
    /* what a rank has started has its environment; the rank itself began first */
    for (int i = 0; i < n; i++)
        if (i == 0 || out[i].rank != out[i - 1].rank)
            out[kept++] = out[i];
    return kept;
}
