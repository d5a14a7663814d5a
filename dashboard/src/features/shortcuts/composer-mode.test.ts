import { expect, it, vi } from "vitest";
import { onComposerMode, requestComposerMode } from "@/features/shortcuts/composer-mode";

it("asking for a mode reaches the composer that listens, until it is gone", () => {
  const heard = vi.fn();
  const end = onComposerMode(heard);
  requestComposerMode("note");
  end();
  requestComposerMode("reply");
  expect(heard.mock.calls).toEqual([["note"]]);
});
