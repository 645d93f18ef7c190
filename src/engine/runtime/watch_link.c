/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_link.c - how watchdogs of several nodes hear of each other. */
#include "config.h"

#include "engine/runtime/watch_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define SAY_EVERY_US 1e6
#define TRY_US       2e6 /* for an address, before the next one is tried */
#define VIEWS_MAX    4096

/* Before so many views. */
struct frame {
    uint64_t token;
    int32_t status; /* of rank 0: to end with; negative: go on */
    int32_t views;
};

/* One end of a connection. */
struct line {
    int fd;          /* -1: none */
    bool known;      /* it has said the token */
    bool closed;     /* by the other end */
    double heard_us; /* when last */
    char *in;
    size_t got, room;
    int32_t count; /* ranks of the node */
    int32_t *ranks;
};

static struct {
    struct xb_watch_number number;
    int listener;
    struct line *lines; /* rank 0: of each node that has called; else the one to rank 0 */
    size_t nlines;
    double said_us;
    int order;       /* what rank 0 said */
    size_t tried;    /* addresses */
    double tried_us; /* when the last one was */
    bool connecting;
    char *out; /* what is left to be sent */
    size_t out_at, out_bytes;
} link_ = {.listener = -1, .order = -1, .said_us = -SAY_EVERY_US};

static double now_us(void)
{
    return (double)atomic_load(&xb_watch_mine()->watched_us);
}

static bool set_up(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static void hang_up(struct line *line)
{
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
    line->closed = true;
    free(line->in);
    line->in = NULL;
    line->got = line->room = 0;
}

/* ---- both ends ---- */

static size_t frame_bytes(const struct frame *f)
{
    return sizeof *f + (size_t)f->views * sizeof(struct xb_watch_view);
}

/* Read what is there; true where the line holds a whole frame. */
static bool read_frame(struct line *line, struct frame *f)
{
    for (;;) {
        bool head = line->got >= sizeof *f;
        if (head) {
            memcpy(f, line->in, sizeof *f);
            if (f->token != link_.number.token || f->views < 0 || f->views > VIEWS_MAX) {
                hang_up(line); /* a stranger */
                return false;
            }
        }
        size_t want = head ? frame_bytes(f) : sizeof *f;
        if (head && line->got == want)
            return true;
        if (want > line->room) {
            char *more = realloc(line->in, want);
            if (!more)
                return false;
            line->in = more;
            line->room = want;
        }
        ssize_t n = read(line->fd, line->in + line->got, want - line->got);
        if (n > 0) {
            line->got += (size_t)n;
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            hang_up(line);
        return false;
    }
}

/* ---- rank 0 ---- */

static void find_addresses(struct xb_watch_number *out)
{
    struct ifaddrs *all;

    if (getifaddrs(&all) != 0)
        return;
    for (int loop = 0; loop < 2; loop++) /* those of this node alone last */
        for (struct ifaddrs *a = all; a && out->n < XB_WATCH_ADDRESSES; a = a->ifa_next) {
            bool is_loop = a->ifa_flags & IFF_LOOPBACK;
            if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET || !(a->ifa_flags & IFF_UP) ||
                is_loop != (loop == 1))
                continue;
            struct sockaddr_in in;
            memcpy(&in, a->ifa_addr, sizeof in);
            out->address[out->n++] = in.sin_addr.s_addr;
        }
    freeifaddrs(all);
}

void xb_watch_link_listen(struct xb_watch_number *out)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(out, 0, sizeof *out);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, SOMAXCONN) != 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0 ||
        !set_up(fd) ||
        getrandom(&out->token, sizeof out->token, 0) != (ssize_t)sizeof out->token) {
        out->token = 0;
        if (fd >= 0)
            close(fd);
        return;
    }
    out->token |= 1;
    out->port = at.sin_port;
    find_addresses(out);
    link_.number = *out;
    link_.listener = fd;
}

static void accept_calls(void)
{
    int fd;

    while ((fd = accept(link_.listener, NULL, NULL)) >= 0) {
        struct line *more = realloc(link_.lines, (link_.nlines + 1) * sizeof *more);
        if (more)
            link_.lines = more;
        if (!more || !set_up(fd)) {
            close(fd);
            continue;
        }
        link_.lines[link_.nlines++] = (struct line){.fd = fd, .heard_us = now_us()};
    }
}

/* What a node says of its ranks. */
static void take_views(struct line *line, const struct frame *f, struct xb_watch_view *views,
                       size_t n)
{
    if (!line->ranks && (line->ranks = calloc((size_t)f->views + 1, sizeof *line->ranks)))
        line->count = f->views; /* as many each time */
    if (f->views < line->count)
        line->count = f->views;
    for (int32_t i = 0; line->ranks && i < line->count; i++) {
        struct xb_watch_view v;
        memcpy(&v, line->in + sizeof *f + (size_t)i * sizeof v, sizeof v);
        v.place[sizeof v.place - 1] = v.step[sizeof v.step - 1] = '\0';
        line->ranks[i] = v.rank;
        if (v.rank >= 0 && (size_t)v.rank < n)
            views[v.rank] = v;
    }
    line->known = true;
    line->heard_us = now_us();
}

