#include "camera/bounds.h"

#include <algorithm>
#include <cmath>

namespace passerby::camera {

namespace {

template <class... Args>
Status out_of_bounds(fmt::format_string<Args...> format, Args&&... args) {
    return fail(ErrorKind::corrupt, format, std::forward<Args>(args)...);
}

// False for NaN as well.
bool is_share(double x) {
    return x >= 0 && x <= 1;
}
bool is_rate(double x) {
    return x >= 0 && x <= 1000;
}

bool consists_of(std::string_view text, std::size_t most, bool (*allowed)(char)) {
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), allowed);
}
bool small_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool of_id(char c) {
    return small_or_digit(c) || c == '-';
}
bool of_codec(char c) {
    return small_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == ',';
}

bool is_png(std::string_view bytes) {
    return bytes.starts_with("\x89PNG\r\n\x1a\n") && bytes.size() <= kMostPng;
}

}  // namespace

bool is_boxes(std::span<const std::byte> bytes, std::span<const std::string_view> types,
              std::size_t most_rounds) {
    for (std::size_t box = 0; !bytes.empty() || box % types.size() != 0; ++box) {
        if (bytes.size() < 8 || box >= most_rounds * types.size()) return false;
        std::size_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) size = size << 8 | std::to_integer<std::size_t>(bytes[i]);
        const auto matches = [](std::byte b, char c) { return std::to_integer<char>(b) == c; };
        if (!std::equal(bytes.begin() + 4, bytes.begin() + 8, types[box % types.size()].begin(), matches))
            return false;
        if (size < 8 || size > bytes.size()) return false;
        bytes = bytes.subspan(size);
    }
    return true;
}

Status within_bounds(std::string_view what, const redact::Polygon& polygon) {
    if (polygon.size() < 3 || polygon.size() > 1000)
        return out_of_bounds("a {} of {} points, not 3-1000", what, polygon.size());
    for (const auto& p : polygon)
        if (!is_share(p.x) || !is_share(p.y))
            return out_of_bounds("a {}'s point {},{} is not in 0-1", what, p.x, p.y);
    return {};
}

Status within_bounds(const vision::ModelDescription& m) {
    if (m.name.empty() || !is_one_line(m.name, 100))
        return out_of_bounds("a model's name is not one line of 1-100 bytes");
    if (m.file.empty() || !is_one_line(m.file, 4096))
        return out_of_bounds("the file of model '{}' is not one line of 1-4096 bytes", m.name);
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!m.sha256.empty() && (m.sha256.size() != 64 || !consists_of(m.sha256, 64, hex)))
        return out_of_bounds("the hash of model '{}' is not 64 of 0-9, a-f", m.name);
    for (const int side : {m.input.width, m.input.height})
        if (side < vision::kLeastInput || side > vision::kMostInput)
            return out_of_bounds("model '{}' for pictures of {}x{}, not {}-{}", m.name, m.input.width,
                                 m.input.height, vision::kLeastInput, vision::kMostInput);
    for (std::size_t c = 0; c < m.mean.size(); ++c)
        if (!std::isfinite(m.mean[c]) || !std::isfinite(m.deviation[c]) || m.deviation[c] <= 0)
            return out_of_bounds("model '{}' with a mean of {} and a deviation of {}", m.name, m.mean[c],
                                 m.deviation[c]);
    if (m.labels.empty() || m.labels.size() > 1000)
        return out_of_bounds("model '{}' with {} labels, not 1-1000", m.name, m.labels.size());
    for (const auto& label : m.labels)
        if (label.index < 0 || label.index > vision::kMostClasses)
            return out_of_bounds("model '{}' with a class {}, not 0-{}", m.name, label.index,
                                 vision::kMostClasses);
    if (m.classes < 0 || m.classes > vision::kMostClasses)
        return out_of_bounds("model '{}' with {} classes, not 0-{}", m.name, m.classes, vision::kMostClasses);
    if (!(m.least_score >= vision::kLowestLeastScore && m.least_score <= vision::kHighestLeastScore))
        return out_of_bounds("model '{}' with a least score of {}", m.name, m.least_score);
    return {};
}

