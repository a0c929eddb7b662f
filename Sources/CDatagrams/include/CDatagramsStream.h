#ifndef CDATAGRAMS_STREAM_H
#define CDATAGRAMS_STREAM_H

// Listening TCP sockets and their connections, for media where UDP does not pass. A negative result is -errno.

#include <stddef.h>
#include <stdint.h>

struct cdatagrams_address;

/// A bound, listening, non-blocking, close-on-exec TCP socket.
int cdatagrams_listen(const struct cdatagrams_address *bind_to);
/// The next connection that waits, non-blocking, without Nagle's delay, with about `send_bytes` in the kernel; and its
/// peer's address.
int cdatagrams_accept(int listener, int send_bytes, struct cdatagrams_address *peer);
/// Bytes read; 0 at the end of the stream.
long cdatagrams_stream_read(int connection, void *bytes, size_t count);
long cdatagrams_stream_write(int connection, const void *bytes, size_t count);
/// Nothing more is sent; what the kernel has still goes out.
void cdatagrams_stream_finish(int connection);

/// An epoll instance that watches nothing yet.
int cdatagrams_watch_open(void);
/// Watches a socket for input, and for room to send if `wants_writable`; again for one that is watched already.
int cdatagrams_watch(int watch, int socket, uint64_t tag, int wants_writable, int is_new);
/// No longer.
void cdatagrams_unwatch(int watch, int socket);
/// What is ready now: the tags, and for each whether it can be read (1) and written (2). At most 64.
int cdatagrams_watch_poll(int watch, uint64_t *tags, uint8_t *ready, int capacity);

/// How many descriptors this process may have open.
long cdatagrams_descriptor_limit(void);

/// Waits for input on any of at most 16 descriptors or the wake, or the timeout (nanoseconds); bit i is descriptor i,
/// bit 30 the wake.
int cdatagrams_wait_any(const int *descriptors, int count, int wake, int64_t timeout_nanoseconds);

#endif
