/* SPDX-License-Identifier: BSD-3-Clause */
/* lost.c - ranks whose device has failed for good. */
#include "engine/measure/lost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices/device.h"
#include "engine/methods/method.h"
#include "engine/runtime/give_up.h"

void xb_lost_release(struct xb_lost *lost, int nranks)
{
    for (int r = 0; lost && r < nranks; r++)
        free(lost[r].text);
    free(lost);
}

bool xb_lost_is(const struct xb_session *s, int rank)
{
    return s->lost && s->lost[rank].text;
}

int xb_lost_check(const struct xb_session *s, struct xb_error *err)
{
    return xb_lost_is(s, s->rank) ? xb_fail(err, "%s", s->lost[s->rank].text) : XB_GO;
}

int xb_lost_check_lane(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_path *path = &t->lane->path;
    bool on_gpu = (t->roles & XB_ROLE_SRC && path->src.kind == XB_GPU) ||
                  (t->roles & XB_ROLE_DST && path->dst.kind == XB_GPU);

    return on_gpu || !xb_method_of(t->c)->needs_no_device ? xb_lost_check(t->session, err)
                                                          : XB_GO;
}

bool xb_lost_tell(const struct xb_session *s, int rank, struct xb_error *text)
{
    if (xb_lost_is(s, rank))
        xb_fail(text, "rank %d (%s): %s", rank, s->ranks[rank].host, s->lost[rank].text);
    return xb_lost_is(s, rank);
}

int xb_lost_check_all(const struct xb_session *s, struct xb_error *err)
{
    for (int r = 0; r < s->nranks; r++)
        if (xb_lost_tell(s, r, err))
            return XB_ERROR;
    return XB_GO;
}

void xb_lost_note(const struct xb_session *s, const char *case_id)
{
    const struct xb_place *place = &s->ranks[s->rank].place;
    struct xb_error why;

    char text[XB_REASON_LEN];

    if (!s->lost || s->lost[s->rank].text || !s->device->lost || !s->device->lost(&why))
        return;
    snprintf(text, sizeof text, "%s %s is lost since case %.160s: %.240s",
             place->has_gpu ? "GPU" : "device", place->has_gpu ? place->pci : s->device_name,
             case_id, why.text);
    if (!(s->lost[s->rank].text = strdup(text)))
        xb_give_up(s->world); /* a device that is lost must not be used as if it were not */
}

/* Each that has lost its device since says so to all; on all ranks. */
static void share_texts(const struct xb_session *s, struct xb_lost *mine)
{
    const size_t n = (size_t)s->nranks;
    int *bytes = calloc(n, sizeof *bytes), *from = calloc(n, sizeof *from), total = 0;
    int own = mine->text && !mine->told ? (int)strlen(mine->text) + 1 : 0;

    if (!bytes || !from)
        xb_give_up(s->world); /* the others wait in the next call */
    MPI_Allgather(&own, 1, MPI_INT, bytes, 1, MPI_INT, s->world);
    for (size_t r = 0; r < n; total += bytes[r++])
        from[r] = total;
    char *texts = malloc((size_t)total + 1);
    if (!texts)
        xb_give_up(s->world);
    MPI_Allgatherv(mine->text, own, MPI_CHAR, texts, bytes, from, MPI_CHAR, s->world);
    for (size_t r = 0; r < n; r++)
        if (bytes[r] > 0 && !s->lost[r].text && !(s->lost[r].text = strdup(texts + from[r])))
            xb_give_up(s->world);
    mine->told = mine->text != NULL;
    free(texts);
    free(from);
    free(bytes);
}

void xb_lost_share(const struct xb_session *s, bool busy)
{
    struct xb_lost *mine = s->lost ? &s->lost[s->rank] : NULL;

    if (xb_session_any(s, mine && mine->text && !mine->told, busy) && mine)
        share_texts(s, mine);
}
