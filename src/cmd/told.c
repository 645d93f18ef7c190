/* SPDX-License-Identifier: BSD-3-Clause */
/* told.c - ranks must have been told the same. */
#include "config.h"

#include "cmd/told.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "base/hash.h"
#include "engine/runtime/give_up.h"

#define MAGIC     "xferbench-told"
#define NONE      "(none)"
#define WHY_LEN   512 /* never changes either */
#define NAMED_MAX 3   /* ranks that differ */

/* Text that grows and keeps a hash of all of it, also of what it has no room for. */
struct lines {
    struct xb_told *told;
    size_t len;
    uint64_t hash;
};

static void add_text(struct lines *l, const char *text)
{
    size_t room = sizeof l->told->text - 1 - l->len, n = strlen(text);

    l->hash = xb_hash_text(l->hash, text);
    n = n < room ? n : room;
    memcpy(l->told->text + l->len, text, n);
    l->len += n;
}

/* A value must not end its line. */
static void add_value(struct lines *l, const char *value)
{
    char piece[256];

    if (!value)
        value = NONE;
    for (size_t i = 0; *value; value += i) {
        for (i = 0; i < sizeof piece - 1 && value[i]; i++)
            piece[i] = value[i];
        piece[i] = '\0';
        for (size_t k = 0; k < i; k++)
            piece[k] = piece[k] == '\n' ? ' ' : piece[k];
        add_text(l, piece);
    }
}

static void add_line(struct lines *l, const char *key, const char *value)
{
    add_text(l, key);
    add_text(l, "=");
    add_value(l, value);
    add_text(l, "\n");
}

static void add_row(struct lines *l, const struct xb_arg *row, const void *args)
{
    const void *member = (const char *)args + row->offset;
    char key[80], number[64];

    snprintf(key, sizeof key, "--%s", row->name);
    switch (row->type) {
    case XB_ARG_TEXT:
        add_line(l, key, *(const char *const *)member);
        return;
    case XB_ARG_COUNT:
        if (*(const uint64_t *)member == UINT64_MAX)
            snprintf(number, sizeof number, "%s", NONE);
        else
            snprintf(number, sizeof number, "%" PRIu64, *(const uint64_t *)member);
        break;
    case XB_ARG_SECONDS:
        snprintf(number, sizeof number, "%.9g s", *(const double *)member);
        break;
    case XB_ARG_CHOICE:
        snprintf(number, sizeof number, "%s", row->choices[*(const int *)member]);
        break;
    case XB_ARG_VALUE:
        snprintf(number, sizeof number, "%d", *(const int *)member);
        break;
    case XB_ARG_SET: {
        const struct xb_sets *sets = member;
        add_text(l, row->key ? "overrides" : key);
        add_text(l, sets->count ? "=" : "=" NONE);
        for (size_t i = 0; i < sets->count; i++) {
            add_text(l, i ? ", " : "");
            add_value(l, sets->list[i]);
        }
        add_text(l, "\n");
        return;
    }
    }
    add_line(l, key, number);
}

/* Does a row before this one set the same member? */
static bool is_known(const struct xb_arg *rows, const struct xb_arg *row)
{
    for (const struct xb_arg *a = rows; a < row; a++)
        if (a->offset == row->offset)
            return true;
    return false;
}

void xb_told_make(const struct xb_command *command, const void *args, struct xb_told *out)
{
    struct lines l = {.told = out, .hash = XB_HASH_BASIS};
    char hash[24];

    memset(out, 0, sizeof *out); /* it travels as bytes */
    snprintf(out->magic, sizeof out->magic, "%s", MAGIC);
    add_line(&l, "version", PACKAGE_VERSION);
    add_line(&l, "build", XB_GIT);
    add_line(&l, "command", command->name);
    if (command->operand && command->most == 1)
        add_line(&l, command->operand,
                 *(const char *const *)((const char *)args + command->operand_offset));
    for (const struct xb_arg *a = command->args; a && a->name; a++)
        if (!is_known(command->args, a))
            add_row(&l, a, args);
    snprintf(hash, sizeof hash, "%016" PRIx64, l.hash);
    memcpy(out->hash, hash, sizeof out->hash);
}

