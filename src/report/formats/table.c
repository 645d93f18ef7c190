/* SPDX-License-Identifier: BSD-3-Clause */
/* table.c - tables: text that sizes its columns to their content, Markdown, CSV. */
#include "report/formats/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "report/page/markup.h"

#define XB_TABLE_GAP 2 /* blanks between columns */

struct xb_column {
    bool right;
    int width;
};

struct xb_table {
    struct xb_column *columns;
    size_t ncolumns, shown;
    size_t nrows; /* the titles are the first */
    char *cells;  /* row after row, each with its NUL; of a long table the last ones */
    size_t len, room;
    FILE *file; /* with those before them; NULL where there are none, or no file can be made */
    size_t filed;         /* rows in it */
    bool full;            /* it takes no more */
    struct xb_cell *read; /* of the row that is being printed, where that is in the file */
};

struct xb_cell {
    char *text;
    size_t room;
};

/* Characters of UTF-8 text: all bytes but continuation bytes. */
static int width_of(const char *text)
{
    int width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static size_t count_of(const char *const *texts)
{
    size_t n = 0;

    while (texts[n])
        n++;
    return n;
}

#define MOST_HELD 65536 /* bytes of cells in memory before they go to the file */

/* What does not reach the file stays in memory, for which there is no bound then. */
static void put_away(struct xb_table *table)
{
    if (!table->file) {
        int fd = xb_file_nameless();
        table->file = fd >= 0 ? fdopen(fd, "w+") : NULL;
        if (!table->file && fd >= 0)
            close(fd);
    }
    if (!table->file || fwrite(table->cells, 1, table->len, table->file) != table->len ||
        fflush(table->file) != 0) {
        table->full = true;
        return;
    }
    table->filed = table->nrows;
    table->len = 0;
}

static int make_room(struct xb_table *table, size_t more)
{
    if (table->len > MOST_HELD && !table->full)
        put_away(table);
    if (table->room - table->len >= more)
        return 0;
    size_t room = 2 * table->room + more;
    char *cells = realloc(table->cells, room);
    if (!cells)
        return -1;
    table->cells = cells;
    table->room = room;
    return 0;
}

int xb_table_add(struct xb_table *table, const char *const *cells)
{
    size_t len = 0;

    if (count_of(cells) != table->ncolumns)
        return -1;
    for (size_t i = 0; i < table->ncolumns; i++)
        len += strlen(cells[i]) + 1;
    if (make_room(table, len) != 0)
        return -1;
    for (size_t i = 0; i < table->ncolumns; i++) {
        struct xb_column *column = &table->columns[i];
        int width = width_of(cells[i]);

        if (width > column->width)
            column->width = width;
        len = strlen(cells[i]) + 1;
        memcpy(table->cells + table->len, cells[i], len);
        table->len += len;
    }
    table->nrows++;
    return 0;
}

/* The first row: titles without the mark of a right-aligned column, which is noted. */
static int add_titles(struct xb_table *table, const char *const *titles)
{
    const char **plain = calloc(table->ncolumns + 1, sizeof(*plain));

    if (!plain)
        return -1;
    for (size_t i = 0; i < table->ncolumns; i++) {
        table->columns[i].right = titles[i][0] == '>';
        plain[i] = titles[i] + (table->columns[i].right ? 1 : 0);
    }
    int rc = xb_table_add(table, plain);
    free(plain);
    return rc;
}

struct xb_table *xb_table_new(const char *const *titles)
{
    size_t ncolumns = count_of(titles);
    struct xb_table *table = ncolumns ? calloc(1, sizeof(*table)) : NULL;

    if (!table)
        return NULL;
    table->ncolumns = table->shown = ncolumns;
    table->columns = calloc(ncolumns, sizeof(*table->columns));
    table->read = calloc(ncolumns, sizeof(*table->read));
    if (!table->columns || !table->read || add_titles(table, titles) != 0) {
        xb_table_free(table);
        return NULL;
    }
    return table;
}

void xb_table_narrow(struct xb_table *table, size_t n)
{
    table->shown = n;
}

void xb_table_free(struct xb_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; table->read && i < table->ncolumns; i++)
        free(table->read[i].text);
    if (table->file)
        fclose(table->file);
    free(table->read);
    free(table->cells);
    free(table->columns);
    free(table);
}

/* The rows in their order, cell by cell. */
struct cells {
    const struct xb_table *table;
    size_t row;
    const char *at; /* in memory */
};

static struct cells cells_of(const struct xb_table *table)
{
    if (table->file)
        rewind(table->file);
    return (struct cells){.table = table, .at = table->cells};
}

