/* SPDX-License-Identifier: BSD-3-Clause */
/* test_words.c - command lines in a text. */
#include "base/words.h"

#include <stdlib.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Words joined with "|", which stands in none of them. */
static const struct {
    const char *text, *words;
} splits[] = {
    {"", ""},
    {" \t\n ", ""},
    {"mpirun -n 2", "mpirun|-n|2"},
    {"  a\tb\nc  ", "a|b|c"},
    {"'a b'", "a b"},
    {"\"a b\"", "a b"},
    {"a\\ b", "a b"},
    {"a'b'\"c\"d", "abcd"},
    {"'' \"\"", "|"},
    {"'a\\b' \"a\\b\"", "a\\b|a\\b"},
    {"\"a\\\"b\\\\c\\$d\\`e\"", "a\"b\\c$d`e"},
    {"'a\"b' \"a'b\"", "a\"b|a'b"},
    {"a\\\nb", "ab"},
    {"a \\\n b", "a|b"},
    {"\"a\\\nb\"", "ab"},
    {"'a\nb'", "a\nb"},
    {"$HOME ~ * # `x` [ab] {1,2} a=b !", "$HOME|~|*|#|`x`|[ab]|{1,2}|a=b|!"},
    {"-x 'A=1;2' \\| \"&\" a\\;b", "-x|A=1;2|||&|a;b"},
    {"srun -n2 -- --set x=[\"1\"]", "srun|-n2|--|--set|x=[1]"},
};

static const struct {
    const char *text, *error;
} wrong[] = {
    {"a 'b", "the quote of 'b has no end"},
    {"a \"b\\\"", "the quote of \"b\\\" has no end"},
    {"a\\", "nothing follows the last backslash"},
    {"a; b", "no shell reads this: ';'"},
    {"a|b", "'|'"},
    {"a &", "'&'"},
    {"a >b", "'>'"},
    {"a <b", "'<'"},
    {"(a)", "'('"},
    {"a)", "')'"},
};

static const struct {
    const char *text, *printed;
} prints[] = {
    {"mpirun -n 2 a=b /x/y.z", "mpirun -n 2 a=b /x/y.z"},
    {"'a b' '' \"it's\" '$x' a\\;b", "'a b' '' 'it'\\''s' '$x' 'a;b'"},
};

static char *joined(const struct xb_words *words)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (size_t i = 0; i < words->n; i++)
        fprintf(out, "%s%s", i ? "|" : "", words->list[i]);
    fclose(out);
    return text;
}

static char *printed(const struct xb_words *words)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    xb_words_print((const char *const *)words->list, words->n, out);
    fclose(out);
    return text;
}

int main(void)
{
    struct xb_error err = {""};
    struct xb_words words, again;
    char name[32];

    for (size_t i = 0; i < ROWS(splits); i++) {
        snprintf(name, sizeof name, "text %zu", i);
        int rc = xb_words_split(splits[i].text, &words, &err);
        char *text = rc == 0 ? joined(&words) : NULL;
        is_str(text, splits[i].words, name);
        ok(rc == 0 && words.list[words.n] == NULL, "its list ends with NULL");
        free(text);
        text = rc == 0 ? printed(&words) : strdup("'");
        if (ok(xb_words_split(text, &again, &err) == 0, "what is printed can be read")) {
            char *twice = joined(&again);
            is_str(twice, splits[i].words, "and says the same");
            free(twice);
            xb_words_release(&again);
        }
        free(text);
        if (rc == 0)
            xb_words_release(&words);
    }
    for (size_t i = 0; i < ROWS(wrong); i++) {
        ok(xb_words_split(wrong[i].text, &words, &err) < 0 && !words.list, wrong[i].text);
        contains(err.text, wrong[i].error, wrong[i].text);
    }
    for (size_t i = 0; i < ROWS(prints); i++) {
        xb_words_split(prints[i].text, &words, &err);
        char *text = printed(&words);
        is_str(text, prints[i].printed, prints[i].text);
        free(text);
        xb_words_release(&words);
    }
    return done_testing();
}
