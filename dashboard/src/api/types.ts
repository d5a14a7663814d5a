/**
 * The shapes that the API speaks: names for those of `schema.ts`, which is generated from its
 * description (`make api-types`).
 */
import type { components, paths } from "@/api/schema";

type Schemas = components["schemas"];

export type PersonRef = Schemas["PersonRefOut"];
export type Label = Schemas["LabelOut"];
export type TeamRef = Schemas["TeamRefOut"];
export type Conversation = Schemas["ConversationOut"];
export type Attachment = Schemas["AttachmentOut"];
export type Quote = Schemas["QuoteOut"];
export type Reaction = Schemas["ReactionOut"];
export type Message = Schemas["MessageOut"];
export type ToolCall = Schemas["ToolCallOut"];
export type Thread = Schemas["ThreadOut"];
export type Stage = Schemas["StageOut"];
export type Timeline = Schemas["TimelineOut"];
export type MediaLimit = Schemas["MediaLimitOut"];
export type Limits = Schemas["LimitsOut"];
export type Upload = Schemas["UploadOut"];
export type ManualResult = Schemas["ManualOut"];
export type OptOut = Schemas["OptOutOut"];
export type ContactNote = Schemas["ContactNoteOut"];
export type Contact = Schemas["ContactOut"];
export type ContactRow = Schemas["ContactRowOut"];
export type CannedReply = Schemas["CannedReplyOut"];
export type View = Schemas["ViewOut"];
export type Counts = paths["/api/v1/conversations/counts"]["get"]["responses"][200]["content"]["application/json"];
export type Person = Schemas["PersonOut"];
export type Team = Schemas["TeamOut"];
export type Me = Schemas["MeOut"];
export type SearchHit = Schemas["SearchHitOut"];
export type SearchResult = Schemas["SearchOut"];

/** What is not given stays; only what may be nobody or nothing may be null. */
export type ConversationChange = {
  [Name in keyof Changes]?: Name extends "assignee_id" | "team_id" | "snoozed_until" ? Changes[Name] : NonNullable<Changes[Name]>;
};
type Changes = Schemas["ConversationChange"];

export type Role = Person["role"];
export type Mode = Conversation["mode"];
export type ConversationStatus = Conversation["status"];
export type Priority = Conversation["priority"];
export type ChannelKind = Conversation["channel"];
export type Sender = Message["sender"];

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Server-sent events of GET /api/v1/events, by their name. */
export interface LiveEvents {
  hello: { node: string };
  conversation: { conversation: Conversation };
  message: { chat_id: string; message: Message };
  removed: { chat_id: string; message_id: string };
  presence: { chat_id: string; viewing: PersonRef[]; typing: PersonRef[] };
  /** The viewer's own, from another of their windows. */
  read: { chat_id: string; read_count: number };
  /** Something of the domain's settings changed: labels, teams, canned_replies, views, people, assistants, channels, domain, contacts. */
  settings: { what: string; id: string | null };
  /** What came between is not known: load everything again. */
  reset: Record<string, never>;
  signed_out: Record<string, never>;
  ping: Record<string, never>;
}
