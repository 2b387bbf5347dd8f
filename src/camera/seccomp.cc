// A short list of system calls, by libseccomp. Whatever is not on it fails with EPERM, as libraries try
// things that they can do without; what nobody tries by mistake ends the process.
#include <memory>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "camera/containment.h"

namespace passerby::camera::detail {

namespace {

constexpr scmp_datum_t kMostMemory = scmp_datum_t{8} << 30;  // RLIMIT_AS

// Threads, memory, waiting, time, and reading and writing what is open.
constexpr int kAllowed[] = {SCMP_SYS(read),
                            SCMP_SYS(readv),
                            SCMP_SYS(pread64),
                            SCMP_SYS(write),
                            SCMP_SYS(writev),
                            SCMP_SYS(lseek),
                            SCMP_SYS(close),
                            SCMP_SYS(fstat),
                            SCMP_SYS(newfstatat),
                            SCMP_SYS(stat),
                            SCMP_SYS(lstat),
                            SCMP_SYS(statx),
                            SCMP_SYS(access),
                            SCMP_SYS(faccessat),
                            SCMP_SYS(faccessat2),
                            SCMP_SYS(readlink),
                            SCMP_SYS(readlinkat),
                            SCMP_SYS(getdents64),
                            SCMP_SYS(getcwd),
                            SCMP_SYS(fadvise64),
                            SCMP_SYS(statfs),
                            SCMP_SYS(fstatfs),
                            SCMP_SYS(brk),
                            SCMP_SYS(futex),
                            SCMP_SYS(set_robust_list),
                            SCMP_SYS(rseq),
                            SCMP_SYS(sched_yield),
                            SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(sched_setaffinity),
                            SCMP_SYS(getcpu),
                            SCMP_SYS(exit),
                            SCMP_SYS(exit_group),
                            SCMP_SYS(restart_syscall),
                            SCMP_SYS(rt_sigaction),
                            SCMP_SYS(rt_sigprocmask),
                            SCMP_SYS(rt_sigreturn),
                            SCMP_SYS(sigaltstack),
                            SCMP_SYS(poll),
                            SCMP_SYS(ppoll),
                            SCMP_SYS(select),
                            SCMP_SYS(pselect6),
                            SCMP_SYS(epoll_create1),
                            SCMP_SYS(epoll_ctl),
                            SCMP_SYS(epoll_wait),
                            SCMP_SYS(epoll_pwait),
                            SCMP_SYS(eventfd2),
                            SCMP_SYS(pipe2),
                            SCMP_SYS(nanosleep),
                            SCMP_SYS(clock_nanosleep),
                            SCMP_SYS(clock_gettime),
                            SCMP_SYS(clock_getres),
                            SCMP_SYS(gettimeofday),
                            SCMP_SYS(time),
                            SCMP_SYS(getpid),
                            SCMP_SYS(gettid),
                            SCMP_SYS(getuid),
                            SCMP_SYS(geteuid),
                            SCMP_SYS(getgid),
                            SCMP_SYS(getegid),
                            SCMP_SYS(getrandom),
                            SCMP_SYS(uname),
                            SCMP_SYS(sysinfo),
                            SCMP_SYS(getrlimit),
                            SCMP_SYS(getrusage)};

// Of a socket that is open.
constexpr int kNetwork[] = {SCMP_SYS(getsockopt),  SCMP_SYS(setsockopt), SCMP_SYS(getsockname),
                            SCMP_SYS(getpeername), SCMP_SYS(recvfrom),   SCMP_SYS(recvmsg),
                            SCMP_SYS(shutdown)};

// Nobody tries these by mistake.
constexpr int kFatal[] = {SCMP_SYS(execve),
                          SCMP_SYS(execveat),
                          SCMP_SYS(fork),
                          SCMP_SYS(vfork),
                          SCMP_SYS(ptrace),
                          SCMP_SYS(process_vm_readv),
                          SCMP_SYS(process_vm_writev),
                          SCMP_SYS(mount),
                          SCMP_SYS(umount2),
                          SCMP_SYS(pivot_root),
                          SCMP_SYS(chroot),
                          SCMP_SYS(unshare),
                          SCMP_SYS(setns),
                          SCMP_SYS(bpf),
                          SCMP_SYS(perf_event_open),
                          SCMP_SYS(init_module),
                          SCMP_SYS(finit_module),
                          SCMP_SYS(delete_module),
                          SCMP_SYS(kexec_load),
                          SCMP_SYS(kexec_file_load),
                          SCMP_SYS(reboot),
                          SCMP_SYS(swapon),
                          SCMP_SYS(swapoff),
                          SCMP_SYS(keyctl),
                          SCMP_SYS(add_key),
                          SCMP_SYS(request_key),
                          SCMP_SYS(io_uring_setup),
                          SCMP_SYS(userfaultfd),
                          SCMP_SYS(open_by_handle_at),
                          SCMP_SYS(setuid),
                          SCMP_SYS(setgid),
                          SCMP_SYS(setresuid),
                          SCMP_SYS(setresgid),
                          SCMP_SYS(setgroups),
                          SCMP_SYS(capset),
                          SCMP_SYS(kcmp),
                          SCMP_SYS(pidfd_getfd),
                          SCMP_SYS(mknod),
                          SCMP_SYS(mknodat),
                          SCMP_SYS(settimeofday),
                          SCMP_SYS(clock_settime),
                          SCMP_SYS(sethostname)};

class Filter {
  public:
    static Result<Filter> create() {
        Filter filter{seccomp_init(SCMP_ACT_ERRNO(EPERM))};
        if (!filter.context_) return fail(ErrorKind::full, "no memory for a filter of system calls");
        return filter;
    }
    void allow(int call) { add(SCMP_ACT_ALLOW, call); }
    template <class... Conditions>
    void allow_if(int call, Conditions... conditions) {
        add(SCMP_ACT_ALLOW, call, conditions...);
    }
    template <class... Conditions>
    void add(std::uint32_t action, int call, Conditions... conditions) {
        const int added =
            seccomp_rule_add(context_.get(), action, call, sizeof...(conditions), conditions...);
        if (added != 0 && failed_ == 0) failed_ = -added;
    }
    Status load() {
        if (failed_ != 0) return fail_errno(failed_, "cannot make a filter of system calls");
        if (const int loaded = seccomp_load(context_.get()); loaded != 0)
            return fail_errno(-loaded, "cannot put a filter of system calls into force");
        return {};
    }

