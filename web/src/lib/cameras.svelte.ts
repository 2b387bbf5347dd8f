import { api, ApiError } from './api';
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
      await this.poll(round % kHealthEvery === 0);
      if (running) timer = setTimeout(() => void loop(round + 1), kPollMs);
    };
    void loop(0);
    return () => {
      running = false;
      clearTimeout(timer);
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

  private async poll(withHealth: boolean): Promise<void> {
    try {
      this.list = await api.cameras();
      this.loaded = true;
      this.lost = false;
      if (withHealth) this.health = await api.health();
    } catch (error) {
      this.lost = !(error instanceof ApiError && error.status === 401);
    }
  }
}

export const cameras = new CameraStore();
