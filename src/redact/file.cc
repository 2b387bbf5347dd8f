#include "redact/file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "media/video_writer.h"
#include "redact/analyst.h"
#include "redact/engine.h"
#include "redact/moving_inspector.h"
#include "redact/scene_picture.h"

namespace passerby::redact {

namespace fs = std::filesystem;

namespace {

// Below this share of proven scene the camera cannot have stood still.
constexpr double kMovingBelow = 0.25;
constexpr Micros kTellsMoving = std::chrono::seconds{4};
constexpr Micros kShortestCalm = std::chrono::milliseconds{400};
// A file's first pass need not look at every frame, unless there are few: what it missed the second pass sees
// before and after.
constexpr Micros kStudyEvery = std::chrono::milliseconds{120}, kStudyWhole = std::chrono::milliseconds{280},
                 kStudyWholeLeast = std::chrono::milliseconds{150},
                 kStudyTile = std::chrono::milliseconds{200};
constexpr int kStudyFrames = 300, kStudyLooks = 40;
constexpr Micros kFileLookAhead = std::chrono::milliseconds{2000};
constexpr Micros kLiveLookAhead = std::chrono::milliseconds{500};
// Whoever jumps to a place in a file waits no longer than with ffmpeg's own default; in a scene that stands
// still keyframes are most of its bytes.
constexpr Micros kFileKeyframes = std::chrono::seconds{10};

using Progress = std::function<void(const FileProgress&)>;
using Finished = std::function<Status(const FileReport&)>;

// Refuses a name that exists, so that nothing that appeared meanwhile is lost.
int rename_if_free(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    // A file system that cannot do so; the other way is hard links, which those of memory sticks lack.
    return errno == EINVAL || errno == ENOSYS ? ::link(from.c_str(), to.c_str()) : -1;
}

// The output while it is being made; gone unless it is kept.
class PartFile {
  public:
    explicit PartFile(fs::path target) : target_{std::move(target)} {
        part_ = target_.parent_path() / fmt::format(".{}.{}.part", target_.filename().string(), ::getpid());
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;
    ~PartFile() { ::unlink(part_.c_str()); }

    std::string path() const { return part_.string(); }
    Status keep(bool overwrite) {
        const int failed =
            overwrite ? ::rename(part_.c_str(), target_.c_str()) : rename_if_free(part_, target_);
        if (failed) return fail_errno(errno, fmt::format("cannot write '{}'", target_.string()));
        return sync_folder(target_.parent_path());
    }

  private:
    fs::path target_, part_;
};

Status check_paths(const FileJob& job) {
    const fs::path out{job.out};
    if (out.extension() != ".mp4" && out.extension() != ".MP4")
        return fail(ErrorKind::invalid, "'{}' must end in .mp4: the output is an MP4 file", job.out);
    return check_new_file(job.out, job.in, job.overwrite);
}

struct Study {
    InspectionLog seen;
    std::optional<vision::Plate> plate;
    Scene scene = Scene::fixed;
};

class Job {
  public:
    Job(const FileJob& job, vision::Detectors* detectors, const std::atomic<bool>& stop,
        const Progress& progress, const Finished& finished)
        : job_{job}, detectors_{detectors}, stop_{stop}, progress_{progress}, finished_{finished} {}

    Result<FileReport> run() {
        TRY_STATUS(check_paths(job_));
        auto reader = TRY(open());
        report_.video = reader->info();
        TRY_STATUS(read_approved(reader->info().size));
        Study study;
        // A single picture proves no background.
        study.scene = job_.scene.value_or(reader->info().picture ? Scene::moving : Scene::fixed);
        const bool first_pass = !job_.as_live && detectors_ && study.scene == Scene::fixed;
        now_ = {first_pass ? 1 : 2, 2, 0, reader->info().frames_estimate};
        if (first_pass) {
            TRY_STATUS(prove(*reader, study));
            reader = TRY(open());
        }
        now_ = {2, 2, 0, first_pass ? now_.frame : reader->info().frames_estimate};
        report_.scene = study.scene;
        TRY_STATUS(cover(*reader, std::move(study)));
        return std::move(report_);
    }

