/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pattern_bytes.c - what is filled is found again, and no wrong byte passes for a right
 * one. */
#include "engine/devices/bytes.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "bytes_word.h"

#define KEY    UINT64_C(0x0123456789abcdef)
#define GUARD  0xa5
#define LENGTH 4096 /* bytes of the larger comparisons */
#define KIB    UINT64_C(1024)
#define MIB    (1024 * KIB)
#define GIB    (1024 * MIB)

/* Offsets into a transfer: all alignments, and where 32 bits end. */
static const uint64_t firsts[] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 4095, 4 * GIB - 3, 4 * GIB, 1024 * GIB + 5};
#define NFIRSTS (sizeof(firsts) / sizeof(firsts[0]))

static void fill(void *dst, uint64_t bytes, uint64_t key, uint64_t first, bool poison)
{
    const struct xb_bytes_keys keys = {.key = {key}, .count = 1};

    xb_bytes_fill(dst, bytes, &keys, first, poison);
}

static struct xb_verify check(const void *src, uint64_t bytes, uint64_t key, uint64_t first,
                              bool poison)
{
    const struct xb_bytes_keys keys = {.key = {key}, .count = 1};
    struct xb_verify out = {0};

    xb_bytes_check(src, bytes, &keys, first, poison, &out);
    return out;
}

static bool is_clean(struct xb_verify v, uint64_t bytes)
{
    return v.done && v.checked_bytes == bytes && v.wrong_bytes == 0;
}

static bool all_guards(const uint8_t *p, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (p[i] != GUARD)
            return false;
    return true;
}

/* Values worked out by hand, since GPUs and other programs must agree on them. */
static void test_words(void)
{
    ok(xb_bytes_word(0, 0, 0) == 0, "word 0 of key 0");
    ok(xb_bytes_word(0, 1, 0) == UINT64_C(0x9e3779b9e17d05ac), "word 1 of key 0");
    ok(xb_bytes_word(1, 0, 0) == UINT64_C(0x9e3779b9e17d05ac), "key and index add up");
    ok(xb_bytes_word(0, 1, 1) == UINT64_C(0x61c886461e82fa53), "poison is the complement");
    is_int(xb_bytes_byte(0, 8, 0), 0xac, "the least significant byte comes first");
    is_int(xb_bytes_byte(0, 15, 0), 0x9e, "and the most significant last");
    is_int(xb_bytes_byte(0, 15, 1), 0x61, "poisoned too");
}

/* Fill and check at one place; no byte beside it may change. */
static bool round_trip(uint64_t bytes, size_t align, uint64_t first, bool poison)
{
    _Alignas(16) uint8_t room[128];
    uint8_t *p = room + 16 + align;

    memset(room, GUARD, sizeof(room));
    fill(p, bytes, KEY, first, poison);
    for (uint64_t i = 0; i < bytes; i++)
        if (p[i] != xb_bytes_byte(KEY, first + i, poison))
            return false;
    return is_clean(check(p, bytes, KEY, first, poison), bytes) &&
           all_guards(room, 16 + align) &&
           all_guards(p + bytes, sizeof(room) - 16 - align - bytes);
}

static void test_round_trip(void)
{
    char name[96];

    for (size_t f = 0; f < NFIRSTS; f++) {
        bool right = true, poisoned = true;
        for (uint64_t bytes = 0; bytes <= 40; bytes++)
            for (size_t align = 0; align < 16; align++) {
                right = right && round_trip(bytes, align, firsts[f], false);
                poisoned = poisoned && round_trip(bytes, align, firsts[f], true);
            }
        snprintf(name, sizeof(name), "0 to 40 bytes at 16 alignments from byte %llu on",
                 (unsigned long long)firsts[f]);
        ok(right, name);
        ok(poisoned, "poison too");
    }
}

/* Byte and word say the same of what lies in memory. */
static void test_views(void)
{
    uint8_t memory[256];
    bool words = true, bytes = true;

    fill(memory, sizeof(memory), KEY, 800, false);
    for (uint64_t i = 0; i < sizeof(memory); i += 8) {
        uint64_t word = 0;
        for (uint64_t b = 0; b < 8; b++) {
            word |= (uint64_t)memory[i + b] << 8 * b;
            bytes = bytes && memory[i + b] == xb_bytes_byte(KEY, 800 + i + b, 0);
        }
        words = words && word == xb_bytes_word(KEY, (800 + i) / 8, 0);
    }
    ok(bytes, "the bytes in memory are those of xb_bytes_byte");
    ok(words, "and the words those of xb_bytes_word");
}

