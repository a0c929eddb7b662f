#ifndef CDATAGRAMS_H
#define CDATAGRAMS_H

// The socket calls that Swift's Glibc module lacks (it is built without _GNU_SOURCE) or imports with awkward types.
// No policy here: every function is one system call, or a loop over one that only retries EINTR.
// A negative result is -errno.

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "CDatagramsGroup.h"
#include "CDatagramsStream.h"

/// The kernel's struct mmsghdr; its size is asserted against the real one in CDatagrams.c.
struct cdatagrams_message {
    struct msghdr header;
    unsigned int length;
};

/// An address as two numbers in host order. `family` is 4 or 6 (0: neither); an IPv4 address is in `low`.
/// Scope ids are left out: link-local addresses are no candidates.
struct cdatagrams_address {
    uint64_t high;
    uint64_t low;
    uint16_t port;
    uint8_t family;
};

/// Writes a sockaddr_in or sockaddr_in6 and returns its length; 0 for an unknown family.
socklen_t cdatagrams_encode(const struct cdatagrams_address *address, struct sockaddr_storage *into);
/// Reads a sockaddr_in or sockaddr_in6; `family` 0 for anything else.
struct cdatagrams_address cdatagrams_decode(const struct sockaddr_storage *from);

/// A bound, non-blocking, close-on-exec UDP socket. One bound to [::] carries both families, another IPv6 one only its
/// own.
int cdatagrams_open(const struct cdatagrams_address *bind_to, int receive_bytes, int send_bytes);
int cdatagrams_local_address(int socket, struct cdatagrams_address *into);
/// The kernel's real buffer sizes (it doubles and caps what was asked for).
int cdatagrams_receive_buffer(int socket);
int cdatagrams_send_buffer(int socket);
/// Datagrams that found the receive buffer full since the socket was opened (SO_MEMINFO, Linux 4.12), modulo 2^32; 0 where
/// the kernel does not say.
uint32_t cdatagrams_unread(int socket);

int cdatagrams_receive(int socket, struct cdatagrams_message *messages, unsigned int count);
int cdatagrams_send(int socket, struct cdatagrams_message *messages, unsigned int count);

/// Whether the kernel cuts one message into datagrams of equal size (UDP_SEGMENT, Linux 4.18); -errno if not.
int cdatagrams_can_segment(int socket);
enum {
    /// CMSG_SPACE of one 16-bit number.
    CDATAGRAMS_CONTROL_BYTES = 24,
    /// More segments than this are refused by kernels before 6.9.
    CDATAGRAMS_MAXIMUM_SEGMENTS = 64,
};
/// Makes a message one that the kernel cuts every `segment_bytes`; 0 makes it a plain datagram again.
/// `control` has CDATAGRAMS_CONTROL_BYTES, aligned to 8, and must live as long as the message.
void cdatagrams_set_segment(struct cdatagrams_message *message, void *control, uint16_t segment_bytes);

/// From now on the socket takes a message that its sender let the kernel cut as it is, uncut (UDP_GRO, Linux 5.0).
int cdatagrams_take_uncut(int socket);
/// Makes room for what cdatagrams_received_segment reads; before each receive. `control` as above.
void cdatagrams_expect_control(struct cdatagrams_message *message, void *control);
/// After how many bytes a received message is to be cut; 0: it is one datagram.
int cdatagrams_received_segment(struct cdatagrams_message *message);

/// An eventfd: a thread that waits is woken by cdatagrams_wake.
int cdatagrams_open_wake(void);
void cdatagrams_wake(int wake);
void cdatagrams_clear_wake(int wake);
void cdatagrams_close(int descriptor);

enum {
    CDATAGRAMS_READABLE = 1,
    CDATAGRAMS_WOKEN = 2,
    CDATAGRAMS_WRITABLE = 4,
};
/// Waits for the socket, the wake or the timeout (nanoseconds, negative for ever); `wake` may be -1.
int cdatagrams_wait(int socket, int wake, int wants_writable, int64_t timeout_nanoseconds);

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t cdatagrams_monotonic(void);
/// CLOCK_THREAD_CPUTIME_ID in nanoseconds: what the calling thread has used, in the kernel too.
uint64_t cdatagrams_thread_cpu(void);

/// The addresses of the interfaces that are up, loopback last; returns how many were written.
int cdatagrams_interfaces(struct cdatagrams_address *into, int capacity);

#endif
