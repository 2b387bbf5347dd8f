// The tables of the catalogue. doc/format/catalogue.md says what they mean.
#pragma once

#include <array>

namespace passerby::store {

constexpr int kApplicationId = 0x70736279;  // "psby", so that `file` and we know it

// The first version, and what each later one changed.
constexpr std::array<const char*, 10> kSchema{R"sql(
CREATE TABLE camera (
    id            TEXT PRIMARY KEY,
    recorded_from INTEGER,
    deleted_until INTEGER,
    bytes         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE segment (
    id             INTEGER PRIMARY KEY,
    camera         TEXT NOT NULL REFERENCES camera (id),
    start          INTEGER NOT NULL,
    end            INTEGER NOT NULL CHECK (end > start),
    media_start    INTEGER NOT NULL,
    media_duration INTEGER NOT NULL CHECK (media_duration >= 0),
    clock_error    INTEGER NOT NULL,
    bytes          INTEGER NOT NULL CHECK (bytes > init_bytes),
    init_bytes     INTEGER NOT NULL CHECK (init_bytes > 0),
    width          INTEGER NOT NULL,
    height         INTEGER NOT NULL,
    codec          TEXT NOT NULL,
    frames         INTEGER NOT NULL,
    covered        REAL NOT NULL CHECK (covered BETWEEN 0 AND 1)
) STRICT;
CREATE UNIQUE INDEX segment_of_camera ON segment (camera, start);
CREATE INDEX segment_in_time ON segment (start);
CREATE TRIGGER segment_comes AFTER INSERT ON segment BEGIN
    UPDATE camera SET bytes = bytes + new.bytes, recorded_from = coalesce(recorded_from, new.start) WHERE id = new.camera;
END;
CREATE TRIGGER segment_goes AFTER DELETE ON segment BEGIN
    UPDATE camera SET bytes = bytes - old.bytes WHERE id = old.camera;
END;

CREATE TABLE writing (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    camera      TEXT NOT NULL UNIQUE REFERENCES camera (id),
    start       INTEGER NOT NULL,
    media_start INTEGER NOT NULL,
    clock_error INTEGER NOT NULL,
    init_bytes  INTEGER NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    codec       TEXT NOT NULL
) STRICT;

CREATE TABLE garbage (
    id     INTEGER PRIMARY KEY,
    camera TEXT NOT NULL,
    start  INTEGER NOT NULL
) STRICT;

CREATE TABLE gap (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    camera TEXT NOT NULL REFERENCES camera (id),
    start  INTEGER NOT NULL,
    end    INTEGER CHECK (end > start),
    cause  TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX gap_of_camera ON gap (camera, start);
CREATE UNIQUE INDEX gap_that_lasts ON gap (camera) WHERE end IS NULL;

CREATE TABLE user (
    name        TEXT PRIMARY KEY,
    password    TEXT NOT NULL,
    must_change INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    token   BLOB PRIMARY KEY,
    user    TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL
) STRICT;
CREATE INDEX session_of_user ON session (user);
)sql",
                                              R"sql(
CREATE TABLE approval (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    camera       TEXT NOT NULL,
    at           INTEGER NOT NULL,
    user         TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    picture      BLOB NOT NULL,
    refused      TEXT NOT NULL,
    withdrawn    INTEGER,
    withdrawn_by TEXT,
    CHECK ((withdrawn IS NULL) = (withdrawn_by IS NULL))
) STRICT;
CREATE INDEX approval_of_camera ON approval (camera, id);
)sql",
                                              R"sql(
CREATE TABLE policy (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
ALTER TABLE segment ADD COLUMN sha256 BLOB CHECK (length(sha256) = 32);
ALTER TABLE segment ADD COLUMN policy INTEGER REFERENCES policy (id);
ALTER TABLE segment ADD COLUMN batch INTEGER;
CREATE INDEX segment_without_batch ON segment (id) WHERE batch IS NULL AND sha256 IS NOT NULL;
ALTER TABLE writing ADD COLUMN policy INTEGER REFERENCES policy (id);
ALTER TABLE gap ADD COLUMN batch INTEGER;
CREATE INDEX gap_without_batch ON gap (id) WHERE batch IS NULL;

ALTER TABLE camera ADD COLUMN policy INTEGER REFERENCES policy (id);

CREATE TABLE protection (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    camera   TEXT NOT NULL,
    start    INTEGER NOT NULL,
    end      INTEGER NOT NULL CHECK (end > start),
    reason   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    user     TEXT NOT NULL,
    until    INTEGER NOT NULL,
    ended    INTEGER,
    ended_by TEXT,
    CHECK ((ended IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE INDEX protection_of_camera ON protection (camera, start);

CREATE TABLE ledger (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    size       INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    place      TEXT NOT NULL
) STRICT;

CREATE TABLE disk (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT NOT NULL
) STRICT;
)sql",
                                              R"sql(
CREATE TABLE keyholders (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sealed (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    camera     TEXT NOT NULL REFERENCES camera (id),
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL CHECK (end > start),
    bytes      INTEGER NOT NULL CHECK (bytes > 0),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    keyholders INTEGER NOT NULL REFERENCES keyholders (id),
    batch      INTEGER
) STRICT;
CREATE INDEX sealed_of_camera ON sealed (camera, end);
CREATE UNIQUE INDEX sealed_by_start ON sealed (camera, start);
CREATE INDEX sealed_without_batch ON sealed (id) WHERE batch IS NULL;
CREATE TRIGGER sealed_comes AFTER INSERT ON sealed BEGIN
    UPDATE camera SET bytes = bytes + new.bytes WHERE id = new.camera;
END;
CREATE TRIGGER sealed_goes AFTER DELETE ON sealed BEGIN
    UPDATE camera SET bytes = bytes - old.bytes WHERE id = old.camera;
END;

CREATE TABLE sealed_garbage (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    camera  TEXT NOT NULL,
    start   INTEGER NOT NULL,
    writing INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE opening (
    id      TEXT PRIMARY KEY,
    camera  TEXT NOT NULL,
    start   INTEGER NOT NULL,
    end     INTEGER NOT NULL CHECK (end > start),
    made    INTEGER NOT NULL,
    expires INTEGER NOT NULL CHECK (expires > made),
    user    TEXT NOT NULL,
    needed  INTEGER NOT NULL CHECK (needed > 0),
    request TEXT NOT NULL,
    opened  INTEGER
) STRICT;
CREATE INDEX opening_in_time ON opening (made);

CREATE TABLE opening_keyholder (
    opening   TEXT NOT NULL REFERENCES opening (id),
    keyholder INTEGER NOT NULL CHECK (keyholder > 0),
    token     TEXT NOT NULL,
    approved  INTEGER,
    at        INTEGER,
    shares    TEXT,
    PRIMARY KEY (opening, keyholder),
    CHECK ((at IS NULL) = (approved IS NULL) AND (at IS NULL) = (shares IS NULL))
) STRICT, WITHOUT ROWID;
)sql",
                                              R"sql(
CREATE TABLE disks (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    folder TEXT NOT NULL,
    mark   TEXT NOT NULL
) STRICT;
INSERT INTO disks SELECT 0, '', '', id FROM disk;
DROP TABLE disk;
ALTER TABLE disks RENAME TO disk;

ALTER TABLE segment ADD COLUMN disk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE garbage ADD COLUMN disk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sealed ADD COLUMN disk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sealed_garbage ADD COLUMN disk INTEGER NOT NULL DEFAULT 0;
CREATE INDEX segment_of_disk ON segment (disk, start);

-- Without UNIQUE (camera): what a crash left on a disk that is not there waits for it.
CREATE TABLE writing_on (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    camera      TEXT NOT NULL REFERENCES camera (id),
    start       INTEGER NOT NULL,
    media_start INTEGER NOT NULL,
    clock_error INTEGER NOT NULL,
    init_bytes  INTEGER NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    codec       TEXT NOT NULL,
    policy      INTEGER REFERENCES policy (id),
    disk        INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO writing_on SELECT id, camera, start, media_start, clock_error, init_bytes, width, height, codec, policy, 0
    FROM writing;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'writing') WHERE name = 'writing_on';
INSERT INTO sqlite_sequence (name, seq) SELECT 'writing_on', seq FROM sqlite_sequence WHERE name = 'writing'
    AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'writing_on');
DROP TABLE writing;
ALTER TABLE writing_on RENAME TO writing;
)sql",
                                              R"sql(
ALTER TABLE user ADD COLUMN roles TEXT NOT NULL DEFAULT 'operator administrator';
ALTER TABLE user ADD COLUMN cameras TEXT;
ALTER TABLE user ADD COLUMN created INTEGER NOT NULL DEFAULT 0;

CREATE TABLE token (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB NOT NULL UNIQUE,
    user    TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    roles   TEXT NOT NULL,
    cameras TEXT,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL CHECK (expires > created),
    used    INTEGER
) STRICT;
CREATE INDEX token_of_user ON token (user);

CREATE TABLE mask_version (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    camera    TEXT NOT NULL,
    user      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    areas     TEXT NOT NULL,
    agreed    INTEGER,
    agreed_by TEXT,
    CHECK ((agreed IS NULL) = (agreed_by IS NULL))
) STRICT;
CREATE INDEX mask_version_of_camera ON mask_version (camera, id);
)sql",
                                              R"sql(
CREATE TABLE second_factor (
    user   TEXT PRIMARY KEY REFERENCES user (name) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    step   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE recovery_code (
    hash BLOB PRIMARY KEY,
    user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_code_of_user ON recovery_code (user);
)sql",
                                              R"sql(
ALTER TABLE segment ADD COLUMN kept INTEGER CHECK (kept BETWEEN 0 AND frames);
)sql",
                                              R"sql(
CREATE TABLE place (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    camera     TEXT NOT NULL,
    name       TEXT NOT NULL,
    points     TEXT NOT NULL,
    drawn      INTEGER NOT NULL,
    drawn_by   TEXT NOT NULL,
    removed    INTEGER,
    removed_by TEXT,
    CHECK ((removed IS NULL) = (removed_by IS NULL))
) STRICT;
CREATE INDEX place_of_camera ON place (camera, id);

CREATE TABLE activity (
    place        INTEGER NOT NULL REFERENCES place (id),
    start        INTEGER NOT NULL,
    end          INTEGER NOT NULL CHECK (end > start),
    persons_in   INTEGER NOT NULL,
    persons_out  INTEGER NOT NULL,
    vehicles_in  INTEGER NOT NULL,
    vehicles_out INTEGER NOT NULL,
    scale_of     INTEGER NOT NULL CHECK (scale_of > 0),
    scale_by     INTEGER NOT NULL CHECK (scale_by > 0),
    PRIMARY KEY (place, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_in_time ON activity (end);
)sql",
                                              R"sql(
CREATE INDEX segment_in_hours ON segment (camera, start, end, covered);
)sql"};
constexpr int kSchemaVersion = kSchema.size();

}  // namespace passerby::store
