/** The cache of what the server said, and the names of what is in it. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/http";

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events keep the cache fresh; a query alone is trusted for this long.
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      networkMode: "always", // On a private network the browser may think it is offline.
      retry: (failures, error) => failures < RETRIES && mayRetry(error),
      retryDelay: (attempt, error) =>
        error instanceof ApiError && error.retryAfter
          ? Math.min(error.retryAfter, 30) * 1000
          : Math.min(500 * 2 ** attempt, 8000),
    },
    mutations: { networkMode: "always", retry: false },
  },
});

function mayRetry(error: unknown): boolean {
  return error instanceof ApiError && error.temporary;
}

export type Filters = Record<string, string>;

/** Without an argument a list's key is the prefix of all its pages: what invalidation wants. */
export const keys = {
  me: ["me"] as const,
  signInOptions: ["sign-in-options"] as const,
  sessions: ["sessions"] as const,
  counts: ["counts"] as const,
  conversations: (filters?: Filters) =>
    filters ? (["conversations", filters] as const) : (["conversations"] as const),
  conversation: (id: string) => ["conversation", id] as const,
  thread: (id: string) => ["thread", id] as const,
  message: (id: string) => ["message", id] as const,
  timeline: (messageId: string) => ["timeline", messageId] as const,
  followUps: (chatId: string) => ["follow-ups", chatId] as const,
  gallery: (id: string) => ["gallery", id] as const,
  presence: (id: string) => ["presence", id] as const,
  limits: (chatId: string) => ["limits", chatId] as const,
  search: (params?: Filters) => (params ? (["search", params] as const) : (["search"] as const)),
  contacts: (filters?: Filters) =>
    filters ? (["contacts", filters] as const) : (["contacts"] as const),
  contact: (id: string) => ["contact", id] as const,
  labels: ["labels"] as const,
  teams: ["teams"] as const,
  people: ["people"] as const,
  cannedReplies: ["canned-replies"] as const,
  views: ["views"] as const,
  assistants: ["assistants"] as const,
  channels: ["channels"] as const,
  channelSetup: (id: string) => ["channel-setup", id] as const,
  documents: ["documents"] as const,
  domain: (name: string) => ["domain", name] as const,
  metadata: (name: string) => ["metadata", name] as const,
  tokens: ["tokens"] as const,
  audit: ["audit"] as const,
  templates: ["templates"] as const,
  chatTemplates: (chatId: string) => ["templates", "chat", chatId] as const,
  credits: ["credits"] as const,
  prices: ["credits", "prices"] as const,
  campaigns: ["campaigns"] as const,
  campaign: (id: string) => ["campaign", id] as const,
  repeats: ["repeats"] as const,
  segments: ["segments"] as const,
  segment: (id: string) => ["segment", id] as const,
  optOuts: ["opt-outs"] as const,
  emailPulls: ["email-pulls"] as const,
};
