import { ApiError, exportUrl, request } from './api';
import { saveFile } from './save_file';
import { t } from './strings';
import { dayKey, clock, kHour } from './time';

/** The recorder's limit (doc/api.md). */
export const kLongestExport = 4 * kHour;

/** Why this span cannot be exported, or "". */
export function exportProblem(from: number | null, to: number | null, now: number, longest: string): string {
  if (from === null || to === null) return t.export.invalid;
  if (to <= from) return t.export.order;
  if (to - from > kLongestExport) return t.export.tooLong(longest);
  return from >= now ? t.export.future : '';
}

function fileName(response: Response, cameraId: string, from: number): string {
  const given = /filename="?([^";]+)"?/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
  return given ?? `${cameraId}_${dayKey(from)}_${clock(from).replaceAll(':', '-')}.mp4`;
}

/** Counts what flows through. */
function counter(onProgress: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      onProgress((bytes += chunk.byteLength));
      controller.enqueue(chunk);
    },
  });
}

/**
 * Downloads a span as an MP4 and hands it to the browser to save. Resolves with its size in bytes and where its proof is;
 * throws an Error whose message a person can read, or an AbortError.
 */
export async function exportClip(
  cameraId: string,
  from: number,
  to: number,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<{ size: number; proof: string; name: string }> {
  const response = await request(exportUrl(cameraId, from, to), { signal }).catch((error: unknown) => {
    throw error instanceof ApiError && error.status === 404 ? new Error(t.export.none) : error;
  });
  if (!response.body) throw new Error(t.export.broken);
  const clip = await new Response(response.body.pipeThrough(counter(onProgress))).blob().catch((error: unknown) => {
    throw signal.aborted ? error : new Error(t.export.broken);
  });
  const name = fileName(response, cameraId, from);
  saveFile(name, new Blob([clip], { type: 'video/mp4' }));
  return { size: clip.size, proof: response.headers.get('X-Passerby-Proof') ?? '', name: name.replace(/\.mp4$/, '.proof') };
}
