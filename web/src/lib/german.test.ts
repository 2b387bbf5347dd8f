import { beforeAll, describe, expect, it } from 'vitest';
import { coverWords } from './camera_words';
import { exportProblem } from './export_clip';
import { gapDetail, gapWords } from './gap_words';
import { weekdayNames } from './month_grid';
import { speak, t } from './strings';
import { percent } from './strings/percent';
import { byteSize, clockOrDay, dayName, dayNameNear, dayNumbers, duration, kDay, kHour, monthName, utc } from './time';
import type { Camera } from './types';

beforeAll(() => speak('de'));

const at = Date.parse('2026-03-01T12:34:56Z');

describe('in German', () => {
  it('days and months are German', () => {
    expect(dayName(at)).toBe('So., 1. März 2026');
    expect(dayNameNear(at, at + kDay)).toBe('So., 1. März');
    expect(monthName(at)).toBe('März 2026');
    expect(weekdayNames()).toEqual(['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So']);
    expect(clockOrDay(at, at + kDay)).toBe('1. März, 13:34');
    expect(dayNumbers(at)).toBe('01.03.2026');
    expect(utc(at)).toBe('01.03.2026, 12:34:56 UTC');
  });

  it('shares are whole per cents, and never more than is true', () => {
    expect([0, 0.001, 0.42, 0.999, 1].map(percent)).toEqual(['0\u00a0%', '<1\u00a0%', '42\u00a0%', '99\u00a0%', '100\u00a0%']);
    expect(t.camera.covered(0.42)).toBe('42\u00a0% verdeckt');
  });

  it('sizes have a decimal comma', () => {
    expect([0, 999, 1000, 12_345_678, 5e11].map(byteSize)).toEqual([
      '0\u00a0B', '999\u00a0B', '1,0\u00a0kB', '12,3\u00a0MB', '500\u00a0GB',
    ]); // prettier-ignore
    expect(t.details.size(1280, 720, 24.97)).toBe('1280\u00a0×\u00a0720, 25\u00a0Bilder/s');
  });

  it('durations keep numbers and units together', () => {
    const cases: [number, string][] = [
      [220, '<1_s'], [59_400, '59_s'], [61_000, '1_min'], [kHour + 300_000, '1_h 05_min'], [kDay, '1_Tag'],
      [3 * kDay + 4 * kHour, '3_Tage 4_h'],
    ]; // prettier-ignore
    for (const [ms, text] of cases) expect(duration(ms)).toBe(text.replaceAll('_', '\u00a0'));
    expect(duration(61_000, true)).toBe('1\u00a0min 01\u00a0s');
  });

  it('the recorder’s codes have German words, and its own sentences stay apart', () => {
    const gap = { start: at, end: null, cause: 'disk', detail: 'no space left on device' };
    expect(gapWords(gap)).toBe('Datenträger voll oder zu langsam');
    expect(gapDetail(gap)).toBe('no space left on device');
    expect(gapDetail({ ...gap, detail: 'disk' })).toBe('');
    expect(gapWords({ ...gap, cause: 'solar_flare' })).toBe('Solar flare');
    const camera = { state: 'live', doubt: 'the camera was moved' } as Camera;
    expect(coverWords(camera)).toEqual({ text: 'Ganzes Bild verdeckt', why: 'the camera was moved', tone: 'warn' });
    expect(exportProblem(at, at + 5 * kHour, at, duration(4 * kHour))).toBe('Höchstens 4\u00a0h in einem Clip.');
  });
});
