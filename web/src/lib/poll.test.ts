import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pollWhileLookedAt, type Looked } from './poll';

class Page extends EventTarget {
  hidden = false;

  turn(hidden: boolean): void {
    this.hidden = hidden;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

describe('polling', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes on while the page is looked at, and at once when it is looked at again', async () => {
    const page = new Page();
    const what = vi.fn(async () => {});
    const stop = pollWhileLookedAt(1000, what, page as unknown as Looked);
    expect(what).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2500);
    expect(what).toHaveBeenCalledTimes(3);
    page.turn(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(what).toHaveBeenCalledTimes(3);
    page.turn(false);
    expect(what).toHaveBeenCalledTimes(4);
    await vi.advanceTimersByTimeAsync(1000);
    expect(what).toHaveBeenCalledTimes(5);
    stop();
    page.turn(false);
    await vi.advanceTimersByTimeAsync(5000);
    expect(what).toHaveBeenCalledTimes(5);
  });

  it('never does it twice at once', async () => {
    const page = new Page();
    let done = (): void => {};
    const what = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
    const stop = pollWhileLookedAt(1000, what, page as unknown as Looked);
    page.turn(true);
    page.turn(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(what).toHaveBeenCalledTimes(1);
    done();
    await vi.advanceTimersByTimeAsync(1000);
    expect(what).toHaveBeenCalledTimes(2);
    stop();
  });
});
