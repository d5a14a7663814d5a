/** The shapes that the API speaks. */

export type Role = "owner" | "admin" | "agent" | "viewer";
export type Mode = "assistant" | "manual";
export type ConversationStatus = "open" | "snoozed" | "closed";
export type Priority = "low" | "normal" | "high" | "urgent";
export type ChannelKind = "wmsg" | "wvoice" | "sms" | "phone";
export type Sender = "user" | "assistant" | "human" | "system";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface PersonRef {
  person_id: string;
  name: string;
  email: string;
}

export interface Label {
  label_id: string;
  name: string;
  /** One of slate, red, orange, amber, green, teal, blue, violet, pink. */
  color: string;
}

export interface TeamRef {
  team_id: string;
  name: string;
}

export interface Conversation {
  chat_id: string;
  contact_id: string;
  phone_number: string;
  display_name: string;
  channel: ChannelKind;
  channel_id: string;
  assistant_id: string | null;
  mode: Mode;
  mode_changed_at: string | null;
  /** Null when the assistant or a customer's command changed it. */
  mode_changed_by: PersonRef | null;
  status: ConversationStatus;
  snoozed_until: string | null;
  last_message: string;
  last_sender: Sender | null;
  last_active: string | null;
  /** When the carrier's window for free text closes; null where there is none or nobody wrote yet. */
  window_closes_at: string | null;
  /** Whether the channel has such a window at all. */
  has_window: boolean;
  /** Of the viewer. Events carry null: it is max(0, inbound_count - read_count) there. */
  unread: number | null;
  inbound_count: number;
  /** The viewer's; null in events. */
  read_count: number | null;
  /** The viewer has an unread mention here; null in events. */
  mentioned: boolean | null;
  needs_people: boolean;
  needs_people_reason: string | null;
  assignee: PersonRef | null;
  team: TeamRef | null;
  labels: Label[];
  priority: Priority;
  opted_out: boolean;
  blocked: boolean;
  created_at: string | null;
}

export interface ConversationChange {
  mode?: Mode;
  status?: ConversationStatus;
  /** With status "snoozed": until then; null is until the customer writes. */
  snoozed_until?: string | null;
  assignee_id?: string | null;
  team_id?: string | null;
  priority?: Priority;
  /** The whole list of label ids. */
  labels?: string[];
}

export interface Attachment {
  media_id: string;
  kind: "image" | "audio" | "video" | "document" | "sticker";
  content_type: string;
  filename: string;
  size: number | null;
  url: string | null;
  thumbnail_url: string | null;
  wav_url: string | null;
  duration: number | null;
  width: number | null;
  height: number | null;
  pages: number | null;
  /** Loudness from 0 to 100. */
  peaks: number[] | null;
  transcript: string | null;
  language: string | null;
  description: string | null;
  text: string | null;
  status: "pending" | "processing" | "ready" | "failed" | "deleted";
  truncated: boolean;
  error: string | null;
  created_at: string | null;
}

export interface Quote {
  message_id: string | null;
  sender: Sender | null;
  kind: string;
  /** Up to 200 characters. */
  preview: string;
}

export interface Reaction {
  emoji: string;
  /** The customer's, or a person's. */
  sender: Sender;
}

export interface Message {
  message_id: string;
  chat_id: string;
  /** Its place in the conversation: goes up, with gaps. */
  seq: number;
  content: string;
  sender: Sender;
  /** Who of the people wrote it. */
  person: PersonRef | null;
  source: string;
  /** text, image, audio, video, document, sticker, location, contact, button, list, reaction, note, event, unsupported … */
  kind: string;
  media_url: string | null;
  attachments: Attachment[];
  structured: Record<string, unknown> | null;
  /** received, draft, scheduled, queued, sending, sent, delivered, read, played, failed, canceled, noted */
  status: string;
  error: string | null;
  error_code: string | null;
  /** What can be done about the error, for people. */
  reply_to: string | null;
  quote: Quote | null;
  reactions: Reaction[];
  mentions: string[];
  scheduled_at: string | null;
  edited_at: string | null;
  thinking: string | null;
  tool_calls: ToolCall[];
  trace_id: string;
  created_at: string | null;
  updated_at: string | null;
}

export interface ToolCall {
  name: string;
  arguments: unknown;
  result: unknown;
}

