// The words of the page about the cameras and of its sign, in each language.
#pragma once

#include <string_view>

#include "server/about.h"

namespace passerby::server {

struct AboutWords {
    std::string_view title, lead, lead_faces, lead_nobody, other_language, site;
    std::string_view not_said, missing_title, missing_text;
    // What is recorded.
    std::string_view cameras, cameras_text, camera, covered, sound, kept, no_cameras, off;
    std::string_view silhouette, vanish, block;  // after what is covered
    std::string_view fixed, approved, moving;
    std::string_view persons, faces, plates, vehicles, screens, and_;
    std::string_view no_sound, sound_kept, originals_never,
        originals_sealed;                      // {needed}, {of}, {basis}, {until}
    std::string_view days, hours, until_full;  // {}
    // Why, and who to ask.
    std::string_view purpose, legal_basis, who, operated_by, contact, officer, authority, asking;
    // How often, and how to check it.
    std::string_view use, use_text, month, live, view, export_, opening, nobody_looked, on_whom;
    std::string_view no_ledger, verify, verify_text, ledger_file, ledger_key;
    std::string_view sign, sign_in, print_hint;
    // The sign.
    std::string_view sign_heading, sign_promise, sign_promise_faces, sign_scan, sign_rights,
        sign_local;  // {}
};

const AboutWords& about_words(Language);

}  // namespace passerby::server
