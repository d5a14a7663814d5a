/** How many messages the customer will get: the server cuts by the same rules. */

import type { Limits } from "@/api/types";

interface PlannedFile {
  kind: string;
  size: number;
}

export interface Plan {
  /** Characters, as the limit counts them. */
  characters: number;
  /** What the text may have before it is cut. */
  limit: number;
  /** Messages of text, without a caption. */
  textMessages: number;
  messages: number;
  /** Whether the text stands beside the first file. */
  caption: boolean;
}

export function plan(text: string, files: readonly PlannedFile[], limits: Limits): Plan {
  const content = text.trim();
  const characters = Array.from(content).length;
  const groups = groupsOf(files, limits);
  const first = groups[0];
  const captionLimit = Math.min(limits.caption_limit, limits.text_limit);
  const captioned = first?.every((file) => limits.captioned.includes(file.kind)) ?? false;
  const caption = captioned && content !== "" && characters <= captionLimit;
  const textMessages = caption || content === "" ? 0 : parts(content, limits.text_limit);
  const limit = captioned ? captionLimit : limits.text_limit;
  return { characters, limit, textMessages, messages: textMessages + groups.length, caption };
}

function groupsOf(files: readonly PlannedFile[], limits: Limits): PlannedFile[][] {
  const groups: PlannedFile[][] = [];
  let size = 0;
  for (const file of files) {
    const most = limits.media[file.kind as keyof Limits["media"]]?.max_bytes ?? Infinity;
    const group = groups.at(-1);
    if (!group || group.length >= limits.media_per_message || size + file.size > most) {
      groups.push([file]);
      size = file.size;
    } else {
      group.push(file);
      size += file.size;
    }
  }
  return groups;
}

/** Where a reader would cut: best between paragraphs, then after a line or sentence, then a word. */
const CUTS = [/\n\s*\n\s*/g, /\n\s*|(?<=[.!?…。！？]["'”’»)]*)\s+/g, /\s+/g];

function parts(text: string, limit: number): number {
  let left = text;
  let count = 1;
  for (let letters = Array.from(left); letters.length > limit; letters = Array.from(left)) {
    const room = letters.slice(0, limit + 1).join("");
    const most = letters.slice(0, limit).join("").length;
    const place = CUTS.map((cut) => [...room.matchAll(cut)].findLast((at) => at.index > 0 && at.index <= most)).find(Boolean);
    left = place ? left.slice(place.index).trimStart() : left.slice(most);
    if (left) count += 1;
  }
  return count;
}
