#include "server/http.h"

#include "base/time.h"
#include "server/byte_range.h"
#include "server/routes.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    static_cast<void>(server::parse_query(text));
    static_cast<void>(server::cookie(text, "passerby_session"));
    const auto range = server::parse_byte_range(text, 1000);
    fuzz::must(range.offset + range.length <= 1000, "a range lies in the file");
    const auto found = server::find_route(server::Method::get, text);
    if (const auto* match = std::get_if<server::Match>(&found))
        fuzz::must(match->id.find("..") == std::string::npos, "no id leaves its folder");
    for (const char c : server::printable(text))
        fuzz::must(c >= ' ' && c < 0x7f, "the log gets printable text");
    if (const auto time = wall_time_from_iso8601(text)) static_cast<void>(to_iso8601(*time));
    return 0;
}
