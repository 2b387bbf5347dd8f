// XML as devices on the network send it, which is to say: from strangers. Names without their namespaces, no
// document types and so no entities of one's own, and an end to size, depth and number.
//
// Pure functions, any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace passerby::onvif {

struct XmlElement {
    std::string name;  // without its namespace
    std::string text;  // its own, without blanks around it
    std::map<std::string, std::string> attributes;
    std::vector<XmlElement> children;

    // The first below it, at any depth; null: there is none.
    const XmlElement* find(std::string_view name) const;
    // All of them, at any depth.
    std::vector<const XmlElement*> find_all(std::string_view name) const;
    // The text of the first; empty: there is none.
    std::string text_of(std::string_view name) const;
};

inline constexpr std::size_t kLongestXml = 256u << 10, kMostElements = 5000;
inline constexpr int kDeepestXml = 32;

// corrupt: not well-formed, or beyond the bounds above.
Result<XmlElement> parse_xml(std::string_view);
std::string xml_escaped(std::string_view);

}  // namespace passerby::onvif
