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

// DTLS: macros over SSL_ctrl, and options that are shifted bits.
static inline int guichet_ctx_dtls12_only(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION)
        && SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
}
static inline int guichet_ctx_set_groups(SSL_CTX *context, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(context, groups);
}
static inline void guichet_ctx_set_dtls_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
}
static inline void guichet_ctx_set_max_cert_list(SSL_CTX *context, long bytes) {
    SSL_CTX_set_max_cert_list(context, bytes);
}
static inline void guichet_ssl_set_mtu(SSL *ssl, long bytes) { SSL_set_mtu(ssl, bytes); }
static inline int guichet_dtls_handle_timeout(SSL *ssl) { return (int)DTLSv1_handle_timeout(ssl); }
static inline void guichet_bio_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}
static inline EVP_PKEY *guichet_generate_p256(void) { return EVP_EC_gen("P-256"); }

// SHA-1 by its plain functions: EVP allocates for every message, and STUN checks arrive with every packet burst.
// They are deprecated in favour of EVP but stay; SHA-1 is what RFC 8489 prescribes for MESSAGE-INTEGRITY.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline void guichet_sha1_init(SHA_CTX *state) { SHA1_Init(state); }
static inline void guichet_sha1_update(SHA_CTX *state, const void *bytes, size_t count) { SHA1_Update(state, bytes, count); }
static inline void guichet_sha1_final(unsigned char *digest, SHA_CTX *state) { SHA1_Final(digest, state); }
// SHA-256 as well: with the lookup of EVP by name a short message takes 555 ns, without it 123.
static inline void guichet_sha256(const void *bytes, size_t count, unsigned char *digest) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, count);
    SHA256_Final(digest, &state);
}
#pragma GCC diagnostic pop

#endif
