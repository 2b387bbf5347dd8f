// The cameras that the server knows of. One may come, change and go while it runs: who works with an entry
// holds it for that long, and with it what it leads to.
//
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/server.h"

namespace passerby::server {

class CameraList {
  public:
    using Entry = std::shared_ptr<const CameraEntry>;

    CameraList() = default;
    explicit CameraList(std::vector<CameraEntry> entries) {
        for (auto& entry : entries) put(std::move(entry));
    }

    // In the place of the one with its id, or as the last.
    void put(CameraEntry);
    void remove(const std::string& id);

    Entry find(const std::string& id) const;  // null: there is none
    std::vector<Entry> all() const;

  private:
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace passerby::server
