/* table.c - text tables that size their columns to their content. */
#include "report/formats/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XB_TABLE_GAP 2 /* blanks between columns */

struct xb_column {
    bool right;
    int width;
};

struct xb_table {
    struct xb_column *columns;
    size_t ncolumns;
    char **cells; /* row after row, the titles first */
    size_t nrows, room;
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

static int make_room(struct xb_table *table)
{
    if (table->nrows < table->room)
        return 0;

    size_t room = table->room ? 2 * table->room : 32;
    char **cells = realloc(table->cells, room * table->ncolumns * sizeof(*cells));
    if (!cells)
        return -1;
    table->cells = cells;
    table->room = room;
    return 0;
}

int xb_table_add(struct xb_table *table, const char *const *cells)
{
    if (count_of(cells) != table->ncolumns || make_room(table) != 0)
        return -1;

    char **row = table->cells + table->nrows * table->ncolumns;
    for (size_t i = 0; i < table->ncolumns; i++) {
        row[i] = strdup(cells[i]);
        if (!row[i]) {
            while (i > 0)
                free(row[--i]);
            return -1;
        }
    }
    for (size_t i = 0; i < table->ncolumns; i++) {
        int width = width_of(row[i]);

        if (width > table->columns[i].width)
            table->columns[i].width = width;
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
    table->ncolumns = ncolumns;
    table->columns = calloc(ncolumns, sizeof(*table->columns));
    if (!table->columns || add_titles(table, titles) != 0) {
        xb_table_free(table);
        return NULL;
    }
    return table;
}

void xb_table_free(struct xb_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->nrows * table->ncolumns; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->columns);
    free(table);
}

/* printf's field width counts bytes, so the padding is printed by itself; none goes behind the
 * last column. */
static void print_row(const struct xb_table *table, size_t row, FILE *out)
{
    for (size_t i = 0; i < table->ncolumns; i++) {
        const struct xb_column *column = &table->columns[i];
        const char *cell = table->cells[row * table->ncolumns + i];
        bool last = i + 1 == table->ncolumns;
        int padding = column->width - width_of(cell);

        fprintf(out, "%*s%s%*s", column->right ? padding : 0, "", cell,
                last ? 0 : (column->right ? 0 : padding) + XB_TABLE_GAP, "");
    }
    fputc('\n', out);
}

static void print_rule(const struct xb_table *table, FILE *out)
{
    int width = -XB_TABLE_GAP;

    for (size_t i = 0; i < table->ncolumns; i++)
        width += table->columns[i].width + XB_TABLE_GAP;
    for (int i = 0; i < width; i++)
        fputc('-', out);
    fputc('\n', out);
}

void xb_table_print(const struct xb_table *table, FILE *out)
{
    for (size_t row = 0; row < table->nrows; row++) {
        print_row(table, row, out);
        if (row == 0)
            print_rule(table, out);
    }
}
