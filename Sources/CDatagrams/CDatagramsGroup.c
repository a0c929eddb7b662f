#define _GNU_SOURCE
#include "CDatagramsGroup.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int cdatagrams_group_add(int group, int socket, uint64_t tag) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = tag}};
    return epoll_ctl(group, EPOLL_CTL_ADD, socket, &event) == 0 ? 0 : -errno;
}

int cdatagrams_group_open(int wake) {
    int group = epoll_create1(EPOLL_CLOEXEC);
    if (group < 0) return -errno;
    int added = cdatagrams_group_add(group, wake, CDATAGRAMS_GROUP_WAKE);
    if (added < 0) {
        close(group);
        return added;
    }
    return group;
}

int cdatagrams_group_remove(int group, int socket) {
    return epoll_ctl(group, EPOLL_CTL_DEL, socket, NULL) == 0 ? 0 : -errno;
}

int cdatagrams_group_wait(int group, uint64_t *tags, int capacity, int timeout_milliseconds) {
    struct epoll_event events[256];
    int wanted = capacity < 256 ? capacity : 256;
    for (;;) {
        int count = epoll_wait(group, events, wanted, timeout_milliseconds);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -errno;
        for (int index = 0; index < count; index++) tags[index] = events[index].data.u64;
        return count;
    }
}
