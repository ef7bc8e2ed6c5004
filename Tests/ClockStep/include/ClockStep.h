/// A library to be preloaded: the wall clock of the process is the true one and a number of seconds, which another process may change
/// at any time. Steady clocks, timers and sleeps are left alone, as when an operator or NTP steps the clock of a machine.
///
/// `CLOCK_STEP_FILE` names a file of eight bytes, the seconds as a little-endian integer with a sign. Without it nothing is changed.
#ifndef CLOCK_STEP_H
#define CLOCK_STEP_H

#define CLOCK_STEP_VARIABLE "CLOCK_STEP_FILE"

#endif
