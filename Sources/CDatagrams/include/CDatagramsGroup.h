#ifndef CDATAGRAMS_GROUP_H
#define CDATAGRAMS_GROUP_H

// Many sockets on one thread: epoll, as thin as the rest of this module. A negative result is -errno.

#include <stdint.h>

/// The tag that a wait reports for the wake.
#define CDATAGRAMS_GROUP_WAKE UINT64_MAX

/// A close-on-exec epoll instance that also watches `wake`.
int cdatagrams_group_open(int wake);
/// Watches a socket for datagrams; `tag` is what a wait says of it.
int cdatagrams_group_add(int group, int socket, uint64_t tag);
int cdatagrams_group_remove(int group, int socket);
/// Waits for at most `timeout_milliseconds` (negative: for ever) and writes the tags of what is ready; at most 256.
int cdatagrams_group_wait(int group, uint64_t *tags, int capacity, int timeout_milliseconds);

#endif
