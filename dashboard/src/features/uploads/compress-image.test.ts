import { describe, expect, it } from "vitest";
import { plan, targets } from "@/features/uploads/compress-image";

const LIMIT = { max_bytes: 5_000_000, content_types: ["image/jpeg", "image/png"], converted: true };

describe("making a picture smaller", () => {
  it("leaves a small one alone", () => {
    expect(plan({ width: 800, height: 600, size: 100_000 }, LIMIT.max_bytes)).toBeNull();
  });
  it("brings the longer side to 2560, in proportion", () => {
    expect(plan({ width: 6000, height: 4000, size: 100 }, LIMIT.max_bytes)).toEqual({ width: 2560, height: 1707 });
    expect(plan({ width: 1000, height: 8000, size: 100 }, LIMIT.max_bytes)).toEqual({ width: 320, height: 2560 });
  });
  it("never makes one larger", () => {
    expect(plan({ width: 300, height: 200, size: 9_000_000 }, LIMIT.max_bytes)).toEqual({ width: 300, height: 200 });
  });
  it("keeps transparency", () => {
    const png = { kind: "image", contentType: "image/png" } as const;
    expect(targets(png, true, { width: 1, height: 1, size: 9_000_000 }, LIMIT)).toEqual(["image/png"]);
    expect(targets(png, false, { width: 1, height: 1, size: 9_000_000 }, LIMIT)).toEqual(["image/jpeg"]);
    expect(targets(png, false, { width: 1, height: 1, size: 1_000 }, LIMIT)).toEqual(["image/png", "image/jpeg"]);
  });
});