  private:
    struct Release {
        void operator()(void* context) const { seccomp_release(context); }
    };
    explicit Filter(scmp_filter_ctx context) : context_{context} {}
    std::unique_ptr<void, Release> context_;
    int failed_ = 0;
};

void allow_files(Filter& filter) {
    // Landlock says which. Without it reading is all that is left.
    constexpr scmp_datum_t kWrites =
        O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    filter.allow_if(SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, kWrites, 0));
    filter.allow_if(SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, kWrites, 0));
    for (const int command : {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC})
        filter.allow_if(SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command)));
    for (const auto request : {FIONBIO, FIONREAD})
        filter.allow_if(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(request)));
}

// Nothing that was written can be run. Where the camera is stays as it is: nothing takes its place, and no
// call on memory may begin in it or, being as long as all memory may be, reach it from below.
void allow_memory(Filter& filter, const PeerTable& table) {
    const auto no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const scmp_datum_t fixed = table ? MAP_FIXED : 0;
    filter.allow_if(SCMP_SYS(mmap), no_code, SCMP_A3(SCMP_CMP_MASKED_EQ, fixed, 0));
    const auto below = SCMP_A0(SCMP_CMP_LT, table ? table.at - kMostMemory : 0);
    const auto above = SCMP_A0(SCMP_CMP_GE, table.at + table.size);
    const auto length = SCMP_A1(SCMP_CMP_LE, kMostMemory);
    for (const auto& where : {below, above}) {
        for (const int call : {SCMP_SYS(munmap), SCMP_SYS(madvise)}) filter.allow_if(call, where, length);
        filter.allow_if(SCMP_SYS(mprotect), where, length, no_code);
        filter.allow_if(SCMP_SYS(mremap), where, length, SCMP_A3(SCMP_CMP_MASKED_EQ, MREMAP_FIXED, 0));
    }
}

// Threads, but no processes. clone3() hides its flags in memory; without it glibc takes clone().
void allow_threads(Filter& filter) {
    filter.allow_if(SCMP_SYS(clone),
                    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM));
    filter.add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
    filter.allow_if(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    filter.allow_if(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_DUMPABLE));
    filter.allow_if(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_NO_NEW_PRIVS));
    filter.allow_if(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_GET_PDEATHSIG));
    // Its own limits, to look at.
    filter.allow_if(SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_EQ, 0));
    // abort()
    filter.allow_if(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
}

void allow_network(Filter& filter, const PeerTable& table, bool receive_udp) {
    const auto allow_sockets = [&](int kind) {
        for (const int family : {AF_INET, AF_INET6})
            filter.allow_if(SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)),
                            SCMP_A1(SCMP_CMP_MASKED_EQ, 0xF, static_cast<scmp_datum_t>(kind)));
    };
    for (const int call : kNetwork) filter.allow(call);
    // Only to an address of the table; its entries are not to be read out of step either.
    const scmp_datum_t entry = ~(table.size - PeerTable::kStride);
    filter.allow_if(SCMP_SYS(connect), SCMP_A1(SCMP_CMP_MASKED_EQ, entry, table.at));
    // MSG_FASTOPEN connects as well.
    filter.allow_if(SCMP_SYS(sendto), SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0), SCMP_A4(SCMP_CMP_EQ, 0));
    filter.allow_if(SCMP_SYS(sendto), SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0),
                    SCMP_A4(SCMP_CMP_MASKED_EQ, entry, table.at));
    allow_sockets(SOCK_STREAM);
    if (receive_udp) {
        // Nobody connects to a camera's process: RTP over UDP comes to a port of its own.
        allow_sockets(SOCK_DGRAM);
        filter.allow(SCMP_SYS(bind));
    } else {
        // It can name an address in memory, which a filter does not see; TCP takes no notice of it.
        filter.allow_if(SCMP_SYS(sendmsg), SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    }
}

}  // namespace

Status forbid_system_calls([[maybe_unused]] const Needs& needs, [[maybe_unused]] const PeerTable& table,
                           [[maybe_unused]] Containment& done) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return {};  // they need more, and nobody watches cameras with them
#else
    if (::prctl(PR_GET_SECCOMP) < 0) return {};  // not built into the kernel
    auto filter = TRY(Filter::create());
    for (const int call : kAllowed) filter.allow(call);
    for (const int call : kFatal) filter.add(SCMP_ACT_KILL_PROCESS, call);
    allow_files(filter);
    allow_memory(filter, table);
    allow_threads(filter);
    if (table) allow_network(filter, table, needs.receive_udp);
    TRY_STATUS(filter.load());
    done.system_calls = true;
    return {};
#endif
}

}  // namespace passerby::camera::detail
