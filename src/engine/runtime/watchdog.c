/* SPDX-License-Identifier: BSD-3-Clause */
/* watchdog.c - a thread of every rank that ends a run which cannot go on. */
#include "config.h"

#include "engine/runtime/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mpi.h>

#include "base/log.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/give_up.h"
#include "engine/runtime/process.h"
#include "engine/runtime/watch_alone.h"
#include "engine/runtime/watch_board.h"
#include "engine/runtime/watch_link.h"
#include "engine/runtime/watch_signal.h"
#include "engine/runtime/watch_view.h"
#include "report/run_status.h"

#define PATIENCE_S   30
#define PATIENCE_MAX 86400
#define NEWS_NS      300000000 /* for the other nodes to say what they see */
#define END_NS       2000000
#define LAST_NS      200000
#define LOOK_NS      50000000
#define SPEAK_S      3 /* that another rank has to say it first */
#define HINT_LEN     256
#define STEPS_SHOWN  16

static struct {
    pthread_t thread;
    pthread_mutex_t lock; /* of rescue and what it reads, and of hint */
    xb_rescue rescue;
    void *arg;
    char hint[HINT_LEN];
    atomic_int status; /* to end with when all is measured; -1 before */
    int leaves_with;   /* the exit status, when MPI has ended; -1 before */
    atomic_bool stop;
    atomic_bool node_ended; /* the other processes of this node are gone */
    atomic_bool all_ended;  /* that this one watches: nobody is left who could need it */
    /* set by xb_watchdog_meet, before `met` */
    atomic_bool met;
    int rank, nranks;
    bool near_0; /* on rank 0's board */
    bool far;    /* there are other nodes */
    struct xb_watch_board *board;
    struct xb_watch_view *views; /* rank 0: of the world; else of the node */
    size_t nviews;
    struct xb_watch_view *here; /* of the node */
    /* the thread's own */
    double closed_s; /* since rank 0's end of the connection is */
    double ended_s;  /* since all of this node have ended */
    double waits_s;  /* for rank 0 to have saved */
    bool gave_up;    /* this one has found that rank 0 does not */
} dog = {.lock = PTHREAD_MUTEX_INITIALIZER, .status = -1, .leaves_with = -1};

/* ---- the end ---- */

static int interrupted(void)
{
    int status = atomic_load(&dog.status);

    return status >= 0 ? status : xb_run_exit_status(XB_RUN_INTERRUPTED);
}

/* Who does what, after the line that says why the run ends. */
static void say_steps(const struct xb_watch_view *views, size_t n)
{
    bool *done = calloc(n, sizeof *done);
    char line[640];

    for (int i = 0;
         done && i < STEPS_SHOWN && xb_watch_describe(views, n, done, line, sizeof line); i++)
        xb_log_error("  %s", line);
    free(done);
}

/* Stopped ranks of this node would be left where the launcher does not end them. They go on,
 * and see the order to end. */
static void wake_stopped(void)
{
    int n = xb_watch_board_count(dog.board);

    for (int i = 0; i < n; i++) {
        const struct xb_watch_view *v = &dog.here[i];
        uint64_t born = xb_watch_board_born(dog.board, i);
        if (v->rank != dog.rank && xb_process_is_stopped(xb_process_state(v->pid, born)))
            kill(v->pid, SIGCONT);
    }
}

static enum xb_alarm alarm_of(enum xb_watch_cause cause)
{
    switch (cause) {
    case XB_CAUSE_SIGNAL:
        return XB_ALARM_SIGNAL;
    case XB_CAUSE_OVERDUE:
        return XB_ALARM_HANG;
    case XB_CAUSE_NONE:
    case XB_CAUSE_GONE:
    case XB_CAUSE_STOPPED:
    case XB_CAUSE_SILENT:
        break;
    }
    return XB_ALARM_LOST;
}

/* ---- rank 0 ---- */

/* Look at everybody, and judge. */
static struct xb_watch_verdict look_around(bool ask)
{
    int here = xb_watch_board_count(dog.board);

    xb_watch_board_look(dog.board, dog.here, ask);
    for (int i = 0; i < here; i++)
        dog.views[dog.here[i].rank] = dog.here[i];
    xb_watch_link_hear(dog.views, dog.nviews);
    for (size_t i = 0; atomic_load(&dog.status) >= 0 && i < dog.nviews; i++)
        dog.views[i].signal = 0; /* the end is near */
    return xb_watch_judge(dog.views, dog.nviews, xb_watch_patience());
}

