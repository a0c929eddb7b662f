#define _GNU_SOURCE
#include "CDatagrams.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct cdatagrams_message) == sizeof(struct mmsghdr), "mmsghdr has another size here");
_Static_assert(offsetof(struct cdatagrams_message, length) == offsetof(struct mmsghdr, msg_len),
               "mmsghdr is laid out differently here");

// Since Linux 4.18; the C library's header may be older than the kernel.
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
// Since Linux 5.0.
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
_Static_assert(CDATAGRAMS_CONTROL_BYTES >= CMSG_SPACE(sizeof(uint16_t)), "a control message is larger here");
_Static_assert(CDATAGRAMS_CONTROL_BYTES >= CMSG_SPACE(sizeof(int)), "a control message is larger here");

socklen_t cdatagrams_encode(const struct cdatagrams_address *address, struct sockaddr_storage *into) {
    if (address->family == 4) {
        struct sockaddr_in *ipv4 = (struct sockaddr_in *)into;
        memset(ipv4, 0, sizeof *ipv4);
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(address->port);
        ipv4->sin_addr.s_addr = htonl((uint32_t)address->low);
        return sizeof *ipv4;
    }
    if (address->family == 6) {
        struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)into;
        memset(ipv6, 0, sizeof *ipv6);
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons(address->port);
        uint64_t halves[2] = {htobe64(address->high), htobe64(address->low)};
        memcpy(&ipv6->sin6_addr, halves, sizeof halves);
        return sizeof *ipv6;
    }
    return 0;
}

struct cdatagrams_address cdatagrams_decode(const struct sockaddr_storage *from) {
    struct cdatagrams_address address = {0, 0, 0, 0};
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)from;
        address.family = 4;
        address.port = ntohs(ipv4->sin_port);
        address.low = ntohl(ipv4->sin_addr.s_addr);
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)from;
        uint64_t halves[2];
        memcpy(halves, &ipv6->sin6_addr, sizeof halves);
        address.family = 6;
        address.port = ntohs(ipv6->sin6_port);
        address.high = be64toh(halves[0]);
        address.low = be64toh(halves[1]);
        // A socket of both families names IPv4 peers ::ffff:a.b.c.d; each peer has one name only.
        if (address.high == 0 && address.low >> 32 == 0xFFFF) {
            address.family = 4;
            address.low &= 0xFFFFFFFF;
        }
    }
    return address;
}

int cdatagrams_open(const struct cdatagrams_address *bind_to, int receive_bytes, int send_bytes) {
    struct sockaddr_storage storage;
    socklen_t length = cdatagrams_encode(bind_to, &storage);
    if (length == 0) return -EAFNOSUPPORT;
    int descriptor = socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    // Every address of this machine means those of both families.
    int only_ipv6 = bind_to->high != 0 || bind_to->low != 0;
    if (storage.ss_family == AF_INET6)
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof only_ipv6);
    // Best effort: the kernel caps both at net.core.[rw]mem_max.
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    if (bind(descriptor, (struct sockaddr *)&storage, length) != 0) {
        int failure = errno;
        close(descriptor);
        return -failure;
    }
    return descriptor;
}

int cdatagrams_local_address(int socket, struct cdatagrams_address *into) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(socket, (struct sockaddr *)&storage, &length) != 0) return -errno;
    *into = cdatagrams_decode(&storage);
    return 0;
}

static int integer_option(int socket, int option) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(socket, SOL_SOCKET, option, &value, &length) == 0 ? value : -errno;
}

int cdatagrams_receive_buffer(int socket) { return integer_option(socket, SO_RCVBUF); }
int cdatagrams_send_buffer(int socket) { return integer_option(socket, SO_SNDBUF); }

uint32_t cdatagrams_unread(int socket) {
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof memory;
    if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0) return 0;
    return memory[SK_MEMINFO_DROPS];
}

int cdatagrams_receive(int socket, struct cdatagrams_message *messages, unsigned int count) {
    for (;;) {
        int received = recvmmsg(socket, (struct mmsghdr *)messages, count, MSG_DONTWAIT, NULL);
        if (received >= 0) return received;
        if (errno != EINTR) return -errno;
    }
}

int cdatagrams_send(int socket, struct cdatagrams_message *messages, unsigned int count) {
    for (;;) {
        int sent = sendmmsg(socket, (struct mmsghdr *)messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno != EINTR) return -errno;
    }
}

