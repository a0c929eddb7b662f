// Makes the thread sanitizer see that a contended Mutex orders what two threads do (`Scripts/sanitize thread`).
//
// Swift's `Mutex` takes a free lock by atomic words that are inlined here and that the sanitizer therefore sees. For a
// lock that is held it calls libswiftSynchronization, which is not built for the sanitizer: it would report a race between
// two threads of which one has just waited for the other. These two stand before the library's, call them, and say so.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT_CALL __attribute__((swiftcall))
#define SWIFT_SELF __attribute__((swift_context))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Not there under the address sanitizer.
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

typedef SWIFT_CALL void (*lock_slow)(uint32_t, SWIFT_SELF void *);
typedef SWIFT_CALL void (*unlock_slow)(SWIFT_SELF void *);

SWIFT_CALL void mutex_order_lock(uint32_t thread, SWIFT_SELF void *handle) __asm__(LOCK);
SWIFT_CALL void mutex_order_unlock(SWIFT_SELF void *handle) __asm__(UNLOCK);

SWIFT_CALL void mutex_order_lock(uint32_t thread, SWIFT_SELF void *handle) {
    ((lock_slow)dlsym(RTLD_NEXT, LOCK))(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT_CALL void mutex_order_unlock(SWIFT_SELF void *handle) {
    if (__tsan_release) __tsan_release(handle);
    ((unlock_slow)dlsym(RTLD_NEXT, UNLOCK))(handle);
}
