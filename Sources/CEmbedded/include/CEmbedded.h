#ifndef CEMBEDDED_H
#define CEMBEDDED_H

// The files that the binary carries, embedded by the C compiler: it reads a megabyte in a second and knows, file by
// file, what it depends on, where an array literal of the same bytes takes the Swift compiler minutes. A new file is one
// more entry of its shelf; a test compares each shelf with its folder.

// A text file: its path below the shelf's folder, and its bytes with a NUL behind them (and none inside, so that the
// length needs no saying).
struct embedded_file {
    const char *_Nullable name;
    const unsigned char *_Nullable text;
};

// Each shelf ends with an entry without a name.
extern const struct embedded_file embedded_schemas[];
extern const struct embedded_file embedded_reports[];
extern const struct embedded_file embedded_pages[];

// C arrays of unknown length come to Swift as a first element only; these are their addresses.
static inline const struct embedded_file *_Nonnull embedded_schemas_shelf(void) { return embedded_schemas; }
static inline const struct embedded_file *_Nonnull embedded_reports_shelf(void) { return embedded_reports; }
static inline const struct embedded_file *_Nonnull embedded_pages_shelf(void) { return embedded_pages; }

#endif
