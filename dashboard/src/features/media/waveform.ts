/** A waveform's bars from a file's peaks. */

/** `count` bars from 0.08 to 1, each the loudest of its share; silence keeps a visible line. */
export function barsOf(peaks: number[] | null, count: number): number[] {
  if (!peaks || peaks.length === 0) return Array.from({ length: count }, () => 0.08);
  const top = Math.max(1, ...peaks);
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
    const loudest = Math.max(0, ...peaks.slice(from, to));
    return Math.max(0.08, Math.min(1, loudest / top));
  });
}