/* Others have found that this rank was stopped, and said so. */
static void end_late(void)
{
    int status = interrupted();

    pthread_mutex_lock(&dog.lock);
    xb_watch_link_tell(status, true);
    if (dog.rescue)
        status = dog.rescue(XB_ALARM_LOST, "rank 0 was stopped", dog.arg);
    _exit(status);
}

static void lead(void)
{
    const struct timespec news = {0, NEWS_NS};
    struct xb_watch_verdict v = look_around(false);

    if (xb_watch_board_order(dog.board) >= 0)
        end_late();
    xb_watch_link_tell(-1, false);
    if (atomic_load(&dog.node_ended) && xb_watch_link_all_ended(dog.views, dog.nviews))
        atomic_store(&dog.all_ended, true);
    if (v.cause == XB_CAUSE_NONE)
        return;
    if (v.cause == XB_CAUSE_SIGNAL && xb_watch_link_is_used())
        nanosleep(&news, NULL); /* a launcher ends all when a rank has died: which? */
    pthread_mutex_lock(&dog.lock);
    v = look_around(true);
    if (v.cause ==
        XB_CAUSE_NONE) { /* the main thread came back while the lock was waited for */
        pthread_mutex_unlock(&dog.lock);
        return;
    }
    int status = interrupted();
    xb_watch_board_tell(dog.board, status);
    xb_watch_link_tell(status, true);
    enum xb_alarm alarm = alarm_of(v.cause);
    if (alarm != XB_ALARM_SIGNAL) {
        xb_log_error("%s", v.text);
        say_steps(dog.views, dog.nviews);
    }
    if (dog.rescue) /* with the lock: the main thread must not go on */
        status = dog.rescue(alarm, v.text, dog.arg);
    else if (alarm == XB_ALARM_SIGNAL)
        xb_log_error("%s: interrupted before anything was measured", v.text);
    xb_watch_board_tell(dog.board, status);
    xb_watch_link_tell(status, true);
    wake_stopped();
    _exit(status);
}

/* ---- the others ---- */

/* Rank 0 cannot decide any more. */
static void end_without_0(const char *why)
{
    int status = interrupted();

    dog.gave_up = true;
    xb_log_error("%s", why);
    say_steps(dog.here, (size_t)xb_watch_board_count(dog.board));
    if (pthread_mutex_trylock(&dog.lock) == 0) {
        if (dog.hint[0])
            xb_log_error("%s", dog.hint);
        pthread_mutex_unlock(&dog.lock);
    }
    xb_watch_board_tell(dog.board, status);
}

/* Is this rank the lowest of its node of which something is heard? */
static bool is_lowest(void)
{
    int me = xb_watch_board_place(dog.board);

    for (int i = 0; i < me; i++) {
        const struct xb_watch_view *v = &dog.here[i];
        if (!v->ended && !xb_watch_is_silent(v, xb_watch_patience()) &&
            !xb_process_is_gone((char)v->state))
            return false;
    }
    return true;
}

/* On rank 0's node: does it live? Whoever is told to end, as by a launcher that has lost rank
 * 0, says at once that it is gone: Open MPI 5 lets ranks live for a quarter of a second then.
 */
static void see_rank_0(void)
{
    struct xb_watch_view views[] = {dog.here[0], dog.here[xb_watch_board_place(dog.board)]};
    size_t n = xb_process_is_gone((char)views[0].state) ? 2 : 1;
    struct xb_watch_verdict v = xb_watch_judge(views, n, xb_watch_patience());

    if (v.cause == XB_CAUSE_NONE || v.who != 0 || alarm_of(v.cause) != XB_ALARM_LOST ||
        !is_lowest())
        return;
    end_without_0(v.text);
    wake_stopped(); /* it saves, when it may */
}

/* On another node: is rank 0 heard of, and is there anybody who tells it of this node? */
static void see_far_rank_0(double s, bool now)
{
    double patience = xb_watch_patience();
    bool closed;
    char why[256];

    if (xb_watch_board_place(dog.board) == 0) {
        bool linked = xb_watch_link_say(dog.here, (size_t)xb_watch_board_count(dog.board), now);
        double silence = xb_watch_link_silence(&closed);
        dog.closed_s += closed ? s : 0;
        if (xb_watch_link_order() >= 0) {
            xb_watch_board_tell(dog.board, xb_watch_link_order());
        } else if (xb_watch_board_order(dog.board) < 0 && linked && patience > 0 &&
                   (dog.closed_s > SPEAK_S || silence > 2 * patience)) {
            snprintf(why, sizeof why,
                     closed ? "rank 0 is gone, and its node no longer answers"
                            : "nothing was heard of rank 0 for %.0f s",
                     silence);
            end_without_0(why);
        }
        return;
    }
    if (xb_watch_board_order(dog.board) < 0 && patience > 0 &&
        dog.here[0].silent_s > (float)(3 * patience) && is_lowest()) {
        struct xb_watch_verdict v = xb_watch_judge(dog.here, 1, patience);
        end_without_0(v.text);
    }
}