/* The value of a key, and its length; NULL where there is none. */
static const char *find_value(const struct xb_told *told, const char *key, size_t len, int *n)
{
    for (const char *at = told->text; *at;) {
        size_t line = strcspn(at, "\n");
        if (line > len && strncmp(at, key, len) == 0 && at[len] == '=') {
            *n = (int)(line - len - 1);
            return at + len + 1;
        }
        at += line + (at[line] == '\n');
    }
    *n = 0;
    return NULL;
}

int xb_told_compare(const struct xb_told *mine, const struct xb_told *theirs, char *text,
                    size_t len)
{
    int count = 0;
    size_t used = 0;

    text[0] = '\0';
    if (memcmp(mine->magic, theirs->magic, sizeof mine->magic) == 0 &&
        memcmp(mine->hash, theirs->hash, sizeof mine->hash) == 0)
        return 0;
    for (const char *at = mine->text; *at;) {
        size_t line = strcspn(at, "\n"), key = strcspn(at, "=");
        int a = (int)(line > key ? line - key - 1 : 0), b;
        const char *value = at + key + 1, *other = find_value(theirs, at, key, &b);
        bool same = other && a == b && strncmp(value, other, (size_t)a) == 0;
        if (!same) {
            if (count > 0 && strncmp(at, "--", 2) == 0 && strstr(text, "command is"))
                break; /* of another command, whose options are others */
            count++;
            if (used < len)
                used += (size_t)snprintf(text + used, len - used, "%s%.*s is %.*s, there %.*s",
                                         used ? "; " : "", (int)key, at, a < 100 ? a : 100,
                                         value, other ? (b < 100 ? b : 100) : 9,
                                         other ? other : "not known");
        }
        at += line + (at[line] == '\n');
    }
    if (count == 0) {
        count = 1;
        snprintf(text, len, "it differs beyond what is shown here");
    }
    return count;
}

int xb_told_agree(const struct xb_told *mine, struct xb_error *err)
{
    struct xb_told first = *mine;
    char why[WHY_LEN] = "", what[WHY_LEN - 112], host[64] = "", *all = NULL;
    int rank, nranks, differs, any, named = 0, more = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &nranks);
    MPI_Bcast(&first, (int)sizeof first, MPI_BYTE, 0, MPI_COMM_WORLD);
    first.text[sizeof first.text - 1] = '\0';
    differs = xb_told_compare(mine, &first, what, sizeof what) > 0;
    MPI_Allreduce(&differs, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (!any)
        return 0;
    gethostname(host, sizeof host - 1);
    if (differs)
        snprintf(why, sizeof why, "rank %d (%s): %s", rank, host, what);
    if (rank == 0 && !(all = calloc((size_t)nranks, WHY_LEN)))
        xb_give_up(MPI_COMM_WORLD); /* the others wait in the next call */
    MPI_Gather(why, WHY_LEN, MPI_CHAR, all, WHY_LEN, MPI_CHAR, 0, MPI_COMM_WORLD);
    size_t used = rank == 0 ? (size_t)snprintf(err->text, sizeof err->text,
                                               "ranks were not told the same as rank 0: ")
                            : 0;
    for (int r = 0; rank == 0 && r < nranks; r++) {
        const char *text = all + (size_t)r * WHY_LEN;
        if (!text[0])
            continue;
        if (named++ < NAMED_MAX && used < sizeof err->text)
            used += (size_t)snprintf(err->text + used, sizeof err->text - used, "%s%.*s",
                                     named > 1 ? " | " : "", WHY_LEN - 1, text);
        else
            more++;
    }
    if (more > 0 && used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - used, " | and %d more ranks", more);
    free(all);
    return -1;
}
