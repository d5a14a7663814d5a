import { beforeEach, describe, expect, it } from "vitest";
import { recall, remember } from "@/features/uploads/unfinished";
import type { UploadItem } from "@/features/uploads/upload-store";

const item = (chatId: string, name: string, state: UploadItem["state"]) => ({ chatId, name, state }) as UploadItem;

beforeEach(() => sessionStorage.clear());

describe("what a reload breaks off", () => {
  it("is named by conversation, but for what was done or refused", () => {
    const items = [item("c1", "a.pdf", "uploading"), item("c1", "b.pdf", "done"), item("c2", "c.pdf", "waiting"), item("c2", "d.pdf", "refused")];
    remember(items, {}, sessionStorage);
    expect(recall(sessionStorage)).toEqual({ c1: ["a.pdf"], c2: ["c.pdf"] });
  });
  it("is told until it is dismissed", () => {
    remember([], { c1: ["old.pdf"] }, sessionStorage);
    expect(recall(sessionStorage)).toEqual({ c1: ["old.pdf"] });
    remember([], {}, sessionStorage);
    expect(recall(sessionStorage)).toEqual({});
  });
  it("is nothing where the storage holds nonsense", () => {
    sessionStorage.setItem("frontdesk:uploads", "{nonsense");
    expect(recall(sessionStorage)).toEqual({});
  });
});
