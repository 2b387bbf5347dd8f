// Every page for those who cannot see well, use no mouse, or get dizzy: axe finds nothing (WCAG 2.2 A and AA, and its own good
// practice), in light and dark, on a phone and on a desk; the keyboard reaches everything, and one sees where it is.
//
//     node tests/accessible_test.mjs PROGRAM
//     PICTURES=yes node tests/accessible_test.mjs PROGRAM     # and every page in three sizes to build/screenshots
import axe from 'axe-core';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contrast, kLeastContrast, kPassword, launch, Recorder, Visitor, waitFor } from './in_browser.mjs';

const kPictures = process.env.PICTURES === 'yes';
const kRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const kDesk = { width: 1440, height: 900 };
const kPhone = { width: 390, height: 844 };
const kWall = { width: 2560, height: 1440 };
/** More than there is on any page. */
const kMostTabs = 250;

const recorder = new Recorder();
let browser, visitor;

before(async () => {
  [browser] = await Promise.all([launch(), recorder.start()]);
  visitor = await Visitor.enter(browser, recorder, { viewport: kDesk, reducedMotion: 'reduce' });
});

after(async () => {
  await browser?.close();
  await recorder.stop();
});

/** The window in another size or other colours, and painted so. */
async function show(size, colorScheme) {
  const { page } = visitor;
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(async () => {
    for (let i = 0; i < 2; ++i) await new Promise(requestAnimationFrame);
  });
}

