#ifndef CDATAGRAMS_H
#define CDATAGRAMS_H
#endif
