// The shapes of doc/api.md. Times in these are ISO 8601 in UTC; inside the app they are milliseconds since 1970.

export type CameraState = 'starting' | 'live' | 'unreachable' | 'off';

export interface Camera {
  id: string;
  name: string;
  state: CameraState;
  since: string | null;
  size: [number, number] | null;
  fps: number | null;
  /** Shares of the last frame, 0–1. */
  covered: number | null;
  proven: number | null;
  scene: string;
  style: string;
  cover: string[];
  /** Whether the scene is shown only where a person approved it; the share that is proven and may be shown. */
  approval: 'none' | 'required';
  approved: number | null;
  /** Null: what the camera sends is never written. */
  originals: Originals | null;
  audio: 'dropped' | 'kept';
  /** Null: nobody is counted. */
  counting: Counting | null;
  /** Why the whole frame is covered, or "". */
  doubt: string;
  /** Frames left out since its process began, because the machine did not keep up. */
  dropped: number;
  /** How often the detectors look, of what they would, 0–1. */
  pace: number;
  /** Why the camera cannot be reached, or "". */
  error: string;
  first: string | null;
  last: string | null;
}

/** What is set of a camera. `fixed`: by the config file. */
export interface CameraSettings {
  id: string;
  fixed: boolean;
  name: string;
  url: string;
  user: string;
  has_password: boolean;
  transport: 'tcp' | 'udp';
  scene: 'fixed' | 'moving';
  cover: string[];
  style: 'silhouette' | 'vanish' | 'block';
  approval: 'none' | 'required';
  audio: 'keep' | 'drop';
  retention: { days: number | null; size: number | null };
  own_retention: boolean;
  enabled: boolean;
  bytes: number;
  /** As measured; null: there is too little yet to say. */
  bytes_per_day: number | null;
}

/** Less protection that somebody proposes; `camera` null: of all recordings. */
export interface SettingsProposal {
  id: number;
  camera: string | null;
  change: 'added' | 'changed' | 'removed';
  fields: string[];
  by: string;
  at: string;
  yours: boolean;
}

export interface Settings {
  cameras: CameraSettings[];
  retention: { fixed: boolean; days: number | null; size: number | null };
  disk: { free: number; total: number };
  used: number;
  waits: SettingsProposal[];
}

/** What the recorder takes for a camera: the keys of its config. */
export interface CameraBody {
  name: string;
  url: string;
  user: string;
  password?: string;
  transport?: 'tcp' | 'udp';
  scene: 'fixed' | 'moving';
  cover: string[];
  style: CameraSettings['style'];
  approval?: 'none' | 'required';
  audio?: 'keep' | 'drop';
  retention: { days?: number; size?: string };
  enabled: boolean;
}

/** A camera on the network, and what it can send. */
export interface FoundDevice {
  name: string;
  address: string;
}
export interface FoundStream {
  name: string;
  url: string;
  size: [number, number] | null;
}

/** What came of trying a camera out. `picture`: an MP4 in base64. */
export type CameraTrial =
  | { ok: true; size: [number, number]; codec: string; covered: number; picture: string }
  | { ok: false; trouble: string; error: string };

/** A part of the picture: polygon in shares of width and height, "x,y x,y x,y". */
export type Part = string;

/** A save of the areas of a camera; `agreed` null: it waits for a second person, or another came before. */
export interface MaskVersion {
  id: number;
  at: string;
  by: string;
  areas: Part[];
  agreed: { at: string; by: string } | null;
}

/** What is always covered: `fixed` by the config, `areas` drawn in the app. */
export interface Masks {
  fixed: Part[];
  areas: Part[];
  waits: number | null;
  versions: MaskVersion[];
}

/** With which noise it is counted how many cross lines and zones (doc/activity.md). */
export interface Counting {
  epsilon: number;
  visits: number;
  counts_of_a_visit: number;
  interval_s: number;
  error: number;
}

export interface Place {
  id: number;
  name: string;
  kind: 'line' | 'zone';
  points: Part;
  at: string;
  by: string;
  removed: string | null;
}

export interface Places {
  counting: Counting | null;
  places: Place[];
}

/** Over a line to its right, or into a zone; and back. */
export interface Ways {
  in: number;
  out: number;
}

export interface ActivityNumber {
  place: number;
  from: string;
  to: string;
  persons: Ways;
  vehicles: Ways;
  scale: number;
  error: number;
}

