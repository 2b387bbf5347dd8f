// So many bytes that nobody else is to see: they are wiped when they go, are compared in constant time, and
// are copied only where it is said.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace passerby::crypto {

void wipe(std::span<std::byte>);
// Takes the same time for all texts of one length.
bool same(std::span<const std::byte>, std::span<const std::byte>);
// From the kernel.
void fill_random(std::span<std::byte>);

template <std::size_t size>
class Secret {
  public:
    static constexpr std::size_t kSize = size;

    Secret() = default;  // zeros
    explicit Secret(std::span<const std::byte, size> bytes) {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    static Secret random() {
        Secret made;
        fill_random(made.bytes_);
        return made;
    }
    Secret(Secret&& o) noexcept : bytes_{o.bytes_} { wipe(o.bytes_); }
    Secret& operator=(Secret&& o) noexcept {
        if (this != &o) {
            bytes_ = o.bytes_;
            wipe(o.bytes_);
        }
        return *this;
    }
    ~Secret() { wipe(bytes_); }

    Secret copy() const { return Secret{std::span<const std::byte, size>{bytes_}}; }
    std::span<std::byte, size> bytes() { return bytes_; }
    std::span<const std::byte, size> bytes() const { return bytes_; }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), size}; }
    friend bool operator==(const Secret& a, const Secret& b) { return same(a.bytes_, b.bytes_); }

  private:
    std::array<std::byte, size> bytes_{};
};

}  // namespace passerby::crypto
