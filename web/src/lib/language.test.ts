import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseLanguage, chosenLanguage } from './language';
import { speak, t } from './strings';

afterEach(() => void vi.unstubAllGlobals());

function browser(languages: string[], storage: Partial<Storage>): { reload: ReturnType<typeof vi.fn> } {
  const reload = vi.fn();
  vi.stubGlobal('navigator', { languages });
  vi.stubGlobal('localStorage', storage);
  vi.stubGlobal('location', { reload });
  return { reload };
}

const refusing = (): never => {
  throw new DOMException('denied', 'SecurityError');
};

describe('the language', () => {
  it('is what was chosen', () => {
    expect(chosenLanguage('de', ['en-GB'])).toBe('de');
    expect(chosenLanguage('en', ['de'])).toBe('en');
  });

  it('is else the first that the browser prefers of those we have', () => {
    const cases: [string[], string][] = [
      [['de'], 'de'], [['de-AT', 'en'], 'de'], [['DE-ch'], 'de'], [['en-US', 'de'], 'en'], [['fr-FR', 'de-DE', 'en'], 'de'],
      [['fr', 'it'], 'en'], [['den', 'deu'], 'en'], [[], 'en'], [['toString'], 'en'],
    ]; // prettier-ignore
    for (const [preferred, language] of cases) expect(chosenLanguage(null, preferred), preferred.join()).toBe(language);
  });

  it('is not what was chosen of languages that are gone', () => {
    for (const stored of ['fr', '', 'constructor', 'DE']) expect(chosenLanguage(stored, ['de']), stored).toBe('de');
  });

  it('is kept, and the page starts again', () => {
    const kept = new Map<string, string>();
    const { reload } = browser(['de'], { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) });
    expect(chosenLanguage()).toBe('de');
    chooseLanguage('en');
    expect(reload).toHaveBeenCalledOnce();
    expect(chosenLanguage()).toBe('en');
  });

  it('is the browser’s where storage throws, or is not there', () => {
    const { reload } = browser(['de-DE'], { getItem: refusing, setItem: refusing });
    expect(chosenLanguage()).toBe('de');
    expect(() => chooseLanguage('en')).not.toThrow();
    expect(reload).not.toHaveBeenCalled();
    Object.defineProperty(globalThis, 'localStorage', { get: refusing, configurable: true });
    expect(chosenLanguage()).toBe('de');
    expect(() => chooseLanguage('en')).not.toThrow();
  });

  it('is what is spoken then', async () => {
    await speak('de');
    expect([t.locale, t.close]).toEqual(['de-DE', 'Schließen']);
    await speak('en');
    expect([t.locale, t.close]).toEqual(['en-GB', 'Close']);
  });

  it('is read by nothing while the app’s modules load, since it is not there yet', async () => {
    browser([], {});
    vi.stubGlobal('location', { hash: '' });
    vi.stubGlobal('addEventListener', vi.fn());
    vi.useFakeTimers();
    vi.resetModules();
    expect((await import('./strings')).t).toBeUndefined();
    await import('../App.svelte');
    vi.useRealTimers();
    // All of the app is compiled for this, which takes a busy machine a while.
  }, 60_000);
});
