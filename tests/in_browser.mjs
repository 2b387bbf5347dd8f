// What the tests of the pages share: a recorder that plays the sample footage, and a browser's window that looks at it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const kRoot = fileURLToPath(new URL('..', import.meta.url));
export const kProgram = resolve(process.argv[2] ?? join(kRoot, 'build/release/passerby'));
export const kFootage = join(kRoot, '.deps/sample/vtest.avi');
export const kScreenshots = join(kRoot, 'build/screenshots');
const kBrowser = process.env.CHROMIUM ?? '/usr/bin/chromium';
const kBrowserArguments = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];
// So it is gone with this test, however that ends.
export const kWithUs = ['setpriv', '--pdeathsig', 'KILL'];
export const kPassword = 'a password of my own';
// Far more than anything takes: on a busy machine this should be slow rather than wrong.
/** What is counted in a minute of the clock is told after two at most. */
const kPatienceMs = 180_000;
/** A cover that moves changes brightness by more than this, and more than so many of the grid's cells; noise does not. */
const kBrightnessStep = 25;
const kCellsOfMotion = 8;
/** A picture of one colour has less contrast (standard deviation of brightness). */
export const kLeastContrast = 10;

export async function waitFor(what, condition) {
  const deadline = Date.now() + kPatienceMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not after ${kPatienceMs / 1000} s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** `passerby serve`, on a data folder of its own. */
export class Recorder {
  folder = mkdtempSync(join(tmpdir(), 'passerby-'));
  printed = '';
  log = '';

  /** `config`: instead of the two cameras. */
  constructor(config) {
    this.config = config;
  }

  /** `more`: other sections of the config, or others in their place. */
  async start(more = {}) {
    assert.ok(existsSync(kFootage), `${kFootage} is missing; scripts/setup.sh fetches it`);
    mkdirSync(kScreenshots, { recursive: true });
    const config = join(this.folder, 'passerby.yaml');
    // JSON is YAML.
    writeFileSync(config, JSON.stringify({ data: 'data', http: { listen: '127.0.0.1:0' }, ...(this.config ?? this.twoCameras()), ...more }));
    const [command, ...rest] = [...kWithUs, kProgram, 'serve', '--config', config];
    this.process = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (text) => (this.printed += text));
    this.process.stderr.on('data', (text) => (this.log += text));
    this.ended = new Promise((done) => this.process.on('exit', done));
    this.ended.then((status) => (this.status = status ?? 'a signal'));
    const [, password] = await waitFor('the one-time password', () => {
      assert.equal(this.status, undefined, `passerby has ended: ${this.log}`);
      return /one-time password (\S+)/.exec(this.printed);
    });
    this.password = password;
    this.address = /https?:\/\/[\w.:]+/.exec(this.printed)[0];
  }

  /** Two cameras, one of which is shown only where it was approved. */
  twoCameras() {
    const activity = { epsilon: 4, visits: 1, interval: '1 min' };
    const plaza = { name: 'Plaza', url: `file:${kFootage}`, loop: true, activity };
    const small = join(this.folder, 'small.mp4');
    const make = ['-v', 'error', '-t', '20', '-i', kFootage, '-vf', 'scale=384:288', '-an', '-preset', 'ultrafast', small];
    execFileSync('ffmpeg', make, { stdio: ['ignore', 'ignore', 'inherit'] });
    const originals = { basis: 'a test', until: '2099-12-31' };
    const gate = { name: 'Gate', url: `file:${small}`, loop: true, approval: 'required', originals };
    const keys = Object.fromEntries(['officer', 'council', 'court'].map((name) => [name, this.makeKey(name)]));
    const about = {
      operator: { en: 'Town of Example, Public Works, 1 Market Square', de: 'Stadt Beispiel, Tiefbauamt, Marktplatz 1' },
      contact: 'privacy@example.org, +49 30 5550100',
      purpose: { en: 'Safety of the market square', de: 'Sicherheit auf dem Marktplatz' },
      legal_basis: { en: 'Art. 6(1)(e) GDPR', de: 'Art. 6 Abs. 1 lit. e DSGVO' },
      address: 'https://cctv.example.org',
    };
    return { cameras: { plaza, gate }, keyholders: { needed: 2, keys }, about };
  }

  keyFile(name) {
    return join(this.folder, `${name}.key`);
  }

  makeKey(name) {
    const said = execFileSync(kProgram, ['keyholder', 'new', '--out', this.keyFile(name)], { encoding: 'utf8' });
    return said.trim().split('\n').at(-1);
  }

  /** With the password of the account. */
  run(...command) {
    return execFileSync(kProgram, command, { encoding: 'utf8', env: { ...process.env, PASSERBY_PASSWORD: kPassword } });
  }

  async stop() {
    if (this.process) {
      this.process.kill('SIGTERM');
      await this.ended;
    }
    rmSync(this.folder, { recursive: true });
  }
}

