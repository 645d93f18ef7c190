/* share.c - rank 0 reads a file, so that it need not be on every node. */
#include "engine/runtime/share.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/json.h"

int xb_share_text(xb_find_fn *find, const char *given, char *name, size_t name_len, char **text,
                  uint64_t *len, struct xb_error *err)
{
    struct xb_json doc = {0};
    int rank, rc = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    *text = NULL;
    *len = 0;
    if (rank == 0) {
        rc = find(given, name, name_len, err);
        if (rc == 0 && (rc = xb_json_load(name, XB_JSON_MAX_BYTES, &doc, err)) == 0) {
            *text = strdup(doc.text);
            *len = *text ? strlen(*text) : 0;
            xb_json_release(&doc);
        }
    }
    MPI_Bcast(&rc, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (rc < 0)
        return -1;
    MPI_Bcast(name, (int)name_len, MPI_CHAR, 0, MPI_COMM_WORLD);
    MPI_Bcast(len, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    if (rank != 0)
        *text = malloc(*len + 1);
    if (!*text)
        MPI_Abort(MPI_COMM_WORLD, 1); /* the others wait in the next call */
    MPI_Bcast(*text, (int)*len, MPI_CHAR, 0, MPI_COMM_WORLD);
    (*text)[*len] = '\0';
    return 0;
}
