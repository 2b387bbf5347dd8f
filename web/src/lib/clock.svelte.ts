/** The time of day for everything that shows "5 min ago" or a mark for now; ticks once a second. */
class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), 1000);
  }
}

export const wallClock = new Clock();
