#include "camera/child_process.h"

#include <csignal>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace passerby::camera {

namespace {

// Pipe ends whose numbers do not collide with those the child is to have.
struct Pipe {
    Fd read, write;
    static Result<Pipe> create() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return fail_errno(errno, "cannot make a pipe to a camera's process");
        const Fd low_read{ends[0]}, low_write{ends[1]};
        Pipe p{Fd{::fcntl(ends[0], F_DUPFD_CLOEXEC, 10)}, Fd{::fcntl(ends[1], F_DUPFD_CLOEXEC, 10)}};
        if (!p.read || !p.write) return fail_errno(errno, "cannot make a pipe to a camera's process");
        return p;
    }
};

// glibc 2.36 declares pidfd_open() for C only.
int watch(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

// Other cameras' passwords may be in our environment.
bool passes(std::string_view variable) {
    for (const std::string_view name : {"PATH=", "HOME=", "LANG=", "TZ=", "TMPDIR=", "LD_LIBRARY_PATH=",
                                        "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="})
        if (variable.starts_with(name)) return true;
    return variable.starts_with("LC_");
}

struct SpawnSettings {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    SpawnSettings() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
};

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::string& executable,
                                         const std::vector<std::string>& arguments) {
    auto down = TRY(Pipe::create());
    auto up = TRY(Pipe::create());
    for (const int fd : {down.write.get(), up.read.get()})
        if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) return fail_errno(errno, "cannot set up a pipe");
    // Room for a fragment or two, so that the encoder need not wait for us. Without it the pipe is small but
    // works.
    ::fcntl(up.read.get(), F_SETPIPE_SZ, 1 << 20);

    SpawnSettings s;
    posix_spawn_file_actions_addopen(&s.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&s.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&s.actions, down.read.get(), kIn);
    posix_spawn_file_actions_adddup2(&s.actions, up.write.get(), kOut);
    posix_spawn_file_actions_addclosefrom_np(&s.actions, kOut + 1);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&s.attributes, &none);
    posix_spawnattr_setsigdefault(&s.attributes, &all);
    posix_spawnattr_setflags(&s.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    std::vector<char*> argv, env;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (passes(*variable)) env.push_back(*variable);
    argv.push_back(nullptr);
    env.push_back(nullptr);

    pid_t pid = -1;
    const int failed =
        ::posix_spawn(&pid, executable.c_str(), &s.actions, &s.attributes, argv.data(), env.data());
    if (failed != 0)
        return fail_errno(failed, fmt::format("cannot start '{}' as a camera's process", executable));
    ChildProcess child{pid, std::move(down.write), std::move(up.read), Fd{watch(pid)}};
    if (!child.pidfd_) return fail_errno(errno, "cannot watch a camera's process");
    return child;
}

ChildProcess::ChildProcess(pid_t pid, Fd to, Fd from, Fd pidfd)
    : pid_{pid}, to_{std::move(to)}, from_{std::move(from)}, pidfd_{std::move(pidfd)} {}

ChildProcess::ChildProcess(ChildProcess&& o) noexcept
    : pid_{std::exchange(o.pid_, -1)},
      to_{std::move(o.to_)},
      from_{std::move(o.from_)},
      pidfd_{std::move(o.pidfd_)},
      end_{o.end_} {}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) kill();
}

void ChildProcess::send_signal(int signal) {
    // Until it is reaped the number is its own.
    if (!end_) ::kill(pid_, signal);
}

std::optional<ProcessEnd> ChildProcess::ended() {
    return reap(WNOHANG);
}

ProcessEnd ChildProcess::kill() {
    send_signal(SIGKILL);
    return reap(0).value_or(ProcessEnd{});
}

std::optional<ProcessEnd> ChildProcess::reap(int flags) {
    int status = 0;
    while (!end_) {
        const pid_t pid = ::waitpid(pid_, &status, flags);
        if (pid < 0 && errno == EINTR) continue;
        if (pid == 0) return std::nullopt;
        // Somebody else reaped it: it has ended, and nobody knows how.
        if (pid < 0)
            end_ = ProcessEnd{};
        else
            end_ = WIFSIGNALED(status) ? ProcessEnd{0, WTERMSIG(status)} : ProcessEnd{WEXITSTATUS(status), 0};
    }
    return end_;
}

}  // namespace passerby::camera
