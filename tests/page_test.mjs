// The web app as a person uses it, in real Chromium, on a recorder that plays the sample footage: sign in, look, go back
// in time, export. What was on the screen is in build/screenshots.
//
//     node tests/page_test.mjs PROGRAM
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { contrast, kLeastContrast, kPassword, kProgram, kScreenshots, launch, Recorder, Visitor, waitFor } from './in_browser.mjs';

const kSecond = 1000;

/** Two hours, for the API. */
const around = (time) => `from=${new Date(time - 3600_000).toISOString()}&to=${new Date(time + 3600_000).toISOString()}`;
/** For a field of date and time. A full minute comes back from it without its seconds, which the driver takes for a refusal. */
const inField = (time) => new Date(time).toISOString().slice(0, 19).replace(/:00$/, ':01');

const recorder = new Recorder();
let browser, visitor;

/** What a page sends from now on, addresses and bodies. */
function sentBy(visitor) {
  const sent = [];
  visitor.page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  return sent;
}

/** A keyholder's answer to the request in a file, and what the page says to it. */
async function answerAs(keyholder, name, choice, file) {
  await keyholder.page.goto(`${recorder.address}/#/answer`);
  await keyholder.page.reload();
  await keyholder.find('answer-request').setInputFiles(file);
  await keyholder.find('answer-asked').waitFor();
  assert.match(await keyholder.find('answer-asked').innerText(), /a bicycle was stolen/);
  await keyholder.find('answer-key').setInputFiles(recorder.keyFile(name));
  await keyholder.find(`answer-${choice}`).click();
  return keyholder.find('answer-done').innerText();
}

before(async () => {
  [browser] = await Promise.all([launch(), recorder.start()]);
  visitor = await Visitor.enter(browser, recorder, { viewport: { width: 1440, height: 900 } });
});

after(async () => {
  await browser?.close();
  await recorder.stop();
});