  private:
    Result<std::unique_ptr<media::VideoReader>> open() {
        media::ReadOptions options;
        options.passes = job_.passes;
        auto reader = media::VideoReader::open(job_.in, options);
        if (!reader && reader.error().kind == ErrorKind::not_found)
            return fail(ErrorKind::not_found, "{}; check the name", reader.error().message);
        return reader;
    }

    // Before the work of hours begins.
    Status read_approved(image::Size size) {
        for (const auto& path : job_.approved) {
            auto scene = scene_from_png(TRY(read_file(path)), size);
            if (!scene)
                return fail(scene.error().kind,
                            "'{}' approves nothing of '{}': {}; give the PNG that --scene-picture wrote for "
                            "it, with what "
                            "you do not approve painted over",
                            path, job_.in, scene.error().message);
            approved_.push_back(std::move(*scene));
        }
        return {};
    }

    Status write_scene(const Engine& covering) const {
        if (job_.scene_picture.empty()) return {};
        const auto scene = covering.scene();
        if (!scene)
            return fail(
                ErrorKind::invalid,
                "'{}' is a moving scene: there is no proven background to make a picture of; leave out "
                "--scene-picture",
                job_.in);
        return write_file_atomically(job_.scene_picture, TRY(scene_png(*scene)));
    }

    Result<std::optional<image::RawFrame>> next(media::VideoReader& reader) {
        if (stop_) return fail(ErrorKind::cancelled, "stopped; nothing was written to '{}'", job_.out);
        auto frame = TRY(reader.read());
        if (frame) {
            ++now_.frame;
            progress_(now_);
        }
        return frame;
    }

    // First pass: the plate with hindsight, and what the detectors see.
    Status prove(media::VideoReader& reader, Study& study) {
        const auto size = reader.info().size;
        auto rules = plate_rules(job_.approval);
        rules.hindsight = true;
        Micros every = kStudyEvery;
        Pace pace{.whole = kStudyWhole, .tile = kStudyTile};
        // A short clip has less to go by; what was seen longest wins in the end all the same.
        if (const Micros length = reader.info().duration; length > Micros{0}) {
            rules.first_calm = std::clamp(length / 8, kShortestCalm, rules.first_calm);
            every = std::min(every, length / kStudyFrames);
            pace.whole = std::clamp(length / kStudyLooks, kStudyWholeLeast, pace.whole);
        }
        rules.first_clear = 2;
        Analyst analyst{
            size,
            vision::Plate{size, vision::cell_for(size), rules},
            make_recording_inspector(make_live_inspector(size, job_.cover, *detectors_, pace), study.seen),
            {}};
        Micros length{};
        std::optional<Micros> studied;
        while (auto frame = TRY(next(reader))) {
            length = frame->when().time;
            if (studied && length >= *studied && length - *studied < every) {
                study.seen.frames.emplace_back(std::vector<Inspection>{});
                continue;
            }
            studied = length;
            analyst.look(*frame);
        }
        study.plate = analyst.plate();
        study.plate->settle({});
        if (!job_.scene && now_.frame == 1) study.scene = Scene::moving;
        // Too short to prove anything says nothing about the camera: then the scene is fixed, and covered.
        if (!job_.scene && length >= kTellsMoving && study.plate->proven_share() < kMovingBelow)
            study.scene = Scene::moving;
        if (study.scene == Scene::moving) study.plate.reset();
        return {};
    }

    Result<std::unique_ptr<Engine>> engine(const media::VideoInfo& info, Study& study) {
        const Policy policy{study.scene, job_.style, job_.cover, job_.masks, job_.approval};
        Engine::Options options{info.size, info.frame_rate.value(),
                                job_.as_live ? kLiveLookAhead : kFileLookAhead};
        if (study.plate)
            return Engine::create(options, policy, make_replaying_inspector(study.seen),
                                  std::move(study.plate));
        // A file waits for its detectors.
        if (study.scene == Scene::moving && detectors_ && !job_.as_live)
            return Engine::create(options, policy,
                                  make_moving_inspector(info.size, job_.cover, *detectors_, Effort::film),
                                  std::nullopt);
        return Engine::create(options, policy, detectors_);
    }

