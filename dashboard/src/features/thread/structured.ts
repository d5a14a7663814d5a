/** What a message has besides words, read from what the carrier sent: nothing in it is trusted. */

type Fields = Record<string, unknown>;

export interface Location {
  latitude: number;
  longitude: number;
  label: string;
  address: string;
}

export interface ContactCard {
  name: string;
  phones: string[];
  emails: string[];
}

export interface Referral {
  headline: string;
  body: string;
  url: string;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function locationOf(structured: Fields | null): Location | null {
  const place = fields(structured?.["location"]);
  const [latitude, longitude] = [Number(place["latitude"] ?? NaN), Number(place["longitude"] ?? NaN)];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return { latitude, longitude, label: text(place["label"]) || text(place["name"]), address: text(place["address"]) };
}

/** A map that anyone can open, only when it is clicked: nothing of it is loaded here. */
export function mapAddress({ latitude, longitude }: Location): string {
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
}

export function contactsOf(structured: Fields | null): ContactCard[] {
  return list(structured?.["contacts"]).map((each) => {
    const contact = fields(each);
    const name = fields(contact["name"]);
    const values = (of: unknown, field: string) =>
      list(of).map((one) => text(fields(one)[field]) || text(one)).filter(Boolean);
    return {
      name: text(name["formatted_name"]) || text(contact["name"]) || text(name["first_name"]),
      phones: values(contact["phones"], "phone"),
      emails: values(contact["emails"], "email"),
    };
  });
}

export function referralOf(structured: Fields | null): Referral | null {
  const referral = fields(structured?.["referral"]);
  const [headline, body] = [text(referral["headline"]), text(referral["body"])];
  const url = text(referral["source_url"]);
  return headline || body || url ? { headline, body, url } : null;
}

/** What the customer chose from buttons or a list. */
export function choiceOf(structured: Fields | null): { title: string; description: string } | null {
  const button = fields(structured?.["button"]);
  const reply = fields(structured?.["list_reply"] ?? structured?.["button_reply"]);
  const title = text(button["text"]) || text(reply["title"]);
  return title ? { title, description: text(reply["description"]) } : null;
}

export function isForwarded(structured: Fields | null): boolean {
  return structured?.["forwarded"] === true;
}

export function carrierType(structured: Fields | null): string {
  return text(structured?.["carrier_type"]);
}

/** The documents that the assistant's answer stands on. */
export function sourcesOf(structured: Fields | null): string[] {
  const names = list(structured?.["sources"]).map((each) => {
    const source = fields(each);
    return [text(source["document"]), text(source["heading"])].filter(Boolean).join(" › ");
  });
  return [...new Set(names.filter(Boolean))];
}

export interface ThreadEvent {
  event: string;
  mode: string;
  status: string;
  by: string;
  /** Whom or what it was given to. */
  name: string;
  until: string;
  reason: string;
}

export function eventOf(structured: Fields | null): ThreadEvent {
  const event = fields(structured);
  const named = (value: unknown) => text(fields(value)["name"]) || text(value);
  return {
    event: text(event["event"]),
    mode: text(event["mode"]) || text(event["to"]),
    status: text(event["status"]) || text(event["to"]),
    by: named(event["by"]),
    name: named(event["assignee"]) || named(event["team"]) || named(event["to"]),
    until: text(event["snoozed_until"]) || text(event["until"]),
    reason: text(event["reason"]),
  };
}

export interface SentTemplate {
  name: string;
  language: string;
  header: { kind: string; text: string; url: string } | null;
  footer: string;
  buttons: { kind: string; text: string }[];
}

/** The template that a message was made from; its texts are filled in already. */
export function templateOf(structured: Fields | null): SentTemplate | null {
  const template = fields(structured?.["template"]);
  const name = text(template["name"]);
  if (name === "") return null;
  const header = fields(template["header"]);
  const kind = text(header["kind"]);
  return {
    name,
    language: text(template["language"]),
    header: kind === "" ? null : { kind, text: text(header["text"]), url: text(header["url"]) },
    footer: text(template["footer"]),
    buttons: list(template["buttons"]).map((each) => ({ kind: text(fields(each)["kind"]), text: text(fields(each)["text"]) })).filter((each) => each.text !== ""),
  };
}

/** What a message says between its template's header and footer, which stand on lines of their own in it. */
export function bodyOf(content: string, { header, footer }: SentTemplate): string {
  let body = content;
  if (header?.text && body.startsWith(`${header.text}\n`)) body = body.slice(header.text.length + 1);
  if (footer && body.endsWith(`\n${footer}`)) body = body.slice(0, -footer.length - 1);
  return body;
}
