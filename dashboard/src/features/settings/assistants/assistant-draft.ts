/** An assistant as it is edited, and what of it is sent. */
import { modelOf, partsOf, takesBaseUrl, takesKey, type ModelParts } from "@/features/settings/assistants/model";
import type { Assistant, AssistantOptions } from "@/features/settings/assistants/use-assistants";

export const NUMBERS = {
  timeout_seconds: { least: 1, most: 300, whole: false, usual: 30 },
  retries: { least: 0, most: 5, whole: true, usual: 2 },
  max_output_tokens: { least: 16, most: 32_000, whole: true, usual: 1024 },
  max_history_messages: { least: 0, most: 200, whole: true, usual: 40 },
  max_history_chars: { least: 0, most: 400_000, whole: true, usual: 24_000 },
  pause_seconds: { least: 0, most: 10, whole: false, usual: null },
} as const;
export type NumberName = keyof typeof NUMBERS;
export const NUMBER_NAMES = Object.keys(NUMBERS) as NumberName[];

export interface AssistantDraft {
  assistantId: string;
  name: string;
  description: string;
  instructions: string;
  language: string;
  model: ModelParts;
  baseUrl: string;
  /** "" keeps the saved one. */
  apiKey: string;
  removeKey: boolean;
  /** As typed; "" is the usual. */
  numbers: Record<NumberName, string>;
  /** One a line. */
  documents: string;
}

export function draftOf(assistant: Assistant | null, language: string): AssistantDraft {
  const options: Partial<AssistantOptions> = assistant?.options ?? {};
  const typed = (name: NumberName) => (options[name] === undefined || options[name] === null || options[name] === NUMBERS[name].usual ? "" : `${options[name]}`);
  return {
    assistantId: assistant?.assistant_id ?? "",
    name: assistant?.name ?? "",
    description: assistant?.description ?? "",
    instructions: assistant?.instructions ?? "",
    language: assistant?.language ?? language,
    model: partsOf(assistant?.model ?? "builtin:knowledge"),
    baseUrl: assistant?.base_url ?? "",
    apiKey: "",
    removeKey: false,
    numbers: Object.fromEntries(NUMBER_NAMES.map((name) => [name, typed(name)])) as Record<NumberName, string>,
    documents: (options.documents ?? []).join("\n"),
  };
}

export function isNumberSound(name: NumberName, typed: string): boolean {
  if (typed.trim() === "") return true;
  const { least, most, whole } = NUMBERS[name];
  const value = Number(typed);
  return value >= least && value <= most && (!whole || Number.isInteger(value));
}

/** Of the body what differs from what is saved: what is not sent is not touched, nor told in the audit log. */
export function changesOf(saved: AssistantDraft, draft: AssistantDraft): Record<string, unknown> {
  const [before, now] = [bodyOf(saved), bodyOf(draft)];
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value)));
}

/** The body of POST and PATCH: null restores what is usual. */
export function bodyOf(draft: AssistantDraft): Record<string, unknown> {
  const numbers = NUMBER_NAMES.map((name) => [name, draft.numbers[name].trim() === "" ? null : Number(draft.numbers[name])]);
  const documents = draft.documents.split("\n").map((line) => line.trim()).filter(Boolean);
  const body: Record<string, unknown> = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    instructions: draft.instructions,
    language: draft.language,
    model: modelOf(draft.model),
    base_url: takesBaseUrl(draft.model) ? draft.baseUrl.trim() || null : null,
    options: { ...Object.fromEntries(numbers), documents: documents.length > 0 ? documents : null },
  };
  if (draft.removeKey) body["api_key"] = null;
  else if (takesKey(draft.model) && draft.apiKey !== "") body["api_key"] = draft.apiKey.trim();
  return body;
}
