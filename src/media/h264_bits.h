// The bits of H.264's syntax structures (ITU-T H.264, 7.2 and 9.1), read and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace passerby::media {

// The NAL units of a byte stream (annex B), without start codes and trailing zeros. They point into `stream`.
std::vector<std::span<const std::uint8_t>> nal_units(std::span<const std::uint8_t> stream);

// The payload of a NAL unit, without the bytes that keep start codes out of it: of its first `most` bytes.
std::vector<std::uint8_t> unescaped(std::span<const std::uint8_t> nal, std::size_t most);

// Reads a payload. Beyond its end, and after a code that is too long, everything is zero and ok() is false.
class BitReader {
  public:
    explicit BitReader(std::span<const std::uint8_t> payload) : bytes_{payload} {}

    std::uint32_t bits(int count);  // at most 32
    bool flag() { return bits(1) != 0; }
    std::uint32_t ue();  // Exp-Golomb, unsigned
    std::int32_t se();   // signed
    bool ok() const { return ok_; }
    // Is there more than the trailing bits (7.2)?
    bool more() const;

  private:
    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;  // bit
    bool ok_ = true;
};

class BitWriter {
  public:
    void bits(std::uint32_t value, int count);
    void flag(bool value) { bits(value ? 1 : 0, 1); }
    void ue(std::uint32_t value);
    void se(std::int32_t value);
    // The NAL unit that begins with `header`, with its trailing bits, escaped.
    std::vector<std::uint8_t> nal_unit(std::uint8_t header) const;

  private:
    std::vector<std::uint8_t> bytes_;
    int free_ = 0;  // bits of the last byte
};

}  // namespace passerby::media
