#include "server/qr_code.h"

#include <cerrno>
#include <memory>

#include <qrencode.h>

namespace passerby::server {

Result<QrCode> qr_code(const std::string& text) {
    const std::unique_ptr<QRcode, decltype(&::QRcode_free)> code{
        ::QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_Q), &::QRcode_free};
    if (!code && errno == ENOMEM) return fail(ErrorKind::internal, "no memory for a QR code");
    if (!code)
        return fail(ErrorKind::invalid, "an address of {} bytes does not fit into a QR code", text.size());
    QrCode out{code->width, {}};
    // The lowest bit of each byte says whether the module is dark.
    const auto dark = [&](int x, int y) { return x < out.width && (code->data[y * out.width + x] & 1) != 0; };
    for (int y = 0; y < out.width; ++y)
        for (int x = 0; x < out.width; ++x) {
            const int from = x;
            while (dark(x, y)) ++x;
            if (x > from) out.path += fmt::format("M{} {}h{}v1h-{}z", from, y, x - from, x - from);
        }
    return out;
}

}  // namespace passerby::server
