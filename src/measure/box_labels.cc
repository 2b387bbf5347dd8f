#include "measure/box_labels.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/file.h"

namespace passerby::measure {

namespace {

constexpr std::size_t kLeast = 6, kConfidence = 6, kVisibility = 8;
constexpr const char* kForm = "frame,id,x,y,w,h[,conf[,class,visibility]]";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The next piece up to `separator`; `rest` goes on after it, or has no data when that was the last.
std::string_view next_piece(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto piece = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return piece;
}

std::optional<double> number_from(std::string_view text) {
    if (text.empty()) return -1;  // a column that was left out
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
}

struct Labelled {
    std::int64_t frame = 0;
    Box box;
};

// The error is the end of a sentence that begins with the line.
Result<Labelled> label_from(std::string_view line, double scale) {
    std::vector<double> columns;
    while (line.data()) {
        const auto text = trimmed(next_piece(line, ','));
        const auto value = number_from(text);
        if (!value) return fail(ErrorKind::invalid, "'{}' is not a number; a line is {}", text, kForm);
        columns.push_back(*value);
    }
    if (columns.size() < kLeast)
        return fail(ErrorKind::invalid, "{} columns are too few; a line is {}", columns.size(), kForm);
    for (const auto i : {0, 1})
        if (std::abs(columns[static_cast<std::size_t>(i)]) > 1e15 ||
            columns[static_cast<std::size_t>(i)] != std::floor(columns[static_cast<std::size_t>(i)]))
            return fail(ErrorKind::invalid, "{} is {}; give a whole number", i == 0 ? "the frame" : "the id",
                        columns[static_cast<std::size_t>(i)]);
    Labelled made{static_cast<std::int64_t>(columns[0]),
                  {static_cast<std::int64_t>(columns[1]), columns[2] * scale, columns[3] * scale,
                   columns[4] * scale, columns[5] * scale}};
    if (made.frame < 1) return fail(ErrorKind::invalid, "frame {}; frames count from 1", made.frame);
    if (made.box.width <= 0 || made.box.height <= 0)
        return fail(ErrorKind::invalid,
                    "a box of {}x{} pixels; give its width and height, or remove the line", columns[4],
                    columns[5]);
    if (columns.size() > kConfidence) made.box.confidence = columns[kConfidence];
    if (columns.size() == kVisibility + 1 && columns[kVisibility] >= 0)
        made.box.visibility = columns[kVisibility];
    return made;
}

bool is_headings(std::string_view line) {
    return !line.empty() && std::isalpha(static_cast<unsigned char>(line.front()));
}

}  // namespace

Result<BoxLabels> BoxLabels::read(const std::filesystem::path& path, double scale) {
    const auto text = TRY(read_file(path));
    BoxLabels labels;
    labels.path_ = path.string();
    std::string_view rest{text};
    if (rest.starts_with("\xEF\xBB\xBF"))
        rest.remove_prefix(3);  // a byte order mark, as spreadsheets write it
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto line = trimmed(next_piece(rest, '\n'));
        if (line.empty() || line.front() == '#' || (number == 1 && is_headings(line))) continue;
        auto made = label_from(line, scale);
        if (!made) return fail(made.error().kind, "{}:{}: {}", labels.path_, number, made.error().message);
        auto& frame = labels.frames_[made->frame];
        if (frame.boxes.empty()) frame.line = number;
        frame.boxes.push_back(made->box);
    }
    return labels;
}

const std::vector<Box>& BoxLabels::at(std::int64_t frame) const {
    static const std::vector<Box> none;
    const auto found = frames_.find(frame);
    return found == frames_.end() ? none : found->second.boxes;
}

std::size_t BoxLabels::boxes() const {
    std::size_t sum = 0;
    for (const auto& [number, frame] : frames_) sum += frame.boxes.size();
    return sum;
}

Status BoxLabels::fit(std::int64_t frames, const std::string& clip) const {
    const auto beyond = frames_.upper_bound(frames);
    if (beyond == frames_.end()) return {};
    const auto first = std::min_element(
        beyond, frames_.end(), [](const auto& a, const auto& b) { return a.second.line < b.second.line; });
    return fail(
        ErrorKind::invalid,
        "{}:{}: frame {}, but '{}' has {} frames; give the labels of this clip, with frames counted from 1",
        path_, first->second.line, first->first, clip, frames);
}

}  // namespace passerby::measure
