/** The domain's assistants, the default first. */
import { useQuery } from "@tanstack/react-query";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";

export interface AssistantOptions {
  timeout_seconds: number;
  retries: number;
  max_output_tokens: number;
  max_history_messages: number;
  max_history_chars: number;
  /** Null: the model's own. */
  pause_seconds: number | null;
  /** Names of documents, `*` matches anything; none means all. */
  documents: string[];
}

export interface Assistant {
  assistant_id: string;
  name: string;
  description: string;
  model: string;
  instructions: string;
  language: string;
  base_url: string | null;
  has_api_key: boolean;
  options: AssistantOptions;
  is_default: boolean;
}

export function useAssistants() {
  return useQuery({
    queryKey: keys.assistants,
    queryFn: async ({ signal }) => (await api.get<{ items: Assistant[] }>("/api/v1/assistants", undefined, { signal })).items,
  });
}
