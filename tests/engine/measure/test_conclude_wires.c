/* SPDX-License-Identifier: BSD-3-Clause */
/* test_conclude_wires.c - what the wires carried of a case's bytes, and what is said where that
 * was not what must have carried them. */
#include "engine/measure/conclude.h"

#include "tests/engine/measure/conclude_fixture.h"

static const struct xb_method_spec migrates = {.name = "moves", .flags = XB_METHOD_MIGRATES};
static const struct xb_method_spec staged = {.name = "staged", .flags = XB_METHOD_VIA_HOST};

#define FIRST_OF(path, nnodes, method)                                                         \
    {                                                                                          \
        "stream", path, XB_PAIRS_FIRST, 4, nnodes, method                                      \
    }

static void carry(struct xb_lane_result *lane, enum xb_wire wire, double share)
{
    if (!lane->has_carried)
        for (int w = 0; w < XB_WIRES; w++)
            lane->carried[w] = -1;
    lane->has_carried = true;
    lane->carried[wire] = share;
}

static const struct wire_row {
    const char *name;
    struct setting set;
    enum xb_wire wire, other; /* XB_WIRES for none */
    double carried, other_carried;
    double us;
    int64_t ops;
    enum xb_status status;
    const char *text; /* of the warning, or of the reason where it is not ok; "" for none */
} wire_rows[] = {
    {"NVLink carried it", FIRST, XB_NVLINK_TX, XB_WIRES, 1.01, 0, 10, 1, XB_OK, ""},
    {"most of it", FIRST, XB_NVLINK_TX, XB_WIRES, 0.5, 0, 10, 1, XB_OK, ""},
    {"something else did", FIRST, XB_NVLINK_TX, XB_PCIE_TX, 0.1, 0.9, 10, 1, XB_OK,
     "the NVLink that joins the GPUs carried 0.10 of the bytes, PCI Express sent 0.90"},
    {"nobody knows what", FIRST, XB_NVLINK_TX, XB_WIRES, 0.1, 0, 10, 1, XB_OK,
     "the NVLink that joins the GPUs carried 0.10 of the bytes"},
    {"the counter cannot be read", FIRST, XB_PCIE_TX, XB_WIRES, 0, 0, 10, 1, XB_OK, ""},
    {"a staged method need not take NVLink", FIRST_OF("gpu->gpu@node", 1, &staged),
     XB_NVLINK_TX, XB_WIRES, 0, 0, 100, 1, XB_OK, ""},
    {"nor one that moves nothing", FIRST_OF("gpu->gpu@node", 1, &nothing), XB_NVLINK_TX,
     XB_WIRES, 0, 0, 10, 1, XB_OK, ""},
    {"to another GPU of the rank", FIRST_OF("gpu->gpu+1", 1, &copy), XB_NVLINK_TX, XB_WIRES,
     0.2, 0, 10, 1, XB_OK, "the NVLink that joins the GPUs carried 0.20"},
    {"from there", FIRST_OF("gpu+1->gpu", 1, &copy), XB_NVLINK_RX, XB_WIRES, 0.2, 0, 10, 1,
     XB_OK, "the NVLink that joins the GPUs carried 0.20"},
    {"between two others nobody looks", FIRST_OF("gpu+1->gpu+2", 1, &copy), XB_NVLINK_TX,
     XB_WIRES, 0, 0, 10, 1, XB_OK, ""},
    {"pages that did not move", FIRST_OF("host->gpu", 1, &migrates), XB_PCIE_RX, XB_WIRES, 0.1,
     0, 20, 2, XB_IMPLAUSIBLE, "PCI Express carried 0.10 of the bytes"},
    {"pages that did", FIRST_OF("host->gpu", 1, &migrates), XB_PCIE_RX, XB_WIRES, 1, 0, 20, 2,
     XB_OK, ""},
    {"too few to tell", FIRST_OF("host->gpu", 1, &migrates), XB_PCIE_RX, XB_WIRES, 0.1, 0, 20,
     0, XB_OK, ""},
    {"between nodes the NIC", FIRST_OF("gpu->gpu@remote", 2, &copy), XB_NIC_TX, XB_PCIE_TX,
     0.25, 1, 100, 1, XB_OK,
     "the nearest NIC carried 0.25 of the bytes, PCI Express sent 1.00"},
    {"which carried it", FIRST_OF("gpu->gpu@remote", 2, &copy), XB_NIC_TX, XB_WIRES, 1.05, 0,
     100, 1, XB_OK, ""},
};

