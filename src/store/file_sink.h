// The file that a segment is written to. An interface, so that a test can be the failing disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "base/result.h"

namespace passerby::store {

// One thread at a time. After a failed call only truncate() and the destructor are of use: what is on disk is
// unknown.
class FileSink {
  public:
    virtual ~FileSink() = default;  // closes
    virtual Status append(std::span<const std::byte>) = 0;
    // All that was appended survives a power cut when this returns without error. Never called again after it
    // failed: the kernel forgets the error, and a second try would claim bytes that are lost.
    virtual Status sync() = 0;
    virtual Status truncate(std::uint64_t bytes) = 0;
};

// Makes a new file; ErrorKind::exists when there is one. Called by any recorder's thread.
using CreateFile = std::function<Result<std::unique_ptr<FileSink>>(const std::filesystem::path&)>;

// On the real disk, mode 0640.
Result<std::unique_ptr<FileSink>> create_file_sink(const std::filesystem::path&);

}  // namespace passerby::store
