/* SPDX-License-Identifier: BSD-3-Clause */
/* nic_choice.c - which NIC a rank's bytes go through on their way to other nodes. */
#include "engine/probes/nic_choice.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH_LEN 512

/* ---- what an interface is ---- */

/* The first line of a file of a device, "" if there is none. */
static void read_line(const char *root, const char *kind, const char *name, const char *file,
                      char *out, size_t len)
{
    char path[PATH_LEN];

    out[0] = '\0';
    snprintf(path, sizeof path, "%s/sys/class/%s/%s/%s", root, kind, name, file);
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    if (!fgets(out, (int)len, f))
        out[0] = '\0';
    fclose(f);
    out[strcspn(out, "\n")] = '\0';
}

static bool has(const char *root, const char *kind, const char *name, const char *file)
{
    char path[PATH_LEN];

    snprintf(path, sizeof path, "%s/sys/class/%s/%s/%s", root, kind, name, file);
    return access(path, F_OK) == 0;
}

/* Does an interface without a device of its own stand on others that may have one, as a bond
 * or a VLAN does? */
static bool stands_on_others(const char *root, const char *name)
{
    char path[PATH_LEN];
    bool found = false;

    snprintf(path, sizeof path, "%s/sys/class/net/%s", root, name);
    DIR *dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e && !found; e = readdir(dir))
        found = strncmp(e->d_name, "lower_", 6) == 0;
    if (dir)
        closedir(dir);
    return found;
}

bool xb_nic_is_hardware(const char *root, const char *name)
{
    return has(root, "net", name, "device") ||
           (!has(root, "net", name, "bridge") && stands_on_others(root, name));
}

static bool is_fabric(const char *root, const char *name)
{
    return name[0] && has(root, "infiniband", name, "");
}

/* Up, as far as it is known: some virtual machines' interfaces say "unknown". */
static bool is_up(const char *root, const char *name)
{
    char state[64];

    if (is_fabric(root, name)) {
        read_line(root, "infiniband", name, "ports/1/state", state, sizeof state);
        return strstr(state, "ACTIVE") != NULL; /* "4: ACTIVE" */
    }
    read_line(root, "net", name, "operstate", state, sizeof state);
    return strcmp(state, "up") == 0 || strcmp(state, "unknown") == 0;
}

/* The files may be of another network namespace than this process. */
static bool is_usable(const char *root, const char *name)
{
    return name[0] && has(root, "net", name, "") && is_up(root, name) &&
           xb_nic_is_hardware(root, name) && (root[0] || if_nametoindex(name) > 0);
}

/* The only interface that can be used; how many there are. */
static int find_usable(const char *root, char only[XB_NIC_LEN])
{
    char path[PATH_LEN];
    int n = 0;

    snprintf(path, sizeof path, "%s/sys/class/net", root);
    DIR *dir = opendir(path);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (e->d_name[0] != '.' && strlen(e->d_name) < XB_NIC_LEN &&
            is_usable(root, e->d_name)) {
            snprintf(only, XB_NIC_LEN, "%.*s", XB_NIC_LEN - 1, e->d_name);
            n++;
        }
    if (dir)
        closedir(dir);
    return n;
}

/* ---- what MPI was told ---- */

static const char *told(const char *variable)
{
    const char *text = getenv(variable);

    return text && *text && strcmp(text, "all") != 0 && text[0] != '^' ? text : NULL;
}

/* The list of devices that MPI keeps to; NULL where it may take any. */
static const char *device_list(int ucx)
{
    const char *devices = ucx != 0 ? told("UCX_NET_DEVICES") : NULL;

    return devices || ucx == 1 ? devices : told("OMPI_MCA_btl_tcp_if_include");
}

/* Of a list "mlx5_0:1,eth0" the nearest, or the only one that is up; "" where that does not
 * say, also since it names networks (10.0.0.0/24). */
static void choose_listed(const char *root, const char *list, const char *nearest,
                          char out[XB_NIC_LEN])
{
    char copy[1024], *save = NULL, only[XB_NIC_LEN] = "";
    int n = 0;

    snprintf(copy, sizeof copy, "%s", list);
    for (char *at = strtok_r(copy, ",", &save); at; at = strtok_r(NULL, ",", &save)) {
        at[strcspn(at, ":")] = '\0'; /* the port */
        if (strlen(at) >= XB_NIC_LEN || !is_up(root, at))
            continue;
        snprintf(only, sizeof only, "%.*s", XB_NIC_LEN - 1, at);
        n++;
        if (strcmp(at, nearest) == 0) {
            n = 1;
            break;
        }
    }
    snprintf(out, XB_NIC_LEN, "%s", n == 1 ? only : "");
}

/* ---- the choice ---- */

void xb_nic_choose(const char *root, const struct xb_nic_question *question,
                   char out[XB_NIC_LEN])
{
    const char *list = device_list(question->ucx), *nearest = question->nearest;
    char only[XB_NIC_LEN] = "";

    out[0] = '\0';
    if (list && !strchr(list, '/')) {
        choose_listed(root, list, nearest, out);
        return;
    }
    if (!list && is_fabric(root, nearest) && is_up(root, nearest)) {
        bool used = question->ucx != 0 || !question->other_nodes;
        snprintf(out, XB_NIC_LEN, "%s", used ? nearest : "");
        return;
    }
    int usable = find_usable(root, only);
    if (question->other_nodes && is_usable(root, question->route))
        snprintf(out, XB_NIC_LEN, "%s", question->route);
    else if (usable == 1)
        snprintf(out, XB_NIC_LEN, "%s", only);
    else if (!question->other_nodes && is_usable(root, nearest))
        snprintf(out, XB_NIC_LEN, "%s", nearest);
}

/* ---- routes ---- */

void xb_nic_addresses(struct xb_nic_addresses *out)
{
    struct ifaddrs *list = NULL;

    memset(out, 0, sizeof *out);
    if (getifaddrs(&list) != 0)
        return;
    for (struct ifaddrs *i = list; i && out->n < XB_NIC_ADDRESSES; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && is_usable("", i->ifa_name)) {
            struct sockaddr_in in;
            memcpy(&in, i->ifa_addr, sizeof in);
            out->address[out->n++] = in.sin_addr.s_addr;
        }
    freeifaddrs(list);
}

/* This machine's address that it would send from; 0 where there is no way. */
static uint32_t address_towards(uint32_t other)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = other};
    struct sockaddr_in from = {.sin_family = AF_INET};
    socklen_t len = sizeof from;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return 0;
    bool found = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                 getsockname(fd, (struct sockaddr *)&from, &len) == 0;
    close(fd);
    return found ? from.sin_addr.s_addr : 0;
}

void xb_nic_route(const struct xb_nic_addresses *other, char out[XB_NIC_LEN])
{
    struct ifaddrs *list = NULL;
    int names = 0;

    out[0] = '\0';
    if (getifaddrs(&list) != 0)
        return;
    for (int a = 0; a < other->n && a < XB_NIC_ADDRESSES; a++) {
        uint32_t mine = address_towards(other->address[a]);
        for (struct ifaddrs *i = list; mine && i; i = i->ifa_next) {
            struct sockaddr_in in;
            if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
                continue;
            memcpy(&in, i->ifa_addr, sizeof in);
            if (in.sin_addr.s_addr != mine || strcmp(i->ifa_name, out) == 0)
                continue;
            snprintf(out, XB_NIC_LEN, "%.*s", XB_NIC_LEN - 1, i->ifa_name);
            names++;
        }
    }
    freeifaddrs(list);
    if (names != 1)
        out[0] = '\0';
}
