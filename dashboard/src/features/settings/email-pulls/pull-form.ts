/** A mailbox's settings, as the form has them. */
import type { EmailPull, VariableSource, VariableSources } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import type { MessagePlan } from "@/features/campaigns/message-fields";
import { isComplete } from "@/features/campaigns/variables";

/** What of a mail a template's variable may be. */
export const COLUMNS = ["subject", "name", "email", "phone_number"] as const;
const PORTS = { tls: 993, starttls: 143, none: 143 } as const;

export interface PullForm {
  name: string;
  host: string;
  port: string;
  security: EmailPull["security"];
  username: string;
  /** Empty: it stays as it is. */
  password: string;
  folder: string;
  search: string;
  channel: ChannelKind;
  rules: string;
  askAssistant: boolean;
  markSeen: boolean;
  everyMinutes: string;
  plan: MessagePlan;
}

/** A text in place of a source is the same as a source of that text. */
function sourcesOf(variables: Record<string, VariableSource | string>): VariableSources {
  return Object.fromEntries(Object.entries(variables).map(([name, source]) => [name, typeof source === "string" ? { value: source } : source]));
}

export const formOf = (pull: EmailPull | null): PullForm => ({
  name: pull?.name ?? "",
  host: pull?.host ?? "",
  port: `${pull?.port ?? PORTS.tls}`,
  security: pull?.security ?? "tls",
  username: pull?.username ?? "",
  password: "",
  folder: pull?.folder ?? "INBOX",
  search: pull?.search ?? "UNSEEN",
  channel: pull?.default_channel ?? "wmsg",
  rules: (pull?.phone_rules ?? []).join("\n"),
  askAssistant: pull?.ask_assistant ?? false,
  markSeen: pull?.mark_seen ?? true,
  everyMinutes: `${pull?.every_minutes ?? 5}`,
  plan: {
    by: pull !== null && pull.template_id === null ? "assistant" : "template",
    template_id: pull?.template_id ?? null,
    instruction: pull?.instruction ?? "",
    variables: sourcesOf(pull?.variables ?? {}),
    assistant_id: pull?.assistant_id ?? null,
  },
});

/** The usual port follows the security, unless another one was typed. */
export function withSecurity(form: PullForm, security: PullForm["security"]): Partial<PullForm> {
  const usual = form.port === `${PORTS[form.security]}` || form.port === "";
  return usual ? { security, port: `${PORTS[security]}` } : { security };
}

export const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
export const isMinutes = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 10_080;

/** What a connection needs; the password may be the stored one. */
export const isReachable = (form: PullForm, stored: boolean): boolean =>
  form.host.trim() !== "" && form.username.trim() !== "" && isPort(form.port) && (stored || form.password !== "");

export function isSound(form: PullForm, stored: boolean): boolean {
  const { plan } = form;
  const message = plan.by === "template" ? plan.template_id !== null && isComplete(Object.keys(plan.variables), plan.variables) : plan.instruction.trim() !== "";
  return isReachable(form, stored) && form.name.trim() !== "" && isMinutes(form.everyMinutes) && message;
}

export function connectionOf(form: PullForm): Record<string, unknown> {
  return {
    host: form.host.trim(),
    port: Number(form.port),
    security: form.security,
    username: form.username.trim(),
    folder: form.folder.trim() || "INBOX",
    search: form.search.trim() || "ALL",
    ...(form.password !== "" && { password: form.password }),
  };
}

export function bodyOf(form: PullForm): Record<string, unknown> {
  const byTemplate = form.plan.by === "template";
  return {
    ...connectionOf(form),
    name: form.name.trim(),
    default_channel: form.channel,
    phone_rules: form.rules.split("\n").map((each) => each.trim()).filter(Boolean),
    ask_assistant: form.askAssistant,
    mark_seen: form.markSeen,
    every_minutes: Number(form.everyMinutes),
    template_id: byTemplate ? form.plan.template_id : null,
    variables: byTemplate ? form.plan.variables : {},
    instruction: form.plan.instruction.trim() || null,
    assistant_id: form.plan.assistant_id,
  };
}
