#pragma once
#include <zlib.h>

/// inflateInit2 is a macro, which Swift cannot call. 15 + 16 reads the gzip format alone.
static inline int outpace_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
