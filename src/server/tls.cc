#include "server/tls.h"

#include <array>
#include <functional>

#include <boost/asio/ip/address.hpp>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/log.h"

namespace passerby::server {

namespace {

namespace ssl = boost::asio::ssl;
namespace fs = std::filesystem;
using boost::system::error_code;

// TLS 1.3's are OpenSSL's own. Of 1.2 only what keeps a stolen key from opening what was recorded before.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// "http/1.1", the one protocol there is.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
                    unsigned in_size, void*) {
    static constexpr unsigned char kOurs[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, kOurs, sizeof kOurs - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

template <auto release>
struct With {
    template <class T>
    void operator()(T* p) const {
        release(p);
    }
};
using Certificate = std::unique_ptr<X509, With<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, With<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, With<BIO_free>>;

Result<Tls::Context> load_context(const TlsFiles& files) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    error_code error;
    context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                         ssl::context::no_tlsv1_1 | ssl::context::no_compression);
    auto* raw = context->native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_cipher_list(raw, kCiphers);
    SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
    for (const auto& file : {files.certificate, files.key})
        if (const auto read = read_file(file); !read) return tl::unexpected{read.error()};
    context->use_certificate_chain_file(files.certificate, error);
    if (error)
        return fail(ErrorKind::invalid,
                    "'{}' is no certificate ({}); give a PEM file with the certificate, and those between it "
                    "and its issuer",
                    files.certificate, error.message());
    context->use_private_key_file(files.key, ssl::context::pem, error);
    if (error && ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH)
        return fail(
            ErrorKind::invalid,
            "the key in '{}' is not the one of the certificate in '{}'; give the two that belong together",
            files.key, files.certificate);
    if (error)
        return fail(ErrorKind::invalid, "'{}' is no private key ({}); give a PEM file without a password",
                    files.key, error.message());
    if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(raw))) < 0)
        log_warning(
            "the certificate in '{}' has expired; browsers will refuse it. Renew it: it is taken up by "
            "itself",
            files.certificate);
    return context;
}

// Whatever is called a name: addresses are another kind of name in a certificate.
std::string alternative(const std::string& name) {
    error_code error;
    boost::asio::ip::make_address(name, error);
    return (error ? "DNS:" : "IP:") + name;
}

Result<std::string> pem_of(const std::function<int(BIO*)>& write) {
    const Memory memory{BIO_new(BIO_s_mem())};
    if (!memory || write(memory.get()) != 1)
        return fail(ErrorKind::internal, "OpenSSL cannot write a certificate");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return std::string{text, static_cast<std::size_t>(size)};
}

Status add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, With<X509_EXTENSION_free>> extension{
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
        return fail(ErrorKind::internal, "OpenSSL cannot make a certificate for {}", value);
    return {};
}

}  // namespace

Tls::Seen Tls::look() const {
    error_code ignored;
    return {fs::last_write_time(files_.certificate, ignored), fs::last_write_time(files_.key, ignored)};
}

Result<std::unique_ptr<Tls>> Tls::load(TlsFiles files) {
    std::unique_ptr<Tls> tls{new Tls{std::move(files)}};
    tls->seen_ = tls->look();
    tls->context_ = TRY(load_context(tls->files_));
    return tls;
}

Tls::Context Tls::context() {
    const std::lock_guard lock{mutex_};
    const auto now = look();
    if (now == seen_) return context_;
    // The certificate may be there before its key: until both are, what was goes on.
    if (auto loaded = load_context(files_)) {
        context_ = *std::move(loaded);
        log_info("the certificate in '{}' is taken up", files_.certificate);
    } else {
        log_error("{}; the certificate before it stays in use", loaded.error().message);
    }
    seen_ = now;
    return context_;
}

Status make_self_signed(const TlsFiles& files, const std::vector<std::string>& names) {
    const Key key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    const Certificate certificate{X509_new()};
    if (!key || !certificate) return fail(ErrorKind::internal, "OpenSSL cannot make a key");
    auto* c = certificate.get();
    X509_set_version(c, X509_VERSION_3);
    std::unique_ptr<BIGNUM, With<BN_free>> serial{BN_new()};
    BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
    BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(c));
    constexpr long kDay = 24 * 3600;
    X509_gmtime_adj(X509_getm_notBefore(c), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(c), 3650 * kDay);
    X509_set_pubkey(c, key.get());
    auto* subject = X509_get_subject_name(c);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("passerby"), -1, -1, 0);
    X509_set_issuer_name(c, subject);
    std::string all;
    for (const auto& name : names) all += fmt::format("{}{}", all.empty() ? "" : ",", alternative(name));
    TRY_STATUS(add_extension(c, NID_subject_alt_name, all));
    TRY_STATUS(add_extension(c, NID_basic_constraints, "critical,CA:FALSE"));
    TRY_STATUS(add_extension(c, NID_ext_key_usage, "serverAuth"));
    if (X509_sign(c, key.get(), EVP_sha256()) == 0)
        return fail(ErrorKind::internal, "OpenSSL cannot sign a certificate");
    const auto key_text = TRY(pem_of([&](BIO* to) {
        return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }));
    const auto text = TRY(pem_of([&](BIO* to) { return PEM_write_bio_X509(to, c); }));
    TRY_STATUS(write_file_atomically(files.key, key_text, 0600));
    return write_file_atomically(files.certificate, text, 0644);
}

Result<std::string> fingerprint_of(const std::filesystem::path& certificate) {
    const auto text = TRY(read_file(certificate));
    const Memory memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    const Certificate read{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)};
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (!read || X509_digest(read.get(), EVP_sha256(), digest.data(), &size) != 1)
        return fail(ErrorKind::invalid, "'{}' is no certificate in PEM; remove it, and another is made",
                    certificate.string());
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += fmt::format("{}{:02X}", i ? ":" : "", digest[i]);
    return out;
}

}  // namespace passerby::server
