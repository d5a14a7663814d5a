import { expect, it } from "vitest";
import { metaCredentials, NO_META } from "@/features/settings/channels/meta-fields";

it("sends what is filled in, so that the rest stays as it is", () => {
  expect(metaCredentials({ ...NO_META, access_token: " EAAG " })).toEqual({ access_token: "EAAG" });
  expect(metaCredentials(NO_META)).toEqual({});
});