/* A rank that was told to end waits for rank 0 to have saved, and ends then by itself. */
static void wait_for_0(double s)
{
    double patience = xb_watch_patience();
    double most_s = dog.gave_up ? patience : XB_LIMIT_DECISION * patience;
    bool gone, late;

    dog.waits_s += s;
    if (!dog.near_0 && xb_watch_board_place(dog.board) == 0)
        (void)xb_watch_link_silence(&gone);
    else /* rank 0, or the rank that hears of it */
        gone = xb_process_is_gone(
            xb_process_state(dog.here[0].pid, xb_watch_board_born(dog.board, 0)));
    late = patience > 0 && dog.waits_s > most_s;
    if (gone || late) {
        wake_stopped();
        _exit(xb_watch_board_order(dog.board));
    }
}

/* All of this node have ended: rank 0 hears so, and closes the line when all nodes have. */
static void end_with_node(double s)
{
    bool first = dog.ended_s == 0, closed = true;

    dog.ended_s += s;
    if (!dog.near_0 && xb_watch_board_place(dog.board) == 0 &&
        xb_watch_link_say(dog.here, (size_t)xb_watch_board_count(dog.board), first))
        (void)xb_watch_link_silence(&closed);
    if (closed || xb_watch_link_order() >= 0 || dog.ended_s > SPEAK_S)
        atomic_store(&dog.all_ended, true);
}

static void follow(double s)
{
    struct xb_watch_record *mine = xb_watch_mine();
    int number = xb_watch_signal_got();
    bool news = number && !atomic_load(&mine->signal);

    if (number)
        atomic_store(&mine->signal, number);
    xb_watch_board_look(dog.board, dog.here, news);
    if (atomic_load(&dog.node_ended)) {
        end_with_node(s);
        return;
    }
    if (xb_watch_board_order(dog.board) >= 0)
        wait_for_0(s);
    if (!dog.near_0)
        see_far_rank_0(s, news);
    else if (xb_watch_board_order(dog.board) < 0)
        see_rank_0();
}

/* ---- before ranks have met ---- */

static void be_alone(void)
{
    struct xb_watch_record *r = xb_watch_mine();
    int64_t due = atomic_load(&r->due_us);
    /* MPI may be changing the environment: nothing is asked of it here */
    int rank = atomic_load(&r->rank), number = xb_watch_signal_got();
    char step[XB_WATCH_STEP_LEN];

    if (number) {
        if (rank > 0)
            sleep(1); /* all may have it: let rank 0 speak */
        xb_log_error("%s at rank %d: interrupted before anything was measured",
                     xb_watch_signal_name(number), rank);
        _exit(interrupted());
    }
    if (due == 0 || atomic_load(&r->watched_us) <= due)
        return;
    xb_watch_get_text(r->step, XB_WATCH_WORDS, step);
    xb_watch_say_alone(rank, step, (double)(due - atomic_load(&r->since_us)) * 1e-6);
    _exit(interrupted());
}

/* ---- the thread ---- */

static void *watch(void *unused)
{
    const struct timespec pause = {0, LOOK_NS}, end = {0, END_NS};
    double before_us = xb_clock_us();

    (void)unused;
    while (!atomic_load(&dog.stop)) {
        double now_us = xb_clock_us(), s = (now_us - before_us) * 1e-6;
        xb_watch_tick(now_us - before_us);
        before_us = now_us;
        if (!atomic_load(&dog.met)) {
            be_alone();
        } else if (dog.rank == 0) {
            int number = xb_watch_signal_got();
            if (number)
                atomic_store(&xb_watch_mine()->signal, number);
            lead();
        } else {
            follow(s);
        }
        nanosleep(atomic_load(&xb_watch_mine()->ended) ? &end : &pause, NULL);
    }
    return NULL;
}

/* The last handler of exit, since it was the first to be registered: what libraries had to end
 * has ended, which takes a while where they have a GPU. One that is stopped now would be left
 * alone, and the launcher would wait for it: so the lowest of a node goes last, when none of
 * the others can be stopped any more, and at once. */
