import { describe, expect, it } from "vitest";
import type { Limits } from "@/api/types";
import { bytes, check } from "@/features/uploads/limits";
import { isAnimated, sniff } from "@/features/uploads/file-types";

const MB = 1024 * 1024;
const WHATSAPP: Limits = {
  channel_id: "1",
  channel: "wmsg",
  text_limit: 1600,
  caption_limit: 1024,
  captioned: ["image", "video"],
  media_per_message: 1,
  window_hours: 24,
  replies: true,
  reactions: false,
  edits: false,
  deletes: false,
  media: {
    image: { max_bytes: 5 * MB, content_types: ["image/jpeg", "image/png"], converted: true },
    audio: { max_bytes: 16 * MB, content_types: ["audio/ogg; codecs=opus"], converted: true },
    video: { max_bytes: 16 * MB, content_types: ["video/mp4"], converted: true },
    document: { max_bytes: 16 * MB, content_types: ["application/pdf", "text/plain"], converted: false },
  },
};
const file = (name: string, size: number) => ({ name, size });
const PDF = { kind: "document", contentType: "application/pdf" } as const;
const head = (text: string) => Uint8Array.from(text, (each) => each.charCodeAt(0));

describe("the channel's limits", () => {
  it("let through what fits", () => {
    expect(check(file("a.pdf", 16 * MB), PDF, WHATSAPP)).toMatchObject({ ok: true, fit: false });
  });
  it("name the limit, the file and its size", () => {
    const verdict = check(file("a.pdf", 21 * MB), PDF, WHATSAPP);
    expect(verdict).toMatchObject({
      ok: false,
      problem: { key: "composer.problem_too_large", values: { file: "a.pdf", size: "21 MB", limit: "16 MB", kind: "composer.kind_document" } },
    });
  });
  it("have the server make a large video smaller, up to what it takes in", () => {
    const video = { kind: "video", contentType: "video/quicktime" } as const;
    expect(check(file("a.mov", 60 * MB), video, WHATSAPP)).toMatchObject({ ok: true, fit: true });
    expect(check(file("a.mov", 101 * MB), video, WHATSAPP)).toMatchObject({ ok: false });
  });
  it("never make a moving picture stand still", () => {
    expect(check(file("a.gif", 6 * MB), { kind: "image", contentType: "image/gif" }, WHATSAPP)).toMatchObject({ ok: false });
  });
  it("take other types of a kind that is converted, and of no other", () => {
    expect(check(file("a.webp", 10), { kind: "image", contentType: "image/webp" }, WHATSAPP)).toMatchObject({ ok: true });
    expect(check(file("a.vcf", 10), { kind: "document", contentType: "text/vcard" }, WHATSAPP)).toMatchObject({
      ok: false,
      problem: { key: "composer.problem_no_type", values: { type: "vCard", types: "PDF, TXT" } },
    });
  });
  it("refuse an empty file, an unknown one, and a kind that the channel does not take", () => {
    expect(check(file("a", 0), PDF, WHATSAPP)).toMatchObject({ problem: { key: "composer.problem_empty" } });
    expect(check(file("a.exe", 10), null, WHATSAPP)).toMatchObject({ problem: { key: "composer.problem_unknown_type" } });
    expect(check(file("a.pdf", 10), PDF, { ...WHATSAPP, media: {} })).toMatchObject({ problem: { key: "composer.problem_no_kind" } });
  });
  it("say sizes as people do", () => {
    expect([bytes(900), bytes(2048), bytes(5.5 * MB), bytes(21 * MB)]).toEqual(["900 B", "2 kB", "5.5 MB", "21 MB"]);
  });
});

describe("what a file is", () => {
  it("is told by its bytes, whatever its name says", () => {
    expect(sniff(head("%PDF-1.7\n"), "photo.jpg")?.contentType).toBe("application/pdf");
    expect(sniff(head("\xff\xd8\xff\xe0"), "paper.pdf")?.contentType).toBe("image/jpeg");
    expect(sniff(head("\x89PNG\r\n\x1a\n"), "a")?.contentType).toBe("image/png");
    expect(sniff(head("RIFF....WEBPVP8 "), "a")?.contentType).toBe("image/webp");
    expect(sniff(head("OggS....OpusHead"), "a.ogg")?.contentType).toBe("audio/ogg; codecs=opus");
    expect(sniff(head("\0\0\0\x18ftypmp42"), "a.mp4")?.contentType).toBe("video/mp4");
    expect(sniff(head("\0\0\0\x18ftypM4A "), "a.m4a")?.contentType).toBe("audio/mp4");
    expect(sniff(head("\0\0\0\x18ftypqt  "), "a.mov")?.contentType).toBe("video/quicktime");
    expect(sniff(head("\x1a\x45\xdf\xa3.B\x82\x84webm...A_OPUS"), "v.webm")?.contentType).toBe("audio/webm");
    expect(sniff(head("PK\x03\x04"), "a.docx")?.contentType).toContain("wordprocessingml");
    expect(sniff(head("name;age\n"), "a.csv")?.contentType).toBe("text/csv");
  });
  it("is nothing where the server takes none of it", () => {
    expect(sniff(head("<svg xmlns=''>"), "a.svg")).toBeNull();
    expect(sniff(head("<!doctype html><script>"), "a.txt")).toBeNull();
    expect(sniff(head("MZ\0\0\x90"), "a.exe")).toBeNull();
    expect(sniff(head("PK\x03\x04"), "a.zip")).toBeNull();
  });
  it("moves or does not", () => {
    const webp = { kind: "image", contentType: "image/webp" } as const;
    expect(isAnimated(head("RIFF....WEBPVP8X....ANIM"), webp)).toBe(true);
    expect(isAnimated(head("RIFF....WEBPVP8 "), webp)).toBe(false);
  });
});
