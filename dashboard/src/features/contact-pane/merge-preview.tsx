import type { ReactNode } from "react";
import type { Contact } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { cx } from "@/lib/class-names";
import { formatNumber, languageName, useT, type TextKey } from "@/lib/i18n";

interface Line {
  name: TextKey;
  of: (contact: Contact) => ReactNode;
}

const LINES: readonly Line[] = [
  { name: "contacts.address", of: (contact) => contact.addresses.map(({ address }) => <span key={address} className="block"><bdi dir="ltr">{address}</bdi></span>) },
  { name: "contacts.email", of: (contact) => contact.email },
  { name: "contacts.language", of: (contact) => contact.language && languageName(contact.language) },
  {
    name: "contacts.attributes",
    of: (contact) => Object.entries(contact.attributes).sort(([one], [other]) => one.localeCompare(other)).map(([name, value]) => (
      <span key={name} className="block"><span className="text-muted">{name}:</span> {value}</span>
    )),
  },
  { name: "contacts.conversations", of: (contact) => formatNumber(contact.conversations.length) },
  { name: "contacts.notes", of: (contact) => formatNumber(contact.notes.length) },
];

export interface MergePreviewProps {
  kept: Contact;
  gone: Contact;
  result: Contact;
}

/** Both as they are, and the one that they become: beside each other, on a phone below. */
export function MergePreview({ kept, gone, result }: MergePreviewProps) {
  const t = useT();
  return (
    <div className="grid gap-2 sm:grid-cols-3">
      <Side contact={gone} title={t("contacts.merge_goes")} />
      <Side contact={kept} title={t("contacts.merge_stays")} />
      <Side contact={result} title={t("contacts.merge_result")} result />
    </div>
  );
}

function Side({ contact, title, result = false }: { contact: Contact; title: string; result?: boolean }) {
  const t = useT();
  return (
    <section aria-label={title} className={cx("min-w-0 rounded-lg border p-3", result ? "border-accent bg-accent-soft/50" : "border-line")}>
      <Badge tone={result ? "accent" : "neutral"}>{title}</Badge>
      <p className="mt-2 flex items-center gap-2 font-semibold">
        <Avatar name={contact.display_name} id={contact.contact_id} size="sm" />
        <bdi className="min-w-0 wrap-anywhere">{contact.display_name}</bdi>
      </p>
      <dl className="mt-2 flex flex-col gap-1.5 text-sm">
        {LINES.map(({ name, of }) => {
          const value = of(contact);
          const empty = value === null || (Array.isArray(value) && value.length === 0);
          return (
            <div key={name} className="max-sm:grid max-sm:grid-cols-[7rem_1fr] max-sm:items-baseline">
              <dt className="text-xs text-muted">{t(name)}</dt>
              <dd className="wrap-anywhere">{empty ? <span className="text-faint">{t("common.none")}</span> : value}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
