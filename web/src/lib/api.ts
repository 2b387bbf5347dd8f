import type { Answer } from './opening';
import type { GivenShares } from './opening_finish';
import type { AskedOpening } from './opening_request';
import { t } from './strings';
import type {
  Activity, Camera, CameraBody, CameraTrial, FoundDevice, FoundStream, Gap, Grant, Health, Ledger, LedgerEntry, Login, Masks, Opening, Part, Places,
  Protection, Purpose, RecordedHour, Scene, Sealed, SecondFactor, Segment, Session, Settings,
  TimelineAnswer, Token, UseReport, User,
} from './types';

/** A refused or failed call. `status` is 0 when the recorder did not answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter: number | null = null,
    /** A code is needed, too. */
    readonly secondFactor = false,
  ) {
    super(message);
  }
}

type Listener = () => void;
let onSignedOut: Listener = () => {};
let onDenied: Listener = () => {};

/** Called whenever the recorder says that there is no session any more. */
export function whenSignedOut(listener: Listener): void {
  onSignedOut = listener;
}

/** Called whenever the recorder refuses what a page asked for: the roles may have changed meanwhile. */
export function whenDenied(listener: Listener): void {
  onDenied = listener;
}

async function errorOf(response: Response): Promise<ApiError> {
  const retry = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  let message = t.errors.status(response.status);
  let secondFactor = false;
  try {
    const body: unknown = await response.json();
    if (body && typeof body === 'object' && 'error' in body && typeof body.error === 'string') message = t.errors.said(body.error);
    secondFactor = !!body && typeof body === 'object' && 'second_factor' in body;
  } catch {
    // Not JSON: a proxy in between answered. The status says enough.
  }
  return new ApiError(response.status, message, Number.isFinite(retry) ? retry : null, secondFactor);
}

/** Where 401 may mean a wrong password rather than that there is no session. */
const kTakesPassword = ['/api/login', '/api/password', '/api/second-factor', '/api/second-factor/end'];

/** Resolves with an answer of status 2xx, and throws an ApiError otherwise. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, t.errors.unreachable);
  }
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401 && !kTakesPassword.includes(path)) onSignedOut();
  if (error.status === 403 && !kTakesPassword.includes(path)) onDenied();
  throw error;
}

const get = async <T>(path: string): Promise<T> => (await request(path)).json() as Promise<T>;

const post = (path: string, body?: unknown): Promise<Response> =>
  request(path, {
    method: 'POST',
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });

/** Milliseconds to what the API takes: whole seconds where possible. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

const made = async <T>(path: string, body: unknown): Promise<T> => (await post(path, body)).json() as Promise<T>;

const camera = (id: string): string => `/api/cameras/${encodeURIComponent(id)}`;
const cameraSettings = (id: string): string => `/api/settings/cameras/${encodeURIComponent(id)}`;
const user = (name: string): string => `/api/users/${encodeURIComponent(name)}`;
const span = (from: number, to: number): string => `?from=${isoTime(from)}&to=${isoTime(to)}`;

export const playlistUrl = (id: string, from: number, to: number): string => `${camera(id)}/playlist.m3u8${span(from, to)}`;
export const useUrl = (from: number, to: number, format: 'csv' | 'text'): string => `/api/use${span(from, to)}&format=${format}`;
export const openingRequestUrl = (id: string): string => `/api/openings/${id}/request.json`;
export const sealedPartUrl = (id: string, number: number): string => `/api/openings/${id}/part?number=${number}`;
export const exportUrl = (id: string, from: number, to: number): string => `${camera(id)}/export${span(from, to)}`;

export const scenePictureUrl = (id: string, sha256: string): string => `${camera(id)}/scene.png?sha256=${sha256}`;

export function liveUrl(id: string): string {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}${camera(id)}/live`;
}

/** A keyholder's: it needs no account, since the token in it is the right to give it. */
export const answerOpening = async (answer: Answer) =>
  (await post(`/api/openings/${encodeURIComponent(answer.request)}/answer`, answer)).json() as Promise<{
    state: string;
    needed: number;
    approvals: number;
  }>;