export interface Activity extends Places {
  numbers: ActivityNumber[];
}

export interface Approval {
  sha256: string;
  at: string;
  by: string;
  refused: Part[];
  withdrawn: { at: string; by: string } | null;
}

export interface Scene {
  approval: 'none' | 'required';
  proven: number;
  approved: number;
  doubt: string;
  /** What is proven now, for a person to approve. */
  picture: { sha256: string; at: string } | null;
  /** The newest first. */
  approvals: Approval[];
}

/** Who can open what the camera sent, where it is kept at all. */
export interface Originals {
  needed: number;
  keyholders: number;
  set: string;
  basis: string;
  until: string;
}

export interface Opening {
  id: string;
  camera: string;
  from: string;
  to: string;
  by: string;
  made: string;
  expires: string;
  state: 'waiting' | 'approved' | 'refused' | 'expired' | 'opened';
  needed: number;
  keyholders: number;
  answers: { keyholder: number; answer: 'approve' | 'refuse'; at: string }[];
  opened: string | null;
}

export const roles = ['viewer', 'operator', 'keyholder', 'auditor', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** What a person or a script may do. `cameras` null: all, those to come too. */
export interface Grant {
  roles: Role[];
  cameras: string[] | null;
}

export interface Session extends Grant {
  user: string;
  must_change_password: boolean;
  must_set_second_factor: boolean;
}

/** One's own. */
export interface SecondFactor {
  on: boolean;
  required: boolean;
  /** That are left. */
  recovery_codes: number;
  /** A new one, in base32. */
  secret: string;
}

/** A disk that recordings are on; the data folder's own has no name. */
export interface Disk {
  name: string;
  folder: string;
  free: number;
  total: number;
  /** Why it is not there, or "". */
  error: string;
}

export interface User extends Grant {
  name: string;
  must_change_password: boolean;
  second_factor: boolean;
  /** Null: before this was kept. */
  created: string | null;
}

/** Where somebody is signed in. */
export interface Login {
  id: string;
  created: string;
  used: string;
  current: boolean;
}

export interface Token extends Grant {
  id: number;
  name: string;
  created: string;
  expires: string;
  used: string | null;
}

export interface Health {
  version: string;
  started: string;
  uptime_s: number;
  disk: { free: number; total: number };
  disks: Disk[];
  cameras: Record<string, CameraState>;
}

export const purposes = ['unstated', 'incident', 'request', 'maintenance', 'training', 'audit'] as const;
export type Purpose = (typeof purposes)[number];

export interface Ledger {
  origin: string;
  key: string;
  size: number;
  /** The pseudonym of who is logged in. */
  you: string;
  purpose: Purpose;
  /** Why nothing can be put on the record, or "". */
  error: string;
}

export interface LedgerEntry {
  index: number;
  time: string;
  kind: string;
  words: string;
  [field: string]: unknown;
}

export type Counts = Record<string, number>;

export interface UseReport {
  by_what: Counts;
  by_camera: Record<string, { live: number; view: number; export: number; opening: number }>;
  never_looked_at: string[];
  by_who: Counts;
  by_role: Counts;
  by_purpose: Counts;
  by_hour_utc: number[];
  policy_changes: { time: string; camera: string; what: string }[];
  failed_logins: number;
  recordings_on_record: number;
  persons_identified: 0;
}

export interface Protection {
  id: number;
  start: string;
  end: string;
  reason: string;
  by: string;
  until: string;
  ended: { at: string; by: string } | null;
}

export interface TimelineAnswer {
  segments: { id: number; start: string; end: string; covered: number; kept: number | null }[];
  gaps: { start: string; end: string | null; cause: string; detail: string }[];
  protected: Protection[];
  sealed: { start: string; end: string }[];
}

/** As the API sends it. */
export interface RecordedHour {
  start: string;
  recorded_s: number;
  covered: number;
}

/** A stretch of recording; times in milliseconds since 1970, `covered` the mean share of the picture, 0–1. */
export interface Segment {
  id: number;
  start: number;
  end: number;
  covered: number;
}

/** A stretch of which the original is kept, sealed. */
export interface Sealed {
  start: number;
  end: number;
}

/** A stretch without recording. `end` is null while it lasts. */
export interface Gap {
  start: number;
  end: number | null;
  cause: string;
  detail: string;
}
