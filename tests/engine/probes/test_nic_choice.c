/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nic_choice.c - which NIC is used, on folders that look like /sys/class. */
#include "engine/probes/nic_choice.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static char root[] = "/tmp/xb-nic-XXXXXX";

static void make(const char *what, const char *text)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", root, what);
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    if (!text) {
        mkdir(path, 0700);
        return;
    }
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

/* Interfaces "NAME=STATE[*|/|%]": with hardware, a bridge over others, something over others.
 */
static void make_interfaces(const char *list)
{
    char copy[256], path[128], *save = NULL;

    snprintf(copy, sizeof copy, "%s", list);
    make("sys/class/net", NULL);
    for (char *at = strtok_r(copy, " ", &save); at; at = strtok_r(NULL, " ", &save)) {
        char *state = strchr(at, '='), kind = at[strlen(at) - 1];
        *state++ = '\0';
        if (strchr("*/%", kind))
            state[strlen(state) - 1] = '\0';
        snprintf(path, sizeof path, "sys/class/net/%s/operstate", at);
        make(path, state);
        snprintf(path, sizeof path, "sys/class/net/%s/%s", at,
                 kind == '*'   ? "device"
                 : kind == '/' ? "bridge"
                               : "statistics");
        make(path, NULL);
        snprintf(path, sizeof path, "sys/class/net/%s/%s", at,
                 kind == '/' || kind == '%' ? "lower_eth0" : "queues");
        make(path, NULL);
    }
}

static void clear(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s/sys", root);
    is_int(system(command), 0, "an empty folder");
    unsetenv("UCX_NET_DEVICES");
    unsetenv("OMPI_MCA_btl_tcp_if_include");
}