Status within_bounds(const Start& s) {
    if (!consists_of(s.camera, 32, of_id))
        return out_of_bounds("camera id '{}' is not 1-32 of a-z, 0-9, '-'", one_line(s.camera, 40));
    if (s.url.empty() || !is_one_line(s.url, 4096))
        return out_of_bounds("the address is empty or longer than 4096 bytes");
    if (s.rule.also.size() > 64) return out_of_bounds("{} networks, at most 64", s.rule.also.size());
    if (!is_one_line(s.user, 256) || !is_one_line(s.password, 1024))
        return out_of_bounds("user or password are too long");
    if (!is_one_line(s.models_folder, 4096))
        return out_of_bounds("the models folder's name is longer than 4096 bytes");
    if (s.models.size() > 16) return out_of_bounds("{} models, at most 16", s.models.size());
    for (const auto& model : s.models) TRY_STATUS(within_bounds(model));
    if (!consists_of(s.provider, 16, small_or_digit))
        return out_of_bounds("provider '{}' is not 1-16 of a-z, 0-9", one_line(s.provider, 20));
    if (s.threads < 1 || s.threads > 64) return out_of_bounds("{} threads, not 1-64", s.threads);
    if (!consists_of(s.preset, 16, small_or_digit))
        return out_of_bounds("preset '{}' is none of x264", one_line(s.preset, 20));
    if (s.crf < 0 || s.crf > 51) return out_of_bounds("crf {} is not in 0-51", s.crf);
    if (const auto cover = redact::check(s.policy.cover); !cover)
        return out_of_bounds("the list of what to cover: {}", cover.error().message);
    TRY_STATUS(within_bounds(Masks{s.policy.masks}));
    if (s.policy.approval == redact::Approval::required && s.policy.scene != redact::Scene::fixed)
        return out_of_bounds("a moving scene has no background that could be approved");
    if (s.policy.count) {
        TRY_STATUS(within_bounds(*s.policy.count));
        if (s.policy.scene != redact::Scene::fixed)
            return out_of_bounds("in a moving scene no place can be drawn");
    }
    if (s.originals) {
        if (const auto valid = s.originals->keyholders.validate(); !valid)
            return out_of_bounds("the keyholders of originals: {}", valid.error().message);
    }
    const auto between = [](Micros t, Micros least, Micros most) { return t >= least && t <= most; };
    using namespace std::chrono_literals;
    if (!between(s.look_ahead, 0s, 10s))
        return out_of_bounds("look-ahead of {} us is not in 0-10 s", s.look_ahead.count());
    if (!between(s.fragment, 20ms, 10s))
        return out_of_bounds("fragments of {} us are not in 0.02-10 s", s.fragment.count());
    if (!between(s.keyframe, 100ms, 10s))
        return out_of_bounds("keyframes every {} us, not in 0.1-10 s", s.keyframe.count());
    return {};
}

Status within_bounds(const Masks& m) {
    if (m.polygons.size() > kMostMasks)
        return out_of_bounds("{} masks, at most {}", m.polygons.size(), kMostMasks);
    for (const auto& mask : m.polygons) TRY_STATUS(within_bounds("mask", mask));
    return {};
}

