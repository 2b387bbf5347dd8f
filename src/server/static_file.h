// A file that is served as it is: its bytes in memory, known to a client that asks again by its ETag.
//
// Immutable, any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/http.h"

namespace passerby::server {

class StaticFile {
  public:
    enum class Caching {
        revalidate,  // ask each time whether it is still the same
        forever,     // its name holds a hash of its content
    };
    // `content_type` must outlive the file: one of those that are written down in the program.
    StaticFile(std::string bytes, std::string_view content_type, Caching);

    // For GET and HEAD. 304 when the client has it already.
    Reply answer(const Request&) const;

  private:
    std::shared_ptr<const std::string> bytes_;
    std::string_view content_type_;
    std::string etag_;
    Caching caching_;
};

}  // namespace passerby::server
