import { describe, expect, it } from 'vitest';
import { recorderInGerman, sentences } from './recorder_de';

const kSources = import.meta.glob<string>(['../../../../src/{server,store}/*.{cc,h}', '!**/*test*'], { query: '?raw', import: 'default', eager: true });

/** The texts of the recorder's sources as it says them: parts joined, escapes resolved. */
function saidByTheRecorder(): string {
  const code = Object.values(kSources);
  return code.join('\n').replace(/"\s*\n\s*"/g, '').replace(/\\"/g, '"');
}

describe('recorderInGerman', () => {
  it('knows sentences that the recorder says', () => {
    const said = saidByTheRecorder();
    expect(sentences.length).toBeGreaterThan(50);
    expect(sentences.map(([english]) => english).filter((english) => !said.includes(english))).toEqual([]);
  });

  it('uses all that the recorder fills in', () => {
    for (const [english, german] of sentences) {
      const filled = english.split('{}').length - 1;
      expect([...german.matchAll(/\{(\d)\}/g)].map(([, n]) => Number(n)), english).toEqual(Array.from({ length: filled }, (_, i) => i + 1));
    }
  });

  it('fills in, and quotes what it does not know', () => {
    expect(recorderInGerman("there is a user 'ada' already")).toBe('Es gibt schon einen Benutzer „ada“.');
    expect(recorderInGerman('nothing is sealed of "gate" between A and B')).toBe('Von „gate“ ist zwischen A und B nichts versiegelt.');
    expect(recorderInGerman('this is only done when it can be put on the record: the disk is full')).toBe(
      'Das geht nur, wenn es ins Protokoll kommt: the disk is full',
    );
    expect(recorderInGerman('the moon is full')).toBe('Der Rekorder meldet auf Englisch: „the moon is full“');
  });
});
