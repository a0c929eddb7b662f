// OpenSSL 3 for Swift. What the importer can't take (function-like macros, casts, variadic
// functions) gets a static inline function here; everything else is used by its own name.
#ifndef GUICHET_COPENSSL_SHIM_H
#define GUICHET_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#endif
