// The page about the cameras, and its sign: HTML that needs no script and nothing from elsewhere.
//
// Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "ledger/monthly_use.h"
#include "server/about.h"
#include "server/camera_list.h"

namespace passerby::server {

inline constexpr std::string_view kAboutPath = "/about-this-camera";

struct AboutFacts {
    const About& site;
    std::vector<CameraList::Entry> cameras;
    ledger::MonthlyUse use;
    std::string ledger_key;  // empty: the ledger cannot be read
    std::string address;     // of the recorder for who reads this, "http://10.0.0.2:8420"
};

// What the page says, for programs: the answer of GET /api/about.
nlohmann::json about_json(const AboutFacts&);
std::string about_page(const AboutFacts&, Language);
// To be printed on A4. invalid: the address does not fit into a QR code.
Result<std::string> about_sign(const AboutFacts&, Language);

// Written by the build (cmake/embed.cmake).
extern const std::string_view kAboutStyle;

}  // namespace passerby::server
