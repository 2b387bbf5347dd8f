// From nothing to the first picture, in real Chromium: a recorder whose config has no camera, and a real RTSP server as the
// camera. Then settings: a camera is changed, and what is wrong with another is explained.
//
//     node tests/setup_test.mjs PROGRAM
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kFootage, kPassword, kWithUs, launch, Recorder, Visitor, waitFor } from './in_browser.mjs';

/** Of a picture that is covered but for shapes most is of one grey. */
const kMostFlat = 0.5;
function flatShare(grid) {
  const usual = [...grid].sort((a, b) => a - b)[Math.floor(grid.length / 2)];
  return grid.filter((value) => Math.abs(value - usual) < 3).length / grid.length;
}

const kCameraPassword = 'canary-3f9a';
const recorder = new Recorder({ camera_networks: ['127.0.0.0/8'] });
let browser, visitor, camera, port;

async function startCamera() {
  const clip = join(recorder.folder, 'camera.mp4');
  const make = ['-v', 'error', '-t', '60', '-i', kFootage, '-vf', 'scale=384:288', '-an', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '10', clip];
  execFileSync('ffmpeg', make, { stdio: ['ignore', 'ignore', 'inherit'] });
  const script = fileURLToPath(new URL('rtsp_server.py', import.meta.url));
  const [command, ...more] = [...kWithUs, '/usr/bin/python3', '-B', script, clip, '0'];
  const env = { ...process.env, CAMERA_USER: 'viewer', CAMERA_PASSWORD: kCameraPassword };
  camera = spawn(command, more, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let said = '';
  camera.stdout.on('data', (text) => (said += text));
  port = Number(await waitFor('the camera', () => /^(\d+)\n/.exec(said)?.[1]));
}

before(async () => {
  [browser] = await Promise.all([launch(), recorder.start(), startCamera()]);
  visitor = await Visitor.enter(browser, recorder, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
});

after(async () => {
  await browser?.close();
  camera?.kill();
  await recorder.stop();
});

test('somebody who has never seen it', async (t) => {
  let failed = false;
  const step = (name, does) =>
    t.test(name, { skip: failed }, async () => {
      try {
        await does();
      } catch (error) {
        failed = true;
        await visitor.screenshot('setup-failed');
        throw new Error(`${error.message}\n${visitor.problems.join('\n')}\n${recorder.log}`, { cause: error });
      }
    });
  const shown = async (name) => {
    await visitor.screenshot(name, { fullPage: true });
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    await visitor.page.emulateMedia({ colorScheme: 'dark' });
    const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await visitor.screenshot(`${name}-phone`, { fullPage: true });
    await visitor.page.setViewportSize({ width: 820, height: 1100 });
    await visitor.screenshot(`${name}-tablet`, { fullPage: true });
    await visitor.page.emulateMedia({ colorScheme: 'light' });
    await visitor.page.setViewportSize({ width: 1280, height: 900 });
    assert.ok(wide <= 0, `${name}: ${wide} px wider than a phone`);
  };

  await step('is led from the password to the first camera', async () => {
    await visitor.find('login-user').fill('admin');
    await visitor.find('login-password').fill(recorder.password);
    await visitor.find('login-submit').click();
    await visitor.find('new-password').fill(kPassword);
    visitor.signedIn = true;
    await visitor.find('new-password-submit').click();
    await visitor.find('setup-page').waitFor();
  });

  await step('hears why there is no picture, and then sees that there is one', async () => {
    await visitor.find('camera-name').fill('Entrance');
    await visitor.find('camera-url').fill(`rtsp://127.0.0.1:${port}/stream`);
    await visitor.find('camera-user').fill('viewer');
    await visitor.find('camera-password').fill('a wrong one');
    await visitor.find('camera-test').click();
    await visitor.find('camera-trouble').waitFor();
    assert.equal(await visitor.find('camera-trouble').getAttribute('data-trouble'), 'password');
    await shown('setup-trouble');
    await visitor.find('camera-password').fill(kCameraPassword);
    await visitor.find('camera-test').click();
    await visitor.find('camera-works').waitFor();
    const video = visitor.find('camera-works').locator('video');
    await waitFor('the picture', () => video.evaluate((v) => v.readyState >= 2 && v.videoWidth === 384));
    assert.match(await visitor.find('camera-works').innerText(), /384 × 288[^]*wholly covered/);
    await shown('setup-camera');
    await visitor.find('setup-next').click();
  });

  await step('says what is covered and for how long it is kept', async () => {
    await visitor.find('cover-vehicles').check();
    await shown('setup-cover');
    await visitor.find('setup-next').click();
    await visitor.find('setup-days').fill('3');
    await shown('setup-keep');
    await visitor.find('setup-next').click();
  });

  await step('ends with a picture', async () => {
    await visitor.find('setup-picture').waitFor();
    const video = visitor.find('live-video');
    await waitFor('it plays', async () => (await video.count()) > 0 && (await video.getAttribute('data-status')) === 'playing');
    await waitFor('the scene is seen', async () => flatShare((await visitor.look(video)).grid) < kMostFlat);
    await visitor.waitForMotion(video);
    await shown('setup-picture');
    const entrance = (await visitor.api('/api/settings')).cameras[0];
    assert.deepEqual([entrance.cover, entrance.retention.days, entrance.has_password], [['persons', 'faces', 'plates', 'vehicles'], 3, true]);
    await visitor.find('setup-done').click();
    await visitor.find('tile-entrance').waitFor();
  });

  await step('changes it in the settings, without saying the password again', async () => {
    await visitor.find('user-menu').click();
    await visitor.find('settings-link').click();
    await visitor.find('change-entrance').click();
    assert.equal(await visitor.find('camera-password').inputValue(), '');
    await visitor.find('camera-name').fill('Entrance, north');
    await shown('settings-change');
    await visitor.find('camera-save').click();
    await visitor.find('settings-said').waitFor();
    await visitor.page.getByText('Entrance, north', { exact: true }).waitFor();
    await waitFor('it records again', async () => (await visitor.api('/api/cameras/entrance')).state === 'live');
    await shown('settings');
  });

  await step('sets for how long all is kept, adds another camera and removes it', async () => {
    await visitor.find('retention-days').fill('2');
    await visitor.find('retention-save').click();
    await waitFor('it is so', async () => (await visitor.api('/api/settings')).retention.days === 2);
    await visitor.find('add-camera').click();
    await visitor.find('camera-name').fill('Yard');
    await visitor.find('camera-url').fill('file:/etc/passwd');
    await visitor.find('camera-save').click();
    await visitor.page.getByText('only the config file may name one').waitFor();
    visitor.forgive(/400/);
    await visitor.find('camera-url').fill('rtsp://198.51.100.9/yard');
    await visitor.find('camera-enabled').uncheck();
    await visitor.find('camera-save').click();
    await visitor.find('change-yard').click();
    await visitor.find('camera-remove').click();
    await visitor.find('camera-remove-yes').click();
    await waitFor('it is gone', async () => (await visitor.api('/api/settings')).cameras.length === 1);
  });

  await step('takes a backup that has no password in it', async () => {
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.find('backup').click()]);
    const file = join(recorder.folder, 'backup.yaml');
    await download.saveAs(file);
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(file, 'utf8');
    assert.match(text, /Entrance, north/);
    assert.ok(!text.includes(kCameraPassword));
  });

  await step('has caused no error, and nothing from elsewhere', () => assert.deepEqual(visitor.problems, []));
});
