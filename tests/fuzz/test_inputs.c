/* SPDX-License-Identifier: BSD-3-Clause */
/* test_inputs.c - each reader gets the inputs that are kept for it, whole, cut short and
 * spoilt, and must come back. Under the sanitizers that shows what a crash would not. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tests/fuzz/targets.h"
#include "tests/tap.h"

#define SPOILT     40 /* copies of each input */
#define MOST_BYTES (1 << 20)

/* Spoil some bytes in one of the ways in which people and disks do: a byte changed, a part left
 * out, a part twice, a character that matters put in. */
static size_t spoil(uint8_t *bytes, size_t len, uint64_t *seed)
{
    static const char matters[] = "{}[],:\"\\0-9e.<>&*= \n\x80\xff";
    size_t times = 1 + xb_random_next(seed) % 4;

    for (size_t i = 0; i < times && len > 1; i++) {
        size_t at = xb_random_next(seed) % len, n = 1 + xb_random_next(seed) % 16;
        n = n < len - at ? n : len - at;
        switch (xb_random_next(seed) % 4) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << xb_random_next(seed) % 8);
            break;
        case 1:
            memmove(bytes + at, bytes + at + n, len - at - n);
            len -= n;
            break;
        case 2:
            if (len + n < MOST_BYTES) {
                memmove(bytes + at + n, bytes + at, len - at);
                len += n;
            }
            break;
        default:
            bytes[at] = (uint8_t)matters[xb_random_next(seed) % (sizeof matters - 1)];
        }
    }
    return len;
}

static size_t read_file(const char *folder, const char *name, uint8_t *bytes)
{
    char path[4400];
    FILE *f;
    size_t len = 0;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if ((f = fopen(path, "rbe"))) {
        len = fread(bytes, 1, MOST_BYTES, f);
        fclose(f);
    }
    return len;
}

/* Give a reader the inputs of a folder; returns how many there are. */
static int read_folder(const struct xb_fuzz_target *target, const char *folder, uint8_t *bytes,
                       uint8_t *spoilt)
{
    char path[4096];
    struct dirent **entries;
    uint64_t seed = 20261125;
    int inputs = 0;

    snprintf(path, sizeof path, "%s/%s", getenv("XB_SRCDIR"), folder);
    int n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; free(entries[i++])) {
        size_t len =
            entries[i]->d_name[0] == '.' ? 0 : read_file(path, entries[i]->d_name, bytes);
        if (len == 0)
            continue;
        target->read(bytes, len);
        target->read(bytes, len / 2);
        for (int k = 0; k < SPOILT; k++) {
            memcpy(spoilt, bytes, len);
            target->read(spoilt, spoil(spoilt, len, &seed));
        }
        inputs++;
    }
    if (n >= 0)
        free(entries);
    return inputs;
}

int main(void)
{
    uint8_t *bytes = malloc(MOST_BYTES), *spoilt = malloc(MOST_BYTES);

    if (!bytes || !spoilt || !getenv("XB_SRCDIR"))
        return 1;
    for (const struct xb_fuzz_target *t = xb_fuzz_targets; t->name; t++) {
        char own[64];
        snprintf(own, sizeof own, "tests/fuzz/corpus/%s", t->name);
        int inputs = read_folder(t, own, bytes, spoilt);
        inputs += t->more ? read_folder(t, t->more, bytes, spoilt) : 0;
        ok(inputs > 0, t->name);
    }
    free(bytes);
    free(spoilt);
    return done_testing();
}
