// A QR code (ISO/IEC 18004) as the path of an SVG picture.
//
// Pure function, any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace passerby::server {

struct QrCode {
    int width = 0;     // modules on each side, without the quiet zone of four around it
    std::string path;  // its dark modules, one unit each: "M0 0h7v1h-7z…"
};

// A quarter of it may be lost: a sign stands in the rain. invalid: the text is too long for a code (1,273
// bytes) or empty.
Result<QrCode> qr_code(const std::string& text);

}  // namespace passerby::server
