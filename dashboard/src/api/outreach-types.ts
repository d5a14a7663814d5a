/** The shapes of templates, outreach, follow-ups and credit: names for those of `schema.ts`, as in `types.ts`. */
import type { components } from "@/api/schema";
import type { ChannelKind } from "@/api/types";

type Schemas = components["schemas"];
/** The description leaves these fields wider than they are. */
type Narrowed<Shape, Fields extends { [Name in keyof Shape]?: unknown }> = Omit<Shape, keyof Fields> & Fields;

// Templates

export type TemplateHeader = Schemas["TemplateHeader"];
export type TemplateButton = Schemas["TemplateButton"];
export type TemplateVariable = Schemas["TemplateVariable"];
export type Template = Narrowed<Schemas["TemplateOut"], { channel: ChannelKind }>;
export type TemplateCategory = Template["category"];
export type TemplateStatus = Template["status"];
/** What a customer sees of a template. Texts hold `{{name}}` where a variable goes. */
export type TemplateContent = Pick<Template, "header" | "body" | "footer" | "buttons" | "variables">;
export type TemplateCreate = Narrowed<Schemas["TemplateCreate"], TemplateContent>;
export type TemplateSync = Schemas["TemplatesCompared"];

// Outreach

/** What is not given is left out. */
type Present<Shape> = { [Name in keyof Shape]: Exclude<Shape[Name], null> };
export type Start = Narrowed<Present<Schemas["StartBody"]>, { channel: ChannelKind; domain_name: string }>;
export type Started = Schemas["StartOut"];
export type Outreach = Schemas["OutreachOut"];
export type FollowUp = Narrowed<Schemas["FollowUpOut"], { variables: Record<string, string>; status: "waiting" | "sent" | "answered" | "canceled" | "failed" }>;
export type FollowUpCreate = Present<Schemas["FollowUpCreate"]>;

// Credit

export type PriceChannel = ChannelKind | "model";
interface Matter {
  channel: PriceChannel | null;
  direction: "in" | "out" | null;
}
/** `amount` is positive for what comes in. */
export type LedgerEntry = Narrowed<Schemas["EntryOut"], Matter>;
export type LedgerKind = LedgerEntry["kind"];
/** A domain that is not billed sends freely. */
export type Credits = Narrowed<Schemas["CreditsOut"], { entries: LedgerEntry[]; next: string | null }>;
export type CreditDay = Schemas["DayOut"];
/** What a day came to, of one matter: what was spent, less what came back. */
export type CreditTotal = Narrowed<Schemas["TotalOut"], Matter>;
export type CreditReport = Narrowed<Schemas["ReportOut"], { totals: CreditTotal[] }>;
/** A line of the price list: null matches everything, and the line that says most counts. */
export type Price = Required<Schemas["PriceShape-Output"]>;
export type PriceUnit = Price["unit"];
/** `defaults` hold where none of the items matches. */
export type Prices = Narrowed<Schemas["PricesOut"], { items: Price[]; defaults: Price[] }>;
