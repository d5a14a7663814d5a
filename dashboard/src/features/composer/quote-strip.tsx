import { X } from "lucide-react";
import { useEffect } from "react";
import type { Limits, Message } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { setReplyTo } from "@/features/thread/reply-to";
import { useT } from "@/lib/i18n";

interface QuoteStripProps {
  message: Message;
  contactName: string;
  limits: Limits | undefined;
  onChosen: () => void;
}

/** The message that will be answered. */
export function QuoteStrip({ message, contactName, limits, onChosen }: QuoteStripProps) {
  const t = useT();
  // Chosen in the thread: the person goes on by writing.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each chosen message
  useEffect(onChosen, [message.message_id]);
  const from = message.sender === "user" ? contactName : (message.person?.name ?? t("composer.quote_us"));
  return (
    <div className="mx-2 mt-2 flex items-start gap-2 rounded-md border-s-3 border-accent bg-canvas py-1 ps-2 pe-1">
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium text-accent-ink">{t("composer.quote_to", { name: from })}</p>
        <p dir="auto" className="truncate text-sm text-muted">
          {message.content || message.attachments[0]?.filename || t("composer.quote_file")}
        </p>
        {limits?.replies === false && <p className="text-xs text-warning">{t("composer.quote_hidden")}</p>}
      </div>
      <IconButton icon={X} size="sm" label={t("composer.quote_remove")} onClick={() => setReplyTo(message.chat_id, null)} />
    </div>
  );
}
