import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';

/** What a text becomes of arguments that can be told apart; 31 and 32 are also numbers, days and codes enough. */
const kArguments = ['31', '32', '33', '34'];

/** Every text by its path, as `gaps.causes.disk`. */
function leaves(texts: object, path = ''): [string, unknown][] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'object' && value ? leaves(value as object, `${path}${name}.`) : [[`${path}${name}`, value] as [string, unknown]],
  );
}

const shape = (texts: object): string[] =>
  leaves(texts).map(([path, value]) => `${path}: ${typeof value === 'function' ? `of ${value.length}` : typeof value}`);

const said = (value: unknown): string => (typeof value === 'function' ? String(value(...kArguments.slice(0, value.length))) : String(value));

const german = new Map(leaves(de));
const pairs = leaves(en).map(([path, value]) => ({ path, english: said(value), german: said(german.get(path)) }));

/** What is the same in both languages (a date only while it is none). */
const kSame = ['product', 'date', 'wall.version', 'camera.states.live', 'player.live', 'details.styles.silhouette', 'scene.approvedBy',
  'activity.kinds.zone', 'places.name', 'places.usual.zone', 'use.what.live', 'use.times', 'health.version']; // prettier-ignore

describe('English and German', () => {
  it('have the same texts, of the same arguments', () => {
    expect(shape(de).sort()).toEqual(shape(en).sort());
    expect(pairs.length).toBeGreaterThan(250);
  });

  it('differ, but for a few', () => {
    expect(pairs.filter(({ english, german }) => english === german).map(({ path }) => path)).toEqual(kSame);
  });

  it('are never empty', () => {
    for (const { path, english, german } of pairs) for (const text of [english, german]) expect(text.trim(), path).not.toBe('');
  });

  it('say the same of what they are told', () => {
    const told = (text: string): string[] => kArguments.filter((argument) => text.includes(argument));
    for (const { path, english, german } of pairs) expect(told(german), path).toEqual(told(english));
  });

  it('name the same commands, files and options', () => {
    const names = (text: string): string[] => text.match(/passerby(-verify|\.yaml| keyholder \w+)?|\w+\.(json|mp4|yaml)|--\w+|approval: \w+|AGE-[-\w]+/g) ?? [];
    for (const { path, english, german } of pairs) expect(names(german).sort(), path).toEqual(names(english).sort());
  });
});

describe('German', () => {
  it('has German quotation marks, and no space that breaks before a unit', () => {
    for (const { path, german } of pairs) {
      expect(german, path).not.toMatch(/["“”](?=\p{L})|'/u);
      expect((german.match(/„/g) ?? []).length, path).toBe((german.match(/“/g) ?? []).length);
      expect(german, path).not.toMatch(/\d (%|(s|min|h|Tage|Sekunden|Bilder\/s)\b)|\w…/);
    }
  });

  it('knows one from many', () => {
    const cases: [(n: number) => string, string, string][] = [
      [de.password.missing, 'Noch 1 Zeichen', 'Noch 2 Zeichen'],
      [de.scene.approveBut, 'Alles außer dem Rechteck freigeben', 'Alles außer 2 Rechtecken freigeben'],
      [de.scene.without, 'ohne 1 Teil', 'ohne 2 Teile'],
      [de.use.entries, '1 Eintrag', '2 Einträge'],
      [de.health.needs, 'Um eine Sache muss sich jemand kümmern', 'Um 2 Dinge muss sich jemand kümmern'],
      [de.health.diskCount, '1 Datenträger', '2 Datenträger'],
      [de.originals.opened, 'Ein Film, unverdeckt:', '2 Filme, unverdeckt, einer nach dem anderen:'],
      [de.duration.d, '1\u00a0Tag', '2\u00a0Tage'],
      [de.use.verified, 'Bestätigt: Der Eintrag ist der, der mit diesem Schlüssel signiert wurde.',
        'Bestätigt: Alle 2 Einträge sind die, die mit diesem Schlüssel signiert wurden.'],
    ]; // prettier-ignore
    for (const [text, one, two] of cases) expect([text(1), text(2)]).toEqual([one, two]);
    expect([de.wall.live(0, 1), de.wall.live(1, 1), de.wall.live(2, 2)]).toEqual(['0 von 1 live', 'Live', 'Alle live']);
  });
});
