/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_file.c - what NVML says of a node's GPUs, in a file beside the node's topology. */
#include "model/topology/nvml_file.h"

#include <float.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/output.h"

#define GEN_MAX     16
#define WIDTH_MAX   32
#define NVLINKS_MAX 64

int xb_nvml_file_name(const char *xml_file, char *buf, size_t len, struct xb_error *err)
{
    size_t n = strlen(xml_file);

    if (n > 4 && strcmp(xml_file + n - 4, ".xml") == 0)
        n -= 4;
    int used = snprintf(buf, len, "%.*s.nvml.json", (int)n, xml_file);
    return used < 0 || (size_t)used >= len
               ? xb_fail(err, "%s: the name is too long: expected at most %zu characters",
                         xml_file, len - sizeof ".nvml.json")
               : 0;
}

/* ---- reading ---- */

/* A member that is there and not null. */
static bool known(const struct xb_node *object, const char *key, struct xb_node *out)
{
    return xb_node_member(object, key, out) && !cJSON_IsNull(out->item);
}

static int read_text(const struct xb_node *object, const char *key, char *out, size_t len,
                     struct xb_error *err)
{
    struct xb_node node;
    const char *text;

    if (!known(object, key, &node))
        return 0;
    if (xb_node_string(&node, &text, err))
        return -1;
    if (strlen(text) >= len)
        return xb_node_fail(&node, err, "found %zu characters, expected at most %zu",
                            strlen(text), len - 1);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_int(const struct xb_node *object, const char *key, int max, int *out,
                    struct xb_error *err)
{
    struct xb_node node;
    int64_t value;

    if (!known(object, key, &node))
        return 0;
    if (xb_node_int(&node, 0, max, &value, err))
        return -1;
    *out = (int)value;
    return 0;
}

static int read_pci(const struct xb_node *object, char out[XB_PCI_LEN], struct xb_error *err)
{
    struct xb_node node;
    struct xb_error why;
    const char *text;

    if (xb_node_require(object, "pci_bus_id", &node, err) || xb_node_string(&node, &text, err))
        return -1;
    return xb_pci_normalize(text, out, &why) ? xb_node_fail(&node, err, "%s", why.text) : 0;
}

static int read_speed(const struct xb_node *pcie, const char *key, int *gen, int *width,
                      struct xb_error *err)
{
    static const char *const keys[] = {"gen", "width", NULL};
    struct xb_node speed;

    if (!known(pcie, key, &speed))
        return 0;
    return xb_node_expect_object(&speed, keys, err) ||
                   read_int(&speed, "gen", GEN_MAX, gen, err) ||
                   read_int(&speed, "width", WIDTH_MAX, width, err)
               ? -1
               : 0;
}

static int read_pcie(const struct xb_node *object, struct xb_gpu_info *gpu,
                     struct xb_error *err)
{
    static const char *const keys[] = {"max", "current", NULL};
    struct xb_node pcie;

    if (!known(object, "pcie", &pcie))
        return 0;
    return xb_node_expect_object(&pcie, keys, err) ||
                   read_speed(&pcie, "max", &gpu->pcie_gen, &gpu->pcie_width, err) ||
                   read_speed(&pcie, "current", &gpu->pcie_gen_now, &gpu->pcie_width_now, err)
               ? -1
               : 0;
}

static int read_end(const struct xb_node *entry, struct xb_gpu_link *link, struct xb_error *err)
{
    const char *names[] = {
        xb_link_end_name(XB_LINK_TO_GPU), xb_link_end_name(XB_LINK_TO_SWITCH),
        xb_link_end_name(XB_LINK_TO_CPU), xb_link_end_name(XB_LINK_TO_UNKNOWN), NULL};
    struct xb_node node;
    const char *text;

    if (xb_node_require(entry, "end", &node, err) || xb_node_string(&node, &text, err))
        return -1;
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0) {
            link->end = (enum xb_link_end)i;
            return 0;
        }
    return xb_node_fail_choice(&node, "end", names, err);
}

