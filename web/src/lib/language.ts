/** The languages that the app speaks, each named in itself. */
export const languages = { en: 'English', de: 'Deutsch' } as const;

export type Language = keyof typeof languages;

const kKey = 'passerby.language';

const isLanguage = (code: string): code is Language => Object.keys(languages).includes(code);

/** What somebody chose in this browser, or null. Reading may throw where a browser keeps nothing for us. */
function storedChoice(): string | null {
  try {
    return localStorage.getItem(kKey);
  } catch {
    return null;
  }
}

/** What was chosen, else the first that the browser prefers of those we have, else English. */
export function chosenLanguage(stored = storedChoice(), preferred: readonly string[] = navigator.languages): Language {
  const wanted = [stored ?? '', ...preferred.map((tag) => tag.toLowerCase().split('-', 1)[0] ?? '')];
  return wanted.find(isLanguage) ?? 'en';
}

/** Keeps the choice and starts the page again, so that nothing is left in the language before. */
export function chooseLanguage(language: Language): void {
  try {
    localStorage.setItem(kKey, language);
  } catch {
    // Where nothing is kept there is no session either: the browser's own language remains.
    return;
  }
  location.reload();
}