int cdatagrams_can_segment(int socket) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(socket, IPPROTO_UDP, UDP_SEGMENT, &value, &length) == 0 ? 1 : -errno;
}

void cdatagrams_set_segment(struct cdatagrams_message *message, void *control, uint16_t segment_bytes) {
    if (segment_bytes == 0) {
        message->header.msg_control = NULL;
        message->header.msg_controllen = 0;
        return;
    }
    message->header.msg_control = control;
    message->header.msg_controllen = CMSG_SPACE(sizeof segment_bytes);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message->header);
    head->cmsg_level = IPPROTO_UDP;
    head->cmsg_type = UDP_SEGMENT;
    head->cmsg_len = CMSG_LEN(sizeof segment_bytes);
    memcpy(CMSG_DATA(head), &segment_bytes, sizeof segment_bytes);
}

int cdatagrams_take_uncut(int socket) {
    int yes = 1;
    return setsockopt(socket, IPPROTO_UDP, UDP_GRO, &yes, sizeof yes) == 0 ? 0 : -errno;
}

void cdatagrams_expect_control(struct cdatagrams_message *message, void *control) {
    message->header.msg_control = control;
    message->header.msg_controllen = CDATAGRAMS_CONTROL_BYTES;
}

int cdatagrams_received_segment(struct cdatagrams_message *message) {
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message->header); head != NULL;
         head = CMSG_NXTHDR(&message->header, head)) {
        if (head->cmsg_level != IPPROTO_UDP || head->cmsg_type != UDP_GRO) continue;
        int segment_bytes;
        memcpy(&segment_bytes, CMSG_DATA(head), sizeof segment_bytes);
        return segment_bytes;
    }
    return 0;
}

int cdatagrams_open_wake(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

void cdatagrams_wake(int wake) {
    uint64_t one = 1;
    // A full counter already means "awake"; nothing else can fail on an open eventfd.
    ssize_t written = write(wake, &one, sizeof one);
    (void)written;
}

void cdatagrams_clear_wake(int wake) {
    uint64_t count;
    ssize_t taken = read(wake, &count, sizeof count);
    (void)taken;
}

void cdatagrams_close(int descriptor) { close(descriptor); }

int cdatagrams_wait(int socket, int wake, int wants_writable, int64_t timeout_nanoseconds) {
    struct pollfd descriptors[2] = {
        {.fd = socket, .events = (short)(POLLIN | (wants_writable ? POLLOUT : 0))},
        {.fd = wake, .events = POLLIN},
    };
    struct timespec timeout = {
        .tv_sec = timeout_nanoseconds / 1000000000,
        .tv_nsec = timeout_nanoseconds % 1000000000,
    };
    int ready = ppoll(descriptors, 2, timeout_nanoseconds < 0 ? NULL : &timeout, NULL);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    int result = 0;
    if (descriptors[0].revents & (POLLIN | POLLERR)) result |= CDATAGRAMS_READABLE;
    if (descriptors[0].revents & POLLOUT) result |= CDATAGRAMS_WRITABLE;
    if (descriptors[1].revents & POLLIN) result |= CDATAGRAMS_WOKEN;
    return result;
}

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t cdatagrams_monotonic(void) { return nanoseconds(CLOCK_MONOTONIC); }
uint64_t cdatagrams_thread_cpu(void) { return nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

int cdatagrams_interfaces(struct cdatagrams_address *into, int capacity) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) return -errno;
    int written = 0;
    for (int loopback = 0; loopback < 2; loopback++) {
        for (struct ifaddrs *entry = list; entry != NULL && written < capacity; entry = entry->ifa_next) {
            if (entry->ifa_addr == NULL || !(entry->ifa_flags & IFF_UP)) continue;
            if (!!(entry->ifa_flags & IFF_LOOPBACK) != loopback) continue;
            int family = entry->ifa_addr->sa_family;
            if (family != AF_INET && family != AF_INET6) continue;
            struct sockaddr_storage storage;
            memset(&storage, 0, sizeof storage);
            memcpy(&storage, entry->ifa_addr,
                   family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
            into[written++] = cdatagrams_decode(&storage);
        }
    }
    freeifaddrs(list);
    return written;
}