static int read_link(const struct xb_node *entry, struct xb_gpu_link *link,
                     struct xb_error *err)
{
    static const char *const keys[] = {"end", "pci_bus_id", "links", "gb_per_s", NULL};
    struct xb_node node;

    if (xb_node_expect_object(entry, keys, err) || read_end(entry, link, err) ||
        (link->end == XB_LINK_TO_GPU && read_pci(entry, link->pci, err)) ||
        read_int(entry, "links", INT_MAX, &link->links, err))
        return -1;
    return known(entry, "gb_per_s", &node)
               ? xb_node_number(&node, 0, DBL_MAX, &link->gb_per_s, err)
               : 0;
}

static int read_links(const struct xb_node *object, struct xb_gpu_info *gpu,
                      struct xb_error *err)
{
    struct xb_node links;

    if (!known(object, "links", &links))
        return 0;
    if (xb_node_expect_array(&links, 0, err))
        return -1;
    if (xb_node_count(&links) > XB_MAX_LINK_ENDS)
        return xb_node_fail(&links, err, "found %zu entries, expected at most %d",
                            xb_node_count(&links), XB_MAX_LINK_ENDS);
    gpu->nlinks = (int)xb_node_count(&links);
    for (int i = 0; i < gpu->nlinks; i++) {
        struct xb_node entry = xb_node_at(&links, (size_t)i);
        gpu->links[i] = (struct xb_gpu_link){.pci = ""};
        if (read_link(&entry, &gpu->links[i], err))
            return -1;
    }
    return 0;
}

/* The numbers of the others are not in the file: those that are up follow from them. */
static int read_inactive(const struct xb_node *object, struct xb_gpu_info *gpu,
                         struct xb_error *err)
{
    struct xb_node list;
    double ignored;
    int64_t number;
    int up = xb_gpu_nvlinks(gpu, &ignored);

    if (!known(object, "inactive_links", &list))
        return 0;
    if (xb_node_expect_array(&list, 0, err))
        return -1;
    for (size_t i = 0; i < xb_node_count(&list); i++) {
        struct xb_node entry = xb_node_at(&list, i);
        if (xb_node_int(&entry, 0, NVLINKS_MAX - 1, &number, err))
            return -1;
        gpu->links_down |= UINT64_C(1) << number;
    }
    for (int i = 0; i < NVLINKS_MAX && up > 0; i++)
        if (!(gpu->links_down >> i & 1)) {
            gpu->links_up |= UINT64_C(1) << i;
            up--;
        }
    return 0;
}

static int read_fabric(const struct xb_node *object, struct xb_gpu_info *gpu,
                       struct xb_error *err)
{
    static const char *const keys[] = {"cluster", "clique", NULL};
    struct xb_node fabric;

    if (!known(object, "fabric", &fabric))
        return 0;
    return xb_node_expect_object(&fabric, keys, err) ||
                   read_text(&fabric, "cluster", gpu->cluster, sizeof gpu->cluster, err) ||
                   read_int(&fabric, "clique", INT_MAX, &gpu->clique, err)
               ? -1
               : 0;
}

/* An instance is known by its UUID, so it must have one. */
static int read_key(const struct xb_node *object, struct xb_gpu_key *key, struct xb_error *err)
{
    struct xb_node node;
    bool instance;

    if (read_pci(object, key->pci, err))
        return -1;
    if (!known(object, "instance", &node))
        return 0;
    if (xb_node_bool(&node, &instance, err) ||
        (instance && (xb_node_require(object, "uuid", &node, err) ||
                      read_text(object, "uuid", key->instance, sizeof key->instance, err))))
        return -1;
    return instance && !key->instance[0]
               ? xb_node_fail(&node, err, "found no UUID, expected that of the instance")
               : 0;
}

static int read_gpu(const struct xb_node *object, struct xb_node_info *node,
                    struct xb_error *err)
{
    static const char *const keys[] = {"pci_bus_id", "name", "uuid",  "mig",
                                       "instance",   "pcie", "links", "inactive_links",
                                       "fabric",     NULL};
    struct xb_gpu_key key = {.pci = ""};
    struct xb_gpu_info *gpu;
    struct xb_node mig;
    bool on;

