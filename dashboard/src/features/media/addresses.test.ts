import { expect, it } from "vitest";
import { ownAddress } from "@/features/media/addresses";

it("shows files from this server only, by whatever name it is open", () => {
  expect(ownAddress("https://desk.example/media/f1/thumbnail?x=1")).toBe("/media/f1/thumbnail?x=1");
  expect(ownAddress("/conversation-media/a/b.jpg")).toBe("/conversation-media/a/b.jpg");
  expect(ownAddress("javascript:alert(1)")).toBeUndefined();
  expect(ownAddress("https://elsewhere.example/pixel.gif")).toBeUndefined();
  expect(ownAddress("https://desk.example/api/v1/session")).toBeUndefined();
  expect(ownAddress(null)).toBeUndefined();
});
