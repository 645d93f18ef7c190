/* SPDX-License-Identifier: BSD-3-Clause */
/* share.c - rank 0 reads a file, so that it need not be on every node. */
#include "engine/runtime/share.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/json.h"
#include "engine/runtime/give_up.h"
#include "engine/runtime/watch_record.h"

int xb_share_read(int rc, struct xb_shared_text *text)
{
    uint64_t bytes = rc == 0 && text->text ? strlen(text->text) : 0;
    int rank;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    xb_watch_wait(rank > 0 ? 0 : XB_WAIT_NOBODY);
    MPI_Bcast(&rc, 1, MPI_INT, 0, MPI_COMM_WORLD);
    xb_watch_wait(XB_WAIT_NOBODY);
    if (rc < 0)
        return -1;
    MPI_Bcast(text->path, sizeof text->path, MPI_CHAR, 0, MPI_COMM_WORLD);
    MPI_Bcast(&bytes, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    if (rank != 0)
        text->text = malloc(bytes + 1);
    if (!text->text)
        xb_give_up(MPI_COMM_WORLD); /* the others wait in the next call */
    MPI_Bcast(text->text, (int)bytes, MPI_CHAR, 0, MPI_COMM_WORLD);
    text->text[bytes] = '\0';
    return 0;
}

int xb_share_text(xb_find_fn *find, const char *given, struct xb_shared_text *out,
                  struct xb_error *err)
{
    struct xb_json doc = {0};
    int rank, rc = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    *out = (struct xb_shared_text){0};
    if (rank == 0) {
        rc = find(given, out->path, sizeof out->path, err);
        if (rc == 0 && (rc = xb_json_load(out->path, XB_JSON_MAX_BYTES, &doc, err)) == 0) {
            out->text = strdup(doc.text);
            xb_json_release(&doc);
        }
    }
    return xb_share_read(rc, out);
}