/** A page that takes down what must not happen on it. */
export class Visitor {
  problems = [];
  /** The first question, whether anyone is signed in, is answered by 401, which browsers call an error. */
  signedIn = false;

  static async enter(browser, recorder, options) {
    const visitor = new Visitor();
    // Times on the page are local ones.
    visitor.context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-GB', acceptDownloads: true, ...options });
    visitor.context.setDefaultTimeout(kPatienceMs);
    const page = (visitor.page = await visitor.context.newPage());
    page.on('pageerror', (error) => visitor.problems.push(`exception: ${error.stack}`));
    page.on('console', (message) => visitor.heard(message));
    const ours = [recorder.address, `blob:${recorder.address}`, recorder.address.replace('http', 'ws')];
    const asked = (what) => {
      if (!ours.some((origin) => what.url().startsWith(`${origin}/`))) visitor.problems.push(`asks another origin: ${what.url()}`);
    };
    page.on('request', asked);
    page.on('websocket', asked);
    await page.exposeFunction('report', (text) => visitor.problems.push(text));
    await page.addInitScript(() => {
      const against = (e) => window.report(`against its content policy: ${e.violatedDirective} ${e.blockedURI}`);
      document.addEventListener('securitypolicyviolation', against);
    });
    await page.goto(recorder.address);
    return visitor;
  }

  heard(message) {
    if (!['error', 'warning'].includes(message.type())) return;
    if (!this.signedIn && message.location().url.endsWith('/api/session') && message.text().includes('401')) return;
    this.problems.push(`${message.type()} in the console: ${message.text()} (${message.location().url})`);
  }

  /** One problem that was to be: it must have come. */
  forgive(pattern) {
    const at = this.problems.findIndex((problem) => pattern.test(problem));
    assert.notEqual(at, -1, `${pattern}: ${this.problems}`);
    this.problems.splice(at, 1);
  }

  find(id) {
    return this.page.getByTestId(id);
  }

  api(path) {
    return this.page.evaluate(async (path) => (await fetch(path)).json(), path);
  }

  async screenshot(name, options) {
    await this.page.screenshot({ path: join(kScreenshots, `${name}.png`), ...options });
  }

  /** What a video shows: its time, and its brightness on a coarse grid (empty when there is no picture). */
  look(video) {
    return video.evaluate((video) => {
      if (video.readyState < 2) return { time: video.currentTime, grid: [] };
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [96, 72];
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const brightness = (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3;
      const grid = Array.from({ length: data.length / 4 }, brightness);
      return { time: video.currentTime, grid };
    });
  }

  /** Until it plays a picture that is not blank, and that changes. */
  async waitForMotion(video) {
    let first = null;
    return waitFor('the picture moves', async () => {
      const now = await this.look(video);
      if (contrast(now.grid) < kLeastContrast) return null;
      first ??= now;
      return now.time > first.time && cellsChanged(now.grid, first.grid) > kCellsOfMotion ? now : null;
    });
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const cellsChanged = (a, b) => a.filter((value, i) => Math.abs(value - b[i]) > kBrightnessStep).length;

export function contrast(grid) {
  if (grid.length === 0) return 0;
  const middle = mean(grid);
  return Math.sqrt(mean(grid.map((value) => (value - middle) ** 2)));
}

/** Chromium, as every test here uses it. */
export const launch = () => chromium.launch({ executablePath: kBrowser, args: kBrowserArguments });
