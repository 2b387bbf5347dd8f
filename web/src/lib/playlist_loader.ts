import type { Loader, LoaderCallbacks, LoaderConfiguration, LoaderStats, PlaylistLoaderContext } from 'hls.js/light';

const still = (): { start: number; first: number; end: number } => ({ start: 0, first: 0, end: 0 });

/** A playlist loader for hls.js that hands over `text`, so that a playlist we have read is not asked for twice. */
export function loaderOf(text: string): new () => Loader<PlaylistLoaderContext> {
  return class {
    context: PlaylistLoaderContext | null = null;
    readonly stats: LoaderStats = {
      aborted: false,
      loaded: text.length,
      retry: 0,
      total: text.length,
      chunkCount: 0,
      bwEstimate: 0,
      loading: still(),
      parsing: { start: 0, end: 0 },
      buffering: still(),
    };

    load(context: PlaylistLoaderContext, _config: LoaderConfiguration, callbacks: LoaderCallbacks<PlaylistLoaderContext>): void {
      this.context = context;
      queueMicrotask(() => {
        if (!this.stats.aborted) callbacks.onSuccess({ url: context.url, data: text }, this.stats, context, null);
      });
    }

    abort(): void {
      this.stats.aborted = true;
    }

    destroy(): void {
      this.abort();
    }
  };
}
