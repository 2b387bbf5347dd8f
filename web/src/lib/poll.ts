/** The parts of a document that say whether anybody looks. */
export type Looked = Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;

/**
 * Does `what` at once and then again `everyMs` after it is done, until the returned function is called. It pauses while the
 * page is hidden, and goes on at once when it is looked at again. `what` must not throw.
 */
export function pollWhileLookedAt(everyMs: number, what: () => Promise<void>, page: Looked = document): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = true;
  let busy = false;

  async function round(): Promise<void> {
    clearTimeout(timer);
    if (!running || busy || page.hidden) return;
    busy = true;
    await what();
    busy = false;
    if (running) timer = setTimeout(() => void round(), everyMs);
  }
  const looked = (): void => void round();

  page.addEventListener('visibilitychange', looked);
  void round();
  return () => {
    running = false;
    clearTimeout(timer);
    page.removeEventListener('visibilitychange', looked);
  };
}