/* A piece that is filled or checked on its own is a piece of the whole. */
static void test_pieces(void)
{
    uint8_t whole[100], pieces[100];
    bool same = true;

    fill(whole, sizeof(whole), KEY, 3, false);
    for (uint64_t cut = 0; cut <= sizeof(whole); cut++) {
        memset(pieces, GUARD, sizeof(pieces));
        fill(pieces, cut, KEY, 3, false);
        fill(pieces + cut, sizeof(pieces) - cut, KEY, 3 + cut, false);
        same = same && memcmp(whole, pieces, sizeof(whole)) == 0;
        same = same && is_clean(check(whole + cut, sizeof(whole) - cut, KEY, 3 + cut, false),
                                sizeof(whole) - cut);
    }
    ok(same, "two pieces make the whole, cut anywhere");
}

/* Every byte, every bit of it: one wrong byte, there and nowhere else. */
static bool finds_each(uint8_t *p, uint64_t bytes, uint64_t first, bool poison)
{
    bool found = true;

    fill(p, bytes, KEY, first, poison);
    for (uint64_t i = 0; i < bytes * 8; i++) {
        uint8_t was = p[i / 8];
        p[i / 8] = (uint8_t)(was ^ 1u << i % 8);
        struct xb_verify v = check(p, bytes, KEY, first, poison);
        found = found && v.done && v.wrong_bytes == 1 && v.first_bad == first + i / 8 &&
                v.checked_bytes == bytes;
        p[i / 8] = was;
    }
    return found;
}

static void test_single_bytes(void)
{
    uint8_t room[96];
    char name[96];

    for (size_t f = 0; f < NFIRSTS; f++) {
        bool found = true;
        for (size_t align = 0; align < 8; align++)
            found = found && finds_each(room + align, 61, firsts[f], false) &&
                    finds_each(room + align, 5, firsts[f], true);
        snprintf(name, sizeof(name), "one wrong bit is found from byte %llu on",
                 (unsigned long long)firsts[f]);
        ok(found, name);
    }
}

static void test_poison(void)
{
    static uint8_t right[64 * 1024], poison[64 * 1024];
    bool apart = true;

    for (uint64_t first = 0; first < 3; first++) {
        fill(right, sizeof(right), KEY, first, false);
        fill(poison, sizeof(poison), KEY, first, true);
        for (size_t i = 0; i < sizeof(right); i++)
            apart = apart && (right[i] ^ poison[i]) == 0xff;
    }
    ok(apart, "poison differs from the pattern in each bit of each byte");
    struct xb_verify v = check(poison, sizeof(poison), KEY, 2, false);
    is_int((long long)v.wrong_bytes, sizeof(poison), "what was never written is all wrong");
    is_int((long long)v.first_bad, 2, "from the first byte on");
    v = check(right, sizeof(right), KEY, 2, true);
    is_int((long long)v.wrong_bytes, sizeof(right), "and so is written poison");
}

/* Wrong data: each word must show it, and so must nearly all bytes (one in 256 agrees by
 * chance, so 90 % is far from luck on both sides). */
static void all_wrong(const uint8_t *p, uint64_t key, const char *name)
{
    bool each = true;

    for (uint64_t i = 0; i < LENGTH; i += 8)
        each = each && check(p + i, 8, key, i, false).wrong_bytes > 0;
    ok(each, name);
    ok(check(p, LENGTH, key, 0, false).wrong_bytes > LENGTH * 9 / 10, "in nearly all bytes");
}

static void test_misplaced(void)
{
    static const uint64_t shifts[] = {1,         2,        7,        8,          16,
                                      64,        512,      4 * KIB,  64 * KIB,   MIB,
                                      4 * MIB,   16 * MIB, 3 * MIB,  128 * MIB,  GIB,
                                      2048 * 80, 4 * GIB,  32 * GIB, 4 * MIB + 8};
    static uint8_t memory[LENGTH];
    char name[96];

    for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
        fill(memory, LENGTH, KEY, shifts[i], false);
        snprintf(name, sizeof(name), "data from %llu bytes further on shows in each word",
                 (unsigned long long)shifts[i]);
        all_wrong(memory, KEY, name);
    }
}

static void test_constant(void)
{
    static const int values[] = {0x00, 0xff, 0x55, GUARD};
    static uint8_t memory[LENGTH];
    char name[96];

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        memset(memory, values[i], LENGTH);
        snprintf(name, sizeof(name), "memory full of 0x%02x shows in each word", values[i]);
        all_wrong(memory, KEY, name);
    }
}

static void test_keys(void)
{
    static const uint64_t keys[] = {0,    1,       8, KEY + 1, KEY - 1, KEY ^ 1ull << 63,
                                    ~KEY, KEY << 1};
    static uint8_t memory[LENGTH];
    char name[96];

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        fill(memory, LENGTH, keys[i], 0, false);
        ok(is_clean(check(memory, LENGTH, keys[i], 0, false), LENGTH), "its own key is right");
        snprintf(name, sizeof(name), "the bytes of key %llx show in each word",
                 (unsigned long long)keys[i]);
        bool each = true;
        for (uint64_t at = 0; at < LENGTH; at += 8)
            each = each && check(memory + at, 8, KEY, at, false).wrong_bytes > 0;
        ok(each, name);
    }
}

