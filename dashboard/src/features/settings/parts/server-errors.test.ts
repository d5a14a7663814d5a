import { describe, expect, it } from "vitest";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { ApiError } from "@/lib/http";

describe("a refusal of the server", () => {
  it("stands beside the field that it begins with", () => {
    const found = serverErrors(new ApiError(422, "shortcut is 'A B'; use 1 to 40 letters"), ["title", "shortcut"]);
    expect(found.fields).toEqual({ shortcut: "Shortcut is 'A B'; use 1 to 40 letters." });
    expect(found.rest).toBeNull();
  });

  it("knows the field of a body that has the wrong form", () => {
    const found = serverErrors(new ApiError(422, "body.rate: Input should be a valid number"), ["rate"]);
    expect(found.fields.rate).toContain("valid number");
  });

  it("does not take a name for a longer one", () => {
    expect(serverErrors(new ApiError(422, "names are short"), ["name"]).rest).toBe("Names are short.");
  });

  it("puts a conflict beside the field whose value is taken", () => {
    const found = serverErrors(new ApiError(409, "a label 'VIP' exists already"), ["name", "color"], "name");
    expect(found.fields.name).toBe("A label 'VIP' exists already.");
  });

  it("is of the whole form when it is about none of its fields", () => {
    expect(serverErrors(new ApiError(0, ""), ["name"]).rest).toMatch(/did not answer/);
    expect(serverErrors(null, ["name"])).toEqual({ fields: {}, rest: null });
  });
});
