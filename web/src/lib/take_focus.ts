import type { ActionReturn } from 'svelte/action';

/** For what opens in the page: it takes the focus, and gives it back to what had it unless that has moved on by itself. */
export function takeFocus(node: HTMLElement): ActionReturn {
  const before = document.activeElement;
  node.focus();
  return {
    destroy() {
      const now = document.activeElement;
      const lost = !now || now === document.body || node.contains(now);
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
    },
  };
}
