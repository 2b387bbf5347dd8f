#include "age/armor.h"

#include <algorithm>

#include "crypto/base64.h"

namespace passerby::age {

namespace {

constexpr std::string_view kBegin = "-----BEGIN AGE ENCRYPTED FILE-----",
                           kEnd = "-----END AGE ENCRYPTED FILE-----", kBlanks = " \t\r\n";
constexpr std::size_t kColumns = 64;

tl::unexpected<Error> wrong(std::string_view what) {
    return fail(ErrorKind::corrupt, "this is no armoured age file: {}", what);
}

}  // namespace

bool is_armored(std::string_view file) {
    file.remove_prefix(std::min(file.find_first_not_of(kBlanks), file.size()));
    return file.starts_with(kBegin);
}

std::string armored(std::string_view file) {
    const auto text = crypto::to_base64(file);
    std::string lines{kBegin};
    lines += '\n';
    for (std::size_t at = 0; at < text.size(); at += kColumns) lines += text.substr(at, kColumns) + '\n';
    return lines + std::string{kEnd} + '\n';
}

Result<std::string> without_armor(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const auto take_line = [&text] {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    };
    if (take_line() != kBegin) return wrong("its first line is another");
    std::string base64;
    for (bool last = false; !text.empty();) {
        const auto line = take_line();
        if (line == kEnd) {
            if (text.find_first_not_of(kBlanks) != std::string_view::npos)
                return wrong("something stands after its end");
            auto file = crypto::from_base64(base64);
            if (!file) return wrong("it is not base64 in its one right form");
            return file;
        }
        if (last || line.empty() || line.size() > kColumns)
            return wrong("its lines do not have 64 characters each");
        last = line.size() < kColumns;
        base64 += line;
    }
    return wrong("it is cut off");
}

}  // namespace passerby::age
