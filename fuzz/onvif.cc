#include "onvif/soap.h"
#include "onvif/xml.h"
#include "target.h"

using namespace passerby;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const std::string sender = "10.0.0.5";
    if (const auto device = onvif::device_in(text, sender, "1")) {
        fuzz::must(onvif::ip_of(device->address) == sender, "a device is at its sender's address");
        fuzz::must(!device->name.empty(), "a device has a name");
    }
    const auto answer = onvif::parse_xml(text);
    if (!answer) return 0;
    for (const auto* profile : answer->find_all("Profiles")) static_cast<void>(profile->text_of("Name"));
    const auto again = onvif::parse_xml("<a>" + onvif::xml_escaped(answer->text) + "</a>");
    fuzz::must(again.has_value(), "what was text is text when it is escaped");
    return 0;
}