    if (xb_node_expect_object(object, keys, err) || read_key(object, &key, err) ||
        !(gpu = xb_node_add_gpu(node, &key, err)))
        return -1;
    if (known(object, "mig", &mig)) {
        if (xb_node_bool(&mig, &on, err))
            return -1;
        gpu->mig = on;
    }
    return read_text(object, "name", gpu->name, sizeof gpu->name, err) ||
                   read_text(object, "uuid", gpu->uuid, sizeof gpu->uuid, err) ||
                   read_pcie(object, gpu, err) || read_links(object, gpu, err) ||
                   read_inactive(object, gpu, err) || read_fabric(object, gpu, err)
               ? -1
               : 0;
}

static int read_schema(const struct xb_node *root, struct xb_error *err)
{
    static const char *const keys[] = {"name", "version", NULL};
    struct xb_node schema, name, version;
    const char *text;
    int64_t number;

    if (xb_node_require(root, "schema", &schema, err) ||
        xb_node_expect_object(&schema, keys, err) ||
        xb_node_require(&schema, "name", &name, err) || xb_node_string(&name, &text, err) ||
        xb_node_require(&schema, "version", &version, err))
        return -1;
    if (strcmp(text, XB_NVML_FILE_NAME) != 0)
        return xb_node_fail(&name, err, "found \"%.40s\", expected \"%s\"", text,
                            XB_NVML_FILE_NAME);
    return xb_node_int(&version, 1, XB_NVML_FILE_VERSION, &number, err);
}

int xb_nvml_file_read(const char *file, struct xb_node_info *node, struct xb_error *err)
{
    static const char *const keys[] = {"schema", "host", "comment", "gpus", NULL};
    struct xb_json doc;
    int rc = -1;

    if (xb_json_load(file, XB_JSON_MAX_BYTES, &doc, err))
        return -1;
    struct xb_node root = xb_json_root(&doc), gpus;
    if (xb_node_expect_object(&root, keys, err) == 0 && read_schema(&root, err) == 0 &&
        xb_node_require(&root, "gpus", &gpus, err) == 0 &&
        xb_node_expect_array(&gpus, 0, err) == 0)
        rc = 0;
    for (size_t i = 0; rc == 0 && i < xb_node_count(&gpus); i++) {
        struct xb_node gpu = xb_node_at(&gpus, i);
        rc = read_gpu(&gpu, node, err);
    }
    xb_json_release(&doc);
    return rc;
}

int xb_node_info_saved(const struct xb_topology *topo, const char *xml_file,
                       struct xb_node_info *out, struct xb_error *err)
{
    char file[4096];

    if (xb_node_info_read(topo, out, err))
        return -1;
    if (xb_nvml_file_name(xml_file, file, sizeof file, err) == 0 &&
        (access(file, F_OK) != 0 || xb_nvml_file_read(file, out, err) == 0))
        return 0;
    xb_node_info_release(out);
    return -1;
}

/* ---- writing ---- */

/* What is added to an object is the object's, also where memory runs out on the way. */
static bool add_text(cJSON *object, const char *key, const char *text)
{
    return text[0] ? cJSON_AddStringToObject(object, key, text) != NULL
                   : cJSON_AddNullToObject(object, key) != NULL;
}

static bool add_known(cJSON *object, const char *key, double value)
{
    return value > 0 ? cJSON_AddNumberToObject(object, key, value) != NULL
                     : cJSON_AddNullToObject(object, key) != NULL;
}

static bool add_speed(cJSON *pcie, const char *key, int gen, int width)
{
    cJSON *speed = cJSON_AddObjectToObject(pcie, key);

    return speed && add_known(speed, "gen", gen) && add_known(speed, "width", width);
}

static bool add_pcie(cJSON *object, const struct xb_gpu_info *gpu)
{
    cJSON *pcie = cJSON_AddObjectToObject(object, "pcie");

    return pcie && add_speed(pcie, "max", gpu->pcie_gen, gpu->pcie_width) &&
           add_speed(pcie, "current", gpu->pcie_gen_now, gpu->pcie_width_now);
}

