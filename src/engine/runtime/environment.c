/* SPDX-License-Identifier: BSD-3-Clause */
/* environment.c - what a report says of the build, the libraries and the environment. */
#include "config.h"

#include "engine/runtime/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "engine/runtime/environment_names.h"
#include "engine/runtime/process.h"

extern char **environ;

/* Variables that change how bytes move, besides those of environment_names.h. Nothing else of
 * the environment reaches a report, for it may hold secrets. A trailing '*' stands for any
 * rest: the parameters of these parts of Open MPI, whose number has no end, are numbers and
 * names. */
static const char *const allowed[] = {
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "CUDA_DEVICE_MAX_CONNECTIONS",
    "CUDA_MODULE_LOADING",
    "CUDA_LAUNCH_BLOCKING",
    "OMPI_MCA_accelerator*",
    "OMPI_MCA_btl*",
    "OMPI_MCA_coll*",
    "OMPI_MCA_mtl*",
    "OMPI_MCA_opal_common_ucx*",
    "OMPI_MCA_opal_cuda_support",
    "OMPI_MCA_osc*",
    "OMPI_MCA_pml*",
    "OMPI_MCA_smsc*",
    "OMPI_MCA_threads*",
    "OMPI_MCA_mpi_yield_when_idle",
    "FI_PROVIDER",
    NULL,
};

/* Of a library that moves bytes, but of a name that is not known: a report says that it was
 * set. */
static const char *const families[] = {"NCCL_", "UCX_", "UCC_", NULL};

/* Words of a value that may be a secret. */
static const char *const secrets[] = {"password", "passwd",  "passphrase", "secret",
                                      "token",    "api_key", "credential", "private key",
                                      "bearer",   NULL};

#define NOT_KEPT_NAME  "(not kept: no name that is known)"
#define NOT_KEPT_VALUE "(not kept: may be a secret)"

#define SLURM_MOST 31 /* variables that are looked at */

static const char *const features[] = {
#ifdef HAVE_CUDA
    "cuda",
#endif
#ifdef HAVE_NCCL
    "nccl",
#endif
#ifdef WITH_NVML
    "nvml",
#endif
    NULL,
};

/* Its digits are macros of mpi.h. */
#define TEXT_OF(macro)  #macro
#define VALUE_OF(macro) TEXT_OF(macro)
#ifdef OMPI_MAJOR_VERSION
static const char build_mpi[] = "Open MPI " VALUE_OF(OMPI_MAJOR_VERSION) "." VALUE_OF(
    OMPI_MINOR_VERSION) "." VALUE_OF(OMPI_RELEASE_VERSION);
#else
static const char build_mpi[] = "MPI " VALUE_OF(MPI_VERSION) "." VALUE_OF(MPI_SUBVERSION);
#endif

struct xb_environment {
    char mpi_library[XB_MPI_LIBRARY_LEN];
    struct xb_named *variables;
    char **texts; /* names of the variables, cut from environ */
    size_t nvariables;
    struct xb_named set_here[XB_MAX_SET_HERE + 1];
    struct xb_named slurm[SLURM_MOST + 1];
};

static bool is_allowed(const char *name)
{
    for (size_t i = 0; allowed[i]; i++) {
        size_t n = strlen(allowed[i]);
        bool prefix = allowed[i][n - 1] == '*';
        if (prefix ? strncmp(name, allowed[i], n - 1) == 0 : strcmp(name, allowed[i]) == 0)
            return true;
    }
    return xb_environment_is_known(name);
}

