// What somebody who has taken over a camera's process tries, and how far they get.
#include "camera/containment.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace passerby::camera {
namespace {

constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#else
    false;
#endif

// A server on loopback, and its port.
class Listener {
  public:
    explicit Listener(in_addr_t where = INADDR_LOOPBACK) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(where);
        socklen_t size = sizeof any;
        EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&any), size), 0);
        EXPECT_EQ(::listen(fd_.get(), 8), 0);
        EXPECT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&any), &size), 0);
        port_ = ntohs(any.sin_port);
    }
    std::uint16_t port() const { return port_; }

  private:
    Fd fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::uint16_t port_ = 0;
};

sockaddr_in at(std::uint16_t port, const char* host = "127.0.0.1") {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    ::inet_pton(AF_INET, host, &to.sin_addr);
    to.sin_port = htons(port);
    return to;
}
bool connects(std::uint16_t port, const char* host = "127.0.0.1") {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto to = at(port, host);
    return fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}
bool binds(int kind) {
    const int fd = ::socket(AF_INET, kind, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    return fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
}
bool opens(const std::string& path, int flags = O_RDONLY) {
    return ::open(path.c_str(), flags, 0600) >= 0;
}
bool calls(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
    return ::syscall(number, a, b, c, d, e, f) >= 0;
}
long address(const void* p) {
    return static_cast<long>(reinterpret_cast<std::intptr_t>(p));
}

class ContainmentTest : public testing::Test {
  protected:
    void SetUp() override {
        if (kSanitized) GTEST_SKIP() << "a process with sanitizers is not contained";
        ASSERT_TRUE(folder_);
        source_ = folder_->file("camera.mp4"), above_ = std::filesystem::path{source_}.parent_path(),
        secret_ = folder_->file("secret"), tool_ = folder_->file("tool");
        ASSERT_TRUE(write_file_atomically(source_, "film"));
        ASSERT_TRUE(write_file_atomically(secret_, "secret"));
        ASSERT_TRUE(write_file_atomically(tool_, "#!/bin/sh\n", 0755));
    }

    // What a contained process does: true, false, or dead by a signal.
    enum class Got { yes, no, killed, broken };
    Got inside(bool contained, const Needs& needs, const std::function<bool()>& attempt) {
        std::fflush(nullptr);
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (contained) {
                const auto done = contain(needs);
                if (!done || !done->system_calls) std::_Exit(3);
            }
            std::_Exit(attempt() ? 1 : 0);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(pid, &status, 0), pid);
        if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGSYS ? Got::killed : Got::broken;
        return WEXITSTATUS(status) == 0 ? Got::no : WEXITSTATUS(status) == 1 ? Got::yes : Got::broken;
    }
    // Of a file, for what of files there is to try, and of a camera.
    Needs needs(bool udp = false) const {
        Needs n = *needs_of(source_, {.owners = true, .also = {}}, udp, "/nowhere", {}, "cpu");
        n.peers = *resolve("127.0.0.1", camera_.port());
        n.receive_udp = udp;
        return n;
    }

    Result<TemporaryFolder> folder_ = TemporaryFolder::create();
    std::string source_, secret_, tool_, above_;
    Listener camera_, elsewhere_;
    Listener everywhere_{INADDR_ANY};
};

struct Attempt {
    const char* what;
    std::function<bool()> escapes;
    // Whether it works for whoever is not contained, so that the test shows something. Not tried where that
    // would do harm, or needs rights that not everybody has.
    bool works_outside = true;
};