void xb_watch_link_hear(struct xb_watch_view *views, size_t n)
{
    struct frame f;

    if (link_.listener < 0)
        return;
    accept_calls();
    for (size_t i = 0; i < link_.nlines; i++) {
        struct line *line = &link_.lines[i];
        while (line->fd >= 0 && read_frame(line, &f)) {
            take_views(line, &f, views, n);
            line->got = 0;
        }
        double silent_s = (now_us() - line->heard_us) * 1e-6;
        for (int32_t r = 0; line->known && r < line->count; r++) {
            if (silent_s < 2 || line->ranks[r] < 0 || (size_t)line->ranks[r] >= n)
                continue;
            struct xb_watch_view *v = &views[line->ranks[r]];
            if (v->silent_s < (float)silent_s) {
                v->silent_s = (float)silent_s;
                v->state = line->closed && r == 0 ? 0 : '?';
            }
        }
    }
}

void xb_watch_link_tell(int status, bool now)
{
    struct frame f = {.token = link_.number.token, .status = status};

    if (link_.listener < 0 || (!now && now_us() - link_.said_us < SAY_EVERY_US))
        return;
    link_.said_us = now_us();
    for (size_t i = 0; i < link_.nlines; i++)
        if (link_.lines[i].fd >= 0 && link_.lines[i].known &&
            send(link_.lines[i].fd, &f, sizeof f, MSG_NOSIGNAL) != (ssize_t)sizeof f &&
            errno != EAGAIN)
            hang_up(&link_.lines[i]);
}

bool xb_watch_link_is_used(void)
{
    return link_.listener >= 0 && link_.nlines > 0;
}

bool xb_watch_link_all_ended(const struct xb_watch_view *views, size_t n)
{
    for (size_t i = 0; link_.listener >= 0 && i < link_.nlines; i++)
        for (int32_t r = 0; r < link_.lines[i].count; r++) {
            int32_t rank = link_.lines[i].ranks[r];
            if (rank >= 0 && (size_t)rank < n && !views[rank].ended)
                return false;
        }
    return true;
}

/* ---- the other nodes ---- */

void xb_watch_link_call(const struct xb_watch_number *number)
{
    link_.number = *number;
    link_.lines = number->token ? calloc(1, sizeof *link_.lines) : NULL;
    link_.nlines = link_.lines ? 1 : 0;
    if (link_.lines)
        link_.lines[0].fd = -1;
}

/* Get on with calling; true when rank 0 has answered. */
static bool reach(struct line *line)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = link_.number.port};

    if (line->known)
        return !line->closed;
    if (line->fd >= 0 && !line->closed && now_us() - link_.tried_us < TRY_US) {
        socklen_t len = sizeof to;
        if (getpeername(line->fd, (struct sockaddr *)&to, &len) == 0) {
            line->known = true;
            line->heard_us = now_us();
        }
        return line->known;
    }
    hang_up(line);
    line->closed = false;
    if (link_.tried == link_.number.n && now_us() - link_.tried_us < TRY_US)
        return false;
    to.sin_addr.s_addr = link_.number.address[link_.tried++ % link_.number.n];
    link_.tried = link_.tried % link_.number.n;
    link_.tried_us = now_us();
    line->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (line->fd < 0 || !set_up(line->fd) ||
        (connect(line->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS))
        link_.tried_us -= TRY_US; /* the next one at once */
    return false;
}

/* Send what is left of a report. */
static void send_out(struct line *line)
{
    while (link_.out_at < link_.out_bytes) {
        ssize_t n = send(line->fd, link_.out + link_.out_at, link_.out_bytes - link_.out_at,
                         MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            hang_up(line);
        if (n <= 0)
            return;
        link_.out_at += (size_t)n;
    }
}

bool xb_watch_link_say(const struct xb_watch_view *views, size_t n, bool now)
{
    struct frame f = {.token = link_.number.token, .status = -1, .views = (int32_t)n}, heard;

    if (link_.nlines == 0 || link_.number.n == 0 || n > VIEWS_MAX)
        return false;
    struct line *line = &link_.lines[0];
    if (!reach(line))
        return line->known;
    while (line->fd >= 0 && read_frame(line, &heard)) {
        link_.order = heard.status;
        line->heard_us = now_us();
        line->got = 0;
    }
    if (line->fd < 0)
        return true;
    send_out(line);
    if (line->fd < 0 || link_.out_at < link_.out_bytes ||
        (!now && now_us() - link_.said_us < SAY_EVERY_US))
        return true;
    char *out = realloc(link_.out, frame_bytes(&f));
    if (!out)
        return true;
    memcpy(out, &f, sizeof f);
    memcpy(out + sizeof f, views, n * sizeof *views);
    link_.out = out;
    link_.out_at = 0;
    link_.out_bytes = frame_bytes(&f);
    link_.said_us = now_us();
    send_out(line);
    return true;
}

int xb_watch_link_order(void)
{
    return link_.order;
}

double xb_watch_link_silence(bool *closed)
{
    *closed = false;
    if (link_.listener >= 0 || link_.nlines == 0 || !link_.lines[0].known)
        return 0;
    *closed = link_.lines[0].closed;
    return (now_us() - link_.lines[0].heard_us) * 1e-6;
}
