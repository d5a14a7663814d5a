import { describe, expect, it } from "vitest";
import { idOf, modelOf, modelProblem, partsOf, takesBaseUrl, takesKey } from "@/features/settings/assistants/model";

describe("an assistant's model", () => {
  it.each(["builtin:knowledge", "builtin:echo", "openai:gpt-5-mini", "vllm:Qwen/Qwen3:32b", "remote:https://bots.example.com/vac?x=1"])(
    "%s is the same after a way through the form",
    (model) => expect(modelOf(partsOf(model))).toBe(model),
  );

  it("says what it still needs", () => {
    expect(modelProblem(partsOf("openai:"), "")).toBe("name");
    expect(modelProblem(partsOf("ollama:llama3.3"), "")).toBe("base_url");
    expect(modelProblem(partsOf("ollama:llama3.3"), "http://models:11434/v1")).toBeNull();
    expect(modelProblem(partsOf("remote:bots.example.com"), "")).toBe("url");
    expect(modelProblem(partsOf("builtin:echo"), "")).toBeNull();
  });

  it("takes a key and a server's address only where they are used", () => {
    expect([takesKey(partsOf("builtin:knowledge")), takesKey(partsOf("remote:https://a.example"))]).toEqual([false, true]);
    expect([takesBaseUrl(partsOf("openai:x")), takesBaseUrl(partsOf("deepseek:x"))]).toEqual([true, false]);
  });

  it.each([["Python Expert", "python-expert"], ["  Atención — Niños! ", "atencion-ninos"], ["客服", ""]])("%s has the id %s", (name, id) =>
    expect(idOf(name)).toBe(id),
  );
});
