// The Range header of RFC 9110, as far as a video element needs it: one range of bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace passerby::server {

struct ByteRange {
    enum class Kind {
        whole,          // no range, several, one in another unit, or one that does not parse: all is sent
        part,           // offset and length
        unsatisfiable,  // 416
    };
    Kind kind = Kind::whole;
    std::uint64_t offset = 0, length = 0;
    bool operator==(const ByteRange&) const = default;
};

// The header's value, and the file's size in bytes.
ByteRange parse_byte_range(std::string_view header, std::uint64_t size);

}  // namespace passerby::server
