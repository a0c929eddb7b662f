// zlib for Swift: raw deflate and CRC-32 for workbooks. `deflateInit2` is a macro, so it gets a function here.
#ifndef GUICHET_CZLIB_SHIM_H
#define GUICHET_CZLIB_SHIM_H

#include <zlib.h>

// Raw deflate (no header), level 6, the memory that zlib takes by default.
static inline int guichet_deflate_raw(z_stream *stream) {
    return deflateInit2(stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}

#endif
