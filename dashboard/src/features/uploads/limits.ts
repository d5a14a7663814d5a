/** Whether the channel takes a file, before a byte of it is sent. The server judges again. */

import type { Limits, MediaLimit } from "@/api/types";
import type { FileKind, FileType } from "@/features/uploads/file-types";
import type { TextKey, Translate } from "@/lib/i18n";

/** A text of the catalogue, to be told where it is shown. */
export interface Problem {
  key: TextKey;
  values?: Record<string, string | number>;
}

/** The problem in the person's language; values that are keys are texts themselves. */
export function say(problem: Problem, t: Translate): string {
  const values = Object.entries(problem.values ?? {}).map(([name, value]) => [
    name,
    typeof value === "string" && /^composer\.\w+$/.test(value) ? t(value as TextKey) : value,
  ]);
  return t(problem.key, Object.fromEntries(values) as Record<string, string | number>);
}

export type Verdict =
  | { ok: true; limit: MediaLimit; /** The server may make it smaller. */ fit: boolean }
  | { ok: false; problem: Problem };

/** Of one response. */
export const MOST_FILES = 10;
const MEGABYTE = 1024 * 1024;
/** The largest file that the server takes in to make it smaller. */
const MOST_TO_FIT = 100 * MEGABYTE;

const NAMES: Record<string, string> = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/gif": "GIF",
  "image/webp": "WebP",
  "audio/mpeg": "MP3",
  "audio/mp4": "M4A",
  "audio/aac": "AAC",
  "audio/amr": "AMR",
  "audio/ogg": "OGG",
  "audio/ogg; codecs=opus": "OGG Opus",
  "audio/wav": "WAV",
  "audio/webm": "WebM",
  "audio/3gpp": "3GP",
  "video/mp4": "MP4",
  "video/3gpp": "3GP",
  "video/mpeg": "MPEG",
  "video/quicktime": "MOV",
  "video/webm": "WebM",
  "application/pdf": "PDF",
  "application/msword": "DOC",
  "application/vnd.ms-excel": "XLS",
  "application/vnd.ms-powerpoint": "PPT",
  "text/plain": "TXT",
  "text/csv": "CSV",
  "text/rtf": "RTF",
  "text/vcard": "vCard",
};

/** A content type as people say it. */
export function typeName(contentType: string): string {
  const office = /(wordprocessing|spreadsheet|presentation)ml/.exec(contentType)?.[1];
  if (office) return { wordprocessing: "DOCX", spreadsheet: "XLSX", presentation: "PPTX" }[office] ?? contentType;
  return NAMES[contentType] ?? contentType;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < MEGABYTE) return `${Math.round(size / 1024)} kB`;
  const megabytes = size / MEGABYTE;
  return `${megabytes >= 10 ? Math.round(megabytes) : Math.round(megabytes * 10) / 10} MB`;
}

const kindKey = (kind: FileKind) => `composer.kind_${kind}`;

/** `kind` and `channel` among the values are keys of the catalogue, too. */
export function check(file: { name: string; size: number }, type: FileType | null, limits: Limits): Verdict {
  const named = { file: file.name, channel: `composer.channel_${limits.channel}` };
  const refuse = (key: TextKey, values: Record<string, string | number> = {}): Verdict => ({
    ok: false,
    problem: { key, values: { ...named, ...values } },
  });
  if (file.size === 0) return refuse("composer.problem_empty");
  if (!type) return refuse("composer.problem_unknown_type", { types: acceptedNames(limits) });
  const limit = limits.media[type.kind];
  if (!limit) return refuse("composer.problem_no_kind", { kind: kindKey(type.kind), types: acceptedNames(limits) });
  if (!limit.content_types.includes(type.contentType) && !limit.converted) {
    return refuse("composer.problem_no_type", {
      type: typeName(type.contentType),
      types: limit.content_types.map(typeName).join(", "),
    });
  }
  if (file.size <= limit.max_bytes) return { ok: true, limit, fit: false };
  if (mayFit(file.size, type, limit)) return { ok: true, limit, fit: true };
  return refuse("composer.problem_too_large", { kind: kindKey(type.kind), size: bytes(file.size), limit: bytes(limit.max_bytes) });
}

/** A picture that moves would stand still afterwards. */
function mayFit(size: number, type: FileType, limit: MediaLimit): boolean {
  const fits = type.kind === "video" || (type.kind === "image" && type.contentType !== "image/gif");
  return fits && limit.converted && size <= MOST_TO_FIT;
}

function acceptedNames(limits: Limits): string {
  const types = Object.entries(limits.media)
    .filter(([kind]) => kind !== "sticker")
    .flatMap(([, limit]) => limit.content_types);
  return [...new Set(types.map(typeName))].join(", ");
}
