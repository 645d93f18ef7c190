/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fd_card.c - a file of one process that another takes over by its card. */
#include "engine/runtime/fd_card.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define TEXT "what the owner wrote"

/* A file that a child of this process has opened, and its card. The child waits to be killed.
 */
static pid_t start_owner(struct xb_fd_card *card)
{
    int pipes[2];
    pid_t child;

    if (pipe(pipes) < 0 || (child = fork()) < 0)
        exit(99);
    if (child == 0) {
        struct xb_error err;
        int fd = memfd_create("xferbench-test", 0);
        if (fd < 0 || write(fd, TEXT, sizeof TEXT) != sizeof TEXT ||
            xb_fd_offer(fd, card, &err) < 0 || write(pipes[1], card, sizeof *card) < 0)
            _exit(1);
        pause();
        _exit(0);
    }
    close(pipes[1]);
    if (read(pipes[0], card, sizeof *card) != sizeof *card)
        exit(99);
    close(pipes[0]);
    return child;
}

static void test_fetch(const struct xb_fd_card *card)
{
    char text[sizeof TEXT] = "";
    struct xb_error err = {""};
    int fd;

    is_int(xb_fd_fetch(card, &fd, &err), 0, "another process's file");
    ok(fd >= 0 && pread(fd, text, sizeof text, 0) == sizeof text, "is open here");
    is_str(text, TEXT, "and has what the owner wrote");
    ok(pwrite(fd, "W", 1, 0) == 1, "it can be written");
    close(fd);
    is_int(xb_fd_fetch(card, &fd, &err), 0, "and fetched again");
    ok(pread(fd, text, 1, 0) == 1 && text[0] == 'W', "it is the same file");
    close(fd);
}

/* Cards that name nothing, or something else than what was offered. */
static void test_refusals(const struct xb_fd_card *card)
{
    struct xb_fd_card wrong[4] = {*card, *card, *card, *card};
    static const char *const reasons[] = {
        "is not what the other rank has shared", "is not what the other rank has shared",
        "cannot be had: Bad file descriptor", "cannot be had: "};
    char place[64];

    wrong[0].inode++;
    wrong[1].fd = 1;
    wrong[2].fd = 1000;
    wrong[3].pid = -1;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct xb_error err = {""};
        int fd = 7;
        is_int(xb_fd_fetch(&wrong[i], &fd, &err), 1, "a wrong card is refused");
        is_int(fd, -1, "and nothing is open");
        ok(strstr(err.text, reasons[i]) != NULL, "with the reason");
        snprintf(place, sizeof place, "the file descriptor %d of the process %d", wrong[i].fd,
                 wrong[i].pid);
        ok(strstr(err.text, place) != NULL, "and what it named");
    }
}

static void test_offer(void)
{
    struct xb_fd_card card;
    struct xb_error err = {""};

    is_int(xb_fd_offer(1000, &card, &err), -1, "what is not open cannot be offered");
    ok(strstr(err.text, "Bad file descriptor") != NULL, "and the error says so");
}

int main(void)
{
    struct xb_fd_card card;
    pid_t owner = start_owner(&card);

    is_int(card.pid, owner, "a card names the owner");
    test_fetch(&card);
    test_refusals(&card);
    test_offer();
    kill(owner, SIGKILL);
    waitpid(owner, NULL, 0);
    return done_testing();
}
