#include "store/login_limit.h"

#include <algorithm>
#include <cstring>

#include <sodium.h>

namespace passerby::store {

LoginLimit::LoginLimit(int failures, Micros window)
    : failures_{static_cast<std::size_t>(failures)}, window_{window} {
    static_assert(crypto_shorthash_KEYBYTES == 16);
    crypto_shorthash_keygen(key_.data());
}

std::deque<Micros>& LoginLimit::bucket(std::string_view name) {
    std::array<unsigned char, crypto_shorthash_BYTES> hash;
    crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(name.data()), name.size(),
                     key_.data());
    std::uint64_t number = 0;
    std::memcpy(&number, hash.data(), sizeof number);
    return tries_[number % kBuckets];
}

std::optional<Micros> LoginLimit::try_now(std::string_view name, Micros now) {
    const std::lock_guard lock{mutex_};
    auto& tries = bucket(name);
    while (!tries.empty() && tries.front() + window_ <= now) tries.pop_front();
    if (tries.size() >= failures_) return tries.front() + window_ - now;
    tries.push_back(now);
    return std::nullopt;
}

void LoginLimit::succeeded(std::string_view name, Micros now) {
    const std::lock_guard lock{mutex_};
    auto& tries = bucket(name);
    if (const auto mine = std::find(tries.begin(), tries.end(), now); mine != tries.end()) tries.erase(mine);
}

}  // namespace passerby::store
