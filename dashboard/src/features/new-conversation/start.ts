/** From what is in the dialog to a request, and from a refusal to the field that it is about. */

import type { Start, Template } from "@/api/outreach-types";
import type { ChannelKind } from "@/api/types";
import { chosenValues, namesOf, type Values } from "@/features/templates/template-text";
import { ApiError } from "@/lib/http";

export interface Draft {
  channel: ChannelKind | undefined;
  phone: string;
  name: string;
  email: string;
  type: string;
  way: "instruction" | "template";
  instruction: string;
  template: Template | null;
  values: Values;
  /** "" for the domain's own. */
  assistantId: string;
  /** Local time; "" for now. */
  sendAt: string;
}

export const TYPES = ["informational", "appointment_booking", "survey", "reminder"] as const;
export const LONGEST_INSTRUCTION = 8000;

/** The types that a domain has besides those that every one has. */
export function ownTypes(settings: Record<string, unknown> | undefined): string[] {
  const own = settings?.["call_types"];
  if (!Array.isArray(own)) return [];
  return own.filter((each): each is string => typeof each === "string" && each !== "" && !TYPES.some((type) => type === each));
}

export function startBody(draft: Draft, channel: ChannelKind, number: string, domain: string): Start {
  const body: Start = { phone_number: number, channel, type: draft.type, domain_name: domain };
  if (draft.name.trim()) body.name = draft.name.trim();
  if (draft.email.trim()) body.email = draft.email.trim();
  if (draft.instruction.trim()) body.instruction = draft.instruction.trim();
  if (draft.assistantId) body.assistant_id = draft.assistantId;
  if (draft.way === "template" && draft.template) {
    body.template = draft.template.template_id;
    body.variables = chosenValues(namesOf(draft.template), draft.values);
  }
  if (draft.sendAt) body.send_at = new Date(draft.sendAt).toISOString();
  return body;
}

export type StartField = "channel" | "phone" | "name" | "email" | "type" | "instruction" | "template" | "assistant" | "sendAt" | "credit";

const BY_NAME: [name: string, field: StartField][] = [
  ["phone_number", "phone"],
  ["channel", "channel"],
  ["name", "name"],
  ["email", "email"],
  ["type", "type"],
  ["instruction", "instruction"],
  ["template", "template"],
  ["variables", "template"],
  ["variable", "template"],
  ["assistant_id", "assistant"],
  ["send_at", "sendAt"],
];
const BY_MATTER: [matter: RegExp, field: StartField][] = [
  [/opted out|opt-out|blocked|phone number/i, "phone"],
  [/template|window|variable/i, "template"],
  [/assistant/i, "assistant"],
  [/channel|set up|WhatsApp|SMS/i, "channel"],
];

/** The field that a refusal is about; null when it is about none. */
export function fieldOf(error: unknown): StartField | null {
  if (!(error instanceof ApiError)) return null;
  if (error.status === 402) return "credit";
  if (error.status === 501) return "channel";
  if (error.temporary) return null;
  const detail = error.detail.replace(/^body\./, "");
  const named = BY_NAME.find(([name]) => detail.startsWith(name) && !/^[\w-]/.test(detail.slice(name.length)));
  if (named) return named[1];
  return BY_MATTER.find(([matter]) => matter.test(detail))?.[1] ?? null;
}
