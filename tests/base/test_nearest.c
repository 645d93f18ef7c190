/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nearest.c - which word is meant, and that nothing is guessed where none is near. */
#include "base/nearest.h"

#include "tests/tap.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const commands[] = {"run", "tune", "plan", "info", "list", "validate", NULL};
static const char *const keys[] = {"pattern",    "pairs",      "paths",  "sizes", "methods",
                                   "src_offset", "dst_offset", "window", "cache", NULL};
static const char *const methods[] = {"direct",    "p2p", "host-staged", "unified",
                                      "zero-copy", "mpi", "null",        NULL};
static const char *const devices[] = {"auto", "cuda", "cpu", NULL};

static const char *const alike[] = {"car", "case", "cash", NULL};

static const struct {
    const char *given;
    const char *const *words;
    const char *nearest;
} rows[] = {
    /* one letter less, more, replaced */
    {"validat", commands, "validate"},
    {"planx", commands, "plan"},
    {"direkt", methods, "direct"},
    {"widow", keys, "window"},
    /* two neighbours */
    {"vlaidate", commands, "validate"},
    {"rnu", commands, "run"},
    {"tnue", commands, "tune"},
    /* two slips in a long word; a swap and a slip */
    {"hotstaged", methods, "host-staged"},
    {"vaildat", commands, "validate"},
    /* the same but for case, or for the sign between the parts */
    {"MPI", methods, "mpi"},
    {"host_staged", methods, "host-staged"},
    {"SRC-OFFSET", keys, "src_offset"},
    {"unified", methods, "unified"},
    /* of two that are near the nearer, of two equally near the first */
    {"dst_ofset", keys, "dst_offset"},
    {"pats", keys, "paths"},
    {"cas", alike, "case"},
    /* not near: another word, a short one with another letter, half a word */
    {"fly", commands, NULL},
    {"gpu", devices, NULL},
    {"p2", methods, NULL},
    {"pong", methods, NULL},
    {"meth", keys, NULL},
    {"x", commands, NULL},
    {"", commands, NULL},
    {"validate-validate-validate-validate-validate-validate-validate-vali", commands, NULL},
};

int main(void)
{
    static const char *const long_word[] = {
        "a23456789012345678901234567890123456789012345678901234567890123x", "run", NULL};
    static const char *const none[] = {NULL};
    char hint[XB_HINT_LEN];

    for (size_t i = 0; i < COUNT(rows); i++)
        is_str(xb_nearest(rows[i].given, rows[i].words), rows[i].nearest, rows[i].given);
    is_str(xb_nearest("run", none), NULL, "none of none");
    is_str(xb_nearest("rum", long_word), NULL, "nor a short word with another letter");
    is_str(xb_nearest("a23456789012345678901234567890123456789012345678901234567890123",
                      long_word),
           NULL, "a word of 64 bytes is near to none");
    is_str(xb_nearest("runn", long_word), "run", "and is passed over");
    is_str(xb_did_you_mean("widow", keys, hint), " (did you mean window?)", "a hint");
    is_str(xb_did_you_mean("moon", keys, hint), "", "no hint");
    is_str(xb_did_you_mean("window", keys, hint), "", "nor where it is the word itself");
    return done_testing();
}
