// libFuzzer's entry for a program with a main function of its own; scripts/fuzz links the library.
#ifndef OUTPACE_FUZZER_SHIM_H
#define OUTPACE_FUZZER_SHIM_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*body)(const uint8_t *data, size_t size));

#endif