export const api = {
  openings: () => get<Opening[]>('/api/openings'),
  requestOpening: async (asked: AskedOpening) => (await post('/api/openings', asked)).json() as Promise<Opening>,
  openOriginals: async (id: string) => (await post(`/api/openings/${id}/open`, {})).json() as Promise<{ answers: GivenShares[] }>,
  session: () => get<Session>('/api/session'),
  /** `code`: of the second factor, or "". */
  login: (user: string, password: string, code: string) => made<Session>('/api/login', { user, password, ...(code ? { code } : {}) }),
  secondFactor: () => get<SecondFactor>('/api/second-factor'),
  setSecondFactor: async (wish: { password: string; code?: string; secret: string; first_code: string }) =>
    (await made<{ recovery_codes: string[] }>('/api/second-factor', wish)).recovery_codes,
  endSecondFactor: (password: string, code: string) => post('/api/second-factor/end', { password, code }),
  endSecondFactorOf: (name: string) => post(`${user(name)}/second-factor/end`, {}),
  logout: () => post('/api/logout'),
  changePassword: (old: string, next: string) => post('/api/password', { old, new: next }),
  cameras: () => get<Camera[]>('/api/cameras'),
  health: () => get<Health>('/api/health'),
  scene: (id: string) => get<Scene>(`${camera(id)}/scene`),
  approveScene: async (id: string, picture: string, refused: Part[]) =>
    (await post(`${camera(id)}/scene/approve`, { picture, refused })).json() as Promise<Scene>,
  masks: (id: string) => get<Masks>(`${camera(id)}/masks`),
  setMasks: async (id: string, areas: Part[]) => (await post(`${camera(id)}/masks`, { areas })).json() as Promise<Masks>,
  agreeToMasks: async (id: string, version: number) =>
    (await post(`${camera(id)}/masks/agree`, { id: version })).json() as Promise<Masks>,
  places: (id: string) => get<Places>(`${camera(id)}/places`),
  setPlaces: (id: string, places: ({ id: number } | { name: string; points: Part })[]) => made<Places>(`${camera(id)}/places`, { places }),
  activity: (id: string, from: number, to: number) => get<Activity>(`${camera(id)}/activity${span(from, to)}`),
  withdrawScene: async (id: string) => (await post(`${camera(id)}/scene/withdraw`, {})).json() as Promise<Scene>,
  users: () => get<User[]>('/api/users'),
  /** `password`: for one login. */
  addUser: (name: string, grant: Grant) => made<User & { password: string }>('/api/users', { name, ...grant }),
  setUser: (name: string, grant: Grant) => made<User>(user(name), grant),
  resetUser: async (name: string) => (await made<{ password: string }>(`${user(name)}/reset`, {})).password,
  removeUser: (name: string) => post(`${user(name)}/remove`, {}),
  logins: () => get<Login[]>('/api/sessions'),
  endLogin: (id: string) => post('/api/sessions/end', { id }),
  tokens: () => get<Token[]>('/api/tokens'),
  addToken: async (name: string, grant: Grant, expires: number) =>
    (await made<{ token: string }>('/api/tokens', { name, ...grant, expires: isoTime(expires) })).token,
  endToken: (id: number) => post('/api/tokens/end', { id }),

  settings: () => get<Settings>('/api/settings'),
  setCamera: (id: string, body: CameraBody) => made<Settings>(cameraSettings(id), body),
  removeCamera: (id: string) => made<Settings>(`${cameraSettings(id)}/remove`, {}),
  testCamera: (id: string, body: CameraBody) => made<CameraTrial>(`${cameraSettings(id)}/test`, body),
  findCameras: async () => (await made<{ devices: FoundDevice[] }>('/api/settings/discover', {})).devices,
  findStreams: async (address: string, user: string, password: string) =>
    (await made<{ streams: FoundStream[] }>('/api/settings/streams', { address, user, password })).streams,
  setRetention: (days: number | null, size: string | null) => made<Settings>('/api/settings/retention', { days, size }),
  agreeToSettings: (id: number) => made<Settings>('/api/settings/agree', { id }),

  days: (id: string) => get<string[]>(`${camera(id)}/days`),
  hours: (id: string, from: number, to: number) => get<RecordedHour[]>(`${camera(id)}/hours${span(from, to)}`),

  ledger: () => get<Ledger>('/api/ledger'),
  entries: (before?: number) =>
    get<{ size: number; entries: LedgerEntry[] }>(`/api/ledger/entries?count=50${before === undefined ? '' : `&before=${before}`}`),
  use: (from: number, to: number) => get<UseReport>(`/api/use${span(from, to)}`),
  statePurpose: (purpose: Purpose) => post('/api/purpose', { purpose }),
  protect: (id: string, from: number, to: number, reason: string, until: number) =>
    post(`${camera(id)}/protect`, { from: isoTime(from), to: isoTime(to), reason, until: isoTime(until) }),
  unprotect: (id: string, protection: number) => post(`${camera(id)}/unprotect`, { id: protection }),
  protections: async (id: string, from: number, to: number): Promise<Protection[]> =>
    (await get<TimelineAnswer>(`${camera(id)}/timeline${span(from, to)}`)).protected,

  async timeline(id: string, from: number, to: number): Promise<{ segments: Segment[]; gaps: Gap[]; sealed: Sealed[] }> {
    const answer = await get<TimelineAnswer>(`${camera(id)}/timeline${span(from, to)}`);
    return {
      segments: answer.segments.map((s) => ({ ...s, start: Date.parse(s.start), end: Date.parse(s.end) })),
      gaps: answer.gaps.map((g) => ({ ...g, start: Date.parse(g.start), end: g.end ? Date.parse(g.end) : null })),
      sealed: answer.sealed.map((s) => ({ start: Date.parse(s.start), end: Date.parse(s.end) })),
    };
  },
};