/** `next` is the `before` of the page above; `newer` the `after` of the page below, null at the end. */
export interface Thread {
  items: Message[];
  next: string | null;
  newer: string | null;
  /** The viewer's first unread message, if any. */
  first_unread: string | null;
}

export interface Stage {
  stage: string;
  at: string;
}

export interface Timeline {
  message_id: string;
  direction: "inbound" | "outbound";
  trace_id: string;
  attempts: number;
  status: string;
  carrier_id: string | null;
  carrier_status: string | null;
  error_code: string | null;
  error: string | null;
  stages: Stage[];
}

export interface MediaLimit {
  max_bytes: number;
  content_types: string[];
  converted: boolean;
}

export interface Limits {
  channel_id: string;
  channel: ChannelKind;
  text_limit: number;
  caption_limit: number;
  captioned: string[];
  media_per_message: number;
  window_hours: number | null;
  /** Whether the carrier shows quotes, takes reactions, and lets sent messages be edited or deleted. */
  replies: boolean;
  reactions: boolean;
  edits: boolean;
  deletes: boolean;
  media: Partial<Record<"image" | "audio" | "video" | "document" | "sticker", MediaLimit>>;
}

export interface Upload {
  success: boolean;
  url: string;
  filename: string;
  content_type: string;
  size: number;
  media_id: string;
  kind: string;
  fitted: boolean;
}

export interface ManualResult {
  success: boolean;
  message: string;
  twilio_sid: string | null;
  sent: boolean;
  message_id: string;
  message_ids: string[];
}

export interface OptOut {
  channel_id: string;
  channel: ChannelKind;
  channel_address: string;
  reason: string;
  at: string;
}

export interface ContactNote {
  note_id: string;
  content: string;
  person: PersonRef | null;
  created_at: string;
}

export interface Contact {
  contact_id: string;
  display_name: string;
  /** The first is the main one; others came with merged contacts. */
  addresses: { address: string; contact_id: string; country: string | null }[];
  email: string | null;
  language: string | null;
  attributes: Record<string, string>;
  blocked_at: string | null;
  opt_outs: OptOut[];
  notes: ContactNote[];
  conversations: Conversation[];
  merged: { contact_id: string; display_name: string; address: string }[];
  created_at: string;
}

export interface ContactRow {
  contact_id: string;
  display_name: string;
  address: string;
  email: string | null;
  blocked: boolean;
  created_at: string;
}

export interface CannedReply {
  canned_reply_id: string;
  /** Without the slash. */
  shortcut: string;
  title: string;
  /** May hold {{contact.name}}, {{contact.first_name}}, {{contact.phone}}, {{contact.email}}, {{agent.name}}, {{agent.first_name}}, {{business.name}} and {{contact.attributes.KEY}}. */
  content: string;
  attachments: Attachment[];
}

export interface View {
  view_id: string;
  name: string;
  /** The query of the list, as in GET /api/v1/conversations. */
  filters: Record<string, string>;
  shared: boolean;
  own: boolean;
}

export interface Counts {
  mine: number;
  unassigned: number;
  all: number;
  /** Conversations with something unread for the viewer. */
  unread: number;
  mentions: number;
  needs_people: number;
}

export interface Person extends PersonRef {
  role: Role;
  created_at: string;
  has_password: boolean;
  /** active, or invited: has not signed in yet. */
  state: "active" | "invited";
}

export interface Team extends TeamRef {
  members: PersonRef[];
}

export interface Me {
  person_id: string;
  email: string;
  name: string;
  role: Role;
  domain: string;
  domain_display_name: string;
  domains: { name: string; display_name: string; role: Role }[];
  has_password: boolean;
  /** What this installation offers. */
  features: { sandbox: boolean; oidc: boolean };
}

export interface SearchHit {
  kind: "message" | "file" | "contact";
  chat_id: string | null;
  contact_id: string | null;
  message_id: string | null;
  media_id: string | null;
  title: string;
  /** Parts of the text; those that matched are marked. */
  snippet: { text: string; match: boolean }[];
  channel: ChannelKind | null;
  at: string | null;
}

export interface SearchResult {
  contacts: SearchHit[];
  messages: SearchHit[];
  files: SearchHit[];
  /** Whether there were more matches than were looked at. */
  truncated: boolean;
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
