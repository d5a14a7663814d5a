/** An assistant's model: the text that the API takes, and the parts that the form has. */

export type ModelKind = "knowledge" | "echo" | "provider" | "remote";
export interface ModelParts {
  kind: ModelKind;
  provider: string;
  /** The provider's name of it. */
  name: string;
  url: string;
}

/** As the server knows them; `own` runs on a server of one's own, so it needs an address. */
export const PROVIDERS: readonly { id: string; label: string; own?: true; elsewhere?: true; example: string }[] = [
  { id: "openai", label: "OpenAI", elsewhere: true, example: "gpt-5-mini" },
  { id: "openai-chat", label: "OpenAI (Chat Completions)", elsewhere: true, example: "gpt-5-mini" },
  { id: "openai-responses", label: "OpenAI (Responses)", elsewhere: true, example: "gpt-5-mini" },
  { id: "anthropic", label: "Anthropic", elsewhere: true, example: "claude-sonnet-4-5" },
  { id: "ollama", label: "Ollama", own: true, elsewhere: true, example: "llama3.3" },
  { id: "vllm", label: "vLLM", own: true, elsewhere: true, example: "Qwen/Qwen3-32B" },
  { id: "deepseek", label: "DeepSeek", example: "deepseek-chat" },
  { id: "openrouter", label: "OpenRouter", example: "meta-llama/llama-3.3-70b-instruct" },
  { id: "together", label: "Together AI", example: "meta-llama/Llama-3.3-70B-Instruct-Turbo" },
  { id: "fireworks", label: "Fireworks AI", example: "accounts/fireworks/models/llama-v3p3-70b-instruct" },
  { id: "cerebras", label: "Cerebras", example: "llama-3.3-70b" },
  { id: "moonshotai", label: "Moonshot AI", elsewhere: true, example: "kimi-k2" },
  { id: "nebius", label: "Nebius", example: "meta-llama/Llama-3.3-70B-Instruct" },
  { id: "ovhcloud", label: "OVHcloud", example: "Meta-Llama-3_3-70B-Instruct" },
  { id: "sambanova", label: "SambaNova", elsewhere: true, example: "Meta-Llama-3.3-70B-Instruct" },
];

export function partsOf(model: string): ModelParts {
  const colon = model.indexOf(":");
  const [head, rest] = [model.slice(0, colon), model.slice(colon + 1)];
  const parts: ModelParts = { kind: "provider", provider: "openai", name: "", url: "" };
  if (head === "builtin") return { ...parts, kind: rest === "echo" ? "echo" : "knowledge" };
  if (head === "remote") return { ...parts, kind: "remote", url: rest };
  return { ...parts, provider: head || "openai", name: rest };
}

export function modelOf({ kind, provider, name, url }: ModelParts): string {
  if (kind === "remote") return `remote:${url.trim()}`;
  return kind === "provider" ? `${provider}:${name.trim()}` : `builtin:${kind}`;
}

/** What is missing before it can be sent. */
export function modelProblem(parts: ModelParts, baseUrl: string): "name" | "url" | "base_url" | null {
  if (parts.kind === "remote") return /^https?:\/\/\S+$/.test(parts.url.trim()) ? null : "url";
  if (parts.kind !== "provider") return null;
  if (parts.name.trim() === "") return "name";
  const provider = PROVIDERS.find((each) => each.id === parts.provider);
  return provider?.own && baseUrl.trim() === "" ? "base_url" : null;
}

/** Whether it takes a key, and an address of a server. */
export const takesKey = ({ kind }: ModelParts): boolean => kind === "provider" || kind === "remote";
export const takesBaseUrl = ({ kind, provider }: ModelParts): boolean =>
  kind === "provider" && PROVIDERS.some((each) => each.id === provider && each.elsewhere);

/** A name as an id: "Python Expert" is "python-expert". */
export function idOf(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 64)
    .replace(/-+$/, "");
}