Status within_bounds(const redact::Counting& c) {
    using namespace std::chrono_literals;
    if (c.epsilon_thousandths < 1 || c.epsilon_thousandths > 100'000)
        return out_of_bounds("a budget of {} thousandths, not 1-100000", c.epsilon_thousandths);
    if (c.visits < 1 || c.visits > 100) return out_of_bounds("{} visits a day, not 1-100", c.visits);
    if (c.interval < 1min || c.interval > 1h || Micros{1h} % c.interval != Micros{0})
        return out_of_bounds("intervals of {} us, not 1-60 minutes of which an hour is made",
                             c.interval.count());
    return {};
}

Status within_bounds(const Places& m) {
    if (m.drawn.size() > vision::kMostPlaces)
        return out_of_bounds("{} lines and zones, at most {}", m.drawn.size(), vision::kMostPlaces);
    for (const auto& place : m.drawn) {
        if (place.id < 1) return out_of_bounds("a place of number {}", place.id);
        // Two points are a line; with one of them twice it has the bounds of a polygon.
        auto points = place.points;
        if (points.size() == 2) points.push_back(points.back());
        TRY_STATUS(within_bounds("place", points));
    }
    return {};
}

Status within_bounds(const Activity& m) {
    if (m.from.micros() < 0 || m.to <= m.from || m.to - m.from > std::chrono::hours{1} ||
        m.to.micros() > 4'102'444'800'000'000)
        return out_of_bounds("activity from {} to {} us", m.from.micros(), m.to.micros());
    if (m.places.empty() || m.places.size() > vision::kMostPlaces)
        return out_of_bounds("activity of {} places, not 1-{}", m.places.size(), vision::kMostPlaces);
    for (const auto& place : m.places) {
        if (place.place < 1) return out_of_bounds("a place of number {}", place.place);
        for (const auto n : {place.persons[0], place.persons[1], place.vehicles[0], place.vehicles[1]})
            if (n < -1'000'000'000 || n > 1'000'000'000) return out_of_bounds("{} crossings of a place", n);
    }
    return {};
}

Status within_bounds(const Stop&) {
    return {};
}

Status within_bounds(const Approvals& m) {
    if (m.pictures.size() > kMostApproved)
        return out_of_bounds("{} approved pictures, at most {}", m.pictures.size(), kMostApproved);
    for (const auto& picture : m.pictures) {
        if (!is_png(picture.png)) return out_of_bounds("an approved picture is no PNG of at most 3 MiB");
        if (picture.refused.size() > 256)
            return out_of_bounds("{} refused parts, at most 256", picture.refused.size());
        for (const auto& part : picture.refused) TRY_STATUS(within_bounds("refused part", part));
    }
    return {};
}

Status within_bounds(const Init& m) {
    static constexpr std::string_view kBoxes[] = {"ftyp", "moov"};
    if (m.bytes.size() > (std::size_t{1} << 20) || !is_boxes(m.bytes, kBoxes, 1) || m.bytes.empty())
        return out_of_bounds("an init section of {} bytes is not ftyp + moov of at most 1 MiB",
                             m.bytes.size());
    if (!consists_of(m.codec, 32, of_codec))
        return out_of_bounds("codec '{}' is not 1-32 of a-z, A-Z, 0-9, '.', ','", one_line(m.codec, 40));
    if (m.size.width < 1 || m.size.height < 1 || m.size.width > 16384 || m.size.height > 16384)
        return out_of_bounds("a picture of {}x{} is not in 1-16384", m.size.width, m.size.height);
    if (!is_rate(m.fps)) return out_of_bounds("{} frames per second are not in 0-1000", m.fps);
    return {};
}

Status within_bounds(const Fragment& m) {
    static constexpr std::string_view kBoxes[] = {"moof", "mdat"};
    if (m.bytes.empty() || !is_boxes(m.bytes, kBoxes, 64))
        return out_of_bounds("a fragment of {} bytes is not moof + mdat", m.bytes.size());
    // Ten years of media time: far from where sums of microseconds overflow.
    if (m.start.count() < 0 || m.start > std::chrono::hours{24 * 3653})
        return out_of_bounds("a fragment begins at {} us, not in 0 s to 10 years", m.start.count());
    if (m.duration.count() < 0 || m.duration > std::chrono::seconds{60})
        return out_of_bounds("a fragment of {} us is not in 0-60 s", m.duration.count());
    if (m.frames < 1 || m.frames > 10'000)
        return out_of_bounds("a fragment of {} frames is not in 1-10000", m.frames);
    if (m.kept < 0 || m.kept > m.frames)
        return out_of_bounds("a fragment of {} frames with {} as the camera sent them", m.frames, m.kept);
    if (m.age.count() < 0 || m.age > std::chrono::minutes{10})
        return out_of_bounds("a fragment that was {} us under way, not 0-10 min", m.age.count());
    if (!is_share(m.covered)) return out_of_bounds("a covered share of {} is not in 0-1", m.covered);
    return {};
}

Status within_bounds(const Progress& m) {
    if (!is_share(m.covered) || !is_share(m.proven) || !is_share(m.approved))
        return out_of_bounds("shares of {}, {} and {} are not in 0-1", m.covered, m.proven, m.approved);
    if (!is_share(m.pace)) return out_of_bounds("a pace of {} is not in 0-1", m.pace);
    if (!is_one_line(m.doubt, 500)) return out_of_bounds("the doubt is not one line of at most 500 bytes");
    if (!is_rate(m.fps)) return out_of_bounds("{} frames per second are not in 0-1000", m.fps);
    return {};
}

Status within_bounds(const Gap& m) {
    if (!is_one_line(m.detail, 500))
        return out_of_bounds("a gap's detail is not one line of at most 500 bytes");
    return {};
}

Status within_bounds(const Failure& m) {
    if (m.message.empty() || !is_one_line(m.message, 500))
        return out_of_bounds("a failure's message is not one line of 1-500 bytes");
    return {};
}

Status within_bounds(const Log& m) {
    if (!is_one_line(m.text, 500)) return out_of_bounds("a log text is not one line of at most 500 bytes");
    return {};
}

Status within_bounds(const SceneNow& m) {
    if (!is_png(m.png)) return out_of_bounds("a scene of {} bytes is no PNG of at most 3 MiB", m.png.size());
    return {};
}

Status within_bounds(const Contained& m) {
    if (!is_one_line(m.done.missing, 500))
        return out_of_bounds("what is missing of the containment is not one line of at most 500 bytes");
    return {};
}

Status within_bounds(const Sealed& m) {
    if (m.bytes.empty() || m.bytes.size() > seal::kLongestPart)
        return out_of_bounds("a sealed part of {} bytes, not 1 to {}", m.bytes.size(), seal::kLongestPart);
    // Until 2100, and no longer than a camera may be without a keyframe.
    if (m.from.micros() < 0 || m.to <= m.from || m.to - m.from > std::chrono::minutes{10} ||
        m.to.micros() > 4'102'444'800'000'000)
        return out_of_bounds("a sealed part from {} to {} us", m.from.micros(), m.to.micros());
    return {};
}

}  // namespace passerby::camera
