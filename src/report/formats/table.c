/* SPDX-License-Identifier: BSD-3-Clause */
/* table.c - tables: text that sizes its columns to their content, Markdown, CSV. */
#include "report/formats/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/screen.h"
#include "report/formats/table_cell.h"
#include "report/page/markup.h"

#define XB_TABLE_GAP 2 /* blanks between columns */

struct xb_column {
    bool right, point, optional;
    size_t width;
    size_t before, behind; /* of numbers: columns before their points, and from these on */
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

/* Columns of a number before its point. */
static size_t before_point(const char *cell)
{
    const char *point = strchr(cell, '.');

    return point ? (size_t)(point - cell) : strlen(cell);
}

static void make_room_for_number(struct xb_column *column, const char *cell)
{
    size_t before = before_point(cell), behind = strlen(cell) - before;

    column->before = before > column->before ? before : column->before;
    column->behind = behind > column->behind ? behind : column->behind;
    if (column->before + column->behind > column->width)
        column->width = column->before + column->behind;
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
    assert(table->cells || table->ncolumns == 0);
    for (size_t i = 0; i < table->ncolumns; i++) {
        struct xb_column *column = &table->columns[i];

        if (table->nrows > 0 && column->point)
            make_room_for_number(column, cells[i]);
        size_t width = xb_screen_text_width(cells[i]);
        if (width > column->width)
            column->width = width;
        len = strlen(cells[i]) + 1;
        memcpy(table->cells + table->len, cells[i], len);
        table->len += len;
    }
    table->nrows++;
    return 0;
}

/* The first row: titles without what says how their columns are, which is noted. */
static int add_titles(struct xb_table *table, const char *const *titles)
{
    const char **plain = calloc(table->ncolumns + 1, sizeof(*plain));

    if (!plain)
        return -1;
    for (size_t i = 0; i < table->ncolumns; i++) {
        struct xb_column *column = &table->columns[i];
        plain[i] = titles[i];
        column->optional = *plain[i] == '?';
        plain[i] += column->optional;
        column->point = *plain[i] == '.';
        column->right = column->point || *plain[i] == '>';
        plain[i] += column->right;
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

/* How a table is printed: which columns, and how wide. */
#define LEFT_OUT SIZE_MAX
struct layout {
    size_t *width;      /* of each column, or LEFT_OUT */
    size_t first, last; /* columns that are printed, beside the first one; not the last */
    const struct xb_table_fit *fit; /* NULL: as wide as it is */
};

static bool is_shown(const struct layout *l, size_t i)
{
    return l->width[i] != LEFT_OUT && (i == 0 || (i >= l->first && i < l->last));
}

static void print_blanks(size_t n, FILE *out)
{
    fprintf(out, "%*s", (int)n, "");
}

/* The cell and the blanks on its left; returns those that are missing on its right. */
static size_t print_cell(const struct xb_column *column, size_t width, bool title,
                         const char *cell, FILE *out)
{
    char buf[512];
    const char *text = xb_screen_elide(cell, width, buf, sizeof buf);
    size_t used = xb_screen_text_width(text), left = 0;

    if (column->right)
        left = width - used;
    if (column->point && !title && used <= width) {
        size_t behind = column->behind - (strlen(text) - before_point(text));
        left = width - used > behind ? width - used - behind : 0;
    }
    print_blanks(left, out);
    xb_screen_print(text, out);
    return width - used - left;
}

/* No blanks go behind the last column. */
static void print_row(struct cells *c, const struct layout *l, bool title, FILE *out)
{
    const struct xb_table *table = c->table;
    const size_t tint_column = l->fit && l->fit->colours ? l->fit->tint : 0;
    const char *tint = "";
    size_t pending = 0;
    char *line = NULL;
    size_t len;
    FILE *row = tint_column && !title ? open_memstream(&line, &len) : NULL;

    for (size_t i = 0; i < table->ncolumns; i++) {
        const char *cell = next_cell(c, i);
        if (tint_column && i == tint_column && !title)
            tint = *cell == 'r' ? XB_SCREEN_RED : *cell == 'y' ? XB_SCREEN_YELLOW : "";
        if (!is_shown(l, i))
            continue;
        if (!cell[0]) { /* no blanks but before what follows */
            pending += l->width[i] + XB_TABLE_GAP;
            continue;
        }
        print_blanks(pending, row ? row : out);
        pending = print_cell(&table->columns[i], l->width[i], title, cell, row ? row : out) +
                  XB_TABLE_GAP;
    }
    if (row && fclose(row) == 0)
        fprintf(out, "%s%s%s", tint, line, tint[0] ? XB_SCREEN_PLAIN : "");
    free(line);
    fputc('\n', out);
}

static size_t width_of(const struct xb_table *table, const struct layout *l)
{
    size_t width = 0;

    for (size_t i = 0; i < table->ncolumns; i++)
        if (is_shown(l, i))
            width += l->width[i] + XB_TABLE_GAP;
    return width - XB_TABLE_GAP;
}

static void print_all(const struct xb_table *table, const struct layout *l, FILE *out)
{
    struct cells c = cells_of(table);
    size_t width = width_of(table, l);

    for (size_t row = 0; row < table->nrows; row++) {
        print_row(&c, l, row == 0, out);
        for (size_t i = 0; row == 0 && i < width; i++)
            fputc('-', out);
        fputs(row == 0 ? "\n" : "", out);
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
            xb_cell_print_markdown(cell, out);
        }
        fputs(" |\n", out);
        for (size_t i = 0; row == 0 && i < table->shown; i++)
            fputs(table->columns[i].right ? "|---:" : "|---", out);
        if (row == 0)
            fputs("|\n", out);
    }
}

void xb_table_print_csv(const struct xb_table *table, FILE *out)
{
    struct cells c = cells_of(table);

    for (size_t row = 0; row < table->nrows; row++)
        for (size_t i = 0; i < table->ncolumns; i++) {
            const char *cell = next_cell(&c, i);
            if (i >= table->shown)
                continue;
            xb_cell_print_csv(cell, out);
            fputs(i + 1 == table->shown ? "\r\n" : ",", out);
        }
}

static void print_html_row(struct cells *c, bool titles, FILE *out)
{
    fputs("<tr>", out);
    for (size_t i = 0; i < c->table->ncolumns; i++) {
        const char *cell = next_cell(c, i);
        if (i >= c->table->shown)
            continue;
        fputs(titles ? "<th scope=\"col\">" : "<td>", out);
        xb_markup_breakable(cell, out);
        fputs(titles ? "</th>" : "</td>", out);
    }
    fputs("</tr>", out);
}

/* What a table begins with, up to its first row. The caller frees it; NULL: out of memory. */
static char *html_head(struct cells *c)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    fputs("<table class=\"t", out);
    for (size_t i = 0; i < c->table->shown; i++)
        if (c->table->columns[i].right)
            fprintf(out, " r%zu", i + 1);
    fputs("\">\n<thead>", out);
    print_html_row(c, true, out);
    fputs("</thead>\n<tbody>\n", out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

int xb_table_print_html(const struct xb_table *table, size_t most, void (*between)(FILE *out),
                        FILE *out)
{
    struct cells c = cells_of(table);
    char *head = html_head(&c);

    if (!head)
        return -1;
    fputs(head, out);
    for (size_t row = 1; row < table->nrows; row++) {
        if (between && row > 1 && (row - 1) % most == 0) {
            fputs("</tbody></table>\n", out);
            between(out);
            fputs(head, out);
        }
        print_html_row(&c, false, out);
        fputc('\n', out);
    }
    fputs("</tbody></table>\n", out);
    free(head);
    return 0;
}

/* All columns, as wide as they are; false when out of memory. */
static bool lay_out(const struct xb_table *table, struct layout *l)
{
    *l = (struct layout){
        .width = calloc(table->ncolumns, sizeof *l->width), .first = 1, .last = table->shown};
    for (size_t i = 0; l->width && i < table->ncolumns; i++)
        l->width[i] = i < table->shown ? table->columns[i].width : LEFT_OUT;
    return l->width != NULL;
}

/* Take from the widest column of text until the line fits, or none has more than the least. */
static void shrink_text(const struct xb_table *table, struct layout *l, size_t least)
{
    while (width_of(table, l) > l->fit->columns) {
        size_t widest = table->shown;
        for (size_t i = 0; i < table->shown; i++)
            if (!table->columns[i].right && is_shown(l, i) && l->width[i] > least &&
                (widest == table->shown || l->width[i] > l->width[widest]))
                widest = i;
        if (widest == table->shown)
            return;
        l->width[widest]--;
    }
}

static void leave_out_columns(const struct xb_table *table, struct layout *l)
{
    for (size_t i = table->shown; i-- > 0 && width_of(table, l) > l->fit->columns;)
        if (table->columns[i].optional)
            l->width[i] = LEFT_OUT;
}

/* As many columns from l->first on as there is room for, one at least. */
static void take_columns(const struct xb_table *table, struct layout *l)
{
    l->last = l->first + 1;
    while (l->last < table->shown) {
        l->last++;
        if (width_of(table, l) > l->fit->columns) {
            l->last--;
            return;
        }
    }
}

void xb_table_print(const struct xb_table *table, FILE *out)
{
    struct layout l;

    if (lay_out(table, &l))
        print_all(table, &l, out);
    free(l.width);
}

void xb_table_print_fit(const struct xb_table *table, const struct xb_table_fit *fit, FILE *out)
{
    struct layout l;

    if (lay_out(table, &l)) {
        l.fit = fit;
        for (size_t i = 1; i < table->shown; i++)
            if (l.width[i] == 0) /* nothing stands there */
                l.width[i] = LEFT_OUT;
        if (fit->least > 0)
            shrink_text(table, &l, fit->least);
        leave_out_columns(table, &l);
        if (fit->least > 0)
            shrink_text(table, &l, 1);
        do {
            take_columns(table, &l);
            fputs(l.first > 1 ? "\n" : "", out);
            print_all(table, &l, out);
            l.first = l.last;
        } while (l.first < table->shown);
    }
    free(l.width);
}
