/* watchdog.c - a thread of rank 0 that saves what was measured when the main thread cannot. */
#include "engine/runtime/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/runtime/clock.h"

static struct {
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    xb_rescue rescue;
    void *arg;
    _Atomic double allowed_us; /* 0 when disarmed */
    atomic_uint armed;         /* how often it was told so */
    atomic_bool stop;
} dog = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_int signalled; /* by a handler, for another thread */

#define PAUSE_NS   20000000 /* between two looks */
#define STOPPED_US 1e6      /* the most that counts of what passes between them */

#define SAVE_SECONDS                                                                           \
    3 /* that rank 0 has before the others end, if the launcher does not end them */

static void on_signal(int number)
{
    signalled = number;
    if (!dog.running)
        alarm(SAVE_SECONDS);
}

static void set_handlers(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* What the watching thread has seen of the time that is allowed now. */
struct watched {
    unsigned armed;
    double looked_us, spent_us;
};

/* Has the main thread not come back in time? Of a time in which this thread does not come to
 * run little counts: then all of the process was stopped, or the machine, or its clock has
 * jumped. */
static bool is_due(struct watched *w)
{
    double now_us = xb_clock_us(), passed_us = now_us - w->looked_us;
    unsigned armed = atomic_load(&dog.armed);
    double allowed_us = atomic_load(&dog.allowed_us);

    w->looked_us = now_us;
    if (armed != w->armed)
        w->spent_us = 0;
    else if (passed_us > 0)
        w->spent_us += passed_us < STOPPED_US ? passed_us : STOPPED_US;
    w->armed = armed;
    return allowed_us > 0 && w->spent_us > allowed_us;
}

static void rescue_and_exit(enum xb_alarm alarm, unsigned armed)
{
    pthread_mutex_lock(&dog.lock);
    /* it came back while the lock was waited for */
    if (alarm == XB_ALARM_HANG && armed != atomic_load(&dog.armed)) {
        pthread_mutex_unlock(&dog.lock);
        return;
    }
    _exit(dog.rescue(alarm, dog.arg)); /* with the lock: the main thread must not go on */
}

static void *watch(void *unused)
{
    const struct timespec pause = {0, PAUSE_NS};
    struct watched w = {.looked_us = xb_clock_us()};

    (void)unused;
    while (!atomic_load(&dog.stop)) {
        if (signalled)
            rescue_and_exit(XB_ALARM_SIGNAL, 0);
        if (is_due(&w))
            rescue_and_exit(XB_ALARM_HANG, w.armed);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int xb_watchdog_start(xb_rescue rescue, void *arg, struct xb_error *err)
{
    set_handlers(on_signal);
    if (!rescue)
        return 0;
    dog.rescue = rescue;
    dog.arg = arg;
    int rc = pthread_create(&dog.thread, NULL, watch, NULL);
    if (rc != 0)
        return xb_fail(err, "watchdog: no thread: %s", strerror(rc));
    dog.running = true;
    return 0;
}

void xb_watchdog_arm(double seconds)
{
    atomic_store(&dog.allowed_us, seconds > 0 ? seconds * 1e6 : 0);
    atomic_fetch_add(&dog.armed, 1);
}

void xb_watchdog_lock(void)
{
    pthread_mutex_lock(&dog.lock);
}

void xb_watchdog_unlock(void)
{
    pthread_mutex_unlock(&dog.lock);
}

void xb_watchdog_stop(void)
{
    atomic_store(&dog.stop, true);
    if (dog.running)
        pthread_join(dog.thread, NULL);
    dog.running = false;
    set_handlers(SIG_DFL);
}
