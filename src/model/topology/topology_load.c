/* SPDX-License-Identifier: BSD-3-Clause */
/* topology_load.c - has hwloc load this machine, or a saved one, whose file may be anybody's.
 *
 * hwloc trusts what it loads. So a file's text is looked through first, and then another
 * process tries it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/input.h"
#include "model/topology/topology_internal.h"

#define MAX_BYTES  (64 << 20)
#define LOAD_MAX_S 60

/* How a process that tries a file ends. */
enum { LOADED = 0, NOT_LOADED = 100, OUT_OF_BOUNDS };

/* ---- the text ---- */

struct span {
    const char *text;
    size_t len;
};

static bool is_word(const struct span *s, const char *word)
{
    return s->len == strlen(word) && memcmp(s->text, word, s->len) == 0;
}

/* The next attribute of a tag, NAME="VALUE" and in no other way, and move past it. 1; 0 at the
 * tag's end; -1 where something else stands there. */
static int next_attribute(const char **at, struct span *name, struct span *value)
{
    const char *p = *at + strspn(*at, " \t\r\n");

    if (*p == '>' || *p == '/')
        return 0;
    *name = (struct span){p, strcspn(p, "=\"'<>/ \t\r\n")};
    p += name->len;
    if (name->len == 0 || p[0] != '=' || p[1] != '"')
        return -1;
    *value = (struct span){p + 2, strcspn(p + 2, "\"")};
    *at = value->text + value->len;
    return *(*at)++ == '"' ? 1 : -1;
}

static int check_index(const struct span *value, struct xb_error *err)
{
    unsigned long index = 0;

    for (size_t i = 0; i < value->len; i++) {
        if (!isdigit((unsigned char)value->text[i]))
            index = ULONG_MAX;
        else if (index <= XB_INDEX_MAX)
            index = index * 10 + (unsigned long)(value->text[i] - '0');
    }
    return value->len > 0 && index <= XB_INDEX_MAX
               ? 0
               : xb_fail(err, "found os_index %.*s, expected at most %d",
                         (int)(value->len < 20 ? value->len : 20), value->text, XB_INDEX_MAX);
}

/* May such an object have a bit of its own in sets? hwloc knows the type by its first letters,
 * and where one is written as "&#80;" only the XML library knows which. */
static bool has_bit(const struct span *type)
{
    return (type->len >= 2 && strncasecmp(type->text, "pu", 2) == 0) ||
           (type->len >= 1 && strncasecmp(type->text, "n", 1) == 0) ||
           memchr(type->text, '&', type->len);
}

/* Without an index hwloc takes the largest number, and memory for a set up to that. */
static int check_object(const char *attributes, struct xb_error *err)
{
    struct span name, value, type = {"", 0};
    bool has_index = false;
    int more;

    while ((more = next_attribute(&attributes, &name, &value)) > 0) {
        if (is_word(&name, "type"))
            type = value;
        if (!is_word(&name, "os_index"))
            continue;
        has_index = true;
        if (check_index(&value, err) < 0)
            return -1;
    }
    if (more < 0)
        return xb_fail(err, "found an object whose attributes are not all NAME=\"VALUE\", as "
                            "hwloc writes them");
    return has_index || !has_bit(&type)
               ? 0
               : xb_fail(err, "found a PU or NUMANode without os_index, expected one");
}

static int line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* What hwloc would do without bounds: open other files by entities, and take memory for each
 * processor up to the largest number. hwloc writes neither. */
static int check_text(const char *text, size_t len, struct xb_error *err)
{
    static const char object[] = "<object";

    if (strlen(text) != len)
        return xb_fail(err, "found a byte 0, expected XML in UTF-8, as hwloc writes it");
    if (strcasestr(text, "<!ENTITY"))
        return xb_fail(err, "found an XML entity, expected none, as hwloc writes it");
    for (const char *at = text; (at = strstr(at, object));) {
        const char *tag = at;
        at += sizeof object - 1;
        if (isspace((unsigned char)*at) && check_object(at, err) < 0)
            return xb_fail_in(err, "line %d", line_of(text, tag));
    }
    return 0;
}

/* ---- loading ---- */

static int load(hwloc_topology_t hw, struct xb_error *err)
{
    errno = 0;
    if (hwloc_topology_set_io_types_filter(hw, HWLOC_TYPE_FILTER_KEEP_IMPORTANT) ||
        hwloc_topology_load(hw))
        return xb_fail(err, "hwloc cannot load it: %s",
                       errno ? strerror(errno) : "no reason given");
    return 0;
}