/* What an all-reduce leaves: words of several patterns, added up. */
static void test_sums(void)
{
    const struct xb_bytes_keys keys = {.key = {KEY, KEY + 12345, ~KEY}, .count = 3};
    struct xb_verify v = {0};
    uint64_t words[64];

    for (uint64_t i = 0; i < 64; i++)
        words[i] = xb_bytes_word(KEY, i + 5, 0) + xb_bytes_word(KEY + 12345, i + 5, 0) +
                   xb_bytes_word(~KEY, i + 5, 0);
    xb_bytes_check(words, sizeof(words), &keys, 40, false, &v);
    ok(is_clean(v, sizeof(words)), "the sum is right");
    words[7]++;
    xb_bytes_check(words, sizeof(words), &keys, 40, false, &v);
    ok(v.wrong_bytes == 1 && v.first_bad == 40 + 56, "a sum that is one too high is wrong");
    words[7] -= 1 + xb_bytes_word(~KEY, 12, 0);
    v = (struct xb_verify){0};
    xb_bytes_check(words, sizeof(words), &keys, 40, false, &v);
    ok(v.wrong_bytes > 0 && v.first_bad >= 96 && v.first_bad < 104, "a summand is missing");
}

/* The number that a half of a word holds as a float, -1 where it holds anything else. */
static int64_t number_of(uint64_t word, int half)
{
    uint32_t bits = (uint32_t)(word >> 32 * half);
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f >= 1 && f <= 1 << 24 && f == (float)(int32_t)f ? (int64_t)f : -1;
}

static uint64_t float_word(uint64_t key, uint64_t index)
{
    const struct xb_bytes_keys keys = {.key = {key}, .count = 1, .floats = 1};
    return xb_bytes_sum_word(&keys, index, 0);
}

static void test_float_words(void)
{
    const struct xb_bytes_keys keys = {.key = {0}, .count = 1, .floats = 1};
    const int64_t most = 1 << XB_BYTES_FLOAT_BITS;
    int64_t low = most, high = 0;
    bool whole = true, poison = true;

    /* by hand, since GPUs must agree: 0 is mixed to 0, and 1 stands for that */
    ok(xb_bytes_sum_word(&keys, 0, 0) == UINT64_C(0x3f8000003f800000), "word 0 of key 0");
    ok(xb_bytes_sum_word(&keys, 0, 1) == UINT64_C(0xc07fffffc07fffff), "and its poison");
    ok(xb_bytes_float(1 << 24) == 0x4b800000, "the largest sum is a float");
    for (uint64_t i = 0; i < 1 << 20; i++)
        for (int half = 0; half < 2; half++) {
            int64_t n = number_of(float_word(KEY, i), half);
            uint32_t bad = (uint32_t)(~float_word(KEY, i) >> 32 * half);
            whole = whole && n >= 1 && n <= most;
            low = n < low ? n : low;
            high = n > high ? n : high;
            /* an exponent between those of denormals and of infinity, and below 0 */
            poison = poison && bad >> 31 && (bad >> 23 & 0xff) > 0 && (bad >> 23 & 0xff) < 255;
        }
    ok(whole, "both halves are whole numbers from 1 on");
    ok(low < 16 && high > most - 16, "of all sizes");
    ok(poison, "their complement is an ordinary negative number");
}

/* The floats of a word of `count` ranks, added from rank `first` on. */
static uint64_t add_floats(const struct xb_bytes_keys *keys, uint64_t index, int first)
{
    float sums[2] = {0, 0};
    uint32_t bits[2];

    for (int i = 0; i < keys->count; i++) {
        uint64_t w = float_word(keys->key[(i + first) % keys->count], index);
        for (int half = 0; half < 2; half++) {
            uint32_t summand = (uint32_t)(w >> 32 * half);
            float f;
            memcpy(&f, &summand, sizeof(f));
            sums[half] += f;
        }
    }
    memcpy(bits, sums, sizeof(bits));
    return (uint64_t)bits[1] << 32 | bits[0];
}

/* Keys of ranks as a batch has them: close together from batch to batch. */
static struct xb_bytes_keys keys_of_batch(int count, uint64_t batch)
{
    struct xb_bytes_keys keys = {.count = count, .floats = 1};

    for (int i = 0; i < count; i++)
        keys.key[i] =
            (((KEY ^ (uint64_t)i) * UINT64_C(0x100000001b3)) ^ batch) * UINT64_C(0x100000001b3);
    return keys;
}

