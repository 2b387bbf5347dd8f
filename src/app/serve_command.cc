// The recorder: wires cameras, storage and the web server together, and takes them apart again in order.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "app/bookkeeper.h"
#include "app/camera_rules.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/installation.h"
#include "app/model_file.h"
#include "app/settings.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/log.h"
#include "server/server.h"

namespace passerby::app {

namespace {

constexpr std::chrono::seconds kSweepEvery{15};
constexpr rlim_t kDescriptors = 8192;

struct Arguments {
    std::string config = "passerby.yaml", listen;
};

// Deletes what is too old or too much, now and then, until it is stopped.
class Sweeper {
  public:
    Sweeper(std::shared_ptr<store::Store> store, store::RetentionPlan plan)
        : store_{std::move(store)}, plan_{std::move(plan)}, thread_{[this](std::stop_token stop) {
              run(stop);
          }} {}
    // From now on.
    void set(store::RetentionPlan plan) {
        const std::lock_guard lock{plan_mutex_};
        plan_ = std::move(plan);
    }

  private:
    void run(std::stop_token stop) {
        pthread_setname_np(pthread_self(), "retention");
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            if (const auto back = store_->recover_returned(); !back)
                log_error("recovery: {}", back.error().message);
            const auto swept = store::sweep(*store_, plan(), store_->clock().wall());
            if (!swept) log_error("retention: {}", swept.error().message);
            if (swept && swept->segments)
                log_info("retention: {} segments deleted, {} bytes", swept->segments, swept->bytes);
            if (const auto done = store::Activity{store_}.forget(store_->clock().wall()); !done)
                log_error("retention: {}", done.error().message);
            if (swept && swept->more) continue;
            std::unique_lock lock{mutex};
            wake.wait_for(lock, stop, kSweepEvery, [] { return false; });
        }
    }

    store::RetentionPlan plan() {
        const std::lock_guard lock{plan_mutex_};
        return plan_;
    }

    std::shared_ptr<store::Store> store_;
    std::mutex plan_mutex_;
    store::RetentionPlan plan_;  // guarded by plan_mutex_
    std::jthread thread_;
};

// Nobody signs before a person has looked when the data folder is a copy or a backup; and a disk may be full.
// Recording goes on all the same.
server::LedgerOrReason open_ledger(const std::shared_ptr<store::Store>& store, const std::string& origin) {
    auto ledger = store::Ledger::open(store, origin);
    if (ledger) return {*std::move(ledger)};
    log_error("the ledger cannot be written, so nobody can look, export or change anything: {}",
              ledger.error().message);
    return {nullptr, ledger.error().message};
}

// A long export holds a few hundred files open, beside connections and cameras.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kDescriptors) return;
    limit.rlim_cur = std::min(limit.rlim_max, kDescriptors);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warning("at most {} files can be open; long exports may fail", limit.rlim_cur);
}

Status apply_listen(const std::string& listen, Config& config) {
    const auto colon = listen.rfind(':');
    const auto port = colon == std::string::npos ? 0 : std::atoi(listen.c_str() + colon + 1);
    if (colon == std::string::npos || port < 0 || port > 65535)
        return fail(ErrorKind::invalid, "--listen {}: write an address and a port, as in 127.0.0.1:8420",
                    listen);
    auto host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    config.http.listen = {host, port};
    return {};
}

// In the data folder, made when it is not there: what somebody has agreed to in their browser stays.
Result<std::optional<server::TlsFiles>> own_certificate(const Config& config) {
    const auto folder = config.data / "tls";
    TRY_STATUS(make_folder_durably(folder, 0700));
    server::TlsFiles files{folder / "certificate.pem", folder / "key.pem"};
    if (std::filesystem::exists(files.certificate) && std::filesystem::exists(files.key)) return files;
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    if (host[0] != '\0') names.emplace_back(host.data());
    if (config.http.listen.host != "0.0.0.0" && config.http.listen.host != "::")
        names.push_back(config.http.listen.host);
    names.insert(names.end(), config.http.names.begin(), config.http.names.end());
    TRY_STATUS(server::make_self_signed(files, names));
    return files;
}

void greet(const server::Server& server, const Config& config,
           const std::optional<store::FirstLogin>& first) {
    std::printf("passerby runs at %s\n", server.address().c_str());
    if (config.http.self_signed)
        if (const auto print = server::fingerprint_of(config.data / "tls" / "certificate.pem"))
            std::printf(
                "Its certificate is its own; your browser asks once. Its SHA-256 fingerprint is\n%s\n",
                print->c_str());
    if (first)
        std::printf("Log in as %s with the one-time password %s (you choose your own then).\n",
                    first->user.c_str(), first->password.c_str());
    std::fflush(stdout);
}

