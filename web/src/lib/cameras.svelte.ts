import { api, ApiError } from './api';
import { can } from './rights';
import { session } from './session.svelte';
import type { Camera, Health } from './types';

const kPollMs = 5000;
const kHealthEvery = 6;

/** The cameras and the recorder's health, fetched again and again while someone is signed in. */
class CameraStore {
  list = $state<Camera[]>([]);
  loaded = $state(false);
  /** True while the recorder does not answer. */
  lost = $state(false);
  health = $state<Health | null>(null);

  /** Polls until the returned function is called. */
  start(): () => void {
    let running = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const loop = async (round: number): Promise<void> => {
      // Roles may be given and taken meanwhile.
      if (round > 0 && round % kHealthEvery === 0) await session.refresh();
      await this.poll(round % kHealthEvery === 0, () => running);
      if (running) timer = setTimeout(() => void loop(round + 1), kPollMs);
    };
    void loop(0);
    return () => {
      running = false;
      clearTimeout(timer);
      // Whoever signs in next may see less.
      this.list = [];
      this.loaded = this.lost = false;
      this.health = null;
    };
  }

  find(id: string): Camera | undefined {
    return this.list.find((camera) => camera.id === id);
  }

  /** Takes in what a live connection said, which is newer than the last poll, and may be a part only. */
  update(camera: Pick<Camera, 'id'> & Partial<Camera>): void {
    const index = this.list.findIndex((known) => known.id === camera.id);
    const known = this.list[index];
    if (known) this.list[index] = { ...known, ...camera };
  }

  private async poll(withHealth: boolean, wanted: () => boolean): Promise<void> {
    try {
      const list = await api.cameras();
      if (!wanted()) return;
      this.list = list;
      this.loaded = true;
      this.lost = false;
      if (!withHealth) return;
      const health = can('maintain') ? await api.health() : null;
      if (wanted()) this.health = health;
    } catch (error) {
      // An answer, if only a refusal, is no lost connection; without a session it is asked no more.
      if (wanted()) this.lost = !(error instanceof ApiError && (error.status === 401 || error.status === 403));
    }
  }
}

export const cameras = new CameraStore();
