/** Seconds that should still be unplayed when the next fragment arrives. */
const kWantedSlack = 0.2;
const kMostWantedSlack = 1.2;
/** More than this above what is wanted is skipped; less is caught up by playing a little faster. */
const kJumpAbove = 1.2;
const kHurryAbove = 0.3;
const kHurryRate = 1.1;
/** Stalls that follow each other this closely, or the start, are one event. */
const kSettleS = 3;
const kMoreAfterStall = 0.15;
/** Without a stall for this long, a little less is tried. */
const kCalmS = 15;
const kLessWhenCalm = 0.05;

export interface LatencyAction {
  seekTo: number | null;
  rate: number;
}

/**
 * Keeps a live picture close to its source without stalling.
 *
 * What counts is the slack: how much was still unplayed at the moment a fragment arrived. Unlike the length of the buffer
 * it does not depend on how long fragments are. A stall means that fragments come less evenly than thought, and raises
 * the slack that is wanted; calm lowers it again. All times are in seconds, `now` by any steady clock.
 */
export class LatencyControl {
  private wanted = kWantedSlack;
  private hurrying = false;
  private unrest: number;

  constructor(now: number) {
    this.unrest = now;
  }

  /** To be called just before a fragment is appended; `bufferedEnd` and `currentTime` are media time. */
  arrival(bufferedEnd: number, currentTime: number, now: number): LatencyAction {
    if (now - this.unrest > kCalmS) {
      this.unrest = now;
      this.wanted = Math.max(kWantedSlack, this.wanted - kLessWhenCalm);
    }
    const over = bufferedEnd - currentTime - this.wanted;
    if (over > kJumpAbove) {
      this.hurrying = false;
      return { seekTo: bufferedEnd - this.wanted, rate: 1 };
    }
    this.hurrying = over > (this.hurrying ? 0 : kHurryAbove);
    return { seekTo: null, rate: this.hurrying ? kHurryRate : 1 };
  }

  stalled(now: number): void {
    if (now - this.unrest < kSettleS) return;
    this.unrest = now;
    this.wanted = Math.min(kMostWantedSlack, this.wanted + kMoreAfterStall);
  }
}

const kFirstRetryMs = 500;
const kLastRetryMs = 10_000;

/** How long to wait before the n-th try (from 0) to connect again, in milliseconds. */
export const retryDelay = (attempt: number): number => Math.min(kLastRetryMs, kFirstRetryMs * 2 ** attempt);
