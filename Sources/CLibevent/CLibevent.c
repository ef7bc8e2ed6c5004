#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include "CLibevent.h"

_Static_assert(OUTPACE_EVENT_READ == EV_READ, "libevent changed EV_READ");
_Static_assert(OUTPACE_EVENT_WRITE == EV_WRITE, "libevent changed EV_WRITE");
_Static_assert(OUTPACE_EVENT_PERSIST == EV_PERSIST, "libevent changed EV_PERSIST");
_Static_assert(OUTPACE_LOOP_ONCE == EVLOOP_ONCE, "libevent changed EVLOOP_ONCE");
_Static_assert(OUTPACE_LOOP_NONBLOCK == EVLOOP_NONBLOCK, "libevent changed EVLOOP_NONBLOCK");

int outpace_event_add_after(struct event *event, long seconds, long microseconds) {
    struct timeval value;
    value.tv_sec = seconds;
    value.tv_usec = microseconds;
    return event_add(event, &value);
}

int outpace_wakeup_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void outpace_wakeup_signal(int descriptor) {
    uint64_t one = 1;
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {}
}

void outpace_wakeup_clear(int descriptor) {
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {}
}

void outpace_wakeup_close(int descriptor) { close(descriptor); }

int outpace_errno(void) { return errno; }

int outpace_thread_start(void *(*body)(void *), void *context) {
    pthread_t thread;
    int result = pthread_create(&thread, NULL, body, context);
    if (result == 0) pthread_detach(thread);
    return result;
}

void outpace_thread_set_name(const char *name) { pthread_setname_np(pthread_self(), name); }

long long outpace_thread_slot_create(void) {
    pthread_key_t key;
    return pthread_key_create(&key, NULL) == 0 ? (long long)key : -1;
}

void *outpace_thread_slot_get(long long slot) { return pthread_getspecific((pthread_key_t)slot); }

void outpace_thread_slot_set(long long slot, const void *value) { pthread_setspecific((pthread_key_t)slot, value); }
