// The web app's files, read into memory once: a request looks a name up in a map and never opens a file.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "server/static_file.h"

namespace passerby::server {

class WebFiles {
  public:
    // No files at all; every path is unknown.
    WebFiles() = default;
    // Everything in `folder` and below. not_found: it has no index.html; invalid: it is larger than 64 MiB.
    static Result<WebFiles> load(const std::filesystem::path& folder);

    // "/" is index.html. Null when there is no such file. Only the method is read besides the path.
    std::unique_ptr<Reply> answer(const Request&) const;

  private:
    std::map<std::string, StaticFile, std::less<>> files_;  // by path, as in the request
};

}  // namespace passerby::server
