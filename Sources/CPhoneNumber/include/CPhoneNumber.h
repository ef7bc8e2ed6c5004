#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What is wrong with a number. Swift's importer makes constants of these.
enum outpace_number_verdict {
    OUTPACE_NUMBER_VALID = 0,
    OUTPACE_NUMBER_NOT_A_NUMBER = 1,
    OUTPACE_NUMBER_TOO_SHORT = 2,
    OUTPACE_NUMBER_TOO_LONG = 3,
    OUTPACE_NUMBER_UNKNOWN_COUNTRY = 4,
    OUTPACE_NUMBER_INVALID = 5,
    OUTPACE_NUMBER_PREMIUM = 6,
    OUTPACE_NUMBER_SHARED_COST = 7,
    OUTPACE_NUMBER_EMERGENCY = 8,
};

/// The longest E.164 form: a plus and 17 digits, with the NUL.
#define OUTPACE_E164_CAPACITY 24

/// Reads a number as people of `region` (two letters and a NUL) write it.
///
/// `e164` takes the international form, NUL-terminated, when the verdict is OUTPACE_NUMBER_VALID. Never throws.
int outpace_number_normalize(const char *text, size_t length, const char *region, char e164[OUTPACE_E164_CAPACITY]);

/// Whether the library has rules for `region` (two letters and a NUL).
int outpace_number_knows_region(const char *region);

#ifdef __cplusplus
}
#endif