static bool is_of_family(const char *name)
{
    for (size_t i = 0; families[i]; i++)
        if (strncmp(name, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

/* "password=x", or "https://user:x@host". */
static bool may_be_secret(const char *value)
{
    const char *server = strstr(value, "://"), *at = server ? strchr(server, '@') : NULL;

    for (size_t i = 0; secrets[i]; i++)
        if (strcasestr(value, secrets[i]))
            return true;
    return at && memchr(server + 3, ':', (size_t)(at - server - 3));
}

static bool is_set_here(const struct xb_session *s, const char *name)
{
    for (size_t i = 0; s->set_here[i]; i++)
        if (strcmp(s->set_here[i], name) == 0)
            return true;
    return false;
}

static int collect_variables(const struct xb_session *s, struct xb_environment *env)
{
    size_t total = 0;

    while (environ[total])
        total++;
    env->variables = calloc(total + 1, sizeof *env->variables);
    env->texts = calloc(total + 1, sizeof *env->texts);
    if (!env->variables || !env->texts)
        return -1;
    for (size_t i = 0; i < total; i++) {
        size_t len = strcspn(environ[i], "=");
        char *name = strndup(environ[i], len);
        if (!name)
            return -1;
        bool known = is_allowed(name);
        if (environ[i][len] != '=' || !(known || is_of_family(name)) || is_set_here(s, name)) {
            free(name);
            continue;
        }
        const char *value = environ[i] + len + 1;
        env->texts[env->nvariables] = name;
        env->variables[env->nvariables++] =
            (struct xb_named){name, !known                 ? NOT_KEPT_NAME
                                    : may_be_secret(value) ? NOT_KEPT_VALUE
                                                           : value};
    }
    for (size_t i = 0; s->set_here[i]; i++)
        env->set_here[i] = (struct xb_named){s->set_here[i], getenv(s->set_here[i])};
    return 0;
}

const char *xb_environment_mpi_library(char buf[XB_MPI_LIBRARY_LEN])
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int len;

    MPI_Get_library_version(text, &len);
    snprintf(buf, XB_MPI_LIBRARY_LEN, "%.*s", (int)strcspn(text, "\n"), text);
    return buf;
}

void xb_environment_build(struct xb_report_head *head)
{
    head->version = PACKAGE_VERSION;
    head->git = XB_GIT[0] ? XB_GIT : NULL;
    head->compiler = XB_COMPILER;
    head->build_mpi = build_mpi;
    head->build_hwloc = XB_HWLOC_VERSION;
#ifdef HAVE_CUDA
    head->build_cuda = XB_CUDA_VERSION;
#endif
#ifdef HAVE_NCCL
    head->build_nccl = XB_NCCL_VERSION; /* of the header */
#endif
    head->features = features;
}

static void fill_slurm(struct xb_environment *env, struct xb_report_head *head)
{
    const char *name;

    if (!getenv("SLURM_JOB_ID"))
        return;
    for (size_t i = 0; i < SLURM_MOST && (name = xb_report_slurm_variable(i)); i++)
        env->slurm[i] = (struct xb_named){name, getenv(name)};
    head->slurm = env->slurm;
}

struct xb_environment *xb_environment_open(const struct xb_session *session,
                                           struct xb_report_head *head)
{
    struct xb_environment *env = calloc(1, sizeof *env);

    if (!env || collect_variables(session, env) < 0) {
        xb_environment_close(env);
        return NULL;
    }
    head->mpi_library = xb_environment_mpi_library(env->mpi_library);
    xb_environment_build(head);
    fill_slurm(env, head);
    head->variables = env->variables;
    head->set_by_xferbench = env->set_here;
    head->launcher = xb_process_launcher();
    head->device = session->device_name;
    head->driver = session->device_info.driver[0] ? session->device_info.driver : NULL;
    head->cuda_runtime = session->device_info.runtime[0] ? session->device_info.runtime : NULL;
    head->mpi_cuda_aware = session->mpi_device_buffers;
    head->mpi_cuda_aware_how = session->mpi_device_buffers_how;
    head->clock_resolution_ns = session->clock.resolution_ns;
    head->clock_overhead_ns = session->clock.overhead_ns;
    head->ranks = session->ranks;
    head->nranks = (size_t)session->nranks;
    head->nodes = session->nodes;
    head->hosts = session->hosts;
    head->nhosts = session->hosts ? (size_t)session->nnodes : 0;
    head->seed = session->seed;
    return env;
}

void xb_environment_close(struct xb_environment *env)
{
    if (!env)
        return;
    for (size_t i = 0; i < env->nvariables; i++)
        free(env->texts[i]);
    free(env->texts);
    free(env->variables);
    free(env);
}
