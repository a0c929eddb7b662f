#define _GNU_SOURCE
#include "CDatagrams.h"
#include "CDatagramsStream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int cdatagrams_listen(const struct cdatagrams_address *bind_to) {
    struct sockaddr_storage storage;
    socklen_t length = cdatagrams_encode(bind_to, &storage);
    if (length == 0) return -EAFNOSUPPORT;
    int descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int yes = 1;
    // Connections of an earlier run that linger must not keep this one from starting.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int only_ipv6 = bind_to->high != 0 || bind_to->low != 0;
    if (storage.ss_family == AF_INET6)
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof only_ipv6);
    if (bind(descriptor, (struct sockaddr *)&storage, length) != 0 || listen(descriptor, 256) != 0) {
        int failure = errno;
        close(descriptor);
        return -failure;
    }
    return descriptor;
}

int cdatagrams_accept(int listener, int send_bytes, struct cdatagrams_address *peer) {
    struct sockaddr_storage storage;
    for (;;) {
        socklen_t length = sizeof storage;
        int descriptor = accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            int yes = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
            *peer = cdatagrams_decode(&storage);
            return descriptor;
        }
        // One that is gone already says nothing about the next.
        if (errno != EINTR && errno != ECONNABORTED) return -errno;
    }
}

long cdatagrams_stream_read(int connection, void *bytes, size_t count) {
    for (;;) {
        ssize_t taken = recv(connection, bytes, count, MSG_DONTWAIT);
        if (taken >= 0) return taken;
        if (errno != EINTR) return -errno;
    }
}

long cdatagrams_stream_write(int connection, const void *bytes, size_t count) {
    for (;;) {
        ssize_t given = send(connection, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (given >= 0) return given;
        if (errno != EINTR) return -errno;
    }
}

void cdatagrams_stream_finish(int connection) { shutdown(connection, SHUT_WR); }

int cdatagrams_watch_open(void) {
    int watch = epoll_create1(EPOLL_CLOEXEC);
    return watch < 0 ? -errno : watch;
}

int cdatagrams_watch(int watch, int socket, uint64_t tag, int wants_writable, int is_new) {
    struct epoll_event event = {.events = EPOLLIN | (wants_writable ? EPOLLOUT : 0), .data = {.u64 = tag}};
    return epoll_ctl(watch, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) == 0 ? 0 : -errno;
}

void cdatagrams_unwatch(int watch, int socket) { epoll_ctl(watch, EPOLL_CTL_DEL, socket, NULL); }

int cdatagrams_watch_poll(int watch, uint64_t *tags, uint8_t *ready, int capacity) {
    struct epoll_event events[64];
    for (;;) {
        int count = epoll_wait(watch, events, capacity < 64 ? capacity : 64, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -errno;
        for (int index = 0; index < count; index++) {
            tags[index] = events[index].data.u64;
            // An error or a hang-up is found by reading.
            ready[index] = (uint8_t)((events[index].events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? 1 : 0)
                | (events[index].events & EPOLLOUT ? 2 : 0));
        }
        return count;
    }
}

long cdatagrams_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    return limit.rlim_cur > 1 << 20 ? 1 << 20 : (long)limit.rlim_cur;
}

int cdatagrams_wait_any(const int *descriptors, int count, int wake, int64_t timeout_nanoseconds) {
    struct pollfd polled[17];
    if (count > 16) count = 16;
    for (int index = 0; index < count; index++) polled[index] = (struct pollfd){.fd = descriptors[index], .events = POLLIN};
    polled[count] = (struct pollfd){.fd = wake, .events = POLLIN};
    struct timespec timeout = {
        .tv_sec = timeout_nanoseconds / 1000000000,
        .tv_nsec = timeout_nanoseconds % 1000000000,
    };
    int ready = ppoll(polled, (nfds_t)count + 1, timeout_nanoseconds < 0 ? NULL : &timeout, NULL);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    int result = 0;
    for (int index = 0; index < count; index++)
        if (polled[index].revents & (POLLIN | POLLERR)) result |= 1 << index;
    if (polled[count].revents & POLLIN) result |= 1 << 30;
    return result;
}
