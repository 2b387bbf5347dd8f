#include "onvif/xml.h"

#include <memory>

#include <expat.h>

namespace passerby::onvif {

namespace {

constexpr char kSeparator = '\x1f';

struct Building {
    XML_Parser parser;
    std::vector<XmlElement> open;
    XmlElement root;
    std::size_t elements = 0;
};

std::string local(const char* name) {
    const std::string_view all{name};
    return std::string{all.substr(all.rfind(kSeparator) + 1)};
}

void trim(std::string& text) {
    constexpr const char* kBlank = " \t\r\n";
    text.erase(text.find_last_not_of(kBlank) + 1);
    text.erase(0, std::min(text.find_first_not_of(kBlank), text.size()));
}

void begin(void* to, const char* name, const char** attributes) {
    auto& b = *static_cast<Building*>(to);
    if (++b.elements > kMostElements || b.open.size() >= kDeepestXml) {
        XML_StopParser(b.parser, XML_FALSE);
        return;
    }
    auto& element = b.open.emplace_back();
    element.name = local(name);
    for (; *attributes != nullptr; attributes += 2) element.attributes[local(attributes[0])] = attributes[1];
}

void end(void* to, const char*) {
    auto& b = *static_cast<Building*>(to);
    auto element = std::move(b.open.back());
    b.open.pop_back();
    trim(element.text);
    if (b.open.empty())
        b.root = std::move(element);
    else
        b.open.back().children.push_back(std::move(element));
}

void characters(void* to, const char* text, int length) {
    auto& b = *static_cast<Building*>(to);
    if (!b.open.empty()) b.open.back().text.append(text, static_cast<std::size_t>(length));
}

void document_type(void* to, const char*, const char*, const char*, int) {
    XML_StopParser(static_cast<Building*>(to)->parser, XML_FALSE);
}

void collect(const XmlElement& in, std::string_view name, std::vector<const XmlElement*>& to) {
    for (const auto& child : in.children) {
        if (child.name == name) to.push_back(&child);
        collect(child, name, to);
    }
}

}  // namespace

std::vector<const XmlElement*> XmlElement::find_all(std::string_view wanted) const {
    std::vector<const XmlElement*> found;
    collect(*this, wanted, found);
    return found;
}

const XmlElement* XmlElement::find(std::string_view wanted) const {
    const auto found = find_all(wanted);
    return found.empty() ? nullptr : found.front();
}

std::string XmlElement::text_of(std::string_view wanted) const {
    const auto* found = find(wanted);
    return found == nullptr ? std::string{} : found->text;
}

Result<XmlElement> parse_xml(std::string_view text) {
    const auto wrong = [] {
        return fail(ErrorKind::corrupt, "the device's answer is no XML that can be read");
    };
    if (text.size() > kLongestXml) return wrong();
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{
        XML_ParserCreateNS("UTF-8", kSeparator), &XML_ParserFree};
    if (!parser) return fail(ErrorKind::internal, "expat does not start");
    Building b{parser.get(), {}, {}};
    XML_SetUserData(parser.get(), &b);
    XML_SetElementHandler(parser.get(), begin, end);
    XML_SetCharacterDataHandler(parser.get(), characters);
    XML_SetStartDoctypeDeclHandler(parser.get(), document_type);
    if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK)
        return wrong();
    return std::move(b.root);
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (static_cast<unsigned char>(c) >= ' ' || c == '\t')
            out += c;
    }
    return out;
}

}  // namespace passerby::onvif