TEST_F(ContainmentTest, NobodyGetsOut) {
    const pid_t parent = ::getpid();
    const auto run = [&](char* const* argv) {
        return ::execve(tool_.c_str(), argv, environ) != 0 ? false : true;
    };
    std::array<char*, 2> argv{tool_.data(), nullptr};
    const std::vector<Attempt> attempts{
        // Files
        {"reads a file of somebody else", [&] { return opens(secret_); }},
        {"reads the users of this machine", [] { return opens("/etc/passwd"); }},
        {"reads its own memory as a file", [] { return opens("/proc/self/mem"); }},
        {"reads its environment", [] { return opens("/proc/self/environ"); }},
        {"reads the recorder's memory map", [&] { return opens(fmt::format("/proc/{}/maps", parent)); }},
        {"lists the folder above", [&] { return opens(above_, O_RDONLY | O_DIRECTORY); }},
        {"lists the root", [] { return opens("/", O_RDONLY | O_DIRECTORY); }},
        {"goes round by dots", [&] { return opens(source_ + "/../secret") || opens(above_ + "/./secret"); }},
        {"writes to its own source", [&] { return opens(source_, O_WRONLY); }},
        {"empties its own source", [&] { return ::truncate(source_.c_str(), 0) == 0; }},
        {"makes a file", [&] { return opens(folder_->file("new"), O_WRONLY | O_CREAT); }},
        {"makes a nameless file", [&] { return opens(above_, O_TMPFILE | O_WRONLY); }, false},
        {"makes a folder", [&] { return ::mkdir(folder_->file("new folder").c_str(), 0700) == 0; }},
        {"makes a link", [&] { return ::symlink("/etc/passwd", folder_->file("link").c_str()) == 0; }},
        {"links a file elsewhere",
         [&] { return ::link(source_.c_str(), folder_->file("hard").c_str()) == 0; }},
        {"renames its source", [&] { return ::rename(source_.c_str(), folder_->file("moved").c_str()) == 0; },
         false},
        {"deletes a file", [&] { return ::unlink(folder_->file("new").c_str()) == 0; }, false},
        {"changes rights", [&] { return ::chmod(source_.c_str(), 0777) == 0; }},
        {"makes a pipe with a name", [&] { return ::mkfifo(folder_->file("fifo").c_str(), 0600) == 0; }},
        {"makes a device",
         [&] { return ::mknod(folder_->file("device").c_str(), S_IFCHR | 0600, 0x103) == 0; }, false},
        {"opens a terminal", [] { return opens("/dev/ptmx", O_RDWR); }, false},
        {"changes its root", [] { return ::chroot("/") == 0; }, false},
        {"changes its folder", [] { return ::chdir("/etc") == 0; }},
        // Network
        {"connects to another port", [&] { return connects(elsewhere_.port()); }},
        {"connects to another host", [&] { return connects(everywhere_.port(), "127.0.0.2"); }},
        {"connects to another host by itself",
         [&] {
             const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
             const auto to = at(everywhere_.port(), "127.0.0.2");
             return calls(SYS_connect, fd, address(&to), sizeof to);
         }},
        {"connects without the filter's seeing the call",
         [&] {
             const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
             const auto to = at(everywhere_.port(), "127.0.0.2");
             return ::sendto(fd, "x", 1, MSG_FASTOPEN, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
                        1 ||
                    calls(SYS_sendto, fd, address("x"), 1, MSG_FASTOPEN, address(&to), sizeof to);
         },
         false},
        {"names an address in a message",
         [&] {
             const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
             auto to = at(everywhere_.port(), "127.0.0.2");
             iovec x{&to, 1};
             msghdr message{};
             message.msg_name = &to, message.msg_namelen = sizeof to;
             message.msg_iov = &x, message.msg_iovlen = 1;
             return ::sendmsg(fd, &message, MSG_FASTOPEN | MSG_NOSIGNAL) == 1;
         },
         false},
        {"asks a name server",
         [] {
             const auto to = at(53);
             const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
             return ::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 1;
         }},
        {"listens", [] { return binds(SOCK_STREAM); }},
        {"waits for packets", [] { return binds(SOCK_DGRAM); }},
        {"opens a raw socket", [] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0; }, false},
        {"sees all packets", [] { return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0; }, false},
        {"speaks to processes of this machine", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
        {"speaks to the kernel's routing", [] { return ::socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }},
        {"makes a pair of sockets",
         [] {
             int two[2];
             return ::socketpair(AF_UNIX, SOCK_STREAM, 0, two) == 0;
         }},
        // Programs and processes
        {"runs a program", [&] { return run(argv.data()); }, false},
        {"runs a program by descriptor",
         [&] {
             return calls(SYS_execveat, AT_FDCWD, address(tool_.c_str()), address(argv.data()),
                          address(environ));
         },
         false},
        {"makes a process",
         [] {
             const pid_t child = ::fork();
             if (child == 0) ::_exit(0);
             return child > 0;
         }},
        {"makes a process in the old way", [] { return calls(SYS_clone, SIGCHLD); }, false},
        {"makes code in memory",
         [] {
             return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                           0) != MAP_FAILED;
         }},
        {"makes memory into code",
         [] {
             void* p = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
             return ::mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
         }},
        {"makes a file in memory", [] { return calls(SYS_memfd_create, address("x"), 0); }},
        {"traces itself", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
        {"traces the recorder", [&] { return ::ptrace(PTRACE_SEIZE, parent, nullptr, nullptr) == 0; }, false},
        {"reads the recorder's memory",
         [&] {
             char byte = 0;
             iovec here{&byte, 1}, there{this, 1};
             return ::process_vm_readv(parent, &here, 1, &there, 1, 0) == 1;
         },
         false},
        {"kills the recorder", [&] { return ::kill(parent, 0) == 0; }},
        {"kills everybody", [] { return ::kill(-1, 0) == 0; }, false},
        {"takes a descriptor of the recorder", [&] { return calls(SYS_pidfd_open, parent, 0); }},
        {"lifts its own limits",
         [] {
             rlimit more{1, 1};
             return ::setrlimit(RLIMIT_CORE, &more) == 0;
         },
         false},
        {"may be dumped again", [] { return ::prctl(PR_SET_DUMPABLE, 1) == 0; }},
        {"outlives the recorder", [] { return ::prctl(PR_SET_PDEATHSIG, 0) == 0; }},
        {"adds a filter of its own", [] { return calls(SYS_seccomp, 1, 0, 0) || errno == EFAULT; }},
        {"goes before others", [] { return ::setpriority(PRIO_PROCESS, 0, 5) == 0; }},
        // The kernel
        {"mounts", [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0; }, false},
        {"unmounts", [] { return ::umount2("/proc", 2) == 0; }, false},
        {"has a world of its own", [] { return ::unshare(CLONE_NEWUSER) == 0; }, false},
        {"enters another world", [] { return calls(SYS_setns, 0, 0); }, false},
        {"loads a program into the kernel", [] { return calls(SYS_bpf, 0, 0, 0); }, false},
        {"watches the processor", [] { return calls(SYS_perf_event_open, 0, 0, -1, -1, 0); }, false},
        {"goes round by io_uring",
         [] {
             std::array<char, 256> p{};
             return calls(SYS_io_uring_setup, 1, address(p.data()));
         },
         false},
        {"handles its own page faults", [] { return calls(SYS_userfaultfd, 0); }, false},
        {"reads keys", [] { return calls(SYS_keyctl, 0, -3, 0); }, false},
        {"loads a module", [] { return calls(SYS_init_module, 0, 0, 0); }, false},
        {"sets the clock", [] { return calls(SYS_clock_settime, 0, 0); }, false},
        {"becomes somebody else", [] { return ::setuid(1) == 0; }, false},
        {"takes rights", [] { return calls(SYS_capset, 0, 0); }, false},
        {"opens by handle", [] { return calls(SYS_open_by_handle_at, 0, 0, 0); }, false},
        {"restarts the machine", [] { return calls(SYS_reboot, 0, 0, 0); }, false},
        {"talks to a device", [] { return ::ioctl(0, 0x5412, "x") == 0; }, false},
    };
    ASSERT_GE(attempts.size(), 60U);
    int shown = 0;
    for (const auto& attempt : attempts) {
        const auto got = inside(true, needs(), attempt.escapes);
        EXPECT_TRUE(got == Got::no || got == Got::killed) << attempt.what;
        if (!attempt.works_outside) continue;
        EXPECT_EQ(inside(false, {}, attempt.escapes), Got::yes) << attempt.what << ": it never works";
        ++shown;
    }
    EXPECT_GE(shown, 25);
}

TEST_F(ContainmentTest, WhatACameraNeedsItHas) {
    const std::pair<const char*, std::function<bool()>> needed[] = {
        {"reads its source", [&] { return opens(source_); }},
        {"reads its source again", [&] { return opens(source_) && opens(source_); }},
        {"finds the camera by name",
         [] {
             addrinfo* found = nullptr;
             return ::getaddrinfo("camera.example", "554", nullptr, &found) == 0 &&
                    reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr.s_addr ==
                        htonl(INADDR_LOOPBACK);
         }},
        {"connects to the camera", [&] { return connects(camera_.port()); }},
        {"starts threads",
         [] {
             int n = 0;
             std::thread{[&] { n = 7; }}.join();
             return n == 7;
         }},
        {"takes memory", [] { return std::vector<char>(std::size_t{200} << 20, 'x').back() == 'x'; }},
        {"knows the time",
         [] {
             timespec t{};
             return ::clock_gettime(CLOCK_REALTIME, &t) == 0 && t.tv_sec > 0;
         }},
        {"writes to what is open",
         [] {
             int two[2];
             return ::pipe2(two, 0) == 0 && ::write(two[1], "x", 1) == 1;
         }},
    };
    for (const auto& [what, works] : needed) EXPECT_EQ(inside(true, needs(), works), Got::yes) << what;
}

TEST_F(ContainmentTest, MemoryHasAnEnd) {
    EXPECT_EQ(inside(true, needs(),
                     [] {
                         return ::mmap(nullptr, std::size_t{16} << 30, PROT_READ,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
                     }),
              Got::no);
}

TEST_F(ContainmentTest, AFileNeedsNoNetwork) {
    const auto needs =
        *needs_of("file:" + source_, {.owners = true, .also = {}}, false, "/nowhere", {}, "cpu");
    EXPECT_TRUE(needs.peers.empty());
    EXPECT_EQ(inside(true, needs, [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }), Got::no);
}

TEST_F(ContainmentTest, SaysWhatItDid) {
    EXPECT_EQ(inside(true, needs(),
                     [] {
                         // A second time, as one more layer.
                         const auto again = contain({});
                         return !again;
                     }),
              Got::yes)
        << "it is for good";
    // In a process of its own, as this one is not to be contained.
    EXPECT_EQ(inside(false, {},
                     [this] {
                         const auto done = contain(needs());
                         return done && done->system_calls &&
                                done->files == (done->missing.find("files") == std::string::npos);
                     }),
              Got::yes);
}

TEST_F(ContainmentTest, ADriverKeepsItsFilesAndThatIsSaid) {
    auto with_driver = needs();
    with_driver.driver = true;
    EXPECT_EQ(inside(false, {},
                     [&] {
                         const auto done = contain(with_driver);
                         return done && !done->files && !done->system_calls &&
                                done->missing.find("files and system calls stay open") != std::string::npos &&
                                opens(secret_) && connects(camera_.port()) &&
                                done->network != connects(elsewhere_.port());
                     }),
              Got::yes);
}

// Each ends in a connection to the camera's port of another host, if the table of addresses can be changed.
TEST_F(ContainmentTest, WhereTheCameraIsStaysAsItIs) {
    const auto other = at(everywhere_.port(), "127.0.0.2");
    const auto table = [] { return std::uintptr_t{1} << 40; };  // where one_peer.cc puts it
    const auto to = [&](const void* where) {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        return fd >= 0 && calls(SYS_connect, fd, address(where), sizeof(sockaddr_in));
    };
    void* const at_table = reinterpret_cast<void*>(table());
    const auto overwritten = [&] {
        std::memcpy(at_table, &other, sizeof other);
        return to(at_table);
    };
    const auto put_in_place = [&](void* got) {
        if (got != at_table) return false;
        return overwritten();
    };
    constexpr int kNew = MAP_PRIVATE | MAP_ANONYMOUS, kRw = PROT_READ | PROT_WRITE;
    const std::pair<const char*, std::function<bool()>> attempts[] = {
        {"makes it writable", [&] { return ::mprotect(at_table, 4096, kRw) == 0 && overwritten(); }},
        {"makes it writable from below",
         [&] {
             return ::mprotect(reinterpret_cast<void*>(table() - 4096), 8192, kRw) == 0 && overwritten();
         }},
        {"maps over it", [&] { return put_in_place(::mmap(at_table, 4096, kRw, kNew | MAP_FIXED, -1, 0)); }},
        {"unmaps it",
         [&] {
             return ::munmap(at_table, 4096) == 0 && put_in_place(::mmap(at_table, 4096, kRw, kNew, -1, 0));
         }},
        {"unmaps all there is up to it",
         [&] {
             return ::munmap(reinterpret_cast<void*>(4096), table()) == 0 &&
                    put_in_place(::mmap(at_table, 4096, kRw, kNew, -1, 0));
         }},
        {"moves it away",
         [&] {
             return ::mremap(at_table, 4096, 8192, MREMAP_MAYMOVE) != MAP_FAILED &&
                    put_in_place(::mmap(at_table, 4096, kRw, kNew, -1, 0));
         }},
        {"moves something there",
         [&] {
             void* own = ::mmap(nullptr, 4096, kRw, kNew, -1, 0);
             return put_in_place(::mremap(own, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at_table));
         }},
        {"empties it", [&] { return ::madvise(at_table, 4096, MADV_DONTNEED) == 0; }},
        {"lets the kernel write to it",
         [&] {
             int two[2];
             return ::pipe2(two, 0) == 0 && ::write(two[1], &other, sizeof other) == sizeof other &&
                    ::read(two[0], at_table, sizeof other) == sizeof other && to(at_table);
         }},
        {"reads it out of step", [&] { return to(reinterpret_cast<void*>(table() + 2)); }},
        {"names an address outside", [&] { return to(&other); }},
        {"names one beyond its end", [&] { return to(reinterpret_cast<void*>(table() + 4096)); }},
    };
    for (const auto& [what, escapes] : attempts) EXPECT_EQ(inside(true, needs(), escapes), Got::no) << what;
    EXPECT_EQ(inside(true, needs(), [&] { return to(at_table); }), Got::yes) << "the camera itself";
    EXPECT_EQ(inside(false, {}, [&] { return to(&other); }), Got::yes) << "it never works";
}

TEST_F(ContainmentTest, OverUdpToEveryPortOfTheCameraAndToNobodyElse) {
    const auto sends = [](const char* host, std::uint16_t port, bool by_itself) {
        const auto to = at(port, host);
        const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
        return by_itself ? calls(SYS_sendto, fd, address("x"), 1, 0, address(&to), sizeof to)
                         : ::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 1;
    };
    for (const std::uint16_t port : {1, 5004, 65535})
        EXPECT_EQ(inside(true, needs(true), [&] { return sends("127.0.0.1", port, false); }), Got::yes)
            << port;
    EXPECT_EQ(inside(true, needs(true), [&] { return sends("127.0.0.2", 5004, false); }), Got::no);
    EXPECT_EQ(inside(true, needs(true), [&] { return sends("127.0.0.2", 5004, true); }), Got::no);
    EXPECT_EQ(inside(false, {}, [&] { return sends("127.0.0.2", 5004, true); }), Got::yes);
    EXPECT_EQ(inside(true, needs(true), [&] { return connects(everywhere_.port(), "127.0.0.2"); }), Got::no);
}

TEST_F(ContainmentTest, AZoneIsKnownInside) {
    auto with_zone = needs();
    sockaddr_in6 local{};
    local.sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, "fe80::1", &local.sin6_addr);
    local.sin6_port = htons(554);
    local.sin6_scope_id = 1;  // loopback's, which every machine has
    with_zone.peers = {Peer{.address = {}, .size = sizeof local}};
    std::memcpy(&with_zone.peers[0].address, &local, sizeof local);
    EXPECT_EQ(with_zone.peers[0].to_string(), "fe80::1%1");
    EXPECT_EQ(inside(true, with_zone,
                     [] {
                         addrinfo* found = nullptr;
                         return ::getaddrinfo("camera.example", "554", nullptr, &found) == 0 &&
                                reinterpret_cast<const sockaddr_in6*>(found->ai_addr)->sin6_scope_id == 1;
                     }),
              Got::yes);
}

TEST(Needs, AFileIsTheOwnersToName) {
    EXPECT_EQ(needs_of("file:/etc/passwd", {}, false, "", {}, "cpu").error().kind, ErrorKind::denied);
    EXPECT_EQ(needs_of("/etc/passwd", {}, false, "", {}, "cpu").error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace passerby::camera
