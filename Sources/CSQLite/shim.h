// SQLite for Swift: the two destructor constants are casts, which the importer does not take.
#ifndef GUICHET_CSQLITE_SHIM_H
#define GUICHET_CSQLITE_SHIM_H

#include <sqlite3.h>

static inline sqlite3_destructor_type guichet_sqlite_transient(void) { return SQLITE_TRANSIENT; }
static inline sqlite3_destructor_type guichet_sqlite_static(void) { return SQLITE_STATIC; }

#endif
