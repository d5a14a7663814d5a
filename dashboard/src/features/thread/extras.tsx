/** What a message has besides words and files: a place, contact cards, a choice, where it came from. */

import { ExternalLink, Forward, HelpCircle, MapPin, Megaphone, MousePointerClick, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import type { Message } from "@/api/types";
import { useT } from "@/lib/i18n";
import { safeHref } from "@/features/thread/markup";
import {
  carrierType, choiceOf, contactsOf, isForwarded, locationOf, mapAddress, referralOf, sourcesOf,
} from "@/features/thread/structured";

/** Above the words. */
export function Origins({ message }: { message: Message }) {
  const t = useT();
  const referral = referralOf(message.structured);
  const href = referral ? safeHref(referral.url) : null;
  const choice = message.kind === "button" || message.kind === "list_reply" || message.kind === "list";
  return (
    <>
      {isForwarded(message.structured) && <Hint icon={<Forward className="size-3.5 rtl:-scale-x-100" aria-hidden />}>{t("thread.forwarded")}</Hint>}
      {choice && <Hint icon={<MousePointerClick className="size-3.5" aria-hidden />}>{t("thread.chose")}</Hint>}
      {referral && (
        <Card icon={<Megaphone className="size-4" aria-hidden />} title={referral.headline || t("thread.referral")}>
          {referral.body && <p dir="auto">{referral.body}</p>}
          {href && <OutLink href={href}>{t("thread.referral_open")}</OutLink>}
        </Card>
      )}
    </>
  );
}

/** Under the words. */
export function Extras({ message }: { message: Message }) {
  const t = useT();
  const place = locationOf(message.structured);
  const choice = choiceOf(message.structured);
  const sources = sourcesOf(message.structured);
  return (
    <>
      {choice?.description && <p className="text-sm text-muted" dir="auto">{choice.description}</p>}
      {place && (
        <Card icon={<MapPin className="size-4" aria-hidden />} title={place.label || t("thread.location")}>
          {place.address && <p dir="auto">{place.address}</p>}
          <p className="tabular-nums" dir="ltr">{place.latitude.toFixed(5)}, {place.longitude.toFixed(5)}</p>
          <OutLink href={mapAddress(place)}>{t("thread.location_open")}</OutLink>
        </Card>
      )}
      {contactsOf(message.structured).map((contact, index) => (
        <Card key={index} icon={<UserRound className="size-4" aria-hidden />} title={contact.name || t("thread.contact_card")}>
          {contact.phones.map((phone) => <p key={phone} dir="ltr"><PlainLink href={`tel:${phone.replace(/[^+\d]/g, "")}`}>{phone}</PlainLink></p>)}
          {contact.emails.map((email) => <p key={email} dir="ltr"><PlainLink href={`mailto:${email}`}>{email}</PlainLink></p>)}
        </Card>
      ))}
      {message.kind === "unsupported" && (
        <Card icon={<HelpCircle className="size-4" aria-hidden />} title={t("thread.unsupported")}>
          <p>{t("thread.unsupported_why", { type: carrierType(message.structured) || t("common.unknown") })}</p>
        </Card>
      )}
      {sources.length > 0 && <p className="text-xs text-muted">{t("thread.sources", { names: sources.join(", ") })}</p>}
    </>
  );
}

function Hint({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return <p className="flex items-center gap-1 text-xs text-muted italic">{icon}{children}</p>;
}

function Card({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="my-0.5 flex max-w-72 gap-2 rounded-lg border border-line bg-surface/70 p-2 text-sm">
      <span className="pt-0.5 text-muted">{icon}</span>
      <div className="min-w-0">
        <p className="font-medium" dir="auto">{title}</p>
        {children}
      </div>
    </div>
  );
}

function OutLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="inline-flex min-h-6 items-center gap-1 text-accent-ink underline underline-offset-2">
      {children}
      <ExternalLink className="size-3.5" aria-hidden />
    </a>
  );
}

function PlainLink({ href, children }: { href: string; children: ReactNode }) {
  const safe = safeHref(href);
  return safe ? <a href={safe} rel="noopener noreferrer" className="text-accent-ink underline underline-offset-2">{children}</a> : <>{children}</>;
}