static const struct row {
    const char *name, *interfaces;
    const char *mlx5_0; /* its state; NULL where there is none */
    const char *nearest, *route;
    bool other_nodes;
    int ucx;
    const char *variables[4]; /* name, value, ... */
    const char *want;
} rows[] = {
    {"the nearest of two", "eth0=up* eth1=up*", NULL, "eth1", "", false, 0, {0}, "eth1"},
    {"with other nodes it may be either",
     "eth0=up* eth1=up*",
     NULL,
     "eth1",
     "",
     true,
     0,
     {0},
     ""},
    {"but for the route", "eth0=up* eth1=up*", NULL, "eth1", "eth0", true, 0, {0}, "eth0"},
    {"a route within a node says nothing",
     "eth0=up* eth1=up*",
     NULL,
     "eth1",
     "eth0",
     false,
     0,
     {0},
     "eth1"},
    {"the only one", "lo=unknown eth0=unknown*", NULL, "lo", "", true, 0, {0}, "eth0"},
    {"a loopback alone", "lo=unknown", NULL, "lo", "", false, 0, {0}, ""},
    {"a veth alone", "lo=unknown veth0=up", NULL, "veth0", "veth0", true, 0, {0}, ""},
    {"a bridge", "br0=up/ eth0=up* eth1=up*", NULL, "eth0", "br0", true, 0, {0}, ""},
    {"a bond", "bond0=up% eth0=up* eth1=up*", NULL, "eth0", "bond0", true, 0, {0}, "bond0"},
    {"the nearest is down", "eth0=down* eth1=up*", NULL, "eth0", "", true, 0, {0}, "eth1"},
    {"all are down", "eth0=down* eth1=lowerlayerdown*", NULL, "eth0", "eth0", true, 0, {0}, ""},
    {"nothing is known", "", NULL, "", "", false, 0, {0}, ""},
    {"a fabric", "eth0=up*", "4: ACTIVE", "mlx5_0", "eth0", true, 1, {0}, "mlx5_0"},
    {"a fabric that is down", "eth0=up*", "1: DOWN", "mlx5_0", "eth0", true, 1, {0}, "eth0"},
    {"a fabric that MPI does not use",
     "eth0=up*",
     "4: ACTIVE",
     "mlx5_0",
     "eth0",
     true,
     0,
     {0},
     ""},
    {"nor needs on one node", "eth0=up*", "4: ACTIVE", "mlx5_0", "", false, 0, {0}, "mlx5_0"},
    {"a fabric that it may use",
     "eth0=up*",
     "4: ACTIVE",
     "mlx5_0",
     "eth0",
     true,
     -1,
     {0},
     "mlx5_0"},
    {"MPI was told which",
     "eth0=up* eth1=up*",
     NULL,
     "eth0",
     "eth0",
     true,
     0,
     {"OMPI_MCA_btl_tcp_if_include", "eth1"},
     "eth1"},
    {"also a virtual one",
     "eth0=up* veth0=up",
     NULL,
     "eth0",
     "eth0",
     true,
     0,
     {"OMPI_MCA_btl_tcp_if_include", "veth0"},
     "veth0"},
    {"one that is not there",
     "eth0=up*",
     NULL,
     "eth0",
     "eth0",
     true,
     0,
     {"OMPI_MCA_btl_tcp_if_include", "eth7"},
     ""},
    {"the nearest of a list",
     "eth0=up* eth1=up*",
     NULL,
     "eth1",
     "",
     true,
     0,
     {"OMPI_MCA_btl_tcp_if_include", "eth0,eth1"},
     "eth1"},
    {"a list without the nearest",
     "eth0=up* eth1=up* eth2=up*",
     NULL,
     "eth2",
     "",
     true,
     0,
     {"OMPI_MCA_btl_tcp_if_include", "eth0,eth1"},
     ""},
    {"a network: by the route",
     "eth0=up* eth1=up*",
     NULL,
     "eth0",
     "eth1",
     true,
     0,
     {"OMPI_MCA_btl_tcp_if_include", "10.1.0.0/16"},
     "eth1"},
    {"UCX was told which",
     "eth0=up*",
     "4: ACTIVE",
     "",
     "eth0",
     true,
     1,
     {"UCX_NET_DEVICES", "mlx5_0:1"},
     "mlx5_0"},
    {"or that it may take all",
     "eth0=up*",
     "4: ACTIVE",
     "mlx5_0",
     "eth0",
     true,
     1,
     {"UCX_NET_DEVICES", "all"},
     "mlx5_0"},
    {"UCX does not heed what TCP was told",
     "eth0=up*",
     "4: ACTIVE",
     "mlx5_0",
     "",
     true,
     1,
     {"OMPI_MCA_btl_tcp_if_include", "eth0"},
     "mlx5_0"},
    {"UCX was told, but is not used",
     "eth0=up*",
     NULL,
     "eth0",
     "",
     true,
     0,
     {"UCX_NET_DEVICES", "mlx5_0:1"},
     "eth0"},
    {"both were told, and it is not known which is used",
     "eth0=up*",
     "4: ACTIVE",
     "",
     "",
     true,
     -1,
     {"UCX_NET_DEVICES", "mlx5_0:1", "OMPI_MCA_btl_tcp_if_include", "eth0"},
     "mlx5_0"},
};

static void test_choice(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        const struct xb_nic_question question = {row->nearest, row->route, row->other_nodes,
                                                 row->ucx};
        char nic[XB_NIC_LEN];

        clear();
        make_interfaces(row->interfaces);
        if (row->mlx5_0)
            make("sys/class/infiniband/mlx5_0/ports/1/state", row->mlx5_0);
        for (int v = 0; v < 4 && row->variables[v]; v += 2)
            setenv(row->variables[v], row->variables[v + 1], 1);
        xb_nic_choose(root, &question, nic);
        is_str(nic, row->want, row->name);
    }
}

/* On whatever machine this is. */
static void test_route(void)
{
    const struct xb_nic_addresses loopback = {.address = {0x0100007f}, .n = 1}, none = {.n = 0};
    struct xb_nic_addresses mine;
    char name[XB_NIC_LEN];

    xb_nic_route(&none, name);
    is_str(name, "", "no way to no address");
    xb_nic_addresses(&mine);
    ok(mine.n >= 0 && mine.n <= XB_NIC_ADDRESSES, "so many addresses");
    for (int i = 0; i < mine.n; i++)
        ok(mine.address[i] != loopback.address[0], "not the loopback's");
    xb_nic_route(&loopback, name);
    ok(name[0] == '\0' || strcmp(name, "lo") == 0, "this machine by its loopback");
}

int main(void)
{
    if (ok(mkdtemp(root) != NULL, "a folder")) {
        test_choice();
        clear();
        rmdir(root);
    }
    test_route();
    return done_testing();
}
