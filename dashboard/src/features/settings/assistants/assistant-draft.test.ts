import { describe, expect, it } from "vitest";
import { bodyOf, changesOf, draftOf, isNumberSound } from "@/features/settings/assistants/assistant-draft";
import { partsOf } from "@/features/settings/assistants/model";
import type { Assistant } from "@/features/settings/assistants/use-assistants";

const ASSISTANT: Assistant = {
  assistant_id: "a", name: "A", description: "", model: "openai:gpt-5-mini", instructions: "Be brief.", language: "en", base_url: null, has_api_key: true, is_default: true,
  options: { timeout_seconds: 60, retries: 2, max_output_tokens: 1024, max_history_messages: 40, max_history_chars: 24_000, pause_seconds: null, documents: [] },
};

describe("an assistant that is edited", () => {
  it("shows only the options that are not the usual ones", () => {
    expect(draftOf(ASSISTANT, "en").numbers).toMatchObject({ timeout_seconds: "60", retries: "", pause_seconds: "" });
  });

  it("restores what is usual where nothing is typed", () => {
    expect(bodyOf(draftOf(ASSISTANT, "en"))["options"]).toMatchObject({ timeout_seconds: 60, retries: null, documents: null });
  });

  it("does not send a key that was not typed, and removes one only when asked", () => {
    const draft = draftOf(ASSISTANT, "en");
    expect(bodyOf(draft)).not.toHaveProperty("api_key");
    expect(bodyOf({ ...draft, apiKey: " sk-1 " })["api_key"]).toBe("sk-1");
    expect(bodyOf({ ...draft, removeKey: true })["api_key"]).toBeNull();
  });

  it("sends only what was changed", () => {
    const draft = draftOf(ASSISTANT, "en");
    expect(changesOf(draft, { ...draft, name: "B", apiKey: "sk-1" })).toEqual({ name: "B", api_key: "sk-1" });
  });

  it("leaves out a server's address where the model takes none", () => {
    expect(bodyOf({ ...draftOf(ASSISTANT, "en"), baseUrl: "https://x.example", model: partsOf("deepseek:deepseek-chat") })["base_url"]).toBeNull();
  });

  it("knows which numbers the server takes", () => {
    expect([isNumberSound("retries", "2.5"), isNumberSound("retries", "5"), isNumberSound("pause_seconds", "0.5"), isNumberSound("timeout_seconds", "0")]).toEqual([false, true, true, false]);
  });
});
