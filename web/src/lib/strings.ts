import type { Language } from './language';
import type { Strings } from './strings/en';

/**
 * Every text of the app, in the language that `speak` loaded. There are none before: main.ts waits for them, so read them
 * where they are shown, not while a module loads.
 */
export let t: Strings;

const texts: Record<Language, () => Promise<Strings>> = {
  en: async () => (await import('./strings/en')).en,
  de: async () => (await import('./strings/de')).de,
};

export async function speak(language: Language): Promise<void> {
  t = await texts[language]();
}
