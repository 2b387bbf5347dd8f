// Keyholders with their keys, and a part that is sealed to them, for tests.
#pragma once

#include "age/age.h"
#include "crypto/digest.h"
#include "seal/answer.h"
#include "seal/sealed_file.h"

namespace passerby::seal {

inline age::Identity copy_of(const age::Identity& identity) {
    return age::Identity::parse(identity.to_string()).value();
}

struct TestKeys {
    TestKeys(int needed, int count) {
        keyholders.needed = needed;
        for (int i = 0; i < count; ++i) {
            identities.push_back(age::Identity::generate());
            keyholders.keys.push_back(identities.back().recipient());
        }
    }
    std::span<const age::Identity> only(int number) const {
        return std::span{identities}.subspan(static_cast<std::size_t>(number) - 1, 1);
    }
    // What keyholder `number` reads in a part by `age` alone.
    std::string share_of(std::string_view file, int number) const {
        const auto outside = look_at(file, keyholders).value();
        return age::decrypt(only(number), outside.shares[static_cast<std::size_t>(number) - 1]).value();
    }

    Keyholders keyholders;
    std::vector<age::Identity> identities;
};

inline Span test_span(int minute = 0) {
    const WallTime begin{std::chrono::seconds{1'772'368'496 + 60 * minute}};
    return {"entrance", begin, {begin.since_epoch + std::chrono::seconds{10}}};
}

struct TestRequest {
    explicit TestRequest(const TestKeys& keys, int parts = 3) {
        request.id = random_id();
        request.recorder = "passerby.test/yard";
        request.purpose = "incident";
        request.reason = "a bicycle was stolen";
        request.case_number = "2026-17";
        request.by = "admin";
        request.span = {"entrance", test_span(0).from, test_span(parts).from};
        request.made = test_span(60).from;
        request.expires = {request.made.since_epoch + Request::kExpiry};
        request.key = requester.recipient().to_string();
        request.keyholders = keys.keyholders;
        for (const auto& key : keys.keyholders.keys) {
            tokens.push_back(random_id());
            request.tokens.push_back(age::encrypt(std::array{key}, tokens.back()));
        }
        for (int i = 0; i < parts; ++i) {
            plain.push_back("the packets of part " + std::to_string(i + 1));
            files.push_back(seal_part(keys.keyholders, test_span(i), plain.back()));
            auto outside = look_at(files.back(), keys.keyholders).value();
            RequestPart part{i + 1, test_span(i), crypto::sha256_hex(files.back()), outside.shares, {}};
            if (keys.keyholders.needed == 1) part.header = files.back().substr(0, outside.header.size);
            request.parts.push_back(std::move(part));
        }
    }

    age::Identity requester = age::Identity::generate();
    Request request;
    std::vector<std::string> tokens, plain, files;
};

}  // namespace passerby::seal
