/** A template while it is written, and what keeps a channel from taking it. */

import type { Template, TemplateButton, TemplateCategory, TemplateContent, TemplateHeader } from "@/api/outreach-types";
import type { ChannelKind } from "@/api/types";
import { namesOf, variablesIn, type Values } from "@/features/templates/template-text";
import type { TextKey, TextParams } from "@/lib/i18n";

export type HeaderKind = TemplateHeader["kind"] | "none";

export interface TemplateDraft {
  channelId: string;
  name: string;
  language: string;
  category: TemplateCategory;
  headerKind: HeaderKind;
  headerText: string;
  headerUrl: string;
  body: string;
  footer: string;
  buttons: TemplateButton[];
  samples: Values;
}

/** What WhatsApp takes. */
export const LONGEST = { name: 512, header: 60, body: 1024, footer: 60, button: 25, sms: 1600 };
export const MOST_BUTTONS = 10;
export const HEADER_KINDS: readonly HeaderKind[] = ["none", "text", "image", "video", "document"];
export const CATEGORIES: readonly TemplateCategory[] = ["utility", "marketing", "authentication"];

export function newDraft(channelId: string, language: string): TemplateDraft {
  return {
    channelId, language, name: "", category: "utility", headerKind: "none", headerText: "", headerUrl: "", body: "", footer: "", buttons: [], samples: {},
  };
}

export function draftOf(template: Template): TemplateDraft {
  const { header } = template;
  return {
    channelId: template.channel_id,
    name: template.name,
    language: template.language,
    category: template.category,
    headerKind: header?.kind ?? "none",
    headerText: header?.text ?? "",
    headerUrl: header?.url ?? "",
    body: template.body,
    footer: template.footer ?? "",
    buttons: template.buttons,
    samples: Object.fromEntries(template.variables.map(({ name, sample }) => [name, sample])),
  };
}

/** What was typed, as a name that carriers take: "Order update!" is "order_update". */
export function nameOf(typed: string): string {
  return typed
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[\s-]+/g, "_")
    .replace(/[^a-z0-9_]/g, "")
    .slice(0, LONGEST.name);
}

/** The variables of all its parts: each needs a sample, which the carrier's reviewers read. */
export function variablesOf(draft: TemplateDraft, kind: ChannelKind): string[] {
  return namesOf(partsOf(draft, kind));
}

/** The number of the next variable. */
export function nextVariable(draft: TemplateDraft, kind: ChannelKind): string {
  const numbers = variablesOf(draft, kind).map(Number).filter(Number.isInteger);
  return String(Math.max(0, ...numbers) + 1);
}

/** As it is shown and sent. */
export function contentOf(draft: TemplateDraft, kind: ChannelKind): TemplateContent {
  const variables = variablesOf(draft, kind).map((name) => ({ name, sample: (draft.samples[name] ?? "").trim() }));
  return { ...partsOf(draft, kind), variables };
}

/** An SMS is its text alone. */
function partsOf(draft: TemplateDraft, kind: ChannelKind): Omit<TemplateContent, "variables"> {
  const body = draft.body.trim();
  if (kind === "sms") return { header: null, body, footer: null, buttons: [] };
  return { header: headerOf(draft), body, footer: draft.footer.trim() || null, buttons: draft.buttons.map(trimmed) };
}

function headerOf({ headerKind, headerText, headerUrl }: TemplateDraft): TemplateHeader | null {
  if (headerKind === "none") return null;
  return headerKind === "text" ? { kind: "text", text: headerText.trim() } : { kind: headerKind, url: headerUrl.trim() };
}

function trimmed({ kind, text, url, phone }: TemplateButton): TemplateButton {
  if (kind === "url") return { kind, text: text.trim(), url: (url ?? "").trim() };
  return kind === "phone" ? { kind, text: text.trim(), phone: (phone ?? "").trim() } : { kind, text: text.trim() };
}

export type DraftField = "name" | "header" | "body" | "footer" | `button ${number}` | `sample ${string}`;
export interface DraftProblem {
  text: TextKey;
  params?: TextParams;
}

/** What has to be mended before it is handed in: refused now, not by a reviewer tomorrow. */
export function draftProblems(draft: TemplateDraft, kind: ChannelKind): Partial<Record<DraftField, DraftProblem>> {
  const problems: Partial<Record<DraftField, DraftProblem>> = {};
  if (draft.name === "") problems.name = { text: "outreach.draft_name_missing" };
  const body = bodyProblem(draft.body.trim(), kind);
  if (body) problems.body = body;
  if (kind !== "sms") {
    const header = headerProblem(draft);
    if (header) problems.header = header;
    if (draft.footer.trim().length > LONGEST.footer) problems.footer = tooLong(LONGEST.footer);
    else if (variablesIn(draft.footer).length > 0) problems.footer = { text: "outreach.draft_footer_variable" };
    draft.buttons.forEach((button, place) => {
      const problem = buttonProblem(button, draft.buttons.slice(0, place));
      if (problem) problems[`button ${place}`] = problem;
    });
  }
  for (const name of variablesOf(draft, kind)) {
    if (!draft.samples[name]?.trim()) problems[`sample ${name}`] = { text: "outreach.draft_sample_missing" };
  }
  return problems;
}

const tooLong = (count: number): DraftProblem => ({ text: "outreach.draft_too_long", params: { count } });

function bodyProblem(body: string, kind: ChannelKind): DraftProblem | null {
  const most = kind === "sms" ? LONGEST.sms : LONGEST.body;
  if (body === "") return { text: "outreach.draft_body_missing" };
  if (body.length > most) return tooLong(most);
  const numbers = variablesIn(body).map(Number).filter(Number.isInteger);
  if (numbers.length > 0 && Math.max(...numbers) > numbers.length && kind !== "sms") return { text: "outreach.draft_numbers" };
  const isAtEdge = /^\{\{[^{}]*\}\}|\{\{[^{}]*\}\}$/.test(body);
  return kind !== "sms" && isAtEdge ? { text: "outreach.draft_edge" } : null;
}

function headerProblem({ headerKind, headerText, headerUrl }: TemplateDraft): DraftProblem | null {
  if (headerKind === "none") return null;
  if (headerKind !== "text") return /^https:\/\/\S+$/.test(headerUrl.trim()) ? null : { text: "outreach.draft_url" };
  if (headerText.trim() === "") return { text: "outreach.draft_header_missing" };
  if (headerText.trim().length > LONGEST.header) return tooLong(LONGEST.header);
  return variablesIn(headerText).length > 1 ? { text: "outreach.draft_header_variables" } : null;
}

function buttonProblem(button: TemplateButton, before: readonly TemplateButton[]): DraftProblem | null {
  const text = button.text.trim();
  if (text === "") return { text: "outreach.draft_button_missing" };
  if (text.length > LONGEST.button) return tooLong(LONGEST.button);
  if (before.some((each) => each.text.trim() === text)) return { text: "outreach.draft_button_twice" };
  if (button.kind === "url" && !/^https?:\/\/\S+$/.test(button.url?.trim() ?? "")) return { text: "outreach.draft_url" };
  if (button.kind === "phone" && !/^\+[1-9]\d{6,14}$/.test(button.phone?.trim() ?? "")) return { text: "outreach.draft_phone" };
  return null;
}
