/** What a file is, by its first bytes, as the server tells it: a name may be wrong. */

export type FileKind = "image" | "audio" | "video" | "document";

export interface FileType {
  kind: FileKind;
  contentType: string;
}

/** Bytes to look at. */
export const HEAD = 65_536;

const OFFICE = "application/vnd.openxmlformats-officedocument.";
const OFFICE_TYPES: Record<string, string> = {
  docx: `${OFFICE}wordprocessingml.document`,
  xlsx: `${OFFICE}spreadsheetml.sheet`,
  pptx: `${OFFICE}presentationml.presentation`,
};
const OLE_TYPES: Record<string, string> = {
  doc: "application/msword",
  xls: "application/vnd.ms-excel",
  ppt: "application/vnd.ms-powerpoint",
};
/** What the picker of the system offers. The server looks at the bytes. */
export const PICKABLE = [
  "image/jpeg,image/png,image/gif,image/webp",
  "audio/*,.mp3,.ogg,.opus,.wav,.m4a,.aac,.amr",
  "video/*,.mp4,.mpg,.mpeg,.mov,.avi,.3gp,.webm",
  ".pdf,.txt,.csv,.rtf,.vcf,.doc,.docx,.xls,.xlsx,.ppt,.pptx",
].join(",");

const image = (name: string): FileType => ({ kind: "image", contentType: `image/${name}` });
const audio = (name: string): FileType => ({ kind: "audio", contentType: `audio/${name}` });
const video = (name: string): FileType => ({ kind: "video", contentType: `video/${name}` });
const paper = (contentType: string): FileType => ({ kind: "document", contentType });

export function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The type of a file that the server takes; null for any other. */
export function sniff(head: Uint8Array, name: string): FileType | null {
  const text = latin1(head);
  const extension = extensionOf(name);
  const known = byMagic(text) ?? byContainer(text, extension);
  if (known !== undefined) return known;
  const sound = byFrame(head);
  if (sound) return sound;
  if (text.slice(0, 1024).includes("%PDF-")) return paper("application/pdf");
  return asText(head, text, extension);
}

/** Whether it holds more than one picture: those are not drawn again. */
export function isAnimated(head: Uint8Array, type: FileType): boolean {
  if (type.contentType === "image/gif") return true;
  const text = latin1(head.subarray(0, 4096));
  return (
    (type.contentType === "image/webp" && text.includes("ANIM")) ||
    (type.contentType === "image/png" && text.includes("acTL"))
  );
}

/** One letter a byte. Bytes from 80 to 9f become other letters (windows-1252): none is looked for. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function byMagic(text: string): FileType | undefined {
  if (text.startsWith("\xff\xd8\xff")) return image("jpeg");
  if (text.startsWith("PNG\r\n", 1)) return image("png");
  if (/^GIF8[79]a/.test(text)) return image("gif");
  if (text.startsWith("#!AMR")) return audio("amr");
  if (text.startsWith("ID3")) return audio("mpeg");
  if (text.startsWith("{\\rtf")) return paper("text/rtf");
  if (text.startsWith("\0\0\x01\xba") || text.startsWith("\0\0\x01\xb3")) return video("mpeg");
  return undefined;
}

/** Undefined for what is no container; null for one that holds nothing that is taken. */
function byContainer(text: string, extension: string): FileType | null | undefined {
  if (text.startsWith("RIFF")) {
    const form = text.slice(8, 12);
    return form === "WEBP" ? image("webp") : form === "WAVE" ? audio("wav") : form === "AVI " ? video("x-msvideo") : null;
  }
  if (text.startsWith("OggS")) {
    return text.slice(0, 512).includes("OpusHead") ? audio("ogg; codecs=opus") : audio("ogg");
  }
  if (["ftyp", "moov", "mdat", "wide"].includes(text.slice(4, 8)) && text.charCodeAt(0) < 9) {
    return isoMedia(text, extension);
  }
  if (text.slice(1, 64).includes("webm") && text.charCodeAt(0) === 0x1a) {
    return /V_(VP8|VP9|AV1)/.test(text) || !/A_(OPUS|VORBIS)/.test(text) ? video("webm") : audio("webm");
  }
  if (text.startsWith("PK\x03\x04")) return named(OFFICE_TYPES, extension);
  if (text.charCodeAt(0) === 0xd0 && text.charCodeAt(1) === 0xcf) return named(OLE_TYPES, extension);
  return undefined;
}

function named(types: Record<string, string>, extension: string): FileType | null {
  const contentType = types[extension];
  return contentType ? paper(contentType) : null;
}

function isoMedia(text: string, extension: string): FileType | null {
  const brand = text.slice(4, 8) === "ftyp" ? text.slice(8, 12) : "qt  ";
  const handlers: string[] = text.match(/hdlr.{8}(vide|soun)/gs)?.map((each) => each.slice(-4)) ?? [];
  const onlySound = handlers.length > 0 && !handlers.includes("vide");
  if (["M4A ", "M4B ", "F4A "].includes(brand)) return handlers.includes("vide") ? video("mp4") : audio("mp4");
  if (brand === "qt  ") return onlySound ? audio("mp4") : video("quicktime");
  if (/^3g[p2]/.test(brand)) return onlySound ? audio("3gpp") : video("3gpp");
  if (/^(iso|mp4|mp7|avc1|dash|M4V|[fF]4[vV]|MSNV|mmp4|MP4|XAVC|hvc1|cmfc)/.test(brand)) {
    return onlySound || (handlers.length === 0 && extension === "m4a") ? audio("mp4") : video("mp4");
  }
  return null;
}

/** Sound without a container: a frame's first bits. */
function byFrame(head: Uint8Array): FileType | null {
  const [first = 0, second = 0, third = 0] = head;
  if (first !== 0xff) return null;
  if ((second & 0xf6) === 0xf0) return audio("aac");
  const bitrate = third >> 4;
  if ((second & 0xe6) === 0xe2 && bitrate !== 0 && bitrate !== 15) return audio("mpeg");
  return null;
}

/** A page or a program is no text, as the server sees it. */
function asText(head: Uint8Array, text: string, extension: string): FileType | null {
  const marked = /^(\xff\xfe|\xfe\xff)/.test(text);
  if (!marked && text.includes("\0")) return null;
  if (!marked && !["txt", "csv"].includes(extension) && !isUtf8(head)) return null;
  const start = text.replace(/^(ï»¿)?\s+/, "").replace("ï»¿", "");
  if (!start || start.startsWith("#!")) return null;
  if (/^<(!doctype|!--|\?|html|head|body|script|svg|iframe|div|p|table|xml)\b/i.test(start)) return null;
  if (/^begin:vcard/i.test(start)) return paper("text/vcard");
  return paper(extension === "csv" ? "text/csv" : "text/plain");
}

/** The last letter may be cut where the head ends. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
