/// A library to be preloaded: whatever the process wants to see on the disk (fsync, fdatasync) takes a time longer that another process
/// may change at any moment, as on a disk that is worn out, shared or full of work.
///
/// `SLOW_DISK_FILE` names a file of sixteen bytes, two little-endian integers: the milliseconds, and how many calls were slowed, which
/// this library counts. Without it nothing is changed.
#ifndef SLOW_DISK_H
#define SLOW_DISK_H

#define SLOW_DISK_VARIABLE "SLOW_DISK_FILE"

#endif
