// How fast the web app is, in real Chromium on a real recorder: figures for doc/web.md. No test: nothing here fails for being slow.
//
//     node tests/web_figures.mjs PROGRAM [MINUTES] [TILES]
//
// A camera shows when its picture was taken (tests/clock_camera.py). MINUTES: how long its latency is followed (0: tiles only); TILES: how many
// cameras are on the wall at the same time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { kPassword, launch, Recorder, Visitor, waitFor } from './in_browser.mjs';

const kMinutes = Number(process.argv[3] ?? 3);
const kTiles = Number(process.argv[4] ?? 16);
const kFields = 24;
const kTimes = 12;
const kSecond = 1000;

const sorted = (values) => [...values].sort((a, b) => a - b);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))];
const spread = (values) => `median ${at(values, 0.5)}, 95 of 100 within ${at(values, 0.95)}, at most ${at(values, 1)}`;
const ms = (values) => `${spread(values.map(Math.round))} ms (${values.length} times)`;

/** A camera; its address. It ends with us. */
async function startCamera(fps, width, height) {
  const script = fileURLToPath(new URL('clock_camera.py', import.meta.url));
  const camera = spawn('/usr/bin/python3', [script, fps, width, height].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await new Promise((done) => camera.stdout.once('data', (text) => done(String(text).split('\n'))));
  return { camera, url: line };
}

/** In the page: reads the strip of each picture that a video shows; what it says, and when it was shown. */
function watchClock(video, fields) {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  window.seen = [];
  const look = () => {
    [canvas.width, canvas.height] = [video.videoWidth, 8];
    context.drawImage(video, 0, 8, video.videoWidth, 8, 0, 0, video.videoWidth, 8);
    const { data } = context.getImageData(0, 4, canvas.width, 1);
    let word = 0;
    for (let i = 0; i < fields; ++i) word = word * 2 + (data[4 * Math.floor(((i + 0.5) * canvas.width) / fields)] > 127 ? 1 : 0);
    const value = Math.floor(word / 256);
    const good = ((value ^ (value >> 8) ^ 0xa5) & 0xff) === word % 256;
    const now = Date.now();
    // Of the time that the strip can tell.
    const kRound = 10 * 65536;
    if (good) window.seen.push({ now, late: ((now % kRound) - 10 * value + kRound) % kRound });
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

/** In the page: when the next picture after `action` is on the screen. */
const nextPicture = (video) => video.evaluate((video) => new Promise((done) => video.requestVideoFrameCallback(() => done(performance.timeOrigin + performance.now()))));

async function signIn(visitor, recorder) {
  await visitor.find('login-user').fill('admin');
  await visitor.find('login-password').fill(recorder.password);
  await visitor.find('login-submit').click();
  await visitor.find('new-password').fill(kPassword);
  await visitor.find('new-password-submit').click();
  await visitor.find('wall').waitFor();
}

/** One camera: click, latency, seek. */
async function followOne(visitor, recorder) {
  const { page } = visitor;
  // From the click on a tile until the camera's page shows a live picture.
  const clicks = [];
  for (let i = 0; i < kTimes; ++i) {
    await page.goto(`${recorder.address}/#/`);
    await visitor.find('tile-clock').getByTestId('live-video').and(page.locator('[data-status=playing]')).waitFor();
    const clicked = await page.evaluate(() => {
      document.querySelector('[data-testid=tile-clock]').click();
      return performance.timeOrigin + performance.now();
    });
    await visitor.find('timeline').waitFor();
    clicks.push((await nextPicture(visitor.find('live-video'))) - clicked);
  }
  console.log(`live picture after a click: ${ms(clicks)}`);

  // Latency and its drift.
  await visitor.find('live-video').and(page.locator('[data-status=playing]')).waitFor();
  await page.waitForTimeout(5 * kSecond);
  await visitor.find('live-video').evaluate(watchClock, kFields);
  await page.waitForTimeout(kMinutes * 60 * kSecond);
  const seen = await page.evaluate(() => window.seen);
  assert.ok(seen.length > 100, `only ${seen.length} pictures were read`);
  const from = seen[0].now;
  const minute = (m) => seen.filter(({ now }) => Math.floor((now - from) / (60 * kSecond)) === m).map(({ late }) => late);
  console.log(`latency camera to screen: ${ms(seen.map(({ late }) => late))}`);
  const [first, last] = [minute(0), minute(Math.max(0, kMinutes - 1))];
  console.log(`drift: median of the first minute ${at(first, 0.5)} ms, of minute ${kMinutes} ${at(last, 0.5)} ms`);

  // Seeking: from the click on the timeline until the picture that was asked for is there.
  const timeline = visitor.find('timeline');
  const { first: since, last: until } = await visitor.api('/api/cameras/clock');
  const seeks = { 'first in a recording': [], 'within what is loaded': [] };
  for (let i = 0; i < kTimes; ++i) {
    const kind = i === 0 ? 'first in a recording' : 'within what is loaded';
    const [a, b] = [Number(await timeline.getAttribute('data-from')), Number(await timeline.getAttribute('data-to'))];
    const { x, y, width, height } = await timeline.boundingBox();
    const span = Date.parse(until) - Date.parse(since) - 8 * kSecond;
    const wanted = Date.parse(since) + 2 * kSecond + ((i * 7919) % 1000) * (span / 1000);
    const began = Date.now();
    await page.mouse.click(x + ((wanted - a) / (b - a)) * width, y + height / 2);
    const video = visitor.find('recording-video');
    await video.waitFor();
    await waitFor('the picture', () =>
      video.evaluate((video, wanted) => video.readyState >= 2 && !video.seeking, wanted));
    seeks[kind].push(Date.now() - began);
  }
  for (const [kind, values] of Object.entries(seeks)) console.log(`seek, ${kind}: ${ms(values)}`);
}

const clock = await startCamera(15, 640, 480);
const recorder = new Recorder();
const small = await startCamera(5, 320, 240);
const cameras = { clock: { name: 'Clock', url: clock.url, scene: 'moving' } };
let browser;
try {
  [browser] = await Promise.all([launch(), recorder.start({ cameras })]);
  const visitor = await Visitor.enter(browser, recorder, { viewport: { width: 1440, height: 900 } });
  await signIn(visitor, recorder);
  console.log(`${cpus().length} cores of ${cpus()[0].model.trim()}, Chromium ${browser.version()}`);

  if (kMinutes > 0) await followOne(visitor, recorder);
  await visitor.context.close();
  await recorder.stop();

  // Many tiles. The cameras cost this machine more than the browser does, and both share it.
  const many = new Recorder();
  const tiles = Object.fromEntries(
    Array.from({ length: kTiles }, (_, i) => [`c${i + 1}`, { name: `Camera ${i + 1}`, url: small.url }]),
  );
  await many.start({ cameras: tiles });
  try {
    // All of them fit: what is off the screen is not played.
    const wall = await Visitor.enter(browser, many, { viewport: { width: 1440, height: 1400 } });
    await signIn(wall, many);
    await wall.find('wall-columns').selectOption('4');
    await waitFor('all of them play', async () => (await wall.page.locator('video[data-status=playing]').count()) === kTiles);
    await wall.page.waitForTimeout(5 * kSecond);
    const result = await wall.page.evaluate(async (seconds) => {
      const videos = [...document.querySelectorAll('video')];
      const before = videos.map((video) => video.getVideoPlaybackQuality());
      let frames = 0;
      let longest = 0;
      let last = performance.now();
      const end = last + seconds * 1000;
      while (last < end) {
        const now = await new Promise(requestAnimationFrame);
        longest = Math.max(longest, now - last);
        last = now;
        ++frames;
      }
      const after = videos.map((video) => video.getVideoPlaybackQuality());
      const sum = (key) => after.reduce((all, quality, i) => all + quality[key] - before[i][key], 0);
      return { fps: frames / seconds, longest, shown: sum('totalVideoFrames') / seconds / videos.length, dropped: sum('droppedVideoFrames') };
    }, 20);
    const playing = await wall.page.locator('video[data-status=playing]').count();
    console.log(
      `${kTiles} live tiles: ${playing} play, ${result.shown.toFixed(1)} pictures a second each, ${result.dropped} dropped in 20 s; ` +
        `the page is painted ${result.fps.toFixed(0)} times a second, the longest pause ${Math.round(result.longest)} ms`,
    );
  } finally {
    await many.stop();
  }
} finally {
  await browser?.close();
  for (const { camera } of [clock, small]) camera.kill();
}
process.exit(0);
