/* SPDX-License-Identifier: BSD-3-Clause */
/* words.c - splits a command line into words as a shell would, without a shell. */
#include "base/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define OPERATORS "|&;<>()"

/* Where a text is read; the words so far have their bytes in one block, one after another. */
struct splitter {
    const char *at;
    char *put;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Read from behind an opening quote to behind the closing one. */
static int read_quoted(struct splitter *s, char quote, struct xb_error *err)
{
    const char *opened = s->at - 1;

    while (*s->at && *s->at != quote) {
        if (quote == '"' && s->at[0] == '\\' && s->at[1] && strchr("\"\\$`\n", s->at[1])) {
            s->at++;
            if (*s->at == '\n') { /* a line that goes on */
                s->at++;
                continue;
            }
        }
        *s->put++ = *s->at++;
    }
    if (!*s->at)
        return xb_fail(err, "the quote of %.40s has no end, expected a closing %c", opened,
                       quote);
    s->at++;
    return 0;
}

/* Read one word, of which there is at least a byte. */
static int read_word(struct splitter *s, struct xb_error *err)
{
    while (*s->at && !is_space(*s->at)) {
        char c = *s->at++;
        if (c == '\'' || c == '"') {
            if (read_quoted(s, c, err) < 0)
                return -1;
        } else if (c == '\\' && !*s->at) {
            return xb_fail(
                err, "nothing follows the last backslash, expected a character that it quotes");
        } else if (c == '\\' && *s->at == '\n') {
            s->at++;
        } else if (strchr(OPERATORS, c)) {
            return xb_fail(err,
                           "no shell reads this: '%c' is quoted where it is part of a word, "
                           "and sh -c '...' where a shell is meant",
                           c);
        } else {
            *s->put++ = c == '\\' ? *s->at++ : c;
        }
    }
    *s->put++ = '\0';
    return 0;
}

/* Pass over what stands between words; a line that goes on is no word. */
static void skip_space(struct splitter *s)
{
    while (is_space(*s->at) || (s->at[0] == '\\' && s->at[1] == '\n'))
        s->at += *s->at == '\\' ? 2 : 1;
}

static int split(const char *text, char *bytes, struct xb_words *out, struct xb_error *err)
{
    struct splitter s = {text, bytes};

    for (skip_space(&s); *s.at; skip_space(&s)) {
        const char *word = s.put;
        if (read_word(&s, err) < 0)
            return -1;
        out->list[out->n] = strdup(word);
        if (!out->list[out->n])
            return xb_fail(err, "out of memory");
        out->n++;
    }
    return 0;
}

int xb_words_split(const char *text, struct xb_words *out, struct xb_error *err)
{
    size_t len = strlen(text);
    char *bytes = malloc(len + 1); /* a word and its NUL take no more than in the text */
    int rc = -1;

    *out = (struct xb_words){.list = calloc(len / 2 + 2, sizeof *out->list)};
    if (bytes && out->list)
        rc = split(text, bytes, out, err);
    else
        xb_fail(err, "out of memory");
    free(bytes);
    if (rc < 0)
        xb_words_release(out);
    return rc;
}

void xb_words_release(struct xb_words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->list[i]);
    free(words->list);
    *words = (struct xb_words){0};
}

/* May a word stand without quotes? */
static bool is_plain(const char *word)
{
    for (const char *p = word; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_-+=./,:@%", *p))
            return false;
    return word[0];
}

static void print_quoted(const char *word, FILE *out)
{
    fputc('\'', out);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

void xb_words_print(const char *const *words, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            fputc(' ', out);
        if (is_plain(words[i]))
            fputs(words[i], out);
        else
            print_quoted(words[i], out);
    }
}
