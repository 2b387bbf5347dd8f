#include "crypto/base64.h"

#include <sodium.h>

namespace passerby::crypto {

namespace {

int variant(Padding padding) {
    return padding == Padding::with ? sodium_base64_VARIANT_ORIGINAL
                                    : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

}  // namespace

std::string to_base64(std::string_view bytes, Padding padding) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant(padding)), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), variant(padding));
    text.pop_back();  // the end of the C string
    return text;
}

Result<std::string> from_base64(std::string_view text, Padding padding) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const bool decoded =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, &end, variant(padding)) == 0;
    bytes.resize(decoded ? size : 0);
    // libsodium stops at what it does not know, and lets some texts through that no encoder makes.
    if (!decoded || end != text.data() + text.size() || to_base64(bytes, padding) != text)
        return fail(ErrorKind::corrupt, "this is not base64 in its one right form");
    return bytes;
}

}  // namespace passerby::crypto
