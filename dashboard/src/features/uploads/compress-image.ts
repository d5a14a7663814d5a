/** Pictures made smaller in the browser: never larger, never without the transparency they had. */

import type { MediaLimit } from "@/api/types";
import type { FileType } from "@/features/uploads/file-types";

/** Pixels of the longer side. */
export const LONGEST_SIDE = 2560;
const QUALITIES = [0.86, 0.75, 0.62];
const SHRINK = 0.75;
const SMALLEST_SIDE = 320;

export interface Picture {
  width: number;
  height: number;
  size: number;
}

/** Width and height to draw at; null to leave the picture as it is. */
export function plan(picture: Picture, maxBytes: number): { width: number; height: number } | null {
  const longest = Math.max(picture.width, picture.height);
  if (longest <= LONGEST_SIDE && picture.size <= maxBytes) return null;
  const scale = Math.min(1, LONGEST_SIDE / longest);
  return { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) };
}

/** The types to try, best first. */
export function targets(type: FileType, transparent: boolean, picture: Picture, limit: MediaLimit): string[] {
  const taken = (each: string) => limit.content_types.includes(each);
  if (transparent) return ["image/png", "image/webp"].filter((each, at) => at === 0 || taken(each));
  // A screenshot stays sharp where it is small enough.
  const keep = type.contentType === "image/png" && picture.size <= limit.max_bytes ? ["image/png"] : [];
  return [...keep, "image/jpeg"];
}

export interface Drawn {
  file: File;
  /** Of the picture as it was; null where the browser cannot read it. */
  width: number | null;
  height: number | null;
}

/** The smaller file, or the same one where nothing is to be gained. Never raises. */
export async function compressImage(file: File, type: FileType, limit: MediaLimit): Promise<Drawn> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return { file, width: null, height: null }; // the server says what is wrong with it
  }
  const { width, height } = bitmap;
  try {
    const picture = { width, height, size: file.size };
    const size = plan(picture, limit.max_bytes);
    const blob = size && (await draw(bitmap, size, type, picture, limit));
    return { file: blob && blob.size < file.size ? renamed(file, blob) : file, width, height };
  } catch {
    return { file, width, height };
  } finally {
    bitmap.close();
  }
}

async function draw(
  bitmap: ImageBitmap,
  first: { width: number; height: number },
  type: FileType,
  picture: Picture,
  limit: MediaLimit,
): Promise<Blob | null> {
  let { width, height } = first;
  let best: Blob | null = null;
  const transparent = type.contentType !== "image/jpeg" && hasTransparency(bitmap);
  for (;;) {
    const canvas = paint(bitmap, width, height);
    for (const target of targets(type, transparent, picture, limit)) {
      for (const quality of target === "image/png" ? [1] : QUALITIES) {
        const blob = await encode(canvas, target, quality);
        if (blob && blob.size <= limit.max_bytes) return blob;
        if (blob && (!best || blob.size < best.size)) best = blob;
      }
    }
    if (Math.max(width, height) * SHRINK < SMALLEST_SIDE) return best;
    width = Math.max(1, Math.round(width * SHRINK));
    height = Math.max(1, Math.round(height * SHRINK));
  }
}

function paint(bitmap: ImageBitmap, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

/** Looked for in a small copy: a hole that shows keeps its trace there. */
function hasTransparency(bitmap: ImageBitmap): boolean {
  const scale = Math.min(1, 256 / Math.max(bitmap.width, bitmap.height));
  const canvas = paint(bitmap, Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
  if (!pixels) return true;
  for (let at = 3; at < pixels.length; at += 4) {
    if ((pixels[at] ?? 255) < 250) return true;
  }
  return false;
}

function encode(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => {
    // A browser that does not know the type makes a PNG: that is not what was asked for.
    canvas.toBlob((blob) => resolve(blob && blob.type === type ? blob : null), type, quality);
  });
}

function renamed(file: File, blob: Blob): File {
  const extension = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" }[blob.type] ?? "img";
  const stem = file.name.replace(/\.[^.]*$/, "") || "image";
  return new File([blob], `${stem}.${extension}`, { type: blob.type, lastModified: file.lastModified });
}