Status run(const Arguments& arguments, const sigset_t& signals) {
    auto loaded = load_config(arguments.config);
    if (!loaded) {
        for (const auto& error : loaded.errors) complain(to_string(error, arguments.config));
        return fail(ErrorKind::invalid, "the config has {} error{}; mend {} and start again",
                    loaded.errors.size(), loaded.errors.size() == 1 ? "" : "s",
                    loaded.errors.size() == 1 ? "it" : "them");
    }
    Config& config = loaded.config;
    raise_descriptor_limit();
    if (!arguments.listen.empty()) TRY_STATUS(apply_listen(arguments.listen, config));
    const auto models = TRY(resource("models")).string();
    const auto web = TRY(resource("web"));
    TRY_STATUS(try_models(config.models, config.inference));
    const std::shared_ptr<Settings> app_settings = TRY(Settings::load(config));

    auto store =
        TRY(store::Store::open(config.data, system_clock(), store::create_file_sink, config.disk_plan()));
    if (const auto& r = store->recovered(); r.segments)
        log_warning("recovered {} segments that a crash had left open; {} torn bytes were cut off",
                    r.segments, r.bytes_cut);
    std::shared_ptr<store::Accounts> accounts = TRY(store::Accounts::open(store));

    auto ledger = open_ledger(store, config.ledger_origin);
    const auto hashes = TRY(model_hashes(models, config.models));
    if (ledger.ledger)
        if (const auto done =
                ledger.ledger->append("start", {{"version", PASSERBY_VERSION}, {"models", hashes}});
            !done)
            log_error("the start is not on the record: {}", done.error().message);
    const auto list = std::make_shared<server::CameraList>();
    const auto cameras = std::make_shared<Installation>(Installation::Surroundings{
        .config = config,
        .models_folder = models,
        .model_hashes = hashes,
        .store = store,
        .ledger = ledger.ledger,
        .list = list,
    });
    const auto all = app_settings->together();
    for (const auto& camera : all.cameras) {
        const auto done = cameras->set(camera);
        if (done) continue;
        // Of the owner's file everything must be right; what was set in the app can be mended there.
        if (done.error().kind != ErrorKind::unavailable && !camera.set_in_app) return done;
        log_error("{}", done.error().message);
    }
    cameras->forget_others();
    const auto sweeper = std::make_unique<Sweeper>(store, all.retention_plan());
    app_settings->attach(cameras, [&sweeper](const store::RetentionPlan& plan) { sweeper->set(plan); });
    server::ServerSettings settings;
    settings.address = config.http.listen.host;
    settings.port = static_cast<std::uint16_t>(config.http.listen.port);
    settings.web_folder = web;
    settings.host_names = config.http.names;
    settings.second_factor = config.second_factor;
    settings.proxies = config.http.proxies;
    settings.tls = config.http.self_signed ? TRY(own_certificate(config)) : config.http.tls;
    if (const auto warning = config.http.warning(); !warning.empty()) log_warning("{}", warning);
    settings.about = config.about;
    settings.settings = app_settings;
    auto server =
        TRY(server::Server::start(settings, list, store, accounts, ledger, system_clock(), PASSERBY_VERSION));
    std::unique_ptr<Bookkeeper> bookkeeper;
    if (ledger.ledger) bookkeeper = std::make_unique<Bookkeeper>(*ledger.ledger, *server, system_clock());
    std::unique_ptr<Witnesses> witnesses;
    if (ledger.ledger && !config.witnesses.empty())
        witnesses = std::make_unique<Witnesses>(*ledger.ledger, config.witnesses);
    greet(*server, config, accounts->take_first_login());

    int signal = 0;
    sigwait(&signals, &signal);
    log_info("stopping");
    cameras->stop();
    server->stop();
    witnesses.reset();
    bookkeeper.reset();
    return {};
}

}  // namespace

void add_serve(CLI::App& app, int& status) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("serve", "Record cameras, and show them in the browser.");
    command->add_option("--config", arguments->config, "The config file")->capture_default_str();
    command->add_option("--listen", arguments->listen, "Address and port, instead of the config's");
    command->callback([arguments, &status] {
        // Blocked before any thread starts, so that sigwait() is the one place where they arrive.
        sigset_t signals;
        sigemptyset(&signals);
        for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
        const auto done = run(*arguments, signals);
        status = done ? 0 : 1;
        if (!done) complain(done.error().message);
    });
}

}  // namespace passerby::app
