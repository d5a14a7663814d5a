/** The message that another one answers; a click goes to it. */

import type { Quote } from "@/api/types";
import { useT, type Translate } from "@/lib/i18n";

interface QuoteBlockProps {
  quote: Quote;
  customer: string;
  onJump?: ((messageId: string) => void) | undefined;
}

const KINDS = ["image", "audio", "video", "document", "sticker", "location"] as const;

export function quotePreview(quote: Quote, t: Translate): string {
  // A file without words is told by its kind, in brackets.
  if (quote.preview && quote.preview !== `[${quote.kind}]`) return quote.preview;
  const kind = KINDS.find((each) => each === quote.kind);
  if (kind === "location") return t("thread.location");
  return kind ? t(`media.kind_${kind}`) : t("thread.quote_unknown");
}

export function senderName(sender: Quote["sender"], customer: string, t: Translate): string {
  if (sender === "user") return customer;
  if (sender === "assistant") return t("thread.assistant");
  return sender === "human" ? t("thread.team") : "";
}

export function QuoteBlock({ quote, customer, onJump }: QuoteBlockProps) {
  const t = useT();
  const id = quote.message_id;
  const inside = (
    <>
      <span className="block text-xs font-medium text-accent-ink"><bdi>{senderName(quote.sender, customer, t)}</bdi></span>
      <span className="line-clamp-2 text-sm text-muted" dir="auto">{quotePreview(quote, t)}</span>
    </>
  );
  const look = "block w-full rounded border-s-3 border-accent bg-surface/60 px-2 py-1 text-start";
  if (!id || !onJump) return <div className={look}>{inside}</div>;
  return (
    <button type="button" className={`${look} hover:bg-hover`} onClick={() => onJump(id)}>
      <span className="sr-only">{t("thread.quote_jump")} </span>
      {inside}
    </button>
  );
}
