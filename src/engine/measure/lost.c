/* lost.c - ranks whose device has failed for good. */
#include "engine/measure/lost.h"

#include <stdio.h>
#include <string.h>

#include "engine/devices/device.h"
#include "engine/methods/method.h"

bool xb_lost_is(const struct xb_session *s, int rank)
{
    return s->lost && s->lost[rank].is;
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

    if (!s->lost || s->lost[s->rank].is || !s->device->lost || !s->device->lost(&why))
        return;
    struct xb_lost *mine = &s->lost[s->rank];
    mine->is = true;
    snprintf(mine->text, sizeof mine->text, "%s %s is lost since case %.160s: %.240s",
             place->has_gpu ? "GPU" : "device", place->has_gpu ? place->pci : s->device_name,
             case_id, why.text);
}

void xb_lost_share(const struct xb_session *s, bool busy)
{
    struct xb_lost *mine = s->lost ? &s->lost[s->rank] : NULL;

    if (!xb_session_any(s, mine && mine->is && !mine->told, busy) || !mine)
        return;
    mine->told = mine->is;
    MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, s->lost, (int)sizeof *mine, MPI_BYTE,
                  s->world);
}