// Each goes on where the one before has ended.
test('a person', async (t) => {
  /** When the picture on the wall was seen to move. */
  let seenAt;
  const clip = join(recorder.folder, 'clip.mp4');
  let failed = false;
  const step = (name, does) =>
    t.test(name, { skip: failed }, async () => {
      try {
        await does();
      } catch (error) {
        failed = true;
        await visitor.screenshot('failed');
        throw new Error(`${error.message}\n${visitor.problems.join('\n')}\n${recorder.log}`, { cause: error });
      }
    });

  await step('signs in with the one-time password and chooses another', async () => {
    await visitor.find('login-user').fill('admin');
    await visitor.find('login-password').fill(recorder.password);
    await visitor.screenshot('login');
    await visitor.find('login-submit').click();
    await visitor.find('new-password').fill(kPassword);
    await visitor.screenshot('new-password');
    visitor.signedIn = true;
    await visitor.find('new-password-submit').click();
    await visitor.find('tile-plaza').waitFor();
  });

  await step('sees the live picture move on the wall', async () => {
    const video = visitor.find('tile-plaza').getByTestId('live-video');
    await visitor.waitForMotion(video);
    // At first all of it is covered; then what is proven to be background is shown.
    await waitFor('the scene is seen', async () => (await visitor.api('/api/cameras/plaza')).covered < 0.5);
    await visitor.waitForMotion(video);
    seenAt = Date.now();
    await visitor.screenshot('wall');
  });

  await step('draws a line where it is counted', async () => {
    await visitor.page.goto(`${recorder.address}/#/camera/plaza`);
    await visitor.find('open-activity').click();
    await visitor.find('budget').getByText('ε = 4 a day').waitFor();
    await visitor.find('open-places').click();
    const area = await visitor.find('place-draw').boundingBox();
    const point = (x, y) => [area.x + area.width * x, area.y + area.height * y];
    await visitor.page.mouse.move(...point(0.4, 0.64));
    await visitor.page.mouse.down();
    await visitor.page.mouse.move(...point(0.4, 0.5));
    await visitor.page.mouse.move(...point(0.4, 0.33));
    await visitor.page.mouse.up();
    await visitor.find('place-name').fill('Road');
    // A zone, in words.
    await visitor.page.getByText('Write a line or a zone').click();
    await visitor.find('place-text').fill('0.5,0.3 0.9,0.3 0.9,0.8 0.5,0.8');
    await visitor.find('place-add').click();
    await visitor.find('place-save').click();
    const places = async () => (await visitor.api('/api/cameras/plaza/places')).places;
    await waitFor('both are drawn', async () => (await places()).length === 2);
    assert.deepEqual((await places()).map(({ name, kind }) => [name, kind]), [['Road', 'line'], ['Zone 1', 'zone']]);
    assert.match((await places())[0].points, /^0\.(39|40)\d+,0\.6[34]\d+ 0\.(39|40)\d+,0\.3[23]\d+$/);
    await visitor.screenshot('places');
    await visitor.page.goto(`${recorder.address}/#/`);
    await visitor.find('tile-plaza').waitFor();
  });

  await step('lays out the wall, and shows it on the whole screen', async () => {
    const wall = visitor.find('wall');
    const widths = () => wall.locator('video').evaluateAll((videos) => videos.map((video) => video.clientWidth));
    assert.equal(await wall.getAttribute('data-columns'), '2');
    const [two] = await widths();
    await visitor.find('wall-columns').selectOption('1');
    await waitFor('one column', async () => (await widths())[0] > 1.5 * two);
    await visitor.page.reload();
    await visitor.find('tile-plaza').waitFor();
    assert.equal(await wall.getAttribute('data-columns'), '1', 'it is kept in this browser');
    await visitor.find('wall-columns').selectOption('auto');
    await waitFor('two columns', async () => (await widths())[0] === two);
    await visitor.find('wall-fullscreen').focus();
    await visitor.page.keyboard.press('f');
    const isFull = () => visitor.page.evaluate(() => document.fullscreenElement?.dataset.testid === 'wall');
    await waitFor('the whole screen', isFull);
    await waitFor('larger pictures', async () => (await widths())[0] > two);
    await visitor.waitForMotion(visitor.find('tile-plaza').getByTestId('live-video'));
    await visitor.screenshot('wall-fullscreen');
    await visitor.page.keyboard.press('f');
    await waitFor('the page again', async () => !(await isFull()));
  });

  await step('opens the camera, which is live', async () => {
    await visitor.find('tile-plaza').click();
    // Until then there is a picture for each camera.
    await visitor.find('timeline').waitFor();
    const video = visitor.find('live-video');
    await visitor.waitForMotion(video);
    await waitFor('it says that it plays', async () => (await video.getAttribute('data-status')) === 'playing');
    await waitFor('the latency is known', () => video.getAttribute('data-latency'));
    await visitor.screenshot('camera-live');
  });

  await step('goes back in time by a click on the timeline', async () => {
    const recordedUntil = async () => Date.parse((await visitor.api('/api/cameras/plaza')).last);
    await waitFor('enough is recorded', async () => (await recordedUntil()) > seenAt + 6 * kSecond);
    const timeline = visitor.find('timeline');
    const { width, height } = await timeline.boundingBox();
    const number = async (name) => Number(await timeline.getAttribute(name));
    const [from, to] = [await number('data-from'), await number('data-to')];
    const x = Math.round(((seenAt - from) / (to - from)) * width);
    assert.ok(x > 0 && x < width, `it shows ${new Date(from)} to ${new Date(to)}`);
    // A small picture tells where that is; to fetch it was a look at recordings.
    await timeline.hover({ position: { x, y: height / 2 } });
    const grey = await visitor.find('still').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]);
    });
    assert.ok(grey.length > 10_000, `a still of ${grey.length} pixels`);
    const looks = (await visitor.api('/api/ledger/entries')).entries.filter(({ kind, camera }) => kind === 'view' && camera === 'plaza');
    assert.equal(looks.length, 1);
    await visitor.screenshot('still');
    await timeline.click({ position: { x, y: height / 2 } });
    const clicked = from + (x / width) * (to - from);

    const video = visitor.find('recording-video');
    await visitor.waitForMotion(video);
    assert.equal(await visitor.find('live-video').count(), 0);
    const playhead = await number('aria-valuenow');
    assert.ok(playhead >= clicked - kSecond && playhead < Date.now() - kSecond, `plays ${playhead}, not ${clicked}`);
    await visitor.screenshot('playback');
  });

  await step('says what it looks for', async () => {
    await visitor.find('user-menu').click();
    await visitor.find('purpose').selectOption('incident');
    await waitFor('it is kept', async () => (await visitor.api('/api/ledger')).purpose === 'incident');
    await visitor.page.keyboard.press('Escape');
  });

  await step('exports a clip', async () => {
    await visitor.find('export-open').click();
    await visitor.find('export-from').fill(inField(seenAt));
    await visitor.find('export-to').fill(inField(seenAt + 5 * kSecond));
    await visitor.screenshot('export');
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.find('export-download').click()]);
    assert.match(download.suggestedFilename(), /^plaza.*\.mp4$/);
    await download.saveAs(clip);
    const show = 'stream=codec_name,codec_type,nb_read_frames:format=format_name,duration';
    const probe = ['-v', 'error', '-count_frames', '-show_entries', show, '-of', 'json', clip];
    const said = JSON.parse(execFileSync('ffprobe', probe));
    assert.match(said.format.format_name, /mp4/);
    assert.deepEqual(said.streams.map((s) => [s.codec_type, s.codec_name]), [['video', 'h264']]);
    assert.ok(Number(said.streams[0].nb_read_frames) > 0);
    assert.ok(Number(said.format.duration) > 1 && Number(said.format.duration) < 10, said.format.duration);
  });

  await step('plays the clip', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`file://${clip}`);
    const video = page.locator('video');
    await video.evaluate((video) => ((video.muted = video.loop = true), void video.play()));
    await waitFor('it plays', () => video.evaluate((video) => video.currentTime > 0.5 && video.videoWidth === 768));
    await context.close();
  });

  await step('takes its proof along, which verifies', async () => {
    const proof = `${clip}.proof`;
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.find('export-proof').click()]);
    assert.match(download.suggestedFilename(), /^plaza.*\.proof$/);
    await download.saveAs(proof);
    const said = execFileSync(`${kProgram}-verify`, [clip, '--proof', proof, '--ledger', recorder.address, '--stateless']).toString();
    assert.match(said, /it is camera plaza from /);
    assert.match(said, /purpose: incident/);
    assert.match(said, /\nverified\n/);
  });

  await step('protects the span from deletion', async () => {
    await visitor.find('protect-reason').fill('accident at the crossing');
    await visitor.find('protect-submit').click();
    await visitor.find('protect-panel').getByText('accident at the crossing').waitFor();
    await visitor.screenshot('protect');
  });

  await step('sees on the record what was done, and verifies it', async () => {
    await visitor.find('user-menu').click();
    await visitor.find('use-link').click();
    await visitor.find('use-table').waitFor();
    const row = visitor.find('use-table').getByRole('row').filter({ hasText: 'Plaza' });
    await waitFor('the export is counted', async () => (await row.locator('td').allTextContents())[2] === '1');
    assert.ok((await visitor.find('ledger-entries').locator('li').count()) > 4);
    await visitor.find('ledger-verify').click();
    await visitor.find('ledger-verified').getByText('are what was signed by this key').waitFor();
    await visitor.screenshot('use');
    await visitor.page.goBack();
    await visitor.find('go-live').waitFor();
  });

  await step('goes back to live', async () => {
    await visitor.find('go-live').click();
    await visitor.waitForMotion(visitor.find('live-video'));
  });

  /** Chosen in the menu. */
  const goTo = async (link) => {
    await visitor.find('user-menu').click();
    await visitor.find(link).click();
  };
  const signIn = async (user, password) => {
    await visitor.find('login-user').fill(user);
    await visitor.find('login-password').fill(password);
    await visitor.find('login-submit').click();
  };
  let oneTimePassword;

  await step('adds somebody who may look at one camera', async () => {
    await goTo('users-link');
    await visitor.find('add-user').click();
    const form = visitor.find('new-user');
    const focused = () => visitor.page.evaluate(() => document.activeElement.dataset.testid);
    assert.equal(await focused(), 'new-user-name');
    await visitor.find('new-user-name').fill('admin');
    await form.getByTestId('cameras-some').check();
    await visitor.find('new-user-submit').click();
    await form.getByText('Choose at least one camera.').waitFor();
    await form.getByTestId('camera-plaza').check();
    await visitor.find('new-user-name').fill('Guest');
    await visitor.find('new-user-submit').click();
    assert.ok(await visitor.find('new-user-name').evaluate((field) => field.matches(':invalid')), 'no capital letters');
    await visitor.find('new-user-name').fill('guest');
    await visitor.screenshot('user-new');
    await visitor.find('new-user-submit').click();
    oneTimePassword = await visitor.find('one-time-password').inputValue();
    await visitor.find('one-time-password-copy').click();
    await form.getByText('Copied.').waitFor();
    await visitor.screenshot('user-password');
    await visitor.find('one-time-password-done').click();
    assert.equal(await focused(), 'add-user');
    assert.match(await visitor.find('user-guest').innerText(), /still has a one-time password[^]*Viewer[^]*Plaza/);
    await visitor.screenshot('users');
    await goTo('sign-out');
  });

  await step('is that somebody, who sees that camera and may no more', async () => {
    const { page } = visitor;
    await signIn('guest', oneTimePassword);
    await visitor.find('new-password').fill(`${kPassword}, too`);
    await visitor.find('new-password-submit').click();
    await visitor.waitForMotion(visitor.find('tile-plaza').getByTestId('live-video'));
    assert.equal(await visitor.find('wall').locator('a').count(), 1);
    await visitor.find('tile-plaza').click();
    await visitor.find('timeline').waitFor();
    assert.equal(await visitor.find('export-open').count(), 0);
    await page.keyboard.press('e');
    assert.equal(await visitor.find('export-panel').count(), 0);
    await visitor.find('user-menu').click();
    await visitor.find('account-link').waitFor();
    for (const link of ['users-link', 'openings-link']) assert.equal(await visitor.find(link).count(), 0, link);
    await page.keyboard.press('Escape');
    for (const [address, whose] of [['users', 'administrators'], ['scene/plaza', 'administrators'], ['openings', 'keyholders']]) {
      await page.goto(`${recorder.address}/#/${address}`);
      await visitor.find('denied').getByText(whose).waitFor();
    }
    // The use report is not for viewers either; the ledger is.
    await page.goto(`${recorder.address}/#/use`);
    await visitor.find('ledger-entries').locator('li').first().waitFor();
    assert.equal(await visitor.find('use-table').count(), 0);
    await page.goto(`${recorder.address}/#/account`);
    await visitor.find('logins').getByText('here', { exact: true }).waitFor();
    await visitor.screenshot('account-viewer');
    await goTo('sign-out');
  });

  await step('makes them an auditor, who sees when something was recorded, and removes them', async () => {
    await signIn('admin', kPassword);
    await goTo('users-link');
    const row = visitor.find('user-guest');
    await row.getByTestId('user-change').click();
    await row.getByTestId('role-viewer').uncheck();
    await row.getByTestId('role-auditor').check();
    await row.getByTestId('cameras-all').check();
    await row.getByTestId('user-save').click();
    await row.getByText('Saved.').waitFor();
    assert.match(await row.innerText(), /Auditor[^]*All cameras/);
    await visitor.screenshot('user-change');

    const auditor = await Visitor.enter(browser, recorder, {});
    await auditor.find('login-user').fill('guest');
    await auditor.find('login-password').fill(`${kPassword}, too`);
    auditor.signedIn = true;
    await auditor.find('login-submit').click();
    await auditor.find('no-pictures').waitFor();
    await auditor.find('tile-gate').waitFor();
    await auditor.find('tile-plaza').click();
    await auditor.find('timeline').waitFor();
    assert.equal(await auditor.page.locator('video').count(), 0);
    await auditor.screenshot('camera-auditor');
    assert.deepEqual(auditor.problems, []);
    await auditor.context.close();

    await row.getByTestId('user-remove').click();
    await visitor.page.keyboard.press('Escape');
    assert.equal(await row.getByTestId('remove-yes').count(), 0);
    await row.getByTestId('user-remove').click();
    await row.getByTestId('remove-yes').click();
    await visitor.find('users-page').getByText('guest was removed.').waitFor();
    assert.equal(await row.count(), 0);
    // Of themselves nobody gets rid by mistake, and somebody always administers.
    await visitor.find('user-admin').getByTestId('user-change').click();
    assert.equal(await visitor.find('user-remove').count(), 0);
    await visitor.find('user-admin').getByTestId('role-administrator').uncheck();
    await visitor.find('user-save').click();
    await visitor.find('user-admin').getByRole('alert').waitFor();
    visitor.forgive(/403.*\/api\/users\/admin/);
  });

  await step('makes a token that a script looks at one camera with, and ends it', async () => {
    await goTo('account-link');
    await visitor.find('token-new').click();
    await visitor.find('token-name').fill('dashboard');
    await visitor.find('cameras-some').check();
    await visitor.find('camera-gate').check();
    await visitor.screenshot('token-new');
    await visitor.find('token-submit').click();
    const token = await visitor.find('token').inputValue();
    await visitor.find('token-done').click();
    const asScript = (path) => fetch(`${recorder.address}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    assert.deepEqual((await (await asScript('/api/cameras')).json()).map(({ id }) => id), ['gate']);
    assert.equal((await asScript('/api/users')).status, 403);
    await visitor.find('token-row').getByText('Operator').waitFor();
    await visitor.screenshot('account');
    await visitor.find('token-end-ask').click();
    await visitor.find('token-end-yes').click();
    await visitor.find('tokens').getByText('You have none.').waitFor();
    assert.equal((await asScript('/api/cameras')).status, 401);
  });

  await step('draws an area that is always covered, and takes it back', async () => {
    await visitor.page.goto(`${recorder.address}/#/camera/plaza`);
    await visitor.find('open-masks').click();
    await visitor.find('mask-draw').waitFor();
    await visitor.waitForMotion(visitor.find('live-video'));
    const masks = () => visitor.api('/api/cameras/plaza/masks');
    const area = await visitor.find('mask-draw').boundingBox();
    const point = (x, y) => [area.x + area.width * x, area.y + area.height * y];
    await visitor.page.mouse.move(...point(0.25, 0.25));
    await visitor.page.mouse.down();
    await visitor.page.mouse.move(...point(0.75, 0.75));
    await visitor.page.mouse.up();
    // And another corner by corner, closed by the keyboard.
    for (const corner of [[0.02, 0.02], [0.2, 0.02], [0.02, 0.2]]) await visitor.page.mouse.click(...point(...corner));
    await visitor.page.keyboard.press('Enter');
    assert.equal(await visitor.find('mask-remove').count(), 2);
    await visitor.find('mask-save').click();
    await waitFor('the areas are kept', async () => (await masks()).areas.length === 2);
    assert.match((await masks()).areas[0], /^0\.2\d+,0\.2\d+ 0\.7\d+,0\.2/);
    // In the picture that is sent, and not only over it: the middle of it is of one colour.
    const middle = async () => {
      const { grid } = await visitor.look(visitor.find('live-video'));
      return grid.filter((_, i) => i % 96 > 28 && i % 96 < 68 && Math.floor(i / 96) > 22 && Math.floor(i / 96) < 50);
    };
    await waitFor('the area is covered', async () => {
      const grid = await middle();
      return grid.length > 0 && contrast(grid) < kLeastContrast;
    });
    await visitor.screenshot('masks');
    for (let left = 2; left > 0; left--) await visitor.find('mask-remove').first().click();
    await visitor.find('mask-save').click();
    await waitFor('the areas are gone', async () => (await masks()).areas.length === 0);
    await waitFor('the middle is seen again', async () => contrast(await middle()) > kLeastContrast);
  });

  await step('approves a scene but for a part of it, and takes that back', async () => {
    const gate = () => visitor.api('/api/cameras/gate');
    await visitor.page.goto(`${recorder.address}/#/camera/gate`);
    await visitor.find('look-at-scene').click();
    const area = await visitor.find('scene-draw').boundingBox();
    await waitFor('most of it is proven', async () => (await gate()).proven > 0.8);
    assert.deepEqual([(await gate()).covered, (await gate()).approved], [1, 0]);
    const corner = (x, y) => [area.x + x * area.width, area.y + y * area.height];
    const approvals = async () => (await visitor.api('/api/cameras/gate/scene')).approvals;
    await visitor.page.mouse.move(...corner(0.02, 0.02));
    await visitor.page.mouse.down();
    await visitor.page.mouse.move(...corner(0.5, 0.98));
    await visitor.page.mouse.up();
    await visitor.screenshot('scene');
    await visitor.find('scene-approve').click();
    await visitor.find('scene-withdraw').waitFor();
    const [approval] = await approvals();
    assert.deepEqual([approval.by, approval.refused.length, approval.withdrawn], ['admin', 1, null]);
    await waitFor('half of it is shown', async () => (await gate()).approved > 0.3 && (await gate()).covered < 0.75);
    assert.ok((await gate()).approved < 0.6, 'the refused half is not shown');
    await visitor.screenshot('scene-approved');
    await visitor.find('scene-withdraw').click();
    await waitFor('all of it is covered', async () => (await gate()).covered === 1 && (await gate()).approved === 0);
  });

  await step('asks for an original, which two of three keyholders open', async () => {
    const now = Date.now();
    const sealed = async () => (await visitor.api(`/api/cameras/gate/timeline?${around(now)}`)).sealed;
    const [{ start, end }] = await waitFor('a sealed part', async () => ((await sealed()).length ? await sealed() : null));
    const folder = join(recorder.folder, 'opening');
    const common = ['--server', recorder.address, '--folder', folder];
    recorder.run('open', 'request', ...common, '--camera', 'gate', '--from', start, '--to', end, '--reason', 'a bicycle was stolen');
    const keyholder = await Visitor.enter(browser, recorder, {});
    const answer = async (name, choice) => {
      const said = await answerAs(keyholder, name, choice, join(folder, 'request.json'));
      await keyholder.screenshot(`answer-${name}`);
      return said;
    };
    const asked = sentBy(keyholder);
    assert.match(await answer('officer', 'approve'), /1 of 2 approvals/);
    assert.match(await answer('council', 'refuse'), /You refused.*1 of 2 approvals/);
    assert.match(await answer('court', 'approve'), /approved: 2 of 2 approvals/);
    // The key stays in the browser.
    assert.ok(asked.some((sent) => sent.includes('BEGIN AGE ENCRYPTED FILE')), 'the answers were sent');
    assert.ok(!asked.some((sent) => /AGE-SECRET-KEY|passerby share 1/.test(sent)), 'and no key with them');
    assert.deepEqual(keyholder.problems, []);
    await keyholder.context.close();
    assert.match(recorder.run('open', 'finish', ...common), /original.mp4/);
    assert.ok(existsSync(join(folder, 'original.mp4')));
    await visitor.page.goto(`${recorder.address}/#/openings`);
    await waitFor('it is opened', async () => /opened/.test(await visitor.find('opening-state').innerText()));
    await visitor.screenshot('openings');
    const kinds = (await visitor.api('/api/ledger/entries')).entries.map((e) => e.kind);
    assert.equal(kinds.filter((kind) => kind === 'answer').length, 3);
    assert.ok(kinds.includes('opening'));
  });

  await step('sees on the timeline what is sealed, and asks for it in the browser', async () => {
    await visitor.page.goto(`${recorder.address}/#/camera/gate`);
    await visitor.find('legend-sealed').waitFor();
    const { sealed } = await visitor.api(`/api/cameras/gate/timeline?${around(Date.now())}`);
    const last = sealed.at(-1);
    await visitor.find('export-open').click();
    assert.equal(await visitor.find('export-panel').count(), 1);
    const input = (iso, more) => inField(Date.parse(iso) + more);
    await visitor.find('export-from').fill(input(last.start, kSecond));
    await visitor.find('export-to').fill(input(last.end, 0));
    await visitor.find('originals-reason').fill('a bicycle was stolen');
    await visitor.find('originals-case').fill('2026-17');
    await visitor.screenshot('originals');
    const sent = sentBy(visitor);
    const key = join(recorder.folder, 'of-the-browser.key');
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.find('originals-submit').click()]);
    assert.match(download.suggestedFilename(), /^gate_.*Z\.key$/);
    await download.saveAs(key);
    assert.match(await visitor.find('originals-asked').innerText(), /2 of 3 keyholders must approve/);
    await visitor.screenshot('originals-asked');
    const file = join(recorder.folder, 'request-of-the-browser.json');
    const [request] = await Promise.all([visitor.page.waitForEvent('download'), visitor.find('originals-request').click()]);
    await request.saveAs(file);
    const keyholder = await Visitor.enter(browser, recorder, {});
    assert.match(await answerAs(keyholder, 'officer', 'approve', file), /1 of 2 approvals/);
    assert.match(await answerAs(keyholder, 'council', 'approve', file), /approved: 2 of 2 approvals/);
    await keyholder.context.close();

    await visitor.find('originals-follow').click();
    const mine = visitor.find('opening').first();
    await mine.getByTestId('finish-key').setInputFiles(recorder.keyFile('court'));
    await mine.getByTestId('finish-open').click();
    await mine.getByText('This is not the key of this request.').waitFor();
    assert.ok(!sent.some((what) => what.includes('/open ')), 'nothing is opened with another key');
    await mine.getByTestId('finish-key').setInputFiles(key);
    await mine.getByTestId('finish-open').click();
    const films = mine.getByTestId('finish-films').getByRole('link');
    await films.first().waitFor();
    // Each part is a film of its own.
    assert.equal(await films.count(), JSON.parse(readFileSync(file, 'utf8')).parts.length);
    await visitor.screenshot('originals-opened');
    const film = join(recorder.folder, 'original.mp4');
    const [opened] = await Promise.all([visitor.page.waitForEvent('download'), films.first().click()]);
    assert.match(opened.suggestedFilename(), /^gate_original_.*Z\.mp4$/);
    await opened.saveAs(film);
    const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,nb_read_frames', '-of', 'json', film];
    const [stream] = JSON.parse(execFileSync('ffprobe', probe)).streams;
    assert.deepEqual([stream.codec_name, stream.width], ['h264', 384]);
    assert.ok(Number(stream.nb_read_frames) > 50, `${stream.nb_read_frames} frames`);

    // The secret half stays in the browser and in the file: it is in no request, nor in what the browser keeps.
    const secret = /AGE-SECRET-KEY-1\w+/.exec(readFileSync(key, 'utf8'))[0];
    assert.ok(sent.some((what) => what.includes('"key":"age1')), 'the public half was sent');
    assert.ok(!sent.some((what) => what.includes(secret) || /AGE-SECRET-KEY|passerby share 1/.test(what)), 'and no secret');
    const kept = await visitor.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
    assert.ok(!/AGE-SECRET-KEY/i.test(kept), kept);
  });

  await step('sees how many crossed it, and how sure that is', async () => {
    const around = () => `from=${new Date(Date.now() - 3600_000).toISOString()}&to=${new Date().toISOString()}`;
    const numbers = async () => (await visitor.api(`/api/cameras/plaza/activity?${around()}`)).numbers;
    // What ends with the camera's process, or with a minute of the clock.
    const told = await waitFor('a number of a minute', async () => ((await numbers()).length ? await numbers() : null));
    assert.ok(told.every(({ scale, error }) => scale === 0.5 && error === 1));
    await visitor.page.goto(`${recorder.address}/#/activity/plaza`);
    const [{ id }] = (await visitor.api('/api/cameras/plaza/places')).places;
    const card = visitor.find(`activity-${id}`);
    await card.locator('svg').waitFor();
    await card.getByText('As a table').click();
    assert.match(await card.locator('tbody tr').first().innerText(), /-?\d+\s+-?\d+\s+± \d+/);
    await visitor.screenshot('activity');
    for (const period of ['week', 'month']) {
      await visitor.find(`period-${period}`).click();
      await card.locator('svg').waitFor();
    }
    await visitor.find('kind-vehicles').click();
    await visitor.screenshot('activity-month');
  });

  await step('sees how the cameras, the disks and the recorder are', async () => {
    await visitor.find('user-menu').click();
    await visitor.find('health-link').click();
    await visitor.find('health-summary').waitFor();
    assert.ok((await visitor.find('health-disk').count()) >= 1);
    assert.match(await visitor.find('health-disk').first().innerText(), /Data folder[^]* of [^]* free/);
    assert.match(await visitor.find('health-recorder').innerText(), /Version[^]*Running since/);
    for (const id of ['plaza', 'gate']) {
      const text = await visitor.find(`health-camera-${id}`).innerText();
      assert.match(text, /Live since[^]*Detectors look[^]*Frames a second[^]*Recorded/);
    }
    // Nothing of it is approved, and the page says who has to do what.
    const gate = visitor.find('health-camera-gate');
    await gate.getByText('Somebody has to look at its scene and approve it.').waitFor();
    assert.match(await visitor.find('health-summary').innerText(), /Gate .*Whole picture covered/);
    const asked = sentBy(visitor);
    await waitFor('it is asked again', () => asked.some((what) => what.includes('/api/health')));
    await visitor.screenshot('health');
  });

  await step('passes the cameras, without an account and without scripts, and reads what they are for', async () => {
    const sizes = { desktop: { width: 1280, height: 900 }, tablet: { width: 820, height: 1180 }, phone: { width: 390, height: 844 } };
    for (const [size, viewport] of Object.entries(sizes)) {
      const colorScheme = size === 'tablet' ? 'dark' : 'light';
      const options = { viewport, colorScheme, locale: size === 'phone' ? 'de-DE' : 'en-GB', javaScriptEnabled: false };
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const asked = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(`${recorder.address}/about-this-camera`);
      const text = await page.locator('main').innerText();
      const wanted = size === 'phone' ? /Stadt Beispiel[^]*Plaza[^]*Aufzeichnungen angesehen/ : /Town of Example[^]*Plaza[^]*Recordings looked at/;
      assert.match(text, wanted);
      assert.match(text, /passerby-verify https:\/\/cctv\.example\.org --key /);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${size}: ${wide} px wider than the screen`);
      await page.screenshot({ path: join(kScreenshots, `about-${size}.png`), fullPage: true });
      await page.goto(`${recorder.address}/about-this-camera/sign`);
      await page.screenshot({ path: join(kScreenshots, `sign-${size}.png`), fullPage: true });
      if (size === 'desktop') {
        const pdf = await page.pdf({ path: join(kScreenshots, 'sign.pdf'), preferCSSPageSize: true, printBackground: true });
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g);
        assert.equal(pages?.length, 1, 'the sign is one sheet');
        await page.goto(`${recorder.address}/about-this-camera`);
        await page.pdf({ path: join(kScreenshots, 'about.pdf'), format: 'A4' });
      }
      assert.deepEqual(asked.filter((url) => !url.startsWith(`${recorder.address}/`)), []);
      await context.close();
    }
  });

  await step('uses a phone, in the dark', async () => {
    const phone = await Visitor.enter(browser, recorder, {
      storageState: await visitor.context.storageState(),
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      colorScheme: 'dark',
    });
    const fits = () => phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    await phone.waitForMotion(phone.find('tile-plaza').getByTestId('live-video'));
    assert.ok(await fits(), 'the wall is wider than the phone');
    await phone.screenshot('phone-wall-dark');
    await phone.find('tile-plaza').tap();
    // The wall has two live pictures, until it is left.
    await phone.find('timeline').waitFor();
    await phone.waitForMotion(phone.find('live-video'));
    assert.ok(await fits(), 'the camera page is wider than the phone');
    // Where nothing was recorded yet, playback goes on at the beginning.
    await phone.find('timeline').tap({ position: { x: 20, y: 50 } });
    await phone.waitForMotion(phone.find('recording-video'));
    await phone.screenshot('phone-camera-dark');
    await phone.page.goto(`${recorder.address}/#/use`);
    await phone.find('use-table').waitFor();
    assert.ok(await fits(), 'the page of the use is wider than the phone');
    await phone.screenshot('phone-use-dark');
    for (const [name, shown] of [['users', 'user-admin'], ['account', 'logins']]) {
      await phone.page.goto(`${recorder.address}/#/${name}`);
      await phone.find(shown).waitFor();
      assert.ok(await fits(), `the page ${name} is wider than the phone`);
      await phone.screenshot(`phone-${name}-dark`);
    }
    await phone.page.goto(`${recorder.address}/#/openings`);
    await phone.find('opening').first().waitFor();
    assert.ok(await fits(), 'the page of the openings is wider than the phone');
    await phone.screenshot('phone-openings-dark');
    await phone.page.goto(`${recorder.address}/#/health`);
    await phone.find('health-camera-gate').waitFor();
    assert.ok(await fits(), 'the page of the health is wider than the phone');
    await phone.screenshot('phone-health-dark');
    await phone.page.goto(`${recorder.address}/#/answer`);
    await phone.find('answer-request').setInputFiles(join(recorder.folder, 'opening/request.json'));
    await phone.find('answer-asked').waitFor();
    assert.ok(await fits(), 'the page of the answer is wider than the phone');
    await phone.screenshot('phone-answer-dark');
    assert.deepEqual(phone.problems, []);
    await phone.context.close();
  });

  await step('has caused no error, and nothing from elsewhere', () => assert.deepEqual(visitor.problems, []));
});
