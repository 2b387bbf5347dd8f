#include "media/h264_bits.h"

#include <bit>
#include <cstring>

namespace passerby::media {

namespace {

// The first 00 00 01 at or after `from`; the end if there is none.
const std::uint8_t* start_code(const std::uint8_t* from, const std::uint8_t* end) {
    for (const auto* at = from + 2; at < end; ++at) {
        at = static_cast<const std::uint8_t*>(std::memchr(at, 1, static_cast<std::size_t>(end - at)));
        if (!at) break;
        if (at[-1] == 0 && at[-2] == 0) return at - 2;
    }
    return end;
}

}  // namespace

std::vector<std::span<const std::uint8_t>> nal_units(std::span<const std::uint8_t> stream) {
    std::vector<std::span<const std::uint8_t>> units;
    if (stream.size() < 4) return units;
    const auto* const end = stream.data() + stream.size();
    for (const auto* at = start_code(stream.data(), end); at < end;) {
        const auto* const begin = at + 3;
        at = end - begin < 3 ? end : start_code(begin, end);
        const auto* last = at;
        while (last > begin && last[-1] == 0) --last;
        if (last > begin) units.emplace_back(begin, last);
    }
    return units;
}

std::vector<std::uint8_t> unescaped(std::span<const std::uint8_t> nal, std::size_t most) {
    std::vector<std::uint8_t> payload;
    int zeros = 0;
    for (const auto byte : nal.subspan(nal.empty() ? 0 : 1)
                               .first(std::min(most, nal.empty() ? std::size_t{0} : nal.size() - 1))) {
        const bool escape = zeros >= 2 && byte == 3;
        zeros = byte == 0 ? zeros + 1 : 0;
        if (!escape) payload.push_back(byte);
    }
    return payload;
}

std::uint32_t BitReader::bits(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
        const auto byte = at_ / 8;
        ok_ = ok_ && byte < bytes_.size();
        if (!ok_) return 0;
        value = value << 1 | (bytes_[byte] >> (7 - at_ % 8) & 1U);
    }
    return value;
}

std::uint32_t BitReader::ue() {
    int zeros = 0;
    while (ok_ && !flag())
        if (++zeros > 31) ok_ = false;
    if (!ok_) return 0;
    const auto rest = bits(zeros);
    return ok_ ? ((std::uint32_t{1} << zeros) - 1) + rest : 0;
}

std::int32_t BitReader::se() {
    const auto code = ue();
    const auto half = static_cast<std::int32_t>(code / 2 + code % 2);
    return code % 2 ? half : -half;
}

bool BitReader::more() const {
    if (!ok_) return false;
    auto last = bytes_.size();
    while (last > 0 && bytes_[last - 1] == 0) --last;
    if (last == 0) return false;
    const auto stop = (last - 1) * 8 + 7 - static_cast<std::size_t>(std::countr_zero(bytes_[last - 1]));
    return at_ < stop;
}

void BitWriter::bits(std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
        if (free_ == 0) {
            bytes_.push_back(0);
            free_ = 8;
        }
        --free_;
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (value >> i & 1U) << free_);
    }
}

void BitWriter::ue(std::uint32_t value) {
    const auto code = std::uint64_t{value} + 1;
    const int length = std::bit_width(code);
    bits(0, length - 1);
    if (length > 32) bits(1, 1);
    bits(static_cast<std::uint32_t>(code), std::min(length, 32));
}

void BitWriter::se(std::int32_t value) {
    ue(value > 0 ? 2 * static_cast<std::uint32_t>(value) - 1 : 2 * (0U - static_cast<std::uint32_t>(value)));
}

std::vector<std::uint8_t> BitWriter::nal_unit(std::uint8_t header) const {
    BitWriter whole = *this;
    whole.flag(true);
    std::vector<std::uint8_t> unit{header};
    int zeros = 0;
    for (const auto byte : whole.bytes_) {
        if (zeros >= 2 && byte <= 3) {
            unit.push_back(3);
            zeros = 0;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        unit.push_back(byte);
    }
    return unit;
}

}  // namespace passerby::media