/* The cell of the next column; what cannot be read back is a question mark. */
static const char *next_cell(struct cells *c, size_t column)
{
    struct xb_cell *read = &c->table->read[column];
    const char *text = c->at;
    bool filed = c->row < c->table->filed;

    if (filed && getdelim(&read->text, &read->room, '\0', c->table->file) < 0)
        text = "?";
    else if (filed)
        text = read->text;
    else
        c->at += strlen(text) + 1;
    c->row += column + 1 == c->table->ncolumns;
    return text;
}

/* printf's field width counts bytes, so the padding is printed by itself; none goes behind the
 * last column. */
static void print_row(struct cells *c, FILE *out)
{
    const struct xb_table *table = c->table;

    for (size_t i = 0; i < table->ncolumns; i++) {
        const struct xb_column *column = &table->columns[i];
        const char *cell = next_cell(c, i);
        bool last = i + 1 == table->shown;
        int padding = column->width - width_of(cell);

        if (i < table->shown)
            fprintf(out, "%*s%s%*s", column->right ? padding : 0, "", cell,
                    last ? 0 : (column->right ? 0 : padding) + XB_TABLE_GAP, "");
    }
    fputc('\n', out);
}

static void print_rule(const struct xb_table *table, FILE *out)
{
    int width = -XB_TABLE_GAP;

    for (size_t i = 0; i < table->shown; i++)
        width += table->columns[i].width + XB_TABLE_GAP;
    for (int i = 0; i < width; i++)
        fputc('-', out);
    fputc('\n', out);
}

/* A cell of a Markdown table: a bar would end it, a line's end the row. */
static void print_markdown_cell(const char *cell, FILE *out)
{
    for (; *cell; cell++) {
        if (*cell == '|')
            fputc('\\', out);
        fputc(*cell == '\n' ? ' ' : *cell, out);
    }
}

void xb_table_print_markdown(const struct xb_table *table, FILE *out)
{
    struct cells c = cells_of(table);

    for (size_t row = 0; row < table->nrows; row++) {
        for (size_t i = 0; i < table->ncolumns; i++) {
            const char *cell = next_cell(&c, i);
            if (i >= table->shown)
                continue;
            fputs(i ? " | " : "| ", out);
            print_markdown_cell(cell, out);
        }
        fputs(" |\n", out);
        for (size_t i = 0; row == 0 && i < table->shown; i++)
            fputs(table->columns[i].right ? "|---:" : "|---", out);
        if (row == 0)
            fputs("|\n", out);
    }
}

static void print_csv_cell(const char *cell, FILE *out)
{
    bool quoted = strpbrk(cell, ",\"\r\n") != NULL;

    if (quoted)
        fputc('"', out);
    for (; *cell; cell++) {
        if (*cell == '"')
            fputc('"', out);
        fputc(*cell, out);
    }
    if (quoted)
        fputc('"', out);
}

void xb_table_print_csv(const struct xb_table *table, FILE *out)
{
    struct cells c = cells_of(table);

    for (size_t row = 0; row < table->nrows; row++)
        for (size_t i = 0; i < table->ncolumns; i++) {
            const char *cell = next_cell(&c, i);
            if (i >= table->shown)
                continue;
            print_csv_cell(cell, out);
            fputs(i + 1 == table->shown ? "\r\n" : ",", out);
        }
}

void xb_table_print_html(const struct xb_table *table, FILE *out)
{
    struct cells c = cells_of(table);

    fputs("<table class=\"t", out);
    for (size_t i = 0; i < table->shown; i++)
        if (table->columns[i].right)
            fprintf(out, " r%zu", i + 1);
    fputs("\">\n", out);
    for (size_t row = 0; row < table->nrows; row++) {
        const char *element = row ? "td" : "th";
        fputs(row ? "<tr>" : "<thead><tr>", out);
        for (size_t i = 0; i < table->ncolumns; i++) {
            const char *cell = next_cell(&c, i);
            if (i >= table->shown)
                continue;
            fprintf(out, row ? "<%s>" : "<%s scope=\"col\">", element);
            xb_markup_text(cell, out);
            fprintf(out, "</%s>", element);
        }
        fputs(row ? "</tr>\n" : "</tr></thead>\n<tbody>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

void xb_table_print(const struct xb_table *table, FILE *out)
{
    struct cells c = cells_of(table);

    for (size_t row = 0; row < table->nrows; row++) {
        print_row(&c, out);
        if (row == 0)
            print_rule(table, out);
    }
}
