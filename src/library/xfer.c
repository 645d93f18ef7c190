/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer.c - the library face: its beginning and end. */
#include "library/xfer_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/measure/session_open.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/share.h"

static bool in_use; /* the session has the process's GPU and binding */

static int find_policy(const char *given, char *path, size_t len, struct xb_error *err)
{
    const char *dirs[] = {getenv("XFERBENCH_SCENARIOS"), XB_SCENARIO_DIR};

    if (given) {
        snprintf(path, len, "%s", given);
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!dirs[i])
            continue;
        snprintf(path, len, "%s/policies/static.json", dirs[i]);
        if (access(path, R_OK) == 0)
            return 0;
    }
    return xb_fail(err, "no policy static.json: looked for it in %s%s%s/policies",
                   dirs[0] ? dirs[0] : "", dirs[0] ? "/policies and " : "", dirs[1]);
}

static int read_policy(struct xfer *x, const char *given, struct xb_error *err)
{
    const struct xb_session *s = &x->session;
    struct xb_shared_text file;
    int rc = xb_share_text(find_policy, given, &file, err);

    if (rc == 0)
        rc = xb_policy_parse(file.path, file.text, xb_engine_catalog(), &x->policy, err);
    else if (s->rank != 0)
        rc = 0; /* rank 0 has the reason */
    free(file.text);
    return xb_agree(s->world, rc < 0 ? XB_ERROR : XB_GO, s->rank, s->ranks[s->rank].host,
                    err) == XB_GO
               ? 0
               : -1;
}

static int open_all(struct xfer *x, const char *policy, const char *device,
                    struct xb_error *err)
{
    const struct xb_session_options options = {.device = device ? device : "auto", .seed = 1};

    if (xb_session_open(&options, &x->session, err) < 0)
        return -1;
    if (read_policy(x, policy, err) == 0)
        return 0;
    xb_policy_release(&x->policy);
    xb_session_close(&x->session);
    return -1;
}

int xfer_create(const char *policy, const char *device, struct xfer **out,
                struct xfer_error *err)
{
    struct xfer *x = calloc(1, sizeof *x);
    struct xb_error why = {""};
    char name[64] = "";
    int rc = XB_GO, rank;

    *out = NULL;
    gethostname(name, sizeof name - 1);
    if (!x)
        rc = xb_fail(&why, "out of memory");
    else if (in_use)
        rc = xb_fail(&why, "this process has one already, expected it to be destroyed first");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (xb_agree(MPI_COMM_WORLD, rc, rank, name, &why) != XB_GO || !x ||
        open_all(x, policy, device, &why) < 0) {
        free(x);
        return xb_xfer_give_error(&why, err);
    }
    in_use = true;
    *out = x;
    return 0;
}

void xfer_destroy(struct xfer *x)
{
    struct xb_error none;

    if (!x)
        return;
    xb_xfer_enter(x, &none);
    xb_xfer_forget_call(x);
    for (size_t i = 0; i < x->nbuffers; i++)
        if (x->buffers[i].ptr)
            xb_xfer_forget_buffer(x, &x->buffers[i]);
    xb_policy_release(&x->policy);
    xb_session_close(&x->session);
    free(x->buffers);
    free(x->stats);
    free(x);
    in_use = false;
}
