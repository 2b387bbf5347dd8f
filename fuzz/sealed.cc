// What crosses between recorder, keyholder and requester: sealed parts, shares, requests and answers.
#include "seal/answer.h"
#include "seal/request.h"
#include "seal/sealed_file.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    if (const auto share = seal::ShareText::parse(text))
        fuzz::must(share->to_text() == text, "a share is written as it was read");
    if (const auto key = seal::KeyText::parse(text))
        fuzz::must(key->to_text() == text, "a key is written as it was read");
    if (const auto holders = seal::Keyholders::parse(text))
        fuzz::must(holders->to_text() == text, "keyholders are written as they were read");
    if (const auto request = seal::Request::parse(text)) {
        const auto again = seal::Request::parse(request->to_json());
        fuzz::must(again && again->to_json() == request->to_json(), "a request has one form");
        static const auto stranger = age::Identity::generate();
        fuzz::must(!seal::approve(*request, std::span{&stranger, 1}), "a stranger approves nothing");
    }
    if (const auto answer = seal::Answer::parse(text)) {
        const auto again = seal::Answer::parse(answer->to_json());
        fuzz::must(again && again->to_json() == answer->to_json(), "an answer has one form");
    }
    static const seal::Keyholders keyholders = [] {
        seal::Keyholders k;
        k.needed = 2;
        for (int i = 0; i < 3; ++i) k.keys.push_back(age::Identity::generate().recipient());
        return k;
    }();
    static_cast<void>(seal::look_at(text, keyholders));
    const std::string shares[] = {std::string{text}, std::string{text}};
    fuzz::must(!seal::open_part(text, keyholders, {}, shares), "nothing opens itself");
    return 0;
}