static void test_float_sums(void)
{
    static const int counts[] = {1, 2, 3, 4, 8, 63, XB_BYTES_KEYS};

    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        const struct xb_bytes_keys keys = keys_of_batch(counts[c], 1);
        struct xb_bytes_keys fewer = keys;
        bool exact = true, missing = true, apart = true;
        char name[96];

        fewer.count--;
        for (uint64_t i = 0; i < 2000; i++) {
            uint64_t sum = xb_bytes_sum_word(&keys, i, 0);
            for (int first = 0; first < counts[c]; first += 7)
                exact = exact && add_floats(&keys, i, first) == sum;
            for (int half = 0; half < 2 && fewer.count > 0; half++)
                missing = missing && number_of(xb_bytes_sum_word(&fewer, i, 0), half) <
                                         number_of(sum, half);
            for (uint64_t batch = 2; batch < 10; batch++) {
                const struct xb_bytes_keys other = keys_of_batch(counts[c], batch);
                apart = apart && xb_bytes_sum_word(&other, i, 0) != sum;
            }
        }
        snprintf(name, sizeof(name), "the floats of %d ranks add up to it in any order",
                 counts[c]);
        ok(exact, name);
        ok(missing, "with one rank less both sums are lower");
        ok(apart, "those of other batches differ in each word");
    }
}

static void test_float_bytes(void)
{
    static uint64_t memory[LENGTH / 8];
    const struct xb_bytes_keys keys = keys_of_batch(4, 1);
    bool found = true, shifted = true;
    struct xb_verify v = {0};

    for (uint64_t i = 0; i < LENGTH / 8; i++)
        memory[i] = add_floats(&keys, i, 3);
    xb_bytes_check(memory, LENGTH, &keys, 0, false, &v);
    ok(is_clean(v, LENGTH), "a sum of floats is right in memory");
    for (uint64_t i = 0; i < 64 * 8; i++) {
        ((uint8_t *)memory)[i / 8] ^= (uint8_t)(1u << i % 8);
        v = (struct xb_verify){0};
        xb_bytes_check(memory, LENGTH, &keys, 0, false, &v);
        found = found && v.wrong_bytes == 1 && v.first_bad == i / 8;
        ((uint8_t *)memory)[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    ok(found, "and each wrong bit is found");
    for (uint64_t by = 8; by <= GIB; by *= 2)
        for (uint64_t at = 0; at < LENGTH; at += 8) {
            v = (struct xb_verify){0};
            xb_bytes_check(&memory[at / 8], 8, &keys, at + by, false, &v);
            shifted = shifted && v.wrong_bytes > 0;
        }
    ok(shifted, "the sum of another place shows in each word");
    xb_bytes_fill(memory, LENGTH, &keys, 0, true);
    v = (struct xb_verify){0};
    xb_bytes_check(memory, LENGTH, &keys, 0, false, &v);
    is_int((long long)v.wrong_bytes, LENGTH, "poison is wrong in each byte");
}

static void test_adds_up(void)
{
    const struct xb_bytes_keys keys = {.key = {KEY}, .count = 1};
    uint8_t memory[64];
    struct xb_verify v = {.first_bad = 1}; /* with no wrong byte yet it is not read */

    fill(memory, sizeof(memory), KEY, 100, false);
    xb_bytes_check(memory, 0, &keys, 100, false, &v);
    ok(v.done && v.checked_bytes == 0, "nothing to check is checked");
    xb_bytes_check(memory, 64, &keys, 100, false, &v);
    is_int((long long)v.checked_bytes, 64, "the first call");
    memory[40] ^= 0xff;
    memory[41] ^= 0x01;
    xb_bytes_check(memory, 64, &keys, 100, false, &v);
    is_int((long long)v.checked_bytes, 128, "checked bytes add up");
    is_int((long long)v.wrong_bytes, 2, "two of them are wrong");
    is_int((long long)v.first_bad, 140, "from here on");
    memory[9] ^= 0x80;
    xb_bytes_check(memory, 64, &keys, 100, false, &v);
    is_int((long long)v.wrong_bytes, 5, "wrong bytes add up");
    is_int((long long)v.first_bad, 109, "a lower offset replaces a higher one");
    xb_bytes_check(memory + 32, 32, &keys, 132, false, &v);
    is_int((long long)v.wrong_bytes, 7, "once more");
    is_int((long long)v.first_bad, 109, "a higher offset does not replace a lower one");
    is_int((long long)v.checked_bytes, 224, "and all was counted");
}

int main(void)
{
    test_words();
    test_round_trip();
    test_views();
    test_pieces();
    test_single_bytes();
    test_poison();
    test_misplaced();
    test_constant();
    test_keys();
    test_sums();
    test_float_words();
    test_float_sums();
    test_float_bytes();
    test_adds_up();
    return done_testing();
}
