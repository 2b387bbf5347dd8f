#include "redact/still.h"

#include <filesystem>

#include "base/file.h"
#include "media/picture_file.h"
#include "redact/engine.h"
#include "redact/moving_inspector.h"

namespace passerby::redact {

namespace {

// A new file's permissions, less what the user's mask takes away, as for every other output.
constexpr unsigned kMode = 0666;

Status check(const FileJob& job) {
    if (job.as_live)
        return fail(ErrorKind::invalid, "a picture cannot be covered as a live camera; leave out --as-live");
    if (job.scene == Scene::fixed)
        return fail(ErrorKind::invalid,
                    "'{}' is one picture, which proves no background; leave out --scene fixed", job.in);
    if (job.keep_audio) return fail(ErrorKind::invalid, "a picture has no sound; leave out --audio keep");
    return check_new_file(job.out, job.in, job.overwrite);
}

Result<std::unique_ptr<Engine>> engine(const FileJob& job, image::Size size, vision::Detectors* detectors) {
    const Policy policy{Scene::moving, job.style, job.cover, job.masks};
    if (!detectors) return Engine::create({.size = size}, policy, nullptr);
    return Engine::create({.size = size}, policy,
                          make_moving_inspector(size, job.cover, *detectors, Effort::still), std::nullopt);
}

}  // namespace

Result<FileReport> redact_still(const FileJob& job, vision::Detectors* detectors,
                                const std::function<Status(const FileReport&)>& finished) {
    TRY_STATUS(check(job));
    const auto format = media::picture_format_of(job.out);
    if (!format) return fail(ErrorKind::invalid, "'{}' must end in .jpg or .png", job.out);
    auto reader = TRY(media::VideoReader::open(job.in, {}));
    auto frame = TRY(reader->read());
    if (!frame) return fail(ErrorKind::corrupt, "'{}' holds no picture that decodes", job.in);
    if (TRY(reader->read()))
        return fail(ErrorKind::invalid, "'{}' is a video; give the output a name that ends in .mp4", job.in);

    auto covering = TRY(engine(job, frame->size(), detectors));
    auto covered = covering->push(std::move(*frame));
    for (auto& rest : covering->finish()) covered.push_back(std::move(rest));
    if (covered.size() != 1)
        return fail(ErrorKind::internal, "one picture became {} in the engine", covered.size());
    const auto& [safe, said] = covered.front();

    FileReport report;
    report.video = reader->info();
    report.scene = Scene::moving;
    report.frames = 1;
    report.covered = {said.covered};
    if (!said.doubt.empty()) report.doubts.push_back({1, 1, said.doubt});
    report.gaps = reader->gaps();
    const auto bytes = TRY(media::encode_picture(safe, *format, reader->info().colour));
    TRY_STATUS(finished(report));
    TRY_STATUS(write_file_atomically(job.out, bytes, kMode));
    return report;
}

}  // namespace passerby::redact