static void test_wires(void)
{
    for (size_t i = 0; i < ROWS(wire_rows); i++) {
        const struct wire_row *row = &wire_rows[i];
        const struct lane lane = {XB_OK, row->us};
        struct concluded k;
        begin(&row->set, &lane, &k);
        k.out.lanes[0].ops_per_sample = row->ops;
        carry(&k.out.lanes[0], row->wire, row->carried);
        if (row->other != XB_WIRES)
            carry(&k.out.lanes[0], row->other, row->other_carried);
        conclude(&k);
        is_str(xb_status_name(k.out.status), xb_status_name(row->status), row->name);
        const char *text = row->status == XB_OK ? k.out.warning : k.out.reason;
        ok(row->text[0] ? strncmp(text, row->text, strlen(row->text)) == 0 : !text[0],
           row->text[0] ? row->text : "nothing to say");
        is_near(k.out.carried[row->wire], row->carried, 1e-9, "what the case says it carried");
        end(&k);
    }
}

/* Two lanes that leave a node by one NIC see each other's bytes in its counter. */
static void test_shared_nic(void)
{
    static const struct setting set = {"stream", "gpu->gpu@remote", XB_PAIRS_TOGETHER, 4, 2,
                                       &copy};
    static const struct lane lanes[] = {{0, 100}, {0, 100}};
    struct concluded k;

    for (int apart = 0; apart < 2; apart++) {
        begin(&set, lanes, &k);
        if (apart)
            snprintf(ranks[1].place.nic, sizeof ranks[1].place.nic, "mlx5_1");
        look_at_ends();
        k.session.ends = ends;
        for (size_t i = 0; i < 2; i++)
            carry(&k.out.lanes[i], XB_NIC_TX, 2);
        conclude(&k);
        for (size_t i = 0; i < 2; i++)
            is_near(k.out.lanes[i].carried[XB_NIC_TX], apart ? 2 : 1, 1e-9,
                    apart ? "a NIC of its own" : "half of what the NIC carried");
        end(&k);
    }
}

/* Lanes of one rank that leave its GPU at once see each other's bytes in its counter, but for
 * one that was skipped; lanes that arrive at other GPUs were not seen there at all. */
static void test_shared_gpu(void)
{
    static const struct setting set = {"stream", "gpu->gpu+*", XB_PAIRS_TOGETHER, 1, 1, &copy};
    static const struct lane lanes[] = {{XB_OK, 100}, {XB_SKIPPED, 0}, {XB_OK, 100}};
    struct concluded k;

    begin(&set, lanes, &k);
    is_int((long long)k.out.nlanes, 3, "one rank, three other GPUs");
    for (size_t i = 0; i < k.out.nlanes; i += 2) {
        carry(&k.out.lanes[i], XB_NVLINK_TX, 2);
        carry(&k.out.lanes[i], XB_PCIE_RX, 0.5);
    }
    conclude(&k);
    for (size_t i = 0; i < k.out.nlanes; i += 2) {
        is_near(k.out.lanes[i].carried[XB_NVLINK_TX], 1, 1e-9, "half of what the GPU sent");
        is_near(k.out.lanes[i].carried[XB_PCIE_RX], 0.5, 1e-9, "what comes in elsewhere stays");
    }
    end(&k);
}

/* The mean of lanes that were measured, unknown where one of them is. */
static void test_mean_carried(void)
{
    static const struct setting set = EACH_OF_THREE;
    static const struct lane lanes[] = {{0, 10}, {XB_SKIPPED, 0}, {0, 10},
                                        {0, 10}, {XB_FAILED, 0},  {0, 10}};
    struct concluded k;

    begin(&set, lanes, &k);
    for (size_t i = 0; i < 6; i++) {
        carry(&k.out.lanes[i], XB_NVLINK_TX, i == 0 ? 1.8 : 1);
        carry(&k.out.lanes[i], XB_PCIE_TX, i == 3 ? -1 : 0.5);
    }
    conclude(&k);
    ok(k.out.has_carried, "something is known");
    is_near(k.out.carried[XB_NVLINK_TX], 1.2, 1e-9, "the mean");
    is_near(k.out.carried[XB_PCIE_TX], -1, 0, "unknown of one is unknown of all");
    end(&k);
}

int main(void)
{
    test_wires();
    test_shared_nic();
    test_shared_gpu();
    test_mean_carried();
    return done_testing();
}
