import { describe, expect, it } from "vitest";
import { errorText } from "@/lib/error-text";
import { ApiError } from "@/lib/http";

const said = (detail: string) => errorText(new ApiError(422, detail));

describe("what went wrong", () => {
  it("is a sentence", () => {
    expect(said("the file is empty")).toBe("The file is empty.");
    expect(said("Too large!")).toBe("Too large!");
  });

  it("spells addresses and names as they are", () => {
    expect(said("ana@example.com is a person already")).toBe("ana@example.com is a person already.");
    expect(said("invoice.pdf: this channel takes no document")).toBe("invoice.pdf: this channel takes no document.");
  });
});