static void go_last(void)
{
    const struct timespec pause = {0, LAST_NS};
    bool met = atomic_load(&dog.met), lowest = met && xb_watch_board_place(dog.board) == 0;

    if (dog.leaves_with < 0)
        return;
    fflush(NULL);
    atomic_store(&xb_watch_mine()->ended, 1);
    while (met && !xb_watch_board_ended(dog.board, lowest))
        nanosleep(&pause, NULL);
    atomic_store(&dog.node_ended, true);
    while (lowest && dog.far && !atomic_load(&dog.all_ended))
        nanosleep(&pause, NULL);
    if (met && dog.nranks > 1)
        _exit(dog.leaves_with);
    atomic_store(&dog.stop, true);
    pthread_join(dog.thread, NULL);
}

static int read_patience(struct xb_error *err)
{
    const char *text = getenv(XB_PATIENCE_VARIABLE);
    char *end;
    double value = text ? strtod(text, &end) : PATIENCE_S;

    if (text && (end == text || *end || !(value >= 0 && value <= PATIENCE_MAX)))
        return xb_fail(err, "%s: got '%s', expected seconds from 0 to %d", XB_PATIENCE_VARIABLE,
                       text, PATIENCE_MAX);
    xb_watch_set_patience(value);
    return 0;
}

int xb_watchdog_start(struct xb_error *err)
{
    char host[64] = "";

    if (read_patience(err) < 0)
        return -1;
    gethostname(host, sizeof host - 1);
    xb_watch_place("%s", host);
    atomic_store(&xb_watch_mine()->pid, (int32_t)getpid());
    atomic_store(&xb_watch_mine()->rank, xb_process_rank());
    atomic_store(&xb_watch_mine()->born, xb_process_born(getpid()));
    int rc = pthread_create(&dog.thread, NULL, watch, NULL);
    if (rc != 0)
        return xb_fail(err, "watchdog: no thread: %s", strerror(rc));
    if (atexit(go_last) != 0)
        return xb_fail(err, "watchdog: out of memory");
    xb_watch_signals_heed();
    return 0;
}

void xb_watchdog_meet(void)
{
    struct xb_watch_number number = {0};
    double patience = xb_watch_patience();

    MPI_Comm_rank(MPI_COMM_WORLD, &dog.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &dog.nranks);
    MPI_Bcast(&patience, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    xb_watch_set_patience(patience);
    atomic_store(&xb_watch_mine()->rank, dog.rank);
    dog.board = xb_watch_board_open(MPI_COMM_WORLD);
    dog.nviews = (size_t)dog.nranks;
    dog.views = calloc(dog.rank == 0 ? dog.nviews : 1, sizeof *dog.views);
    dog.here =
        dog.board ? calloc((size_t)xb_watch_board_count(dog.board), sizeof *dog.here) : NULL;
    if (!dog.board || !dog.views || !dog.here)
        xb_give_up(MPI_COMM_WORLD); /* the others wait in the next call */
    for (size_t i = 0; dog.rank == 0 && i < dog.nviews; i++)
        dog.views[i] = (struct xb_watch_view){
            .rank = (int32_t)i, .waits_for = XB_WAIT_NOBODY, .state = 'R', .over_s = -1};
    xb_watch_board_look(dog.board, dog.here, false);
    dog.near_0 = dog.here[0].rank == 0;
    int first = xb_watch_board_place(dog.board) == 0, boards;
    MPI_Allreduce(&first, &boards, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    dog.far = boards > 1;
    if (dog.rank == 0 && dog.far)
        xb_watch_link_listen(&number);
    MPI_Bcast(&number, (int)sizeof number, MPI_BYTE, 0, MPI_COMM_WORLD);
    if (first && !dog.near_0)
        xb_watch_link_call(&number);
    atomic_store(&dog.met, true);
}

void xb_watchdog_rescue(xb_rescue rescue, void *arg)
{
    pthread_mutex_lock(&dog.lock);
    dog.rescue = rescue;
    dog.arg = arg;
    pthread_mutex_unlock(&dog.lock);
}

void xb_watchdog_hint(const char *text)
{
    pthread_mutex_lock(&dog.lock);
    snprintf(dog.hint, sizeof dog.hint, "%s", text);
    pthread_mutex_unlock(&dog.lock);
}

void xb_watchdog_conclude(int status)
{
    pthread_mutex_lock(&dog.lock);
    dog.rescue = NULL;
    atomic_store(&dog.status, status);
    pthread_mutex_unlock(&dog.lock);
}

void xb_watchdog_lock(void)
{
    pthread_mutex_lock(&dog.lock);
}

void xb_watchdog_unlock(void)
{
    pthread_mutex_unlock(&dog.lock);
}

void xb_watchdog_leave(int status)
{
    dog.leaves_with = status;
}
