#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace passerby::app {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::optional<std::string> environment(const std::string& name) {
    if (name == "CAM_PASSWORD") return "s3cret:@/";
    if (name == "EMPTY") return "";
    return std::nullopt;
}

#define KEY "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
#define WITNESS "w.example+e533421d+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

ConfigResult parse(const std::string& text) {
    return parse_config(text, "/etc/passerby", environment);
}

std::vector<std::string> messages(const ConfigResult& result) {
    std::vector<std::string> lines;
    for (const auto& e : result.errors) lines.push_back(to_string(e, "p.yaml"));
    return lines;
}

TEST(Config, TakesEverything) {
    const auto result = parse(R"(
data: recordings
http: { listen: "[::1]:9000" }
retention: { days: 7.5, size: 200 GB }
cameras:
  entrance:
    name: Entrance, north
    url: rtsp://10.0.0.5:554/stream?profile=2
    user: viewer
    password: a${CAM_PASSWORD}b$${c
    transport: udp
    audio: keep
    scene: moving
    cover: [persons, faces, vehicles]
    style: vanish
    masks: ["0.1,0.1 0.4,0.1 0.4,0.5", "0,0 1,0 1,1 0,1"]
    retention: { days: 2 }
    enabled: false
  sample:
    url: file:../clips/street.avi
    loop: true
    approval: required
    quiet: encode
    retention: { size: 1.5 GiB }
)");
    ASSERT_THAT(messages(result), IsEmpty());
    const auto& c = result.config;
    EXPECT_EQ(c.data, "/etc/passerby/recordings");
    EXPECT_EQ(c.http.listen.host, "::1");
    EXPECT_EQ(c.http.listen.port, 9000);
    EXPECT_EQ(c.keep, 180h);
    EXPECT_EQ(c.total_bytes, 200'000'000'000u);
    ASSERT_EQ(c.cameras.size(), 2u);
    const auto& entrance = c.cameras[0];
    EXPECT_EQ(entrance.id, "entrance");
    EXPECT_EQ(entrance.name, "Entrance, north");
    EXPECT_EQ(entrance.url, "rtsp://10.0.0.5:554/stream?profile=2");
    EXPECT_EQ(entrance.user, "viewer");
    EXPECT_EQ(entrance.password, "as3cret:@/b${c");
    EXPECT_EQ(entrance.transport, CameraConfig::Transport::udp);
    EXPECT_EQ(entrance.audio, CameraConfig::Audio::keep);
    EXPECT_EQ(entrance.policy.scene, redact::Scene::moving);
    EXPECT_EQ(entrance.policy.style, redact::CoverStyle::vanish);
    EXPECT_THAT(redact::names(entrance.policy.cover), ElementsAre("persons", "faces", "vehicles"));
    ASSERT_EQ(entrance.policy.masks.size(), 2u);
    EXPECT_EQ(entrance.policy.masks[1].size(), 4u);
    EXPECT_FALSE(entrance.enabled);
    EXPECT_EQ(entrance.retention.age, 48h);
    EXPECT_FALSE(entrance.retention.bytes);
    const auto& sample = c.cameras[1];
    EXPECT_EQ(sample.name, "sample");
    EXPECT_EQ(sample.url, "file:/etc/clips/street.avi");
    EXPECT_TRUE(sample.loop);
    EXPECT_TRUE(sample.enabled);
    EXPECT_EQ(sample.policy.scene, redact::Scene::fixed);
    EXPECT_EQ(sample.policy.approval, redact::Approval::required);
    EXPECT_EQ(sample.quiet, camera::Quiet::encode);
    EXPECT_EQ(c.cameras[0].quiet, camera::Quiet::keep);
    EXPECT_EQ(sample.policy.style, redact::CoverStyle::silhouette);
    EXPECT_THAT(redact::names(sample.policy.cover), ElementsAre("persons", "faces", "plates"));
    EXPECT_EQ(sample.retention.age, 180h);  // the default
    EXPECT_EQ(sample.retention.bytes, 1'610'612'736u);

    const auto plan = c.retention_plan();
    EXPECT_EQ(plan.cameras.at("entrance").age, 48h);
    EXPECT_EQ(plan.others.age, 180h);
    EXPECT_EQ(plan.total_bytes, c.total_bytes);
}

TEST(Config, TakesKeyholdersInTheirOrderAndAnEndOfOriginals) {
    const auto b = age::Identity::generate().recipient().to_string();
    const auto result = parse(fmt::format(
        "data: .\nkeyholders:\n  needed: 1\n  keys:\n    z: {}\n    a: {}\nledger: {{ witnesses: [{{ url: "
        "https://w.example, key: {} }}] }}\ncameras:\n  gate:\n    url: file:a.mp4\n    originals: {{ basis: "
        "law, "
        "until: 2030-12-31 }}\n",
        b, KEY, WITNESS));
    ASSERT_THAT(messages(result), IsEmpty());
    const auto& c = result.config;
    ASSERT_TRUE(c.keyholders);
    EXPECT_EQ(c.keyholders->needed, 1);
    EXPECT_EQ(c.keyholders->keys[0].to_string(), b) << "the order of the file is their number";
    EXPECT_EQ(c.cameras[0].originals->basis, "law");
    EXPECT_EQ(to_iso8601(c.cameras[0].originals->until), "2031-01-01T00:00:00Z") << "the last day counts";
    ASSERT_EQ(c.witnesses.size(), 1u);
    EXPECT_EQ(c.witnesses[0].key.to_string(), WITNESS);
}

TEST(Config, TakesWhatIsCountedAndWithWhichBudget) {
    const auto result = parse(
        "data: d\ncameras:\n  gate:\n    url: file:a.mp4\n    activity: { epsilon: 0.25, visits: 3, "
        "interval: 15 min }\n"
        "  yard:\n    url: file:a.mp4\n    activity: { epsilon: 1 }\n  door:\n    url: file:a.mp4\n");
    ASSERT_TRUE(result) << to_string(result.errors[0], "passerby.yaml");
    const auto& gate = result.config.cameras[0].policy.count;
    ASSERT_TRUE(gate);
    EXPECT_EQ(gate->epsilon_thousandths, 250);
    EXPECT_EQ(gate->visits, 3);
    EXPECT_EQ(gate->interval, 15min);
    EXPECT_EQ(result.config.cameras[1].policy.count->visits, 2);
    EXPECT_EQ(result.config.cameras[1].policy.count->interval, 60min);
    EXPECT_FALSE(result.config.cameras[2].policy.count) << "nothing is counted unless somebody says so";
}

TEST(Config, TakesDisksAndTheInputsOfOtherRecorders) {
    const auto result = parse(R"(
data: .
disks: { big: /mnt/big, near: ../near }
retention: { keep_free: 20 GB }
cameras:
  gate:
    inputs:
      - { url: "rtsp://10.0.0.5/main", roles: [record, detect] }
    disk: big
  yard: { url: "file:a.mp4" }
)");
    ASSERT_THAT(messages(result), IsEmpty());
    EXPECT_EQ(result.config.cameras.at(0).url, "rtsp://10.0.0.5/main");
    const auto plan = result.config.disk_plan();
    EXPECT_EQ(plan.folders.at("big"), "/mnt/big");
    EXPECT_EQ(plan.folders.at("near"), "/etc/near");
    EXPECT_THAT(plan.of_camera, ElementsAre(std::pair{"gate", "big"}));
    EXPECT_EQ(result.config.retention_plan().keep_free, 20'000'000'000u);
}

TEST(Config, HasCarefulDefaults) {
    const auto result =
        parse("data: /srv/passerby\ncameras: { a: { url: 'https://[fd00::5]:8443/mjpeg' } }\n");
    ASSERT_THAT(messages(result), IsEmpty());
    EXPECT_EQ(result.config.http.listen.host, "127.0.0.1");
    EXPECT_EQ(result.config.http.listen.port, 8420);
    EXPECT_EQ(result.config.keep, 7 * 24h);
    EXPECT_FALSE(result.config.total_bytes);
    EXPECT_EQ(result.config.cameras[0].transport, CameraConfig::Transport::tcp);
    EXPECT_EQ(result.config.cameras[0].audio, CameraConfig::Audio::drop);

    // Who bounds the size alone wants no other bound.
    const auto sized = parse("data: .\nretention: { size: 5 TB }\ncameras: { a: { url: file:/a.mp4 } }\n");
    EXPECT_EQ(sized.config.keep, std::nullopt);
    EXPECT_EQ(sized.config.data, "/etc/passerby/");
    EXPECT_EQ(sized.config.cameras[0].url, "file:/a.mp4");
}

struct Bad {
    const char* text;
    int line;
    const char* key;
    const char* what;  // a part of the message
    const char* mend;  // another part
};

// A file with one camera, whose keys are `keys`, beginning in line 4.
#define CAMERA(keys) "data: .\ncameras:\n  gate:\n" keys
#define WITH_URL(keys) CAMERA("    url: rtsp://10.0.0.5/stream\n" keys)
#define TOP(keys) keys "data: .\ncameras: { gate: { url: 'rtsp://10.0.0.5/stream' } }\n"

const Bad kBad[] = {
    // The file as a whole.
    {"", 1, "", "is empty", "doc/config.md"},
    {"# nothing\n", 1, "", "is empty", "doc/config.md"},
    {"- data\n", 1, "", "is no section", "data, disks, http, retention, cameras"},
    {"data: [\n", 2, "", "is not YAML", "check quotes"},
    {"data: .\n  cameras: 1\n", 2, "", "is not YAML", "indentation"},
    {"data: .\n---\ndata: .\n", 1, "", "more than one document", "remove the lines ---"},
    // Unknown and repeated keys.
    {TOP("dta: x\n"), 1, "dta", "is not a key", "did you mean 'data'?"},
    {TOP("mqtt: x\n"), 1, "mqtt", "is not a key",
     "the keys here are data, disks, http, retention, cameras, models"},
    {TOP("http:\n  lisen: 127.0.0.1:80\n"), 2, "http.lisen", "is not a key", "did you mean 'listen'?"},
    {TOP("retention: { dyas: 7 }\n"), 1, "retention.dyas", "is not a key", "did you mean 'days'?"},
    {WITH_URL("    pasword: x\n"), 5, "cameras.gate.pasword", "is not a key", "did you mean 'password'?"},
    {WITH_URL("    face_recognition: true\n"), 5, "cameras.gate.face_recognition", "is not a key",
     "the keys here are name"},
    {WITH_URL("    url: rtsp://10.0.0.6/\n"), 5, "cameras.gate.url", "is there twice", "remove one"},
    {"data: .\ncameras:\n  a: { url: file:a }\n  a: { url: file:b }\n", 4, "cameras.a", "is there twice",
     "remove one"},
    // Missing and empty.
    {"cameras: { a: { url: file:a } }\n", 1, "data", "is missing", "such as data: /var/lib/passerby"},
    {"data: .\ncameras:\n", 2, "cameras", "is empty", "the cameras"},
    {"data: .\ncameras:\n  gate:\n", 3, "cameras.gate", "is empty", "url"},
    {CAMERA("    name: Gate\n"), 3, "cameras.gate.url", "is missing", "such as url: rtsp://"},
    {"data:\ncameras: { a: { url: file:a } }\n", 1, "data", "is empty", "give it a value"},
    {"data: [a, b]\ncameras: { a: { url: file:a } }\n", 1, "data", "is a list", "write one value"},
    {TOP("retention: {}\n"), 1, "retention", "is empty", "days, size"},
    {TOP("http: 8420\n"), 1, "http", "is no section", "listen"},
    // The address to listen on.
    {TOP("http: { listen: 8420 }\n"), 1, "http.listen", "is not an address and a port", "127.0.0.1:8420"},
    {TOP("http: { listen: 'localhost:8420' }\n"), 1, "http.listen", "is not an address", "127.0.0.1:8420"},
    {TOP("http: { listen: '127.0.0.1:99999' }\n"), 1, "http.listen", "is not an address", "127.0.0.1:8420"},
    {TOP("http: { listen: '::1:8420' }\n"), 1, "http.listen", "is not an address", "[::]:8420"},
    // Retention.
    {TOP("retention: { days: a week }\n"), 1, "retention.days", "is not a number of days",
     "such as 7 or 0.5"},
    {TOP("retention: { days: 0 }\n"), 1, "retention.days", "cannot be", "above 0"},
    {TOP("retention: { days: -1 }\n"), 1, "retention.days", "cannot be", "above 0"},
    {TOP("retention: { days: .inf }\n"), 1, "retention.days", "is not a number", "such as 7"},
    {TOP("retention: { size: 200 }\n"), 1, "retention.size", "is not a size", "200 GB"},
    {TOP("retention: { size: 200 Gb }\n"), 1, "retention.size", "'200 Gb' is not a size", "200 GB"},
    {TOP("retention: { size: 0 GB }\n"), 1, "retention.size", "cannot be", "above 0"},
    {TOP("retention: { size: -5 GB }\n"), 1, "retention.size", "cannot be", "above 0"},
    {WITH_URL("    retention:\n      size: big\n"), 6, "cameras.gate.retention.size", "is not a size",
     "200 GB"},
    // Cameras.
    {"data: .\ncameras:\n  Gate 1:\n    url: file:a\n", 3, "cameras.Gate 1", "is not a name",
     "a-z, 0-9 and -"},
    {"data: .\ncameras:\n  ../up: { url: file:a }\n", 3, "cameras.../up", "is not a name", "a-z, 0-9 and -"},
    {"data: .\ncameras:\n  - url: file:a\n", 2, "cameras", "is no section", "the cameras"},
    {CAMERA("    url: rtsp://viewer:hunter2@10.0.0.5/\n"), 4, "cameras.gate.url", "has a user or password",
     "user: and password:"},
    {CAMERA("    url: rtsp://viewer@10.0.0.5/\n"), 4, "cameras.gate.url", "has a user or password",
     "user: and password:"},
    {CAMERA("    url: 10.0.0.5\n"), 4, "cameras.gate.url", "is not an address", "rtsp://"},
    {CAMERA("    url: rtsp\n"), 4, "cameras.gate.url", "is not an address", "rtsp://"},
    {CAMERA("    url: ftp://10.0.0.5/\n"), 4, "cameras.gate.url", "is not an address", "https:// or file:"},
    {CAMERA("    url: rtsp:10.0.0.5/\n"), 4, "cameras.gate.url", "is not an address", "rtsp://"},
    {CAMERA("    url: rtsp:///stream\n"), 4, "cameras.gate.url", "names no camera", "after ://"},
    {CAMERA("    url: rtsp://10.0.0.5:70000/\n"), 4, "cameras.gate.url", "port", "1 to 65535"},
    {CAMERA("    url: 'rtsp://10.0.0.5/a b'\n"), 4, "cameras.gate.url", "blank", "%20"},
    {CAMERA("    url: rtsp://${HOST}/\n"), 4, "cameras.gate.url", "environment variable",
     "write the value here"},
    {CAMERA("    url: 'file:'\n"), 4, "cameras.gate.url", "has no path", "path of a video file"},
    {CAMERA("    url: file://host/a.mp4\n"), 4, "cameras.gate.url", "another machine",
     "file:///srv/street.mp4"},
    {CAMERA("    inputs: file:a\n"), 4, "cameras.gate.inputs", "is not a list", "roles: [record]"},
    {CAMERA("    inputs: [{ url: 'file:a', roles: [record, listen] }]\n"), 4,
     "cameras.gate.inputs[0].roles[1]", "'listen' is no role", "record, detect"},
    {CAMERA("    inputs: [{ url: 'file:a', roles: [record] }, { url: 'file:b', roles: [detect] }]\n"), 4,
     "cameras.gate.inputs[1]", "another moment", "Remove it"},
    {CAMERA("    inputs: [{ url: 'file:a', roles: [record] }, { url: 'file:b', roles: [record] }]\n"), 4,
     "cameras.gate.inputs[1]", "second that is recorded", "a camera of its own"},
    {CAMERA("    inputs: [{ roles: [record] }]\n"), 4, "cameras.gate.inputs[0].url", "is missing",
     "where the pictures come from"},
    {WITH_URL("    inputs: [{ url: 'file:a', roles: [record] }]\n"), 4, "cameras.gate.url", "beside inputs",
     "keep one"},
    {CAMERA("    url: rtsp://0.0.0.0/\n"), 4, "cameras.gate.url", "no single device", "the camera's own"},
    {CAMERA("    url: 'rtsp://[ff02::1]/'\n"), 4, "cameras.gate.url", "no single device", "the camera's own"},
    {CAMERA("    url: rtsp://0x0a000005/\n"), 4, "cameras.gate.url", "old spelling", "four decimal numbers"},
    {TOP("camera_networks: 127.0.0.0/8\n"), 1, "camera_networks", "is not a list", "[127.0.0.0/8]"},
    {TOP("camera_networks: [127.0.0.1/8]\n"), 1, "camera_networks[0]", "bits beyond", "first address"},
    {TOP("camera_networks: [here]\n"), 1, "camera_networks[0]", "is not a network", "192.168.7.0/24"},
    // Disks.
    {TOP("disks: { Big One: /mnt }\n"), 1, "disks.Big One", "is not a name", "a-z, 0-9 and -"},
    {WITH_URL("    disk: big\n"), 5, "cameras.gate.disk", "'big' is none of the disks", "below disks:"},
    {TOP("retention: { keep_free: much }\n"), 1, "retention.keep_free", "is not a size", "200 GB"},
    {WITH_URL("    user: a\n    password: ${NOT_THERE}\n"), 6, "cameras.gate.password",
     "NOT_THERE is not set", "before passerby starts"},
    {WITH_URL("    user: ${EMPTY}\n"), 5, "cameras.gate.user", "EMPTY is not set", "before passerby starts"},
    {WITH_URL("    user: ${CAM\n"), 5, "cameras.gate.user", "does not end", "write ${NAME}"},
    {WITH_URL("    password: x\n"), 5, "cameras.gate.password", "without a user", "add the key user:"},
    {WITH_URL("    audio: yes\n"), 5, "cameras.gate.audio", "neither drop nor keep", "audio: drop"},
    {WITH_URL("    transport: quic\n"), 5, "cameras.gate.transport", "is no transport", "tcp or udp"},
    {WITH_URL("    loop: true\n"), 5, "cameras.gate.loop", "for file: only", "remove it"},
    {CAMERA("    url: file:a\n    transport: tcp\n"), 5, "cameras.gate.transport", "for rtsp:// only",
     "remove it"},
    {CAMERA("    url: file:a\n    user: me\n"), 5, "cameras.gate.user", "not for file:", "remove it"},
    {WITH_URL("    enabled: yes\n"), 5, "cameras.gate.enabled", "is neither", "true or false"},
    {WITH_URL("    scene: fixd\n"), 5, "cameras.gate.scene", "'fixd'", "fixed or moving"},
    {WITH_URL("    style: blur\n"), 5, "cameras.gate.style", "'blur'", "silhouette, vanish or block"},
    {WITH_URL("    cover: vanish\n"), 5, "cameras.gate.cover", "'vanish' is a way to draw",
     "write style: vanish"},
    {WITH_URL("    cover: plates\n"), 5, "cameras.gate.cover", "is not a list", "[persons, faces, plates]"},
    {WITH_URL("    cover: []\n"), 5, "cameras.gate.cover", "is not a list", "[persons, faces, plates]"},
    {WITH_URL("    cover: [faces, trees]\n"), 5, "cameras.gate.cover[1]", "'trees'", "write persons, faces"},
    {WITH_URL("    cover:\n      - persons\n      - plates\n"), 5, "cameras.gate.cover", "faces are missing",
     "add faces"},
    {WITH_URL("    approval: yes\n"), 5, "cameras.gate.approval", "'yes'", "none or required"},
    {WITH_URL("    quiet: please\n"), 5, "cameras.gate.quiet", "'please'", "keep or encode"},
    {WITH_URL("    scene: moving\n    quiet: keep\n"), 6, "cameras.gate.quiet", "a moving scene has not",
     "remove it"},
    {WITH_URL("    scene: moving\n    approval: required\n"), 6, "cameras.gate.approval",
     "a moving scene has not", "remove it"},
    {WITH_URL("    masks: 0.1,0.1 0.4,0.1 0.4,0.5\n"), 5, "cameras.gate.masks", "is not a list",
     "[\"0.1,0.1"},
    {WITH_URL("    masks:\n      - 0,0 1,0 1,1\n      - 0,0 1,0\n"), 7, "cameras.gate.masks[1]", "polygon",
     "at least three points"},
    {WITH_URL("    masks: [\"0,0 1,0 1,7\"]\n"), 5, "cameras.gate.masks[0]", "outside 0 to 1",
     "shares of width"},
    {WITH_URL("    activity: { visits: 2 }\n"), 5, "cameras.gate.activity.epsilon", "is missing",
     "the privacy budget of a day, such as epsilon: 1"},
    {WITH_URL("    activity: { epsilon: 0 }\n"), 5, "cameras.gate.activity.epsilon",
     "'0' is not a privacy budget", "from 0.01 to 10"},
    {WITH_URL("    activity: { epsilon: 11 }\n"), 5, "cameras.gate.activity.epsilon",
     "'11' is not a privacy budget", "from 0.01 to 10"},
    {WITH_URL("    activity: { epsilon: 1, visits: 0 }\n"), 5, "cameras.gate.activity.visits", "0", "1"},
    {WITH_URL("    activity: { epsilon: 1, interval: 7 min }\n"), 5, "cameras.gate.activity.interval",
     "'7 min' is not an interval", "15 min"},
    {WITH_URL("    activity: { epsilon: 1, interval: 1 h }\n"), 5, "cameras.gate.activity.interval",
     "'1 h' is not an interval", "60 min"},
    {WITH_URL("    scene: moving\n    activity: { epsilon: 1 }\n"), 6, "cameras.gate.activity",
     "needs a camera that stands still", "remove it"},
    {WITH_URL("    originals: { basis: law, until: 2030-12-31 }\n"), 5, "cameras.gate.originals",
     "needs those who can open them", "add the section keyholders"},
    {WITH_URL("keyholders:\n  needed: 1\n"), 5, "keyholders", "has no keys", "NAME: age1"},
    {WITH_URL("keyholders:\n  keys: { a: " KEY " }\n"), 5, "keyholders.needed", "is missing", "needed: 2"},
    {WITH_URL("keyholders:\n  needed: 2\n  keys: { a: " KEY " }\n"), 5, "keyholders", "2 of 1", "needed"},
    {WITH_URL("keyholders:\n  needed: 2\n  keys: { a: " KEY ", b: " KEY " }\n"), 5, "keyholders",
     "two keyholders have the same key", KEY},
    {WITH_URL("keyholders:\n  needed: 1\n  keys: { a: "
              "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0 }\n"),
     7, "keyholders.keys.a", "another kind of key", "age1"},
    {WITH_URL("    originals: { basis: law, until: soon }\n") "keyholders: { needed: 1, keys: { a: " KEY
                                                              " } }\n",
     5, "cameras.gate.originals.until", "'soon' is not a day", "2027-06-30"},
    {WITH_URL("    originals: { until: 2030-12-31 }\n") "keyholders: { needed: 1, keys: { a: " KEY " } }\n",
     5, "cameras.gate.originals.basis", "is missing", "the law or the agreement"},
    {WITH_URL("ledger: { witnesses: x }\n"), 5, "ledger.witnesses", "is not a list", "url:"},
    {WITH_URL("ledger: { witnesses: [{ url: ftp://x, key: " WITNESS " }] }\n"), 5, "ledger.witnesses[0].url",
     "is not an address", "https://"},
    {WITH_URL("ledger: { witnesses: [{ url: https://x, key: nonsense }] }\n"), 5, "ledger.witnesses[0].key",
     "is no public key of a ledger", "NAME+"},
    {WITH_URL("    name: \"two\\nlines\"\n"), 5, "cameras.gate.name", "is not a name", "one line"},
};

TEST(Config, CamerasMayBeSetInTheAppInstead) {
    const auto result = parse("data: /d\n");
    EXPECT_THAT(messages(result), IsEmpty());
    EXPECT_THAT(result.config.cameras, IsEmpty());
}

TEST(Config, SaysWhatTheSiteTellsItsPassersBy) {
    const auto result = parse(R"(
data: /d
cameras: { a: { url: "file:a.mp4" } }
about:
  operator: Town of Example
  contact: { en: "privacy@example.org", de: "datenschutz@example.org" }
  purpose: { de: Sicherheit }
  address: https://cctv.example.org/
)");
    ASSERT_THAT(messages(result), IsEmpty());
    const auto& about = result.config.about;
    EXPECT_EQ(about.operated_by.english, "Town of Example");
    EXPECT_EQ(about.operated_by.german, "Town of Example");
    EXPECT_EQ(about.contact.german, "datenschutz@example.org");
    EXPECT_EQ(about.purpose.english, "");
    EXPECT_EQ(about.address, "https://cctv.example.org");
    EXPECT_THAT(about.missing(), ElementsAre("legal_basis"));
    const auto wrong = parse(R"(
data: /d
cameras: { a: { url: "file:a.mp4" } }
about:
  purpose: { fr: sécurité }
  address: cctv.example.org
  phone: "123"
)");
    EXPECT_THAT(messages(wrong),
                ElementsAre(HasSubstr("p.yaml:5: about.purpose.fr: is not a key"),
                            HasSubstr("p.yaml:6: about.address: 'cctv.example.org' is not an "
                                      "address; write"),
                            HasSubstr("p.yaml:7: about.phone: is not a key")));
}

TEST(Config, EveryErrorNamesLineKeyAndMend) {
    for (const auto& bad : kBad) {
        SCOPED_TRACE(bad.text);
        const auto result = parse(bad.text);
        ASSERT_EQ(result.errors.size(), 1u) << ::testing::PrintToString(messages(result));
        const auto& e = result.errors.front();
        EXPECT_EQ(e.line, bad.line);
        EXPECT_EQ(e.key, bad.key);
        EXPECT_THAT(e.what, HasSubstr(bad.what));
        EXPECT_THAT(e.what, HasSubstr(bad.mend));
        EXPECT_EQ(e.what.find("hunter2"), std::string::npos);
        EXPECT_FALSE(result);
    }
}

TEST(Config, ReportsAllErrorsAtOnceInTheOrderOfTheFile) {
    const auto result = parse(
        "cameras:\n"
        "  a:\n"
        "    scene: sometimes\n"
        "    url: file:a.mp4\n"
        "    colour: red\n"
        "retention:\n"
        "  days: none\n"
        "data: .\n");
    EXPECT_THAT(
        messages(result),
        ElementsAre(
            HasSubstr("p.yaml:3: cameras.a.scene: 'sometimes'"),
            HasSubstr("p.yaml:5: cameras.a.colour: is not a key"),
            "p.yaml:7: retention.days: 'none' is not a number of days; write a number such as 7 or 0.5"));
}

TEST(Config, AFileThatIsNotThere) {
    EXPECT_THAT(messages(load_config("/no/such/passerby.yaml")),
                ElementsAre(HasSubstr(
                    "cannot open '/no/such/passerby.yaml': No such file or directory; check the name")));
}

TEST(Config, TakesTheEnvironmentOfTheProcess) {
    ::setenv("PASSERBY_CONFIG_TEST", "value", 1);
    EXPECT_EQ(process_environment()("PASSERBY_CONFIG_TEST"), "value");
    ::unsetenv("PASSERBY_CONFIG_TEST");
    EXPECT_EQ(process_environment()("PASSERBY_CONFIG_TEST"), std::nullopt);
}

}  // namespace
}  // namespace passerby::app
