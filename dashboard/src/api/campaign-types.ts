/** The shapes of campaigns, their audiences, opt-outs and mailboxes: names for those of `schema.ts`, as in `types.ts`. */
import type { components } from "@/api/schema";
import type { ChannelKind } from "@/api/types";

type Schemas = components["schemas"];
/** The description leaves these fields wider than they are. */
type Narrowed<Shape, Fields extends { [Name in keyof Shape]?: unknown }> = Omit<Shape, keyof Fields> & Fields;

/** Where a template's variable comes from: a column of the file, or the same text for everybody. */
export type VariableSource = { column: string } | { value: string };
export type VariableSources = Record<string, VariableSource>;
export type QuietHours = Schemas["QuietHoursOut"];
export interface FollowUp {
  after_hours: number;
  template_id: string | null;
  variables: VariableSources;
  /** In place of a template, while the window is open. */
  content?: string | null;
}

export type Campaign = Narrowed<Schemas["CampaignOut"], { variables: VariableSources; follow_up: FollowUp | null; created_at: string }>;
export type CampaignStatus = Campaign["status"];
/** rows = waiting + writing + sent + failed + skipped + canceled; `sent` holds the delivered, these the read. */
export type Counts = Campaign["counts"];
/** Why recipients got nothing, where the server counts it. */
export type ReasonCount = Schemas["ReasonOut"];
/** What may be changed before the start; what is not given stays. */
export type CampaignChange = Narrowed<
  Schemas["CampaignChange"],
  { channel?: ChannelKind; variables?: VariableSources; follow_up?: FollowUp | null }
>;
export type PreviewRow = Schemas["PreviewRowOut"];
export type UploadedCampaign = Narrowed<Schemas["UploadedOut"], { campaign: Campaign }>;
export type CheckReport = Schemas["CheckOut"];
export type Recipient = Schemas["RecipientOut"];
/** How far one recipient got: the outreach's own state, and from "sent" on its message's. */
export type Outcome = Recipient["status"];

/** `on` is the weekday (1: Monday) or the day of the month. */
export type RepeatRule = Narrowed<Schemas["RepeatRuleIn"], { every: "day" | "week" | "month" }>;
export type Repeat = Narrowed<Schemas["RepeatOut"], { plan: CampaignChange; rule: RepeatRule }>;

/** What is null or not there is not asked. */
export type SegmentRule = Schemas["SegmentRule"];
export type Segment = Schemas["SegmentOut"];
/** The count is null where counting takes too long; `more`: there are more than were counted. */
export type SegmentDetail = Schemas["SegmentDetailOut"];
export type SegmentMember = Schemas["SegmentMemberOut"];
export type ImportReport = Schemas["ContactImportOut"];

export type OptedOut = Schemas["OptedOutOut"];
export type OptOutEntry = Schemas["OptOutEntryOut"];
/** `settings.opt_out` of a domain. */
export interface OptOutSettings {
  scope?: "channel" | "all";
  double_opt_in?: boolean;
  double_opt_in_text?: string | null;
  stopped_text?: string | null;
  started_text?: string | null;
  help_text?: string | null;
}

export type EmailPull = Narrowed<Schemas["EmailPullOut"], { variables: VariableSources }>;
export type MailboxTest = Schemas["MailboxTestOut"];
export type PulledEmail = Schemas["PulledEmailOut"];
