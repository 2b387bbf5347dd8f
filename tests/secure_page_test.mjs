// Signing in with a second factor, over TLS with the recorder's own certificate, in real Chromium. What was on the screen is
// in build/screenshots.
//
//     node tests/secure_page_test.mjs PROGRAM
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { kPassword, launch, Recorder, Visitor, waitFor } from './in_browser.mjs';

const recorder = new Recorder();
let browser, visitor;

/** RFC 6238, as an app on a phone has it. `ahead`: of a phone whose clock is fast. */
function totp(secret, ahead = 0) {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

before(async () => {
  const own = { http: { listen: '127.0.0.1:0', tls: 'self-signed' }, users: { second_factor: 'administrators' } };
  [browser] = await Promise.all([launch(), recorder.start(own)]);
  visitor = await Visitor.enter(browser, recorder, { viewport: { width: 1440, height: 900 }, ignoreHTTPSErrors: true });
});

after(async () => {
  await browser?.close();
  await recorder.stop();
});

async function signIn(password, code) {
  await visitor.find('login-user').fill('admin');
  await visitor.find('login-password').fill(password);
  await visitor.find('login-submit').click();
  if (!code) return;
  await visitor.find('login-code').waitFor();
  assert.ok(await visitor.find('login-code').evaluate((field) => field === document.activeElement), 'one can type at once');
  await visitor.screenshot('login-code');
  await visitor.find('login-code').fill(code);
  await visitor.find('login-submit').click();
}

/** At three sizes, light and dark. */
async function pictures(name) {
  const { page } = visitor;
  for (const [size, width, height] of [['phone', 390, 844], ['tablet', 820, 1180], ['wide', 1440, 900]]) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await visitor.screenshot(`${name}-${size}-${colorScheme}`, { fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wider, `${name} at ${width} fits`);
    }
  }
}

test('a second factor, over TLS', async () => {
  assert.ok(recorder.address.startsWith('https://'));
  await signIn(recorder.password);
  await visitor.find('new-password').fill(kPassword);
  await visitor.find('new-password-submit').click();
  visitor.signedIn = true;

  // Nothing goes without.
  await visitor.find('second-factor-page').waitFor();
  const secret = await visitor.find('second-factor-secret').innerText();
  await pictures('second-factor-required');
  await visitor.find('second-factor-first').fill('000000');
  await visitor.find('second-factor-password').fill(kPassword);
  await visitor.find('second-factor-submit').click();
  await visitor.page.getByText('the first code does not fit').waitFor();
  visitor.forgive(/400.*second-factor/);
  await visitor.find('second-factor-first').fill(totp(secret));
  await visitor.find('second-factor-submit').click();
  await visitor.find('recovery-codes').waitFor();
  const codes = await visitor.find('recovery-codes').locator('code').allInnerTexts();
  assert.equal(new Set(codes).size, 8);
  await pictures('recovery-codes');
  await visitor.find('recovery-done').click();

  // The picture comes over TLS, too.
  await visitor.waitForMotion(visitor.find('tile-plaza').getByTestId('live-video'));
  const [cookie] = await visitor.context.cookies();
  assert.deepEqual([cookie.name, cookie.secure, cookie.httpOnly, cookie.sameSite], ['__Host-passerby_session', true, true, 'Strict']);

  await visitor.page.goto(`${recorder.address}/#/account`);
  await visitor.find('second-factor-state').waitFor();
  assert.match(await visitor.find('second-factor-state').innerText(), /Recovery codes that are left: 8.*required/s);
  assert.equal(await visitor.find('second-factor-end').count(), 0);
  await pictures('account-second-factor');

  await visitor.find('user-menu').click();
  await visitor.find('sign-out').click();
  await signIn(kPassword, totp(secret, 1));
  visitor.forgive(/401.*login/);
  await visitor.find('account-page').waitFor();

  // A code is good once; a recovery code stands in.
  await visitor.find('user-menu').click();
  await visitor.find('sign-out').click();
  await signIn(kPassword, totp(secret, 1));
  await visitor.page.getByText('A code is good once').waitFor();
  await visitor.find('login-code').fill(codes[0]);
  await visitor.find('login-submit').click();
  await waitFor('one code less', async () => /left: 7/.test(await visitor.find('second-factor-state').innerText()));
  for (const _ of [1, 2]) visitor.forgive(/401.*login/);

  // Another phone.
  await visitor.find('second-factor-set').click();
  const other = await visitor.find('second-factor-secret').innerText();
  assert.notEqual(other, secret);
  await pictures('second-factor-replace');
  await visitor.find('second-factor-first').fill(totp(other));
  await visitor.find('second-factor-password').fill(kPassword);
  await visitor.find('second-factor-old').fill(codes[1]);
  await visitor.find('second-factor-submit').click();
  await visitor.find('recovery-done').click();
  await waitFor('eight new ones', async () => /left: 8/.test(await visitor.find('second-factor-state').innerText()));
  assert.deepEqual(visitor.problems, []);
});