/** What axe has against the page as it is now: one line for each rule and element. */
async function complaints() {
  const { page } = visitor;
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), kRules);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.html.slice(0, 160)}\n    ${node.failureSummary}`));
}

/** Goes through the page by the Tab key; says what cannot be reached, or not be seen to be. */
async function keyboardTrouble() {
  const { page } = visitor;
  await page.evaluate(() => {
    document.activeElement?.blur();
    // Where Tab starts from: the top of the page, and not what was clicked last.
    const top = document.createElement('span');
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.remove();
  });
  const trouble = [];
  for (let tabs = 0; tabs < kMostTabs; ++tabs) {
    await page.keyboard.press('Tab');
    const said = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return { end: true };
      // A field of date and time has several stops.
      const again = at.dataset.visited !== undefined && at.dataset.visited !== 'last';
      for (const before of document.querySelectorAll('[data-visited=last]')) before.dataset.visited = 'before';
      if (again) return { end: true };
      at.dataset.visited = 'last';
      // A field may be hidden behind its label, which then shows the focus.
      const shown = at.getBoundingClientRect().width < 2 ? (at.closest('label') ?? at) : at;
      const style = getComputedStyle(shown);
      const { left, top, width, height } = shown.getBoundingClientRect();
      const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + x * width, top + y * height]));
      const atop = points.map(([x, y]) => document.elementFromPoint(x, y));
      const clear = atop.some((other) => other && (shown.contains(other) || other.contains(shown)));
      const marked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
      const what = at.outerHTML.replace(/<!--.*?-->/g, '').slice(0, 120);
      return { what, trouble: !clear ? 'is hidden behind something' : !marked ? 'does not show that it has the focus' : '' };
    });
    if (said.end) break;
    if (said.trouble) trouble.push(`${said.what} ${said.trouble}`);
  }
  const missed = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
    const missed = all.filter((one) => {
      // One radio button of a group stands for all: the arrow keys go on.
      if (one.disabled || one.dataset.visited || one.type === 'radio') return false;
      return one.checkVisibility({ checkVisibilityCSS: true }) && one.tabIndex >= 0;
    });
    for (const one of all) delete one.dataset.visited;
    return missed.map((one) => one.outerHTML.slice(0, 120));
  });
  return [...trouble, ...missed.map((what) => `${what} is not reached`)];
}

async function look(name) {
  const { page } = visitor;
  const found = [];
  const note = (where, what) => found.push(...what.map((line) => `${name}, ${where}: ${line}`));
  for (const [where, size, colorScheme] of [['dark', kDesk, 'dark'], ['phone', kPhone, 'dark'], ['light', kDesk, 'light']]) {
    await show(size, colorScheme);
    note(where, await complaints());
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) found.push(`${name}, ${where}: ${wide} px wider than the window`);
  }
  const moving = await page.evaluate(() => document.getAnimations().length);
  if (moving > 0) found.push(`${name}: ${moving} things move although it was asked that nothing does`);
  note('keyboard', await keyboardTrouble());
  if (kPictures) {
    for (const [where, size] of Object.entries({ phone: kPhone, desk: kDesk, wall: kWall })) {
      for (const colorScheme of ['dark', 'light']) {
        await show(size, colorScheme);
        await visitor.screenshot(`every-${name}-${where}-${colorScheme}`, { fullPage: where === 'phone' });
      }
    }
    await show(kDesk, 'light');
  }
  return found;
}

const lastHours = () => `from=${new Date(Date.now() - 7200_000).toISOString()}&to=${new Date(Date.now() + 3600_000).toISOString()}`;

test('every page', async (t) => {
  const { page } = visitor;
  const go = (address, shown) => async () => {
    await page.goto(`${recorder.address}/#/${address}`);
    await visitor.find(shown).first().waitFor();
  };
  const click = (id) => visitor.find(id).click();
  const fill = (id, text) => visitor.find(id).fill(text);
  const lively = async (video) => waitFor('a picture', async () => contrast((await visitor.look(video)).grid) > kLeastContrast);
  /** In this order; each goes on where the one before has ended. */
  const pages = {
    login: () => visitor.find('login-user').waitFor(),
    'login-refused': async () => {
      await fill('login-user', 'admin');
      await fill('login-password', 'not the password');
      await click('login-submit');
      await page.getByRole('alert').waitFor();
      visitor.forgive(/401/);
    },
    'new-password': async () => {
      visitor.signedIn = true;
      await fill('login-password', recorder.password);
      await click('login-submit');
      await visitor.find('new-password').waitFor();
    },
    wall: async () => {
      await fill('new-password', kPassword);
      await click('new-password-submit');
      await lively(visitor.find('tile-plaza').getByTestId('live-video'));
      await waitFor('the scene is seen', async () => (await visitor.api('/api/cameras/plaza')).covered < 0.5);
    },
    places: async () => {
      const places = [{ name: 'Road', points: '0.4,0.64 0.4,0.33' }];
      const body = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ places }) };
      assert.ok(await page.evaluate(async (body) => (await fetch('/api/cameras/plaza/places', body)).ok, body));
      await go('places/plaza', 'place-remove')();
      await lively(visitor.find('live-video'));
    },
    menu: async () => {
      await go('', 'tile-plaza')();
      await click('user-menu');
      await visitor.find('purpose').waitFor();
    },
    'camera-live': async () => {
      await go('camera/plaza', 'timeline')();
      await lively(visitor.find('live-video'));
    },
    'camera-export': async () => {
      await click('export-open');
      await visitor.find('protect-reason').waitFor();
    },
    'camera-recording': async () => {
      const { last } = await visitor.api('/api/cameras/plaza');
      await go(`camera/plaza?t=${new Date(Date.parse(last) - 3000).toISOString()}`, 'recording-video')();
      await lively(visitor.find('recording-video'));
    },
    'camera-calendar': async () => {
      // The first finished recording; it ends with a minute of the clock.
      await waitFor('an hour', async () => (await visitor.api(`/api/cameras/plaza/hours?${lastHours()}`)).length > 0);
      await click('day');
      await page.locator('[data-testid^="day-"][aria-label$="recorded"]').first().waitFor();
    },
    'camera-unknown': async () => {
      await page.goto(`${recorder.address}/#/camera/nowhere`);
      await page.locator('main.missing').waitFor();
    },
    scene: async () => {
      await waitFor('the scene of the gate', async () => (await visitor.api('/api/cameras/gate')).proven > 0.5);
      await go('scene/gate', 'scene-draw')();
    },
    masks: async () => {
      await go('masks/plaza', 'mask-draw')();
      await lively(visitor.find('live-video'));
      await visitor.find('mask-draw').click({ position: { x: 30, y: 30 } });
      await visitor.find('mask-draw').click({ position: { x: 90, y: 30 } });
      await visitor.find('mask-draw').click({ position: { x: 60, y: 90 } });
      await page.keyboard.press('Enter');
      await visitor.find('mask-remove').waitFor();
    },
    use: go('use', 'ledger-entries'),
    openings: go('openings', 'openings-page'),
    answer: go('answer', 'answer-page'),
    health: go('health', 'health-camera-gate'),
    users: go('users', 'user-admin'),
    'user-new': async () => {
      await click('add-user');
      await visitor.find('new-user-name').waitFor();
    },
    settings: go('settings', 'setting-plaza'),
    'settings-camera': async () => {
      await click('add-camera');
      await visitor.find('camera-form').waitFor();
    },
    setup: go('setup', 'setup-page'),
    account: go('account', 'logins'),
    'token-new': async () => {
      await click('token-new');
      await visitor.find('token-name').waitFor();
    },
    password: go('password', 'new-password'),
    activity: async () => {
      await go('activity/plaza', 'budget')();
      // It is told at the end of a minute, and the page asks once a minute.
      await waitFor('a number', async () => (await visitor.api(`/api/cameras/plaza/activity?${lastHours()}`)).numbers.length > 0);
      await page.reload();
      const card = page.locator('section[data-testid^="activity-"]', { has: page.locator('svg[role=img]') }).first();
      await card.waitFor();
      await card.locator('summary').click();
    },
  };
  const found = [];
  for (const [name, open] of Object.entries(pages)) {
    await t.test(name, async () => {
      await open();
      const here = await look(name);
      found.push(...here);
      assert.deepEqual(here, []);
    });
  }
  await t.test('nothing else went wrong', () => assert.deepEqual(visitor.problems, []));
});
