// What a site says of its cameras to everybody who passes them: the facts behind the page /about-this-camera
// and its sign. They come from the config (`about:`) and from how the cameras are set; how often somebody
// looked comes from the ledger.
//
// Pure functions, any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace passerby::server {

enum class Language { english, german };
inline constexpr std::array kLanguages{Language::english, Language::german};
std::string_view code(Language);  // "en", "de"

// The one that the reader asked for in the address, or that their browser asks for, or English.
// `accept_language`: the header, as sent.
Language language_for(std::string_view asked_for, std::string_view accept_language);

// A text of the site. Where it is there in one language only, it is shown as it is in the other one, too.
struct SiteText {
    std::string english, german;
    const std::string& in(Language) const;
    bool empty() const { return english.empty() && german.empty(); }
};

// The config's section `about`. The texts are shown as they are.
struct About {
    SiteText operated_by;  // who is answerable: name and address
    SiteText contact;      // how they are reached
    SiteText purpose, legal_basis;
    SiteText officer;     // for data protection; may be empty
    SiteText authority;   // where to complain; may be empty
    std::string address;  // under which the page is reached, "https://cctv.example.org"; may be empty

    // The keys without which the page says too little, "contact"; empty: it is complete.
    std::vector<std::string> missing() const;
};

}  // namespace passerby::server
