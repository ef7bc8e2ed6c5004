#pragma once
// What the event loop uses of libevent and of the system, declared without any system header: Swift's clang importer would
// otherwise meet two definitions of fd_set, this one and the one in SwiftNIO's C module, and refuse both at random.
// CLibevent.c includes the real headers beside this one, so the compiler checks that they agree.

struct event;
struct event_base;
struct timeval;

#define OUTPACE_EVENT_READ 0x02
#define OUTPACE_EVENT_WRITE 0x04
#define OUTPACE_EVENT_PERSIST 0x10
#define OUTPACE_LOOP_ONCE 0x01
#define OUTPACE_LOOP_NONBLOCK 0x02

struct event_base *event_base_new(void);
void event_base_free(struct event_base *base);
int event_base_loop(struct event_base *base, int flags);
struct event *event_new(
    struct event_base *base, int descriptor, short flags, void (*callback)(int, short, void *), void *context);
int event_add(struct event *event, const struct timeval *timeout);
int event_del(struct event *event);
void event_free(struct event *event);

/// event_add with a time-out.
int outpace_event_add_after(struct event *event, long seconds, long microseconds);

/// A counter whose descriptor turns readable when it is bumped; -1 with errno on failure.
int outpace_wakeup_create(void);

/// Makes the counter readable. A full counter is readable already, so its EAGAIN is no failure.
void outpace_wakeup_signal(int descriptor);

/// Sets the counter back to zero.
void outpace_wakeup_clear(int descriptor);

void outpace_wakeup_close(int descriptor);

int outpace_errno(void);

/// Starts a detached thread; 0 or the error number.
int outpace_thread_start(void *(*body)(void *), void *context);

void outpace_thread_set_name(const char *name);

/// A slot each thread has its own pointer in; -1 when the process has none left.
long long outpace_thread_slot_create(void);

void *outpace_thread_slot_get(long long slot);

void outpace_thread_slot_set(long long slot, const void *value);