static bool add_links(cJSON *object, const struct xb_gpu_info *gpu)
{
    if (gpu->nlinks < 0)
        return cJSON_AddNullToObject(object, "links") != NULL;

    cJSON *links = cJSON_AddArrayToObject(object, "links");
    bool good = links != NULL;
    for (int i = 0; good && i < gpu->nlinks; i++) {
        const struct xb_gpu_link *link = &gpu->links[i];
        cJSON *entry = cJSON_CreateObject();
        good = entry && cJSON_AddItemToArray(links, entry);
        if (!good)
            cJSON_Delete(entry);
        good = good && add_text(entry, "end", xb_link_end_name(link->end)) &&
               (link->end != XB_LINK_TO_GPU || add_text(entry, "pci_bus_id", link->pci)) &&
               cJSON_AddNumberToObject(entry, "links", link->links) &&
               add_known(entry, "gb_per_s", link->gb_per_s);
    }
    return good;
}

static bool add_inactive(cJSON *object, const struct xb_gpu_info *gpu)
{
    if (!gpu->links_up && !gpu->links_down)
        return cJSON_AddNullToObject(object, "inactive_links") != NULL;

    cJSON *list = cJSON_AddArrayToObject(object, "inactive_links");
    bool good = list != NULL;
    for (int i = 0; good && i < NVLINKS_MAX; i++)
        if (gpu->links_down >> i & 1) {
            cJSON *number = cJSON_CreateNumber(i);
            good = number && cJSON_AddItemToArray(list, number);
        }
    return good;
}

static bool add_fabric(cJSON *object, const struct xb_gpu_info *gpu)
{
    if (!gpu->cluster[0])
        return cJSON_AddNullToObject(object, "fabric") != NULL;

    cJSON *fabric = cJSON_AddObjectToObject(object, "fabric");
    return fabric && add_text(fabric, "cluster", gpu->cluster) &&
           cJSON_AddNumberToObject(fabric, "clique", gpu->clique);
}

static bool fill_gpu(cJSON *object, const struct xb_gpu_info *gpu)
{
    return add_text(object, "pci_bus_id", gpu->pci) && add_text(object, "name", gpu->name) &&
           add_text(object, "uuid", gpu->uuid) &&
           (gpu->mig < 0 ? cJSON_AddNullToObject(object, "mig")
                         : cJSON_AddBoolToObject(object, "mig", gpu->mig > 0)) &&
           (!gpu->instance[0] || cJSON_AddTrueToObject(object, "instance")) &&
           add_pcie(object, gpu) && add_links(object, gpu) && add_inactive(object, gpu) &&
           add_fabric(object, gpu);
}

static cJSON *build(const struct xb_node_info *node)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *schema = cJSON_AddObjectToObject(root, "schema");
    bool good = schema && add_text(schema, "name", XB_NVML_FILE_NAME) &&
                cJSON_AddNumberToObject(schema, "version", XB_NVML_FILE_VERSION) &&
                add_text(root, "host", node->host);
    cJSON *gpus = good ? cJSON_AddArrayToObject(root, "gpus") : NULL;

    good = gpus != NULL;
    for (size_t i = 0; good && i < node->ngpus; i++) {
        cJSON *gpu = cJSON_CreateObject();
        good = gpu && cJSON_AddItemToArray(gpus, gpu);
        if (!good)
            cJSON_Delete(gpu);
        good = good && fill_gpu(gpu, &node->gpus[i]);
    }
    if (good)
        return root;
    cJSON_Delete(root);
    return NULL;
}

int xb_nvml_file_write(const char *file, const struct xb_node_info *node, struct xb_error *err)
{
    cJSON *root = build(node);
    char *text = root ? cJSON_Print(root) : NULL;

    cJSON_Delete(root);
    if (!text)
        return xb_fail(err, "%s: out of memory", file);
    int rc = xb_output_make(file, text, err);
    cJSON_free(text);
    return rc;
}