static int load_text(hwloc_topology_t hw, const char *text, size_t len, struct xb_error *err)
{
    errno = 0;
    if (hwloc_topology_set_xmlbuffer(hw, text, (int)len + 1) || load(hw, err) < 0)
        return xb_fail(err, "hwloc cannot load it (%s), expected XML as hwloc writes it",
                       errno ? strerror(errno) : "no reason given");
    return 0;
}

/* Also where the XML library reads the text in another way than check_text. */
static bool is_within_bounds(hwloc_topology_t hw)
{
    static const hwloc_obj_type_t types[] = {HWLOC_OBJ_PU, HWLOC_OBJ_NUMANODE};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        for (hwloc_obj_t o = NULL; (o = hwloc_get_next_obj_by_type(hw, types[i], o));)
            if (o->os_index > XB_INDEX_MAX)
                return false;
    return true;
}

/* In the process that tries it. */
static int try_here(hwloc_topology_t hw, const char *text, size_t len, struct xb_error *err)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    int out = open("/dev/null", O_WRONLY);

    if (out >= 0)
        dup2(out, STDERR_FILENO); /* the other process's load will say the same */
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        signal(deadly[i], SIG_DFL); /* nobody's handlers are to speak of it */
    alarm(LOAD_MAX_S);
    if (load_text(hw, text, len, err) < 0)
        return NOT_LOADED;
    return is_within_bounds(hw) ? LOADED : OUT_OF_BOUNDS;
}

/* Why a process that tried a file says that it cannot be loaded here, by its status. */
static int explain_status(int status, struct xb_error *err)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        return xb_fail(err, "hwloc has not loaded it in %d s, expected XML as hwloc writes it",
                       LOAD_MAX_S);
    if (WIFSIGNALED(status))
        return xb_fail(err, "hwloc dies of it (signal %d), expected XML as hwloc writes it",
                       WTERMSIG(status));
    if (WEXITSTATUS(status) == OUT_OF_BOUNDS)
        return xb_fail(err,
                       "found a PU or NUMANode without os_index, or with one that is too "
                       "large, expected at most %d",
                       XB_INDEX_MAX);
    if (WEXITSTATUS(status) != LOADED && WEXITSTATUS(status) != NOT_LOADED)
        return xb_fail(err, "hwloc gives up (status %d), expected XML as hwloc writes it",
                       WEXITSTATUS(status));
    return 0;
}

/* hwloc trusts a file's structure: 2.9 dies of an object without a cpuset. */
static int try_elsewhere(hwloc_topology_t hw, const char *text, size_t len,
                         struct xb_error *err)
{
    int status;

    fflush(stdout); /* hwloc may end the child by exit, which would print it again */
    pid_t child = fork();
    if (child == 0)
        _exit(try_here(hw, text, len, err));
    if (child < 0)
        return xb_fail(err, "cannot start a process that loads it: %s", strerror(errno));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return xb_fail(err, "cannot wait for a process that loads it: %s", strerror(errno));
    return explain_status(status, err);
}

static int load_file(hwloc_topology_t hw, const char *file, struct xb_error *err)
{
    char *text;
    size_t len;

    if (xb_input_text(file, MAX_BYTES, &text, &len, err) < 0)
        return -1;
    int rc = check_text(text, len, err);
    if (rc == 0 && (rc = try_elsewhere(hw, text, len, err)) == 0)
        rc = load_text(hw, text, len, err);
    free(text);
    return rc;
}

/* hwloc may come with plug-ins that open the GPUs. The bus tells all that is asked here, and a
 * context opened now would stand on the wrong side of a later choice of device. hwloc refuses
 * names that it does not know, which is as good. */
static void leave_gpus_alone(hwloc_topology_t hw)
{
    static const char *const plugins[] = {"cuda", "nvml", "opencl", "gl"};

    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++)
        (void)hwloc_topology_set_components(hw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST,
                                            plugins[i]);
}

int xb_topology_load_hwloc(hwloc_topology_t hw, const char *xml_file, struct xb_error *err)
{
    if (xml_file)
        return load_file(hw, xml_file, err);
    leave_gpus_alone(hw);
    return load(hw, err);
}