    Status cover(media::VideoReader& reader, Study study) {
        const auto& info = reader.info();
        PartFile part{job_.out};
        media::EncodeOptions encode{info.size,          info.time_base, info.frame_rate,
                                    info.sample_aspect, info.colour,    job_.preset};
        encode.keyframe_interval = kFileKeyframes;
        auto writer = TRY(media::FileWriter::create(part.path(), encode,
                                                    job_.keep_audio ? std::optional{job_.in} : std::nullopt));
        const auto covering = engine(info, study);
        if (!covering)
            return fail(covering.error().kind, "cannot cover '{}': {}", job_.in, covering.error().message);
        for (auto& scene : approved_) (*covering)->approve(std::move(scene));
        if (!job_.as_live) TRY_STATUS(write_scene(**covering));
        while (auto frame = TRY(next(reader)))
            for (const auto& covered : (*covering)->push(std::move(*frame)))
                TRY_STATUS(write(*writer, covered));
        for (const auto& covered : (*covering)->finish()) TRY_STATUS(write(*writer, covered));
        if (report_.frames == 0)
            return fail(ErrorKind::corrupt, "no frame of '{}' could be decoded; nothing was written",
                        job_.in);
        TRY_STATUS(writer->finish());
        if (job_.as_live) TRY_STATUS(write_scene(**covering));
        find_when_proven();
        report_.gaps = reader.gaps();
        TRY_STATUS(finished_(report_));
        return part.keep(job_.overwrite);
    }

    Status write(media::FileWriter& writer, const CoveredFrame& covered) {
        TRY_STATUS(writer.write(covered.frame));
        ++report_.frames;
        report_.covered.push_back(covered.report.covered);
        report_.approved = covered.report.approved;
        proven_.push_back(covered.report.proven);
        if (const auto& why = covered.report.doubt; !why.empty()) {
            auto& doubts = report_.doubts;
            if (!doubts.empty() && doubts.back().why == why && doubts.back().last + 1 == report_.frames)
                doubts.back().last = report_.frames;
            else
                doubts.push_back({report_.frames, report_.frames, why});
        }
        return {};
    }

    // Proven is what was ever going to be: a place that is never empty is never proven.
    void find_when_proven() {
        const double most = *std::max_element(proven_.begin(), proven_.end());
        if (most < kMovingBelow) return;
        const auto enough =
            std::find_if(proven_.begin(), proven_.end(), [&](double p) { return p >= 0.98 * most; });
        report_.proven_from = enough - proven_.begin() + 1;
    }

    const FileJob& job_;
    vision::Detectors* detectors_;
    const std::atomic<bool>& stop_;
    const Progress& progress_;
    const Finished& finished_;
    FileProgress now_;
    FileReport report_;
    std::vector<image::ScenePicture> approved_;
    std::vector<double> proven_;
};

}  // namespace

Status check_new_file(const std::string& path, const std::string& input, bool overwrite) {
    std::error_code ignored;
    const fs::path file{path};
    if (fs::equivalent(input, file, ignored))
        return fail(ErrorKind::exists, "'{}' is the input; give the output another name", path);
    if (fs::is_directory(file, ignored))
        return fail(ErrorKind::invalid, "'{}' is a folder; name a file in it", path);
    if (fs::exists(fs::symlink_status(file, ignored)) && !overwrite)
        return fail(ErrorKind::exists, "'{}' exists; give another name, or --force to replace it", path);
    const fs::path folder = file.parent_path().empty() ? fs::path{"."} : file.parent_path();
    if (!fs::is_directory(folder, ignored))
        return fail(ErrorKind::not_found, "the folder '{}' for the output is not there; make it first",
                    folder.string());
    if (::access(folder.c_str(), W_OK) != 0)
        return fail_errno(errno, fmt::format("cannot write into the folder '{}'", folder.string()));
    return {};
}

Result<FileReport> redact_file(const FileJob& job, vision::Detectors* detectors,
                               const std::atomic<bool>& stop, const Progress& progress,
                               const Finished& finished) {
    return Job{job, detectors, stop, progress, finished}.run();
}

}  // namespace passerby::redact
