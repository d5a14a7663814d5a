/** The room of a picture, at most 320 px wide and `most` high: known before it is loaded. */

export interface Box {
  width: number;
  height: number;
}

export function boxOf(width: number | null, height: number | null, most = 300): Box {
  if (!width || !height) return { width: 240, height: 180 };
  const scale = Math.min(1, 320 / width, most / height);
  // A sliver is still something to point at.
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}
