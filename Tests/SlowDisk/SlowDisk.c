#define _GNU_SOURCE
#include "SlowDisk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Shared with whoever slows the disk and with every process of the same disk; NULL while nothing is to be slowed.
static struct page {
    _Atomic int64_t milliseconds;
    _Atomic int64_t slowed;
} *page;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv(SLOW_DISK_VARIABLE);
    if (path == NULL) return;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    void *shared = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (shared != MAP_FAILED) page = shared;
}

static void hold(void) {
    int64_t milliseconds = page == NULL ? 0 : atomic_load(&page->milliseconds);
    if (milliseconds <= 0) return;
    atomic_fetch_add(&page->slowed, 1);
    struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
}

int fsync(int descriptor) {
    hold();
    return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
    hold();
    return (int)syscall(SYS_fdatasync, descriptor);
}
